#include "tests/monitor/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define YEAR ((time_t)365 * SECONDS_PER_DAY)
#define DAYS_LEFT 21

struct sample sample;

static void *need(void *memory) {
    if (memory == NULL)
        abort();
    return memory;
}

void sample_text(char **text, const char *value) {
    free(*text);
    *text = need(strdup(value));
}

static struct bytes bytes_of(const char *value) {
    return (struct bytes){.data = need(strdup(value)), .length = strlen(value)};
}

static void decode(struct facts *facts) {
    slots_decode(facts->raw_values, facts->raw_count, facts->raw_date.data != NULL ? &facts->raw_date : NULL,
                 &facts->slots);
}

void sample_value(struct facts *facts, const char *value) {
    facts->raw_values = need(realloc(facts->raw_values, (facts->raw_count + 1) * sizeof(*facts->raw_values)));
    facts->raw_values[facts->raw_count++] = bytes_of(value);
    decode(facts);
}

void sample_date(struct facts *facts, const char *generalized) {
    bytes_free(&facts->raw_date);
    facts->raw_date = bytes_of(generalized);
    decode(facts);
}

void sample_slot(struct facts *facts, enum slot slot, const char *thumbprint, time_t not_before, time_t not_after) {
    char value[THUMBPRINT_SIZE + 2];
    struct certificate *certificate;

    snprintf(value, sizeof(value), "%d:%.40s", (int)slot, thumbprint);
    sample_value(facts, value);
    if (not_after == 0)
        return;
    certificate = need(calloc(1, sizeof(*certificate)));
    snprintf(certificate->thumbprint, sizeof(certificate->thumbprint), "%.40s", thumbprint);
    certificate->not_before = not_before;
    certificate->not_after = not_after;
    sample_text(&certificate->subject, "CN=Microsoft Exchange Server Auth Certificate");
    sample_text(&certificate->issuer, "CN=Microsoft Exchange Server Auth Certificate");
    sample_text(&certificate->serial, "5C0FFEE5C0FFEE5C0FFEE5C0FFEE5C0F");
    certificate->rsa = true;
    certificate->key_bits = CERTIFICATE_KEY_BITS;
    snprintf(certificate->key, sizeof(certificate->key), "RSA 2048");
    snprintf(certificate->signature, sizeof(certificate->signature), "sha256WithRSAEncryption");
    facts->slot[slot].certificate = certificate;
    facts->slot[slot].source = SOURCE_STORE;
}

void sample_server(struct facts *facts, const char *fqdn, const char *site, enum presence current, enum presence next) {
    struct server_facts server = {.counted = true};

    sample_text(&server.fqdn, fqdn);
    sample_text(&server.site, site);
    sample_text(&server.version, "15.2.1544.25");
    server.presence[SLOT_CURRENT] = current;
    server.presence[SLOT_NEXT] = next;
    facts->servers = need(realloc(facts->servers, (facts->server_count + 1) * sizeof(*facts->servers)));
    facts->servers[facts->server_count++] = server;
}

void sample_facts(struct facts *ret_facts, time_t now, int days_left) {
    struct facts facts = {.read = true, .servers_read = ANSWER_YES, .hybrid = ANSWER_NO, .may_write = ANSWER_YES};
    time_t end = now + (time_t)days_left * SECONDS_PER_DAY;

    sample_text(&facts.directory.uri, "ldaps://dc1.contoso.test");
    sample_text(&facts.directory.server, "dc1.contoso.test");
    sample_text(&facts.directory.dn, "CN=Auth Configuration,CN=Contoso,CN=Microsoft Exchange,CN=Services,"
                                     "CN=Configuration,DC=contoso,DC=test");
    facts.directory.clock_known = true;
    sample_text(&facts.organization, "Contoso");
    sample_text(&facts.realm, "");
    sample_text(&facts.service_name, "00000002-0000-0ff1-ce00-000000000000");
    sample_slot(&facts, SLOT_CURRENT, SAMPLE_CURRENT, end - 5 * YEAR, end);
    sample_server(&facts, "ex1.contoso.test", "Berlin", PRESENCE_PRESENT, PRESENCE_UNKNOWN);
    sample_server(&facts, "ex2.contoso.test", "Paris", PRESENCE_PRESENT, PRESENCE_UNKNOWN);
    *ret_facts = facts;
}

int sample_set_up(void **state) {
    struct report *report = &sample.report;

    (void)state;
    sample_facts(&sample.facts, SAMPLE_NOW, DAYS_LEFT);
    policy_default(&sample.policy);
    *report = (struct report){.checked_at = SAMPLE_NOW, .facts = &sample.facts, .policy = &sample.policy};
    report->decision.row = ROW_NONE;
    report->decision.status = STATUS_WARNING;
    report->decision.due[0] = (struct due){.what = DUE_EXPIRE, .at = SAMPLE_NOW + DAYS_LEFT * (time_t)SECONDS_PER_DAY};
    report->decision.due_count = 1;
    remarks_add(&report->reasons, "test", "nothing is due before the current certificate ends");
    sample_text(&report->briefing.wrong, "the current certificate ends on 2026-12-12, in 21 days");
    sample_text(&report->briefing.by_itself, "nothing happens");
    sample_text(&report->briefing.command, "authcert renew");
    return 0;
}

int sample_tear_down(void **state) {
    (void)state;
    report_free(&sample.report);
    facts_free(&sample.facts);
    return 0;
}

char *sample_shown(bool (*show)(const struct report *report, FILE *out)) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = need(open_memstream(&text, &length));

    if (!show(&sample.report, out) || fclose(out) != 0)
        abort();
    return need(text);
}
