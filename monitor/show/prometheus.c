#include "monitor/show/show.h"

#include <inttypes.h>
#include <string.h>

#include "monitor/show/inventory.h"

/* The text exposition format, version 0.0.4, for the textfile collector: no time stamps, HELP and TYPE once per name,
 * names without a sample left out. One host may write a file for each of several organizations into the same folder,
 * so each sample is told apart by a label. A look that failed shows what it knows and nothing stale. */

/* A name, of which HELP and TYPE stand before the first sample. */
struct family {
    const char *name, *help;
    const char *labels[3]; /* beside the organization; NULL = not there */
    bool counts;           /* it only grows */
};

struct page {
    FILE *out;
    const struct family *family; /* of the last sample */
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

/* One sample with the organization and up to three more labels, behind its name's HELP and TYPE where it is the first.
 */
static void put_sample(struct page *page, const struct family *family, const char *const *values, int64_t value) {
    if (page->family != family)
        fprintf(page->out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                family->counts ? "counter" : "gauge");
    page->family = family;
    fprintf(page->out, "%s{organization=\"", family->name);
    put_label(page->out, page->organization);
    for (size_t i = 0; i < 3 && family->labels[i] != NULL; i++) {
        fprintf(page->out, "\",%s=\"", family->labels[i]);
        put_label(page->out, values[i]);
    }
    fprintf(page->out, "\"} %" PRId64 "\n", value);
}

/* A name with exactly one sample. */
static void put_single(struct page *page, const char *name, const char *help, int64_t value) {
    const struct family family = {.name = name, .help = help};

    put_sample(page, &family, NULL, value);
    page->family = NULL;
}

static void put_status(struct page *page) {
    static const enum status all[] = {STATUS_OK, STATUS_WARNING, STATUS_CRITICAL, STATUS_UNKNOWN};
    static const struct family family = {
        "authcert_status", "1 for the status that the auth certificate has, 0 for the others.", {"status"}, false};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        put_sample(page, &family, (const char *[2]){status_name(all[i])}, page->report->decision.status == all[i]);
}

static void put_ends(struct page *page) {
    static const struct family family = {"authcert_certificate_not_after_timestamp_seconds",
                                         "When the certificate in a slot of the auth configuration ends.",
                                         {"slot", "thumbprint"},
                                         false};
    const struct facts *facts = page->report->facts;

    for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        enum slot_state state = facts_slot_state(facts, slot, page->report->checked_at);

        if (state != SLOT_EMPTY && state != SLOT_UNKNOWN)
            put_sample(page, &family, (const char *[2]){slot_name(slot), facts->slots.thumbprint[slot]},
                       (int64_t)facts->slot[slot].certificate->not_after);
    }
}

/* The previous certificate is of no interest once it is previous: servers are asked for current and next. */
static bool slot_watched(const struct facts *facts, enum slot slot) {
    return slot != SLOT_PREVIOUS && facts->slots.thumbprint[slot][0] != '\0';
}

static void put_counts(struct page *page) {
    static const enum presence all[] = {PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN};
    static const struct family family = {"authcert_servers",
                                         "Exchange servers by whether they hold the certificate in a slot.",
                                         {"slot", "presence"},
                                         false};
    const struct facts *facts = page->report->facts;

    for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && slot_watched(facts, slot); i++)
            put_sample(page, &family, (const char *[2]){slot_name(slot), presence_name(all[i])},
                       (int64_t)facts_count_presence(facts, slot, all[i]));
}

/* What servers showed themselves over WinRM: a key that works, or one that is there and cannot be used. */
static void put_proofs(struct page *page) {
    static const struct family proved = {
        "authcert_servers_proved", "Exchange servers that proved the key in a slot by a signature.", {"slot"}, false};
    static const struct family faulty = {"authcert_servers_faulty_key",
                                         "Exchange servers that showed a certificate whose key cannot be used.",
                                         {"slot"},
                                         false};
    const struct facts *facts = page->report->facts;

    for (int which = 0; which < 2; which++)
        for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
            int64_t count = 0;

            for (size_t i = 0; i < facts->server_count; i++) {
                enum proof proof = facts->servers[i].proof[slot];

                count += which == 0 ? proof == PROOF_PROVED : proof_words(proof) != NULL;
            }
            if (slot_watched(facts, slot))
                put_sample(page, which == 0 ? &proved : &faulty, (const char *[2]){slot_name(slot)}, count);
        }
}

