#include "monitor/run/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "monitor/inventory/judge.h"

#define OLD_TLS_DAYS 7
#define NEW_OVER "its new certificate is shown at every place now: this is the all-clear"

/* What was remembered of old versions of TLS holds until they are asked for again. */
static void recall_old_tls(const struct memory *memory, struct inventory *inventory) {
    for (size_t i = 0; i < inventory->place_count; i++) {
        struct place *place = &inventory->places[i];
        const struct known_place *known = memory_place(memory, place->name);

        for (int version = 0; known != NULL && version < 2; version++)
            if (place->old_tls[version] == ANSWER_UNKNOWN && known->old_tls[version])
                place->old_tls[version] = ANSWER_YES;
    }
}

/* Of each place that is asked, whether it ever showed anything, and for how many nights it has not. A mailbox port that
 * never did is a service that nobody uses. */
static bool note_places(struct memory *memory, const struct inventory *inventory, time_t now, struct error *err) {
    struct known_place *places = calloc(inventory->place_count + 1, sizeof(*places));
    bool night = memory->night == 0 || time_utc_date(memory->night) != time_utc_date(now);
    size_t count = 0;

    if (places == NULL)
        return error_memory(err);
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct known_place *known = memory_place(memory, place->name);
        struct known_place *own = &places[count];
        bool mailbox = place->kind == PLACE_IMAP || place->kind == PLACE_POP;

        if (place->host == NULL)
            continue;
        *own = (struct known_place){.name = strdup(place->name),
                                    .shown = place->state == PLACE_SHOWN || (known != NULL && known->shown),
                                    .silent_nights = known != NULL ? known->silent_nights : 0};
        for (int version = 0; version < 2; version++)
            own->old_tls[version] = place->old_tls[version] == ANSWER_YES;
        if (place->state == PLACE_SHOWN || place->state == PLACE_NO_STARTTLS || (mailbox && !own->shown))
            own->silent_nights = 0;
        else if (night)
            own->silent_nights++;
        if (own->name == NULL)
            break;
        count++;
    }
    for (size_t i = 0; i < memory->place_count; i++)
        free(memory->places[i].name);
    free(memory->places);
    memory->places = places;
    memory->place_count = count;
    memory->night = now;
    return true;
}

bool watch_look(struct watch *watch, struct looker *looker, struct error *err) {
    struct memory *memory = &watch->memory;
    time_t now = looker->now;
    bool old_tls;

    if (watch->port.look == NULL || !looker->facts->read)
        return true;
    old_tls = memory->asked_old_tls == 0 || memory->asked_old_tls > now ||
              time_utc_date(now) - time_utc_date(memory->asked_old_tls) >= OLD_TLS_DAYS;
    progress_begin(&looker->ports->progress, "looking at the certificates of all servers");
    inventory_free(&watch->inventory);
    watch->port.look(watch->port.context, looker->facts, old_tls, &watch->inventory);
    progress_end(&looker->ports->progress);
    looker->report->inventory = &watch->inventory;
    if (!watch->inventory.read) {
        strings_add(looker->troubles, "the other certificates could not be looked at: %s",
                    watch->inventory.unreadable.text);
        return true;
    }
    watch->looked = true;
    if (old_tls)
        memory->asked_old_tls = now;
    else
        recall_old_tls(memory, &watch->inventory);
    return note_places(memory, &watch->inventory, now, err) &&
           inventory_judge(watch->settings, memory, now, &watch->inventory, err);
}

/* Of old versions of TLS there is one finding for all, wherever they are. */
static bool is_told(const struct told_finding *told, enum finding_id id, const char *place) {
    return told->id == id && (id == FINDING_OLD_TLS || strcmp(told->place, place) == 0);
}

static const struct told_finding *find_told(const struct memory *memory, const struct inventory_finding *finding) {
    for (size_t i = 0; i < memory->told_count; i++)
        if (is_told(&memory->told[i], finding->id, finding->place))
            return &memory->told[i];
    return NULL;
}

static const struct inventory_finding *find_open(const struct inventory *inventory, const struct told_finding *told) {
    for (size_t i = 0; i < inventory->finding_count; i++)
        if (is_told(told, inventory->findings[i].id, inventory->findings[i].place))
            return &inventory->findings[i];
    return NULL;
}

