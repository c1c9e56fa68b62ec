#include "tests/monitor/run/years.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define CANDIDATE_AGE_MOST (90 * (time_t)SECONDS_PER_DAY)
#define DOCUMENT_AGE (25 * (time_t)SECONDS_PER_HOUR) /* until then a metadata document may be older than a change */

static int add_certificate(struct years *years, time_t not_before, time_t not_after, bool ours) {
    struct years_certificate *certificate = &years->certificates[years->certificate_count];

    if (years->certificate_count == YEARS_CERTIFICATES)
        abort();
    *certificate = (struct years_certificate){.not_before = not_before, .not_after = not_after, .ours = ours};
    snprintf(certificate->thumbprint, THUMBPRINT_SIZE, "%040X", 0xA000u + (unsigned)years->certificate_count);
    return years->certificate_count++;
}

static int find_certificate(const struct years *years, const char *thumbprint) {
    for (int i = 0; i < years->certificate_count; i++)
        if (strcmp(years->certificates[i].thumbprint, thumbprint) == 0)
            return i;
    return YEARS_NOBODY;
}

static void set_values(struct years *years, int current, int previous, int next) {
    const int slots[SLOT_COUNT] = {current, previous, next};

    years->value_count = 0;
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        char *value = years->values[years->value_count];

        if (slots[slot] == YEARS_NOBODY)
            continue;
        value[0] = (char)('0' + slot);
        value[1] = ':';
        memcpy(value + 2, years->certificates[slots[slot]].thumbprint, THUMBPRINT_SIZE);
        years->value_count++;
    }
    years->changed = years->now;
}

void years_begin(struct years *years, time_t now, int64_t left, bool previous) {
    static const char *const sites[YEARS_SERVERS] = {"A", "A", "B"};
    int before;

    years->now = now;
    before = add_certificate(years, now + left - 1500 * (time_t)SECONDS_PER_DAY, now + left + SECONDS_PER_DAY, false);
    set_values(years, add_certificate(years, now + left - 1000 * (time_t)SECONDS_PER_DAY, now + left, false),
               previous ? before : YEARS_NOBODY, YEARS_NOBODY);
    years->changed = now - 500 * (time_t)SECONDS_PER_DAY;
    for (int i = 0; i < YEARS_SERVERS; i++)
        years->servers[i] = (struct years_server){.site = sites[i], .holds = 3};
}

int years_slot(const struct years *years, enum slot slot) {
    for (size_t i = 0; i < years->value_count; i++)
        if (years->values[i][0] == (char)('0' + (int)slot))
            return find_certificate(years, years->values[i] + 2);
    return YEARS_NOBODY;
}

bool years_usable(const struct years *years, int certificate) {
    return certificate != YEARS_NOBODY && years->certificates[certificate].not_before <= years->now &&
           years->now < years->certificates[certificate].not_after;
}

static void share_within_sites(struct years *years) {
    for (int to = 0; to < YEARS_SERVERS; to++)
        for (int from = 0; from < YEARS_SERVERS; from++)
            if (!years->servers[to].down && !years->servers[from].down &&
                strcmp(years->servers[to].site, years->servers[from].site) == 0)
                years->servers[to].holds |= years->servers[from].holds;
}

void years_exchange(struct years *years) {
    int next = years_slot(years, SLOT_NEXT);

    share_within_sites(years);
    if (years->date == 0 || years->date > years->now)
        return;
    if (next != YEARS_NOBODY && next != years_slot(years, SLOT_CURRENT))
        set_values(years, next, years_slot(years, SLOT_CURRENT), YEARS_NOBODY);
    years->date = 0;
}

static char *copy(const char *text) {
    char *copied = strdup(text);

    if (copied == NULL)
        abort();
    return copied;
}

static struct bytes bytes_of(const char *text) {
    return (struct bytes){.data = (unsigned char *)copy(text), .length = strlen(text)};
}

static struct certificate *build_certificate(const struct years *years, int number) {
    const struct years_certificate *from = &years->certificates[number];
    struct certificate *certificate = calloc(1, sizeof(*certificate));

    if (certificate == NULL || (certificate->der = malloc(years->der_length)) == NULL)
        abort();
    memcpy(certificate->der, years->der, years->der_length);
    certificate->der_length = years->der_length;
    memcpy(certificate->thumbprint, from->thumbprint, THUMBPRINT_SIZE);
    certificate->not_before = from->not_before;
    certificate->not_after = from->not_after;
    certificate->rsa = true;
    certificate->key_bits = 2048;
    return certificate;
}