/* Only what is known: a server that could not be asked has no sample, for neither 0 nor 1 would be true. */
static void put_servers(struct page *page) {
    static const struct family family = {"authcert_server_certificate_present",
                                         "Does the server hold the certificate in the slot, where that is known.",
                                         {"server", "slot"},
                                         false};
    const struct facts *facts = page->report->facts;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
            enum presence presence = server->presence[slot];

            if (server->counted && slot_watched(facts, slot) &&
                (presence == PRESENCE_PRESENT || presence == PRESENCE_MISSING))
                put_sample(page, &family, (const char *[2]){server->fqdn, slot_name(slot)},
                           presence == PRESENCE_PRESENT);
        }
    }
}

/* Only of servers that were asked. */
static void put_reached(struct page *page) {
    static const struct family family = {
        "authcert_server_reached", "Was there a connection to the server, where it was asked.", {"server"}, false};
    const struct facts *facts = page->report->facts;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (server->counted && server->reached != ANSWER_UNKNOWN)
            put_sample(page, &family, (const char *[2]){server->fqdn}, server->reached == ANSWER_YES);
    }
}

/* Those that answer well have no sample: nothing is silent about them. */
static void put_silent(struct page *page) {
    static const struct family family = {
        "authcert_server_silent_since_timestamp_seconds",
        "Since when nothing was learned from the server; not there while something is.",
        {"server"},
        false};
    const struct facts *facts = page->report->facts;

    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted && facts->servers[i].silent_since != 0)
            put_sample(page, &family, (const char *[2]){facts->servers[i].fqdn},
                       (int64_t)facts->servers[i].silent_since);
}

/* Only what is known, likewise. */
static void put_entra(struct page *page) {
    static const struct family accepts = {"authcert_entra_accepts",
                                          "Does the tenant of Entra accept the key in the slot, where that is known.",
                                          {"tenant", "slot"},
                                          false};
    static const struct family asked = {"authcert_entra_asked_timestamp_seconds",
                                        "When the tenant of Entra was last asked about the key in the slot.",
                                        {"tenant", "slot"},
                                        false};
    const struct facts *facts = page->report->facts;

    for (size_t i = 0; i < facts->tenant_count; i++)
        for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (slot_watched(facts, slot) && facts->tenants[i].slot[slot].accepts != ANSWER_UNKNOWN)
                put_sample(page, &accepts, (const char *[2]){facts->tenants[i].tenant.id, slot_name(slot)},
                           facts->tenants[i].slot[slot].accepts == ANSWER_YES);
    for (size_t i = 0; i < facts->tenant_count; i++)
        for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (slot_watched(facts, slot) && facts->tenants[i].slot[slot].asked_at != 0)
                put_sample(page, &asked, (const char *[2]){facts->tenants[i].tenant.id, slot_name(slot)},
                           (int64_t)facts->tenants[i].slot[slot].asked_at);
}

static void put_facts(struct page *page) {
    const struct facts *facts = page->report->facts;

    put_ends(page);
    if (facts->slots.date_readable && facts->slots.thumbprint[SLOT_NEXT][0] != '\0') {
        put_single(page, "authcert_next_effective_timestamp_seconds",
                   "From when Exchange makes the next certificate current.", (int64_t)facts->slots.date);
    }
    put_counts(page);
    put_proofs(page);
    put_servers(page);
    put_reached(page);
    put_silent(page);
    put_entra(page);
}

/* Where this look does not know the end. */
static void put_known(struct page *page) {
    static const struct family family = {
        "authcert_last_known_not_after_timestamp_seconds",
        "When current ends by what was last known, where the last look could not see it.",
        {"thumbprint"},
        false};
    const struct last_known *known = &page->report->known;

    if (known->end != 0)
        put_sample(page, &family, (const char *[2]){known->thumbprint}, (int64_t)known->end);
}

