#include "core/facts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/probed.h"

#define NAMED_MOST 3 /* servers in one sentence */

static void bytes_array_free(struct bytes *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        bytes_free(&items[i]);
    free(items);
}

void facts_forget_controllers(struct facts *facts) {
    for (size_t i = 0; i < facts->controller_count; i++) {
        free(facts->controllers[i].server);
        free(facts->controllers[i].trouble);
    }
    free(facts->controllers);
    facts->controllers = NULL;
    facts->controller_count = 0;
    facts->compared = false;
}

void record_free_sealed(struct record_facts *record) {
    for (size_t i = 0; i < record->sealed_count; i++)
        bytes_free(&record->sealed[i]);
    free(record->sealed);
    record->sealed = NULL;
    record->sealed_count = 0;
}

void facts_free(struct facts *facts) {
    if (facts == NULL)
        return;
    free(facts->directory.uri);
    free(facts->directory.server);
    free(facts->directory.dn);
    free(facts->directory.records_dn);
    free(facts->directory.writer);
    free(facts->organization);
    free(facts->realm);
    free(facts->service_name);
    bytes_array_free(facts->raw_values, facts->raw_count);
    bytes_free(&facts->raw_date);
    bytes_array_free(facts->certificate_data, facts->certificate_data_count);
    for (size_t i = 0; i < SLOT_COUNT; i++)
        certificate_free(facts->slot[i].certificate);
    free(facts->changed_by);
    for (size_t i = 0; i < facts->server_count; i++) {
        free(facts->servers[i].fqdn);
        free(facts->servers[i].site);
        free(facts->servers[i].version);
        free(facts->servers[i].trouble);
        free(facts->servers[i].proof_trouble);
    }
    free(facts->servers);
    free(facts->tenants);
    facts_forget_controllers(facts);
    for (size_t i = 0; i < facts->record_count; i++) {
        certificate_free(facts->records[i].certificate);
        strings_free(&facts->records[i].holders);
        record_free_sealed(&facts->records[i]);
    }
    free(facts->records);
    strings_free(&facts->hybrid_signs);
    remarks_free(&facts->remarks);
    *facts = (struct facts){0};
}

bool facts_hybrid_holds(const struct facts *facts) {
    return facts->hybrid != ANSWER_NO && !facts->hybrid_harmless;
}

const struct record_facts *facts_record(const struct facts *facts, const char *thumbprint) {
    for (size_t i = 0; i < facts->record_count; i++)
        if (strcmp(facts->records[i].thumbprint, thumbprint) == 0)
            return &facts->records[i];
    return NULL;
}

enum slot_state facts_slot_state(const struct facts *facts, enum slot slot, time_t at) {
    const char *thumbprint = facts->slots.thumbprint[slot];
    const struct certificate *certificate = facts->slot[slot].certificate;

    if (thumbprint[0] == '\0')
        return SLOT_EMPTY;
    /* Bytes of another certificate say nothing about this one. */
    if (certificate == NULL || strcmp(certificate->thumbprint, thumbprint) != 0)
        return SLOT_UNKNOWN;
    return certificate_usable(certificate, at) ? SLOT_USABLE : SLOT_UNUSABLE;
}

bool facts_current_over(const struct facts *facts, time_t at) {
    enum slot_state state = facts_slot_state(facts, SLOT_CURRENT, at);

    return state == SLOT_UNUSABLE ||
           (state == SLOT_USABLE && certificate_may_have_ended(facts->slot[SLOT_CURRENT].certificate, at));
}

/* Directory names are compared without case; a server without a site stands in a nameless site of its own kind. */
static bool same_site(const struct server_facts *one, const struct server_facts *other) {
    return strcasecmp(one->site != NULL ? one->site : "", other->site != NULL ? other->site : "") == 0;
}

/* Is there a counted server with the certificate in this server's site? `hint` is the one found last: most questions
 * are about the same site again, which keeps organizations of thousands of servers cheap. */
static bool site_has_it(const struct facts *facts, enum slot slot, const struct server_facts *server, size_t *hint) {
    if (*hint < facts->server_count && same_site(&facts->servers[*hint], server))
        return true;
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *other = &facts->servers[i];

        if (other->counted && other->presence[slot] == PRESENCE_PRESENT && same_site(other, server)) {
            *hint = i;
            return true;
        }
    }
    return false;
}

enum answer facts_held(const struct facts *facts, enum slot slot) {
    size_t counted = facts_counted(facts);
    size_t hint = SIZE_MAX;

    if (counted == 0)
        return ANSWER_UNKNOWN;
    if (facts_count_presence(facts, slot, PRESENCE_MISSING) == counted)
        return ANSWER_NO;
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (server->counted && server->presence[slot] != PRESENCE_PRESENT && !site_has_it(facts, slot, server, &hint))
            return ANSWER_UNKNOWN;
    }
    return ANSWER_YES;
}

bool facts_nobody_has(const struct facts *facts, enum slot slot) {
    return facts_held(facts, slot) == ANSWER_NO && !facts->slot[slot].key_kept;
}

static bool site_has_candidate(const struct facts *facts, const struct server_facts *server) {
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *other = &facts->servers[i];

        if (other->counted && other->candidate == PRESENCE_PRESENT && same_site(other, server))
            return true;
    }
    return false;
}

bool facts_candidate_enough(const struct facts *facts, enum confirm confirm) {
    bool any = false;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!server->counted)
            continue;
        if (server->candidate == PRESENCE_PRESENT)
            any = true;
        else if (confirm == CONFIRM_ALL || (confirm == CONFIRM_ONE_PER_SITE && !site_has_candidate(facts, server)))
            return false;
    }
    return any;
}