/* How many of the thresholds have been crossed by now; the end itself is the last one. */
static int crossed(const struct watch *watch, time_t end, time_t now) {
    int count = 0;

    if (end == 0)
        return 0;
    for (size_t i = 0; i < watch->settings->warn_count; i++)
        count += end - now <= watch->settings->warn_days[i] * (time_t)SECONDS_PER_DAY ? 1 : 0;
    return count + (end <= now ? 1 : 0);
}

/* Who showed a certificate once and is silent this week may hide what a finding was about: it is not over yet. */
static bool is_hidden(const struct watch *watch, const struct told_finding *told) {
    const struct inventory *inventory = &watch->inventory;
    bool of_one = told->id == FINDING_NAME || told->id == FINDING_TRUST || told->id == FINDING_NO_STARTTLS ||
                  told->id == FINDING_DIFFERS || told->id == FINDING_UNKNOWN || told->id == FINDING_TRANSPORT ||
                  told->id == FINDING_EDGE;
    bool of_directory = told->id == FINDING_FEDERATION || told->id == FINDING_PARTNER;

    for (size_t i = 0; i < inventory->place_count && !of_directory; i++) {
        const struct place *place = &inventory->places[i];
        const struct known_place *known = memory_place(&watch->memory, place->name);

        if (known != NULL && known->shown && known->silent_nights > 0 && known->silent_nights < JUDGE_SILENT_NIGHTS &&
            (!of_one || strcmp(place->name, told->place) == 0 ||
             (place->server != NULL && strcmp(place->server, told->place) == 0)))
            return true;
    }
    return false;
}

static void add_item(struct inventory_news *news, enum inventory_event event, const struct inventory_finding *finding,
                     const char *about, const char *text) {
    news->items[news->count++] =
        (struct inventory_item){.event = event, .finding = finding, .about = about, .text = text};
}

/* What has become of a finding since it was told. False when there is nothing to tell of it. */
static bool has_changed(const struct watch *watch, const struct inventory_finding *finding,
                        const struct told_finding *told, time_t now, enum inventory_event *ret_event) {
    if (finding->severity > told->severity)
        *ret_event = EVENT_WORSENED;
    else if (crossed(watch, finding->end, now) > told->threshold)
        *ret_event = EVENT_NEARER;
    else if (finding->id == FINDING_NEW && strcmp(finding->text, told->text) != 0)
        *ret_event = EVENT_CHANGED;
    else
        return false;
    return true;
}

static bool is_connector(enum finding_id id) {
    return id == FINDING_CONNECTOR_END || id == FINDING_CONNECTOR_UNSEEN || id == FINDING_CONNECTOR_TWO ||
           id == FINDING_CONNECTOR_UNREAD;
}

/* One thing said of a connector gives way to another: that is no good news. */
static bool is_replaced(const struct inventory *inventory, const struct told_finding *told) {
    for (size_t i = 0; i < inventory->finding_count; i++)
        if (is_connector(told->id) && is_connector(inventory->findings[i].id) &&
            strcmp(inventory->findings[i].place, told->place) == 0)
            return true;
    return false;
}

static bool is_over(const struct watch *watch, const struct told_finding *told) {
    return find_open(&watch->inventory, told) == NULL && !is_hidden(watch, told);
}

bool watch_choose(struct watch *watch, time_t now, const struct inventory_news **ret_news, struct error *err) {
    const struct inventory *inventory = &watch->inventory;
    struct inventory_news *news = &watch->news;

    *ret_news = NULL;
    if (!watch->looked)
        return true;
    free(news->items);
    *news = (struct inventory_news){.inventory = inventory};
    news->items = calloc(inventory->finding_count + watch->memory.told_count + 1, sizeof(*news->items));
    if (news->items == NULL)
        return error_memory(err);
    for (size_t i = 0; i < inventory->finding_count; i++) {
        const struct inventory_finding *finding = &inventory->findings[i];
        const struct told_finding *told = find_told(&watch->memory, finding);
        enum inventory_event event = EVENT_BEGAN;

        if (told == NULL ? finding->severity > FINDING_REMARK || finding->id == FINDING_NEW
                         : has_changed(watch, finding, told, now, &event))
            add_item(news, event, finding, finding->about, finding->text);
        else if (told != NULL)
            news->open++;
    }
    for (size_t i = 0; i < watch->memory.told_count; i++) {
        const struct told_finding *told = &watch->memory.told[i];

        if (is_over(watch, told) && !is_replaced(inventory, told))
            add_item(news, EVENT_OVER, NULL, told->about, told->id == FINDING_NEW ? NEW_OVER : told->text);
    }
    if (news->count == 0)
        return true;
    for (size_t i = 0; i < watch->memory.thread_count; i++)
        if (strcmp(watch->memory.threads[i].about, news->items[0].about) == 0)
            news->thread = watch->memory.threads[i].thread;
    *ret_news = news;
    return true;
}

