#include "monitor/show/show.h"

#include <inttypes.h>
#include <string.h>

/* The text exposition format, version 0.0.4, for the textfile collector: no time stamps, HELP and TYPE once per name,
 * names without a sample left out. One host may write a file for each of several organizations into the same folder,
 * so each sample is told apart by a label. A look that failed shows what it knows and nothing stale. */

struct page {
    FILE *out;
    const struct report *report;
    const char *organization; /* "" when it is not known */
};

/* In a label value backslash, quote and line feed are escaped, nothing else (Prometheus documentation, "Exposition
 * formats"). */
static void put_label(FILE *out, const char *value) {
    while (*value != '\0') {
        size_t plain = strcspn(value, "\\\"\n");

        fwrite(value, 1, plain, out);
        value += plain;
        if (*value != '\0') {
            fputc('\\', out);
            fputc(*value == '\n' ? 'n' : *value, out);
            value++;
        }
    }
}

static void put_family(FILE *out, const char *name, const char *help) {
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* One sample with the organization and up to two more labels (NULL = not there). */
static void put_sample(const struct page *page, const char *name, const char *const labels[2], const char *values[2],
                       int64_t value) {
    fprintf(page->out, "%s{organization=\"", name);
    put_label(page->out, page->organization);
    for (size_t i = 0; i < 2 && labels[i] != NULL; i++) {
        fprintf(page->out, "\",%s=\"", labels[i]);
        put_label(page->out, values[i]);
    }
    fprintf(page->out, "\"} %" PRId64 "\n", value);
}

/* A name with exactly one sample. */
static void put_single(const struct page *page, const char *name, const char *help, int64_t value) {
    static const char *const no_labels[2] = {NULL, NULL};

    put_family(page->out, name, help);
    put_sample(page, name, no_labels, (const char *[2]){NULL, NULL}, value);
}

/* The same of what only grows. */
static void put_count(const struct page *page, const char *name, const char *help, int64_t value) {
    static const char *const no_labels[2] = {NULL, NULL};

    fprintf(page->out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
    put_sample(page, name, no_labels, (const char *[2]){NULL, NULL}, value);
}

static void put_status(const struct page *page) {
    static const enum status all[] = {STATUS_OK, STATUS_WARNING, STATUS_CRITICAL, STATUS_UNKNOWN};
    static const char *const labels[2] = {"status", NULL};

    put_family(page->out, "authcert_status", "1 for the status that the auth certificate has, 0 for the others.");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        put_sample(page, "authcert_status", labels, (const char *[2]){status_name(all[i]), NULL},
                   page->report->decision.status == all[i] ? 1 : 0);
    }
}

static void put_ends(const struct page *page) {
    static const char name[] = "authcert_certificate_not_after_timestamp_seconds";
    static const char *const labels[2] = {"slot", "thumbprint"};
    const struct facts *facts = page->report->facts;
    bool begun = false;

    for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        enum slot_state state = facts_slot_state(facts, slot, page->report->checked_at);

        if (state == SLOT_EMPTY || state == SLOT_UNKNOWN)
            continue;
        if (!begun) {
            put_family(page->out, name, "When the certificate in a slot of the auth configuration ends.");
            begun = true;
        }
        put_sample(page, name, labels, (const char *[2]){slot_name(slot), facts->slots.thumbprint[slot]},
                   (int64_t)facts->slot[slot].certificate->not_after);
    }
}

/* The previous certificate is of no interest once it is previous: servers are asked for current and next. */
static bool slot_watched(const struct facts *facts, enum slot slot) {
    return slot != SLOT_PREVIOUS && facts->slots.thumbprint[slot][0] != '\0';
}

