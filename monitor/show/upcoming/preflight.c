#include "monitor/show/upcoming/preflight.h"

#include <inttypes.h>

#include <jansson.h>

#include "base/time.h"
#include "monitor/inventory/remedy.h"
#include "monitor/show/text_page.h"
#include "monitor/state/values.h"

#define SCHEMA 2
#define NAMED 20

static void put_list(struct text_page *page, const char *lead, const struct strings *list, const char *none) {
    struct text text = {0};

    for (size_t i = 0; i < list->count; i++)
        text_add_name(&text, list->items[i], i, NAMED);
    text_add_more(&text, list->count, NAMED);
    page->failed = page->failed || text.failed;
    if (!text.failed && (list->count > 0 || none != NULL))
        text_page_paragraph(page, lead, list->count > 0 ? text.value : none);
    text_free(&text);
}

bool show_preflight_text(const struct shown *shown, const struct preflight *preflight, time_t now, FILE *out) {
    struct text_page page = {.out = out, .columns = text_page_width(out)};
    char date[TIME_TEXT_SIZE];

    fprintf(out, "%s, by %s, thumbprint %s\nends %s, in %" PRId64 " days\n\n", shown->label,
            shown->self_signed ? "itself" : shown->issuer_label, shown->certificate->thumbprint,
            time_format_date(date, shown->certificate->not_after), time_days_left(shown->certificate->not_after, now));
    put_list(&page, "Names it is for:      ", &preflight->covered, "none that clients use");
    put_list(&page, "Names that it lacks:  ", &preflight->lacking, "none");
    put_list(&page, "Connectors that find it as before: ", &preflight->fitting, NULL);
    put_list(&page, "Connectors that would no longer find one: ", &preflight->connectors, NULL);
    text_page_paragraph(&page, "Places:               ", preflight->places[0] != '\0' ? preflight->places : "none");
    for (size_t i = 0; i < preflight->problems.count; i++)
        text_page_paragraph(&page, "WARNING   ", preflight->problems.items[i]);
    fputs("\nIn the Exchange Management Shell, in this order:\n", out);
    for (size_t i = 0; i < preflight->commands.count; i++)
        fprintf(out, "    %s\n", preflight->commands.items[i]);
    text_page_paragraph(&page, "",
                        REMEDY_ANSWER_NO " C:\\new.pfx is the file with the certificate and its key; an answer "
                                         "to a request of Exchange's own goes to the server that made it, "
                                         "without -Password, and is exported from there for the others.");
    return text_page_end(&page);
}

bool show_preflight_json(const struct shown *shown, const struct preflight *preflight, FILE *out) {
    json_t *json = json_pack("{s:i, s:{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o}}", "schema", SCHEMA,
                             "new", "thumbprint", shown->certificate->thumbprint, "label", shown->label, "issuer_label",
                             shown->issuer_label, "not_after", values_time(shown->certificate->not_after), "trust",
                             trust_name(shown->trust), "covered", values_strings(&preflight->covered), "lacking",
                             values_strings(&preflight->lacking), "connectors_fitting",
                             values_strings(&preflight->fitting), "connectors_to_change",
                             values_strings(&preflight->connectors), "problems", values_strings(&preflight->problems),
                             "places", preflight->places, "commands", values_strings(&preflight->commands));
    bool ok = json != NULL && json_dumpf(json, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;

    json_decref(json);
    return fflush(out) == 0 && ok && !ferror(out);
}

bool show_request_text(const struct strings *commands, FILE *out) {
    for (size_t i = 0; i < commands->count; i++)
        fprintf(out, "%s\n", commands->items[i]);
    return fflush(out) == 0 && !ferror(out);
}

bool show_request_json(const struct strings *names, const struct strings *commands, FILE *out) {
    json_t *json = json_pack("{s:i, s:{s:o, s:o}}", "schema", SCHEMA, "request", "names", values_strings(names),
                             "commands", values_strings(commands));
    bool ok = json != NULL && json_dumpf(json, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;

    json_decref(json);
    return fflush(out) == 0 && ok && !ferror(out);
}