static enum presence seen_on(const struct years *years, const struct years_server *server, enum slot slot) {
    int certificate = years_slot(years, slot);

    /* Documents list no next, and only what has not ended. */
    if (!years->probed || certificate == YEARS_NOBODY || slot == SLOT_NEXT || !years_usable(years, certificate))
        return PRESENCE_UNKNOWN;
    if (server->down)
        return PRESENCE_UNREACHABLE;
    if ((server->holds >> certificate & 1) != 0)
        return PRESENCE_PRESENT;
    return years->now - years->changed > DOCUMENT_AGE ? PRESENCE_MISSING : PRESENCE_UNKNOWN;
}

static void show_servers(const struct years *years, struct facts *facts) {
    facts->servers = calloc(YEARS_SERVERS, sizeof(*facts->servers));
    if (facts->servers == NULL)
        abort();
    facts->server_count = YEARS_SERVERS;
    facts->servers_read = ANSWER_YES;
    facts->probed = years->probed;
    for (int i = 0; i < YEARS_SERVERS; i++) {
        const struct years_server *from = &years->servers[i];
        struct server_facts *server = &facts->servers[i];
        char name[32];

        snprintf(name, sizeof(name), "ex%d.contoso.test", i);
        server->fqdn = copy(name);
        server->site = copy(from->site);
        server->version = copy("15.2.1544.25");
        server->counted = true;
        if (years->probed)
            server->reached = from->down ? ANSWER_NO : ANSWER_YES;
        for (int slot = 0; slot < SLOT_COUNT; slot++)
            server->presence[slot] = seen_on(years, from, (enum slot)slot);
    }
}

static void port_look(void *context, struct facts *ret_facts) {
    struct years *years = context;
    char date[TIME_TEXT_SIZE];

    *ret_facts = (struct facts){.read = !years->blind, .hybrid = ANSWER_NO, .may_write = ANSWER_YES};
    ret_facts->directory.uri = copy("ldaps://dc1.contoso.test");
    if (years->blind) {
        error_set(&ret_facts->unreadable, ERROR_NETWORK, "nothing answered");
        return;
    }
    ret_facts->directory.dn = copy("CN=Auth Configuration");
    ret_facts->directory.clock_known = true;
    ret_facts->raw_values = calloc(years->value_count + 1, sizeof(*ret_facts->raw_values));
    if (ret_facts->raw_values == NULL)
        abort();
    for (size_t i = 0; i < years->value_count; i++)
        ret_facts->raw_values[i] = bytes_of(years->values[i]);
    ret_facts->raw_count = years->value_count;
    if (years->date != 0)
        ret_facts->raw_date = bytes_of(time_format_generalized(date, years->date));
    slots_decode(ret_facts->raw_values, ret_facts->raw_count, &ret_facts->raw_date, &ret_facts->slots);
    if (years->shows_changes)
        ret_facts->attribute_changed = years->changed;
    show_servers(years, ret_facts);
}

static bool delete_value(struct years *years, const struct bytes *value) {
    for (size_t i = 0; i < years->value_count; i++) {
        if (strlen(years->values[i]) != value->length || memcmp(years->values[i], value->data, value->length) != 0)
            continue;
        memmove(years->values[i], years->values[i + 1], (years->value_count - i - 1) * sizeof(years->values[0]));
        years->value_count--;
        return true;
    }
    return false;
}

static bool add_value(struct years *years, const char *value) {
    for (size_t i = 0; i < years->value_count; i++)
        if (strcmp(years->values[i], value) == 0)
            return false;
    if (years->value_count == YEARS_VALUES)
        abort();
    snprintf(years->values[years->value_count++], CHANGE_VALUE_SIZE, "%s", value);
    return true;
}

/* All of it or nothing, as a directory does: what is deleted has to be there, and the date has one value. */
static bool apply(struct years *years, const struct change *change) {
    char date[TIME_TEXT_SIZE];

    if (change->replace_values)
        years->value_count = 0;
    for (size_t i = 0; i < change->delete_count; i++)
        if (!delete_value(years, change->delete_values[i]))
            return false;
    for (size_t i = 0; i < change->add_count; i++)
        if (!add_value(years, change->add_values[i]))
            return false;
    if (change->delete_date != NULL) {
        if (years->date == 0 || strlen(time_format_generalized(date, years->date)) != change->delete_date->length ||
            memcmp(date, change->delete_date->data, change->delete_date->length) != 0)
            return false;
        years->date = 0;
    }
    if (change->add_date) {
        if (years->date != 0)
            return false;
        years->date = change->date;
    }
    if (change->replace_values || change->delete_count > 0 || change->add_count > 0)
        years->changed = years->now;
    return true;
}