/* The other certificates: places that showed one, places that were asked, and what is to be said. */
static void put_inventory(struct page *page, const struct inventory *inventory) {
    static const struct family ends = {"authcert_place_not_after_timestamp_seconds",
                                       "When the certificate ends that is used at a place.",
                                       {"place", "thumbprint"},
                                       false};
    static const struct family reached = {
        "authcert_place_reached", "Did a place that was asked show a certificate.", {"place"}, false};
    static const struct family found = {"authcert_finding",
                                        "Always 1: what is wrong with a certificate, where, and how grave that is.",
                                        {"id", "place", "severity"},
                                        false};

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct shown *shown = place_shown(inventory, place);

        if (shown != NULL)
            put_sample(page, &ends, (const char *[2]){place->name, shown->certificate->thumbprint},
                       (int64_t)shown->certificate->not_after);
    }
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        bool mailbox = place->kind == PLACE_IMAP || place->kind == PLACE_POP;

        /* A mailbox port that is closed is a service that nobody uses. */
        if (place->host != NULL && place->state != PLACE_UNASKED && (place->state == PLACE_SHOWN || !mailbox))
            put_sample(page, &reached, (const char *[1]){place->name}, place->state == PLACE_SHOWN);
    }
    for (size_t i = 0; i < inventory->finding_count; i++) {
        const struct inventory_finding *finding = &inventory->findings[i];

        put_sample(
            page, &found,
            (const char *[3]){finding_id_name(finding->id), finding->place, finding_severity_name(finding->severity)},
            1);
    }
}

bool show_inventory_prometheus(const struct inventory *inventory, FILE *out) {
    struct page page = {.out = out, .organization = inventory->organization != NULL ? inventory->organization : ""};

    put_inventory(&page, inventory);
    return fflush(out) == 0 && !ferror(out);
}

static void put_run(struct page *page, const struct ran *ran) {
    static const struct family given_up = {.name = "authcert_notifications_given_up_total",
                                           .help = "Messages that could not be sent for 14 days and were given up.",
                                           .counts = true};
    int64_t at = (int64_t)page->report->checked_at;

    put_single(page, "authcert_last_run_timestamp_seconds", "When the last run looked.", at);
    put_single(page, "authcert_last_run_success", "Did the last run do its work.", ran->success ? 1 : 0);
    if (ran->last_success != 0) {
        put_single(page, "authcert_last_success_timestamp_seconds",
                   "When a run last did its work; not there before the first one did.", (int64_t)ran->last_success);
    }
    if (ran->rehearsal_passed != 0) {
        put_single(page, "authcert_rehearsal_last_passed_timestamp_seconds",
                   "When a rehearsal of the emergency last found all that it needs.", (int64_t)ran->rehearsal_passed);
    }
    if (ran->rehearsed != 0) {
        put_single(page, "authcert_rehearsal_lacking",
                   "What the last rehearsal of the emergency found lacking; 0 = it passed.",
                   (int64_t)ran->rehearsal_lacking);
    }
    put_single(page, "authcert_notifications_pending", "Messages that wait to be sent.", (int64_t)ran->pending);
    put_sample(page, &given_up, NULL, (int64_t)ran->given_up);
}

bool show_prometheus(const struct report *report, const struct ran *ran, FILE *out) {
    static const struct family build = {
        "authcert_build_info", "Always 1; the version of authcert is a label.", {"version"}, false};
    const char *organization = report->facts->organization;
    struct page page = {.out = out, .report = report, .organization = organization};

    /* Its series go on under the same name while the directory cannot be read. */
    if (organization == NULL)
        page.organization = ran != NULL ? ran->organization : "";
    put_status(&page);
    if (report->facts->read)
        put_facts(&page);
    put_known(&page);
    if (report->inventory != NULL)
        put_inventory(&page, report->inventory);
    if (ran != NULL)
        put_run(&page, ran);
    put_sample(&page, &build, (const char *[2]){AUTHCERT_VERSION}, 1);
    return fflush(out) == 0 && !ferror(out);
}