static void put_counts(const struct page *page) {
    static const char name[] = "authcert_servers";
    static const enum presence all[] = {PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN};
    static const char *const labels[2] = {"slot", "presence"};
    const struct facts *facts = page->report->facts;
    bool begun = false;

    for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        if (!slot_watched(facts, slot))
            continue;
        if (!begun) {
            put_family(page->out, name, "Exchange servers by whether they hold the certificate in a slot.");
            begun = true;
        }
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
            put_sample(page, name, labels, (const char *[2]){slot_name(slot), presence_name(all[i])},
                       (int64_t)facts_count_presence(facts, slot, all[i]));
        }
    }
}

/* Only what is known: a server that could not be asked has no sample, for neither 0 nor 1 would be true. */
static void put_servers(const struct page *page) {
    static const char name[] = "authcert_server_certificate_present";
    static const char *const labels[2] = {"server", "slot"};
    const struct facts *facts = page->report->facts;
    bool begun = false;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
            enum presence presence = server->presence[slot];

            if (!server->counted || !slot_watched(facts, slot) ||
                (presence != PRESENCE_PRESENT && presence != PRESENCE_MISSING))
                continue;
            if (!begun) {
                put_family(page->out, name, "Does the server hold the certificate in the slot, where that is known.");
                begun = true;
            }
            put_sample(page, name, labels, (const char *[2]){server->fqdn, slot_name(slot)},
                       presence == PRESENCE_PRESENT ? 1 : 0);
        }
    }
}

/* Only of servers that were asked. */
static void put_reached(const struct page *page) {
    static const char name[] = "authcert_server_reached";
    static const char *const labels[2] = {"server", NULL};
    const struct facts *facts = page->report->facts;
    bool begun = false;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!server->counted || server->reached == ANSWER_UNKNOWN)
            continue;
        if (!begun) {
            put_family(page->out, name, "Was there a connection to the server, where it was asked.");
            begun = true;
        }
        put_sample(page, name, labels, (const char *[2]){server->fqdn, NULL}, server->reached == ANSWER_YES ? 1 : 0);
    }
}

static void put_facts(const struct page *page) {
    const struct facts *facts = page->report->facts;

    put_ends(page);
    if (facts->slots.date_set && (facts->slots.malformed & MALFORMED_DATE) == 0) {
        put_single(page, "authcert_next_effective_timestamp_seconds",
                   "From when Exchange makes the next certificate current.", (int64_t)facts->slots.date);
    }
    put_counts(page);
    put_servers(page);
    put_reached(page);
}

static void put_run(const struct page *page, const struct ran *ran) {
    int64_t at = (int64_t)page->report->checked_at;

    put_single(page, "authcert_last_run_timestamp_seconds", "When the last run looked.", at);
    put_single(page, "authcert_last_run_success", "Did the last run do its work.", ran->success ? 1 : 0);
    if (ran->last_success != 0) {
        put_single(page, "authcert_last_success_timestamp_seconds",
                   "When a run last did its work; not there before the first one did.", (int64_t)ran->last_success);
    }
    put_single(page, "authcert_notifications_pending", "Messages that wait to be sent.", (int64_t)ran->pending);
    put_count(page, "authcert_notifications_given_up_total",
              "Messages that could not be sent for 14 days and were given up.", (int64_t)ran->given_up);
}

static void put_build(const struct page *page) {
    static const char *const labels[2] = {"version", NULL};

    put_family(page->out, "authcert_build_info", "Always 1; the version of authcert is a label.");
    put_sample(page, "authcert_build_info", labels, (const char *[2]){AUTHCERT_VERSION, NULL}, 1);
}

bool show_prometheus(const struct report *report, const struct ran *ran, FILE *out) {
    const char *organization = report->facts->organization;
    struct page page = {.out = out, .report = report, .organization = organization};

    /* Its series go on under the same name while the directory cannot be read. */
    if (organization == NULL)
        page.organization = ran != NULL ? ran->organization : "";
    put_status(&page);
    if (report->facts->read)
        put_facts(&page);
    if (ran != NULL)
        put_run(&page, ran);
    put_build(&page);
    return fflush(out) == 0 && !ferror(out);
}