static enum write_result port_write(void *context, const struct facts *facts, const struct change *change,
                                    struct error *err) {
    struct years *years = context;
    struct years tried = *years;

    (void)facts;
    (void)err;
    if (!apply(&tried, change)) {
        years->refused++;
        return WRITE_LOST;
    }
    *years = tried;
    years->writes++;
    return WRITE_DONE;
}

static bool port_find(void *context, const char *thumbprint, struct certificate **ret_certificate,
                      enum source *ret_source, struct error *err) {
    const struct years *years = context;
    int number = find_certificate(years, thumbprint);

    (void)err;
    *ret_certificate = number == YEARS_NOBODY ? NULL : build_certificate(years, number);
    *ret_source = SOURCE_STORE;
    return true;
}

static bool port_keep(void *context, const struct certificate *certificate, struct error *err) {
    (void)err;
    return find_certificate(context, certificate->thumbprint) != YEARS_NOBODY;
}

static bool port_survey(void *context, const struct policy *policy, const struct strings *delivered, time_t now,
                        struct facts *facts, struct strings *troubles, struct error *err) {
    struct years *years = context;

    (void)policy;
    (void)delivered;
    (void)troubles;
    (void)err;
    for (int i = 0; i < years->certificate_count; i++) {
        struct years_certificate *certificate = &years->certificates[i];

        for (int slot = 0; slot < SLOT_COUNT; slot++)
            if (certificate->ours && strcmp(facts->slots.thumbprint[slot], certificate->thumbprint) == 0)
                facts->slot[slot].key_kept = certificate->was_used = true;
        if (certificate->ours && !certificate->was_used && now - certificate->not_before < CANDIDATE_AGE_MOST) {
            memcpy(facts->candidate.thumbprint, certificate->thumbprint, THUMBPRINT_SIZE);
            facts->candidate.not_after = certificate->not_after;
        }
    }
    return true;
}

static bool port_make(void *context, const struct policy *policy, time_t now, struct certificate **ret_certificate,
                      struct error *err) {
    struct years *years = context;
    time_t start = now - CERTIFICATE_BACKDATED;

    (void)err;
    years->made++;
    *ret_certificate =
        build_certificate(years, add_certificate(years, start, time_add_span(start, policy->lifetime), true));
    return true;
}

static bool port_prove(void *context, const char *thumbprint, struct certificate **ret_certificate, struct error *err) {
    const struct years *years = context;
    int number = find_certificate(years, thumbprint);

    if (number == YEARS_NOBODY || !years->certificates[number].ours)
        return error_set(err, ERROR_LOCAL, "the key of %s is not kept", thumbprint);
    *ret_certificate = build_certificate(years, number);
    return true;
}

static bool port_deliver(void *context, const char *thumbprint, enum slot slot, const struct strings *servers,
                         time_t now, struct delivered **ret_answers, size_t *ret_count, bool *ret_completed,
                         struct proofs *proofs, struct strings *remarks, struct error *err) {
    struct years *years = context;
    struct delivered *answers = calloc(servers->count + 1, sizeof(*answers));
    int number = find_certificate(years, thumbprint);

    (void)slot;
    (void)now;
    (void)remarks;
    (void)proofs;
    (void)err;
    if (answers == NULL || number == YEARS_NOBODY)
        abort();
    years->deliveries++;
    for (size_t i = 0; i < servers->count; i++) {
        struct years_server *server = &years->servers[servers->items[i][2] - '0'];

        answers[i] = (struct delivered){.fqdn = copy(servers->items[i]), .present = !server->down};
        if (!server->down)
            server->holds |= UINT64_C(1) << number;
    }
    *ret_answers = answers;
    *ret_count = servers->count;
    *ret_completed = true;
    return true;
}

struct run_ports years_ports(struct years *years) {
    return (struct run_ports){
        .directory = {.context = years, .look = port_look},
        .shelf = {.context = years, .find = port_find, .keep = port_keep},
        .writer = {.context = years, .write = port_write},
        .keys =
            {
                .context = years,
                .survey = port_survey,
                .make = port_make,
                .prove = port_prove,
                .deliver = port_deliver,
            },
    };
}
