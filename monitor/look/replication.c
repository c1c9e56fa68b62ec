#include "monitor/look/replication.h"

#include <stdlib.h>

#include "base/text.h"

#define NAMES_MOST 10 /* controllers in one sentence */

bool replication_matters(const struct decision *decision) {
    if (decision->act == ACT_NONE || decision->blocked != BLOCK_NONE)
        return false;
    return decision->row == ROW_RESTAGE || decision->row == ROW_RESCHEDULE || decision->row == ROW_REPLACE ||
           decision->row == ROW_RETIRE;
}

void replication_ask(struct looker *looker) {
    const struct directory_port *directory = &looker->ports->directory;
    const struct progress_port *progress = &looker->ports->progress;
    struct error err = {0};
    bool ok;

    if (directory->compare == NULL || !looker->facts->read || looker->facts->compared)
        return;
    progress_begin(progress, "asking the other domain controllers");
    ok = directory->compare(directory->context, looker->facts, &err);
    progress_end(progress);
    if (!ok)
        strings_add(looker->troubles, "the other domain controllers could not be asked: %s", err.text);
}

static bool wrote(const struct report *report) {
    for (size_t i = 0; i < report->done_count; i++)
        if (report->done[i].ok && report->done[i].act != ACT_DELIVER && report->done[i].act != ACT_REFRESH)
            return true;
    return false;
}

/* "dc2.contoso.test, dc3.contoso.test and 4 more" */
static void add_names(const struct facts *facts, enum answer agrees, struct text *text) {
    size_t count = 0;

    for (size_t i = 0; i < facts->controller_count; i++)
        if (facts->controllers[i].agrees == agrees)
            text_add_name(text, facts->controllers[i].server, count++, NAMES_MOST);
    text_add_more(text, count, NAMES_MOST);
}

/* Which have it, in one sentence without its end. */
static char *sentence(const struct facts *facts) {
    static const struct {
        enum answer agrees;
        const char *before;
    } parts[] = {
        {ANSWER_YES, "it is also on "},
        {ANSWER_NO, "not yet on "},
        {ANSWER_UNKNOWN, "not to be asked: "},
    };
    struct text text = {0};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (facts_count_agreeing(facts, parts[i].agrees) == 0)
            continue;
        text_format(&text, "%s%s", text.length > 0 ? "; " : "", parts[i].before);
        add_names(facts, parts[i].agrees, &text);
    }
    return text_take(&text);
}

/* To the last act that wrote. */
static void add_detail(struct report *report, const char *said) {
    for (size_t i = report->done_count; i-- > 0;) {
        struct done *done = &report->done[i];
        struct text text = {0};
        char *detail;

        if (!done->ok || done->act == ACT_DELIVER || done->act == ACT_REFRESH)
            continue;
        text_format(&text, "%s; %s", done->detail != NULL ? done->detail : "", said);
        detail = text_take(&text);
        if (detail != NULL) {
            free(done->detail);
            done->detail = detail;
        }
        return;
    }
}

bool replication_confirm(struct looker *looker, struct error *err) {
    struct history *history = looker->history;
    struct facts *facts = looker->facts;
    bool written = wrote(looker->report), everywhere, known;
    char *said;
    bool ok = true;

    if (!facts->read || (!written && history->spreading_since == 0))
        return true;
    replication_ask(looker);
    if (!facts->compared || facts->controller_count == 0)
        return true;
    said = sentence(facts);
    if (said == NULL)
        return error_memory(err);
    everywhere = facts_count_agreeing(facts, ANSWER_YES) == facts->controller_count;
    known = history->spreading_since != 0 && !written;
    if (written)
        add_detail(looker->report, said);
    if (everywhere && known)
        ok = history_add(history, looker->now, "seen", "the last change is on every domain controller now", err);
    if (!everywhere)
        remarks_add(&looker->report->reasons, "spreading", "The last change is not on every domain controller yet: %s.",
                    said);
    if (everywhere)
        history->spreading_since = 0;
    else if (!known)
        history->spreading_since = looker->now;
    if (ok && !everywhere && !known) {
        struct text text = {0};

        text_format(&text, "the change is not on every domain controller yet: %s", said);
        ok = text.failed ? error_memory(err) : history_add(history, looker->now, "seen", text.value, err);
        text_free(&text);
    }
    free(said);
    return ok;
}