static void free_told(struct told_finding *told) {
    free(told->place);
    free(told->about);
    free(told->text);
}

/* What stands told from now on: the findings of this night that were told now or before, and those that are hidden. */
static bool renew_told(struct watch *watch, time_t now, struct error *err) {
    const struct inventory *inventory = &watch->inventory;
    struct memory *memory = &watch->memory;
    struct told_finding *told = calloc(inventory->finding_count + memory->told_count + 1, sizeof(*told));
    size_t count = 0;
    bool ok = told != NULL;

    for (size_t i = 0; ok && i < inventory->finding_count; i++) {
        const struct inventory_finding *finding = &inventory->findings[i];
        const struct told_finding *before = find_told(memory, finding);
        int threshold = crossed(watch, finding->end, now);

        if (before == NULL && finding->severity == FINDING_REMARK && finding->id != FINDING_NEW)
            continue;
        told[count] = (struct told_finding){
            .id = finding->id,
            .place = strdup(finding->place),
            .about = strdup(finding->about),
            .text = strdup(finding->text),
            .severity = before != NULL && before->severity > finding->severity ? before->severity : finding->severity,
            .threshold = before != NULL && before->threshold > threshold ? before->threshold : threshold,
            .at = now};
        ok = told[count].place != NULL && told[count].about != NULL && told[count].text != NULL;
        count++;
    }
    for (size_t i = 0; ok && i < memory->told_count; i++) {
        struct told_finding *before = &memory->told[i];

        if (before->id == FINDING_NEW && is_over(watch, before))
            memory_forget_upcoming(memory);
        if (find_open(inventory, before) != NULL || !is_hidden(watch, before))
            continue;
        told[count++] = *before;
        *before = (struct told_finding){0};
    }
    for (size_t i = 0; ok && i < memory->told_count; i++)
        free_told(&memory->told[i]);
    if (!ok) {
        for (size_t i = 0; i < count; i++)
            free_told(&told[i]);
        free(told);
        return error_memory(err);
    }
    free(memory->told);
    memory->told = told;
    memory->told_count = count;
    return true;
}

static bool is_open(const struct memory *memory, const char *about) {
    for (size_t i = 0; i < memory->told_count; i++)
        if (strcmp(memory->told[i].about, about) == 0)
            return true;
    return false;
}

/* A conversation lasts as long as something of it is open. */
static bool renew_threads(struct watch *watch, const struct thread *thread, struct error *err) {
    struct memory *memory = &watch->memory;
    const char *about = watch->news.count > 0 ? watch->news.items[0].about : NULL;
    struct told_thread *grown;
    size_t kept = 0;
    bool known = false;
    char *copy;

    for (size_t i = 0; i < memory->thread_count; i++) {
        struct told_thread *one = &memory->threads[i];

        if (!is_open(memory, one->about)) {
            free(one->about);
            continue;
        }
        known = known || (about != NULL && strcmp(one->about, about) == 0);
        memory->threads[kept++] = *one;
    }
    memory->thread_count = kept;
    if (about == NULL || known || thread->id[0] == '\0' || !is_open(memory, about))
        return true;
    grown = reallocarray(memory->threads, kept + 1, sizeof(*grown));
    copy = strdup(about);
    if (grown != NULL)
        memory->threads = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return error_memory(err);
    }
    grown[memory->thread_count++] = (struct told_thread){.about = copy, .thread = *thread};
    return true;
}

/* The threads come first: the news point into what was told. */
bool watch_remember(struct watch *watch, const struct thread *thread, time_t now, struct error *err) {
    char about[256] = "";
    bool ok;

    if (!watch->looked)
        return true;
    if (watch->news.count > 0)
        (void)text_printable(about, sizeof(about), watch->news.items[0].about, strlen(watch->news.items[0].about));
    ok = renew_told(watch, now, err);
    if (ok && watch->news.count > 0)
        watch->news.items[0].about = about;
    ok = ok && renew_threads(watch, thread, err);
    watch->news.count = 0;
    return ok;
}

void watch_end(struct watch *watch) {
    free(watch->news.items);
    inventory_free(&watch->inventory);
    memory_free(&watch->memory);
    *watch = (struct watch){0};
}