size_t facts_counted(const struct facts *facts) {
    size_t count = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        count += facts->servers[i].counted ? 1 : 0;
    return count;
}

bool facts_probably_ended(const struct facts *facts, time_t now) {
    const time_t changed = facts->attribute_changed != 0 ? facts->attribute_changed : facts->object_changed;
    bool any = false;

    if (!facts->read || facts->slots.malformed != 0 || facts_slot_state(facts, SLOT_CURRENT, now) != SLOT_UNKNOWN ||
        changed == 0 || now - changed <= PROBED_SETTLED)
        return false;
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (server->counted && server->reached == ANSWER_YES && (!server->learned || server->serves[SLOT_CURRENT]))
            return false;
        any = any || (server->counted && server->learned);
    }
    return any;
}

enum answer facts_used(const struct facts *facts) {
    if (facts_counted(facts) > 0)
        return ANSWER_YES;
    if (facts->servers_read != ANSWER_YES || facts->server_count == 0)
        return ANSWER_UNKNOWN;
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].holds != ANSWER_NO)
            return ANSWER_UNKNOWN;
    return ANSWER_NO;
}

size_t facts_count_agreeing(const struct facts *facts, enum answer agrees) {
    size_t count = 0;

    for (size_t i = 0; i < facts->controller_count; i++)
        count += facts->controllers[i].agrees == agrees ? 1 : 0;
    return count;
}

size_t facts_count_presence(const struct facts *facts, enum slot slot, enum presence presence) {
    size_t count = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        count += facts->servers[i].counted && facts->servers[i].presence[slot] == presence ? 1 : 0;
    return count;
}

bool facts_is_named(const struct tenant *tenant) {
    return tenant->id[0] != '\0' && tenant->application[0] != '\0';
}

enum answer facts_accepted(const struct facts *facts, enum slot slot) {
    enum answer all = ANSWER_YES;

    for (size_t i = 0; i < facts->tenant_count; i++) {
        const struct tenant_key *key = &facts->tenants[i].slot[slot];

        if (key->accepts == ANSWER_NO && !key->not_yet)
            return ANSWER_NO;
        if (key->accepts != ANSWER_YES)
            all = ANSWER_UNKNOWN;
    }
    return all;
}

bool facts_candidate_refused(const struct facts *facts) {
    for (size_t i = 0; i < facts->tenant_count; i++)
        if (facts->tenants[i].candidate.accepts != ANSWER_YES)
            return facts->tenants[i].candidate.asked;
    return false;
}

const char *answer_name(enum answer answer) {
    switch (answer) {
    case ANSWER_UNKNOWN:
        return "unknown";
    case ANSWER_NO:
        return "no";
    case ANSWER_YES:
        return "yes";
    }
    return "unknown";
}

const char *source_name(enum source source) {
    switch (source) {
    case SOURCE_UNKNOWN:
        return "unknown";
    case SOURCE_RECORD:
        return "record";
    case SOURCE_ATTRIBUTE:
        return "attribute";
    case SOURCE_STORE:
        return "store";
    case SOURCE_METADATA:
        return "metadata";
    case SOURCE_IMPORT:
        return "import";
    }
    return "unknown";
}

const char *delivery_name(enum delivery delivery) {
    switch (delivery) {
    case DELIVERY_UNTRIED:
        return "untried";
    case DELIVERY_WAITING:
        return "waiting";
    case DELIVERY_FAILED:
        return "failed";
    case DELIVERY_ENOUGH:
        return "enough";
    }
    return "?";
}

const char *presence_name(enum presence presence) {
    switch (presence) {
    case PRESENCE_UNKNOWN:
        return "unknown";
    case PRESENCE_PRESENT:
        return "present";
    case PRESENCE_MISSING:
        return "missing";
    case PRESENCE_UNREACHABLE:
        return "unreachable";
    }
    return "unknown";
}

const char *server_word(const struct server_facts *server, enum slot slot) {
    enum proof proof = server->proof[slot];

    return proof == PROOF_UNKNOWN || proof == PROOF_ABSENT ? presence_name(server->presence[slot]) : proof_name(proof);
}

static bool is_told(const struct server_facts *server) {
    return server->counted && server->trouble != NULL && text_is_server_name(server->fqdn);
}

/* Was the same told of a server before this one? */
static bool told_before(const struct facts *facts, size_t place) {
    for (size_t i = 0; i < place; i++)
        if (is_told(&facts->servers[i]) && strcmp(facts->servers[i].trouble, facts->servers[place].trouble) == 0)
            return true;
    return false;
}

void facts_add_troubles(const struct facts *facts, struct strings *ret_sentences) {
    for (size_t i = 0; i < facts->server_count; i++) {
        const char *trouble = facts->servers[i].trouble;
        struct text names = {0};
        size_t count = 0;

        if (!is_told(&facts->servers[i]) || told_before(facts, i))
            continue;
        for (size_t j = i; j < facts->server_count; j++)
            if (is_told(&facts->servers[j]) && strcmp(facts->servers[j].trouble, trouble) == 0)
                text_add_name(&names, facts->servers[j].fqdn, count++, NAMED_MOST);
        text_add_more(&names, count, NAMED_MOST);
        if (names.failed)
            ret_sentences->failed = true;
        else
            strings_add(ret_sentences, "%s: %s", names.value, trouble);
        text_free(&names);
    }
}

bool facts_hybrid_waits(const struct facts *facts, const struct policy *policy) {
    return facts_hybrid_holds(facts) && !policy->hybrid_proceed &&
           (policy->entra == ENTRA_OFF || facts->tenant_count == 0);
}
