#include "monitor/show/inventory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/inventory/summary.h"
#include "core/inventory/where.h"
#include "monitor/show/inventory/json.h"
#include "monitor/show/text_page.h"

#define SCHEMA 2
#define NAMED 12 /* places of one certificate in a row of the table */

/* The certificates with distinct bytes, what ends first first. */
static size_t *list_certificates(const struct inventory *inventory, size_t *ret_count) {
    size_t *list = calloc(inventory->shown_count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; list != NULL && i < inventory->shown_count; i++) {
        const struct certificate *certificate = inventory->shown[i].certificate;
        size_t at = count;
        bool known = false;

        for (size_t j = 0; j < count; j++)
            known = known || strcmp(inventory->shown[list[j]].certificate->thumbprint, certificate->thumbprint) == 0;
        if (known)
            continue;
        while (at > 0 && inventory->shown[list[at - 1]].certificate->not_after > certificate->not_after) {
            list[at] = list[at - 1];
            at--;
        }
        list[at] = i;
        count++;
    }
    *ret_count = count;
    return list;
}

static void add_places(struct text *out, const struct inventory *inventory, const char *thumbprint) {
    const struct place **places = calloc(inventory->place_count + 1, sizeof(const struct place *));
    size_t count = 0;

    if (places == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct shown *shown = place_shown(inventory, &inventory->places[i]);

        if (shown != NULL && strcmp(shown->certificate->thumbprint, thumbprint) == 0)
            places[count++] = &inventory->places[i];
    }
    where_add(out, places, count, NAMED);
    free(places);
    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];

        if (connector->finds < inventory->shown_count &&
            strcmp(inventory->shown[connector->finds].certificate->thumbprint, thumbprint) == 0)
            text_format(out, "%sconnector \"%s\"", out->length > 0 ? "; " : "", connector->name);
    }
}

static void put_certificate(struct text_page *page, struct text_page_table *table, const struct inventory *inventory,
                            const struct shown *shown) {
    static const char *const words[TRUST_COUNT] = {[TRUST_UNJUDGED] = "",
                                                   [TRUST_PUBLIC] = ", public",
                                                   [TRUST_OWN] = "",
                                                   [TRUST_ITSELF] = "",
                                                   [TRUST_NONE] = ", unknown"};
    char ends[TIME_TEXT_SIZE];
    char days[TIME_TEXT_SIZE];
    struct text issuer = {0};
    struct text places = {0};

    text_format(&issuer, "%s%s", shown->trust == TRUST_ITSELF ? "itself" : shown->issuer_label, words[shown->trust]);
    add_places(&places, inventory, shown->certificate->thumbprint);
    if (issuer.failed || places.failed) {
        page->failed = true;
    } else {
        const char *const cells[] = {shown->label, issuer.value, time_format_date(ends, shown->certificate->not_after),
                                     days, places.value != NULL ? places.value : ""};

        snprintf(days, sizeof(days), "%" PRId64, time_days_left(shown->certificate->not_after, inventory->seen_at));
        if (places.length > 0)
            text_page_row(page, table, cells);
    }
    text_free(&issuer);
    text_free(&places);
}

static void put_table(struct text_page *page, const struct inventory *inventory) {
    static const struct text_page_column columns[] = {
        {"CERTIFICATE", false}, {"ISSUER", false}, {"ENDS (UTC)", false}, {"DAYS", true}, {"PLACES", false}};
    struct text_page_table *table = text_page_table(page, columns, sizeof(columns) / sizeof(columns[0]));
    size_t count = 0;
    size_t *list = list_certificates(inventory, &count);

    page->failed = page->failed || list == NULL;
    for (size_t i = 0; i < count; i++)
        put_certificate(page, table, inventory, &inventory->shown[list[i]]);
    free(list);
    text_page_table_end(page, table);
}

static void put_finding(struct text_page *page, const struct inventory_finding *finding) {
    static const char *const leads[FINDING_SEVERITY_COUNT] = {[FINDING_REMARK] = "REMARK    ",
                                                              [FINDING_UNKNOWN_STATE] = "UNKNOWN   ",
                                                              [FINDING_WARNING] = "WARNING   ",
                                                              [FINDING_CRITICAL] = "CRITICAL  "};
    struct text text = {0};

    text_format(&text, "%s.%s", finding->text, finding->commands.count > 0 ? " In the Exchange Management Shell:" : "");
    if (text.failed || text.value == NULL)
        page->failed = true;
    else
        text_page_paragraph(page, leads[finding->severity], text.value);
    text_free(&text);
    for (size_t i = 0; i < finding->commands.count; i++)
        fprintf(page->out, "              %s\n", finding->commands.items[i]);
    if (finding->then != NULL)
        text_page_paragraph(page, "          ", finding->then);
}

/* What was asked and showed nothing: no finding by itself, but nobody should take it for seen. A closed mailbox port is
 * no more than a service that is not used. */
static void put_unseen(struct text_page *page, const struct inventory *inventory) {
    struct text text = {0};
    size_t count = 0;

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];

        if (place->state == PLACE_SHOWN || place->state == PLACE_UNASKED || place->kind == PLACE_IMAP ||
            place->kind == PLACE_POP)
            continue;
        text_format(&text, "%s%s: %s", count > 0 ? "\n" : "", place->name,
                    place->trouble != NULL ? place->trouble : "");
        count++;
    }
    page->failed = page->failed || text.failed;
    if (count > 0 && !text.failed) {
        text_page_title(page, "Not seen");
        text_page_paragraph(page, "  ", text.value);
    }
    text_free(&text);
}

bool show_inventory_text(const struct inventory *inventory, bool colour, FILE *out) {
    static const enum text_page_colour colours[] = {[STATUS_OK] = TEXT_PAGE_GREEN,
                                                    [STATUS_WARNING] = TEXT_PAGE_YELLOW,
                                                    [STATUS_CRITICAL] = TEXT_PAGE_RED,
                                                    [STATUS_UNKNOWN] = TEXT_PAGE_GREY};
    struct text_page page = {.out = out, .colour = colour, .columns = text_page_width(out)};
    enum status status = inventory_status(inventory);
    struct text summary = {0};

    summary_add(&summary, inventory, inventory->seen_at);
    page.failed = summary.failed;
    text_page_colour(&page, colours[status], show_status_word(status));
    fprintf(out, ": %s\n", summary.value != NULL ? summary.value : "");
    text_free(&summary);
    if (inventory->read) {
        fputc('\n', out);
        put_table(&page, inventory);
        put_unseen(&page, inventory);
    }
    for (size_t i = 0; i < inventory->finding_count; i++) {
        fputc('\n', out);
        put_finding(&page, &inventory->findings[i]);
    }
    for (size_t i = 0; i < inventory->remarks.count; i++)
        text_page_paragraph(&page, "- ", inventory->remarks.items[i]);
    return text_page_end(&page);
}

bool show_inventory_json(const struct inventory *inventory, time_t now, FILE *out) {
    char at[TIME_TEXT_SIZE];
    struct text summary = {0};
    json_t *json = NULL;
    bool ok;

    summary_add(&summary, inventory, now);
    if (!summary.failed)
        json = json_pack("{s:i, s:s, s:s?, s:s, s:s, s:o}", "schema", SCHEMA, "checked_at",
                         time_format_rfc3339(at, inventory->seen_at), "organization", inventory->organization, "status",
                         status_name(inventory_status(inventory)), "summary", summary.value, "inventory",
                         inventory_json(inventory));
    text_free(&summary);
    ok = json != NULL && json_dumpf(json, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(json);
    return fflush(out) == 0 && ok && !ferror(out);
}
