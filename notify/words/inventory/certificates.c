#include "notify/words/inventory/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/inventory/where.h"
#include "notify/words/calendar.h"

#define ITEMS_MOST 12
#define COMMANDS_MOST 30
#define TABLE_MOST 12
#define NAMED 6

void certificates_headline(struct text *out, const struct inventory_news *news, time_t now) {
    const struct inventory_item *first = &news->items[0];
    char left[CALENDAR_LEFT_SIZE];

    if (first->event == EVENT_OVER)
        text_format(out, "%s: %s", first->about,
                    news->count > 1 ? "what was reported of it and of others is over"
                                    : "what was reported of it is over");
    else if (first->finding->id == FINDING_ENDS)
        text_format(out, "certificate of %s %s", first->about, calendar_left(left, first->finding->end, now));
    else
        text_add(out, first->text);
    if (news->count > 1 && first->event != EVENT_OVER)
        text_format(out, "; and %zu more", news->count - 1);
}

static const char *event_words(enum inventory_event event) {
    switch (event) {
    case EVENT_BEGAN:
        return "New";
    case EVENT_WORSENED:
        return "Worse";
    case EVENT_NEARER:
        return "Nearer";
    case EVENT_CHANGED:
        return "Changed";
    case EVENT_OVER:
        break;
    }
    return "Over";
}

/* A sentence begins with a capital letter, unless that would change a name. */
static void add_item(struct layout *out, const struct inventory_item *item) {
    static const char *const words[FINDING_SEVERITY_COUNT] = {[FINDING_REMARK] = "remark",
                                                              [FINDING_UNKNOWN_STATE] = "unknown",
                                                              [FINDING_WARNING] = "warning",
                                                              [FINDING_CRITICAL] = "critical"};
    const struct inventory_finding *finding = item->finding;

    if (finding == NULL) {
        layout_paragraph(out, "%s, reported before: %s: %s.", event_words(item->event), item->about, item->text);
        return;
    }
    layout_paragraph(out, "%s, %s: %s.%s", event_words(item->event), words[finding->severity], finding->text,
                     finding->commands.count > 0 ? " In the Exchange Management Shell:" : "");
    for (size_t i = 0; i < finding->commands.count && i < COMMANDS_MOST; i++)
        layout_command(out, "%s", finding->commands.items[i]);
    if (finding->then != NULL)
        layout_paragraph(out, "%s", finding->then);
}

void certificates_add_news(struct layout *out, const struct inventory_news *news) {
    for (size_t i = 0; i < news->count && i < ITEMS_MOST; i++)
        add_item(out, &news->items[i]);
    if (news->count > ITEMS_MOST)
        layout_paragraph(out, "And %zu more, which `authcert inventory` shows.", news->count - ITEMS_MOST);
    if (news->open > 0)
        layout_paragraph(out, "%zu finding%s reported before %s open still: authcert inventory --last.", news->open,
                         news->open == 1 ? "" : "s", news->open == 1 ? "is" : "are");
}

void certificates_add_section(struct layout *out, const struct inventory_news *news) {
    layout_heading(out, "Other certificates");
    certificates_add_news(out, news);
}

static bool is_first(const struct inventory *inventory, size_t shown) {
    for (size_t i = 0; i < shown; i++)
        if (strcmp(inventory->shown[i].certificate->thumbprint, inventory->shown[shown].certificate->thumbprint) == 0)
            return false;
    return true;
}

void certificates_add_table(struct layout *out, const struct inventory *inventory, time_t now) {
    const struct place **places = calloc(inventory->place_count + 1, sizeof(const struct place *));
    size_t rows = 0;

    if (places == NULL) {
        out->failed = true;
        return;
    }
    layout_heading(out, "Certificates in use");
    for (size_t i = 0; i < inventory->shown_count; i++) {
        const struct shown *shown = &inventory->shown[i];
        char date[TIME_TEXT_SIZE];
        char left[CALENDAR_LEFT_SIZE];
        struct text where = {0};
        size_t count = 0;

        for (size_t j = 0; j < inventory->place_count; j++) {
            const struct shown *own = place_shown(inventory, &inventory->places[j]);

            if (own != NULL && inventory->places[j].kind < PLACE_TRANSPORT &&
                strcmp(own->certificate->thumbprint, shown->certificate->thumbprint) == 0)
                places[count++] = &inventory->places[j];
        }
        if (count == 0 || !is_first(inventory, i) || rows++ >= TABLE_MOST)
            continue;
        where_add(&where, places, count, NAMED);
        layout_item(out, "%s of %s %s (%s): %s", shown->label, shown->self_signed ? "itself" : shown->issuer_label,
                    calendar_left(left, shown->certificate->not_after, now),
                    time_format_date(date, shown->certificate->not_after), where.value != NULL ? where.value : "");
        out->failed = out->failed || where.failed;
        text_free(&where);
    }
    if (rows > TABLE_MOST)
        layout_item(out, "and %zu more", rows - TABLE_MOST);
    free(places);
}
