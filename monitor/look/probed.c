#include "monitor/look/probed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "monitor/decide/promoted.h"
#include "monitor/look/unnamed_certificates.h"

bool probed_ask(const struct servers_port *servers, const struct progress_port *progress, const struct facts *facts,
                struct probed *ret_probed, struct error *err) {
    struct strings names = {0};
    bool ok = true;

    if (servers->ask == NULL || !facts->read)
        return true;
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            strings_add(&names, "%s", facts->servers[i].fqdn);
    if (names.failed) {
        ok = error_memory(err);
    } else if (names.count > 0) {
        progress_begin(progress, "asking %zu Exchange server%s", names.count, names.count == 1 ? "" : "s");
        ok = servers->ask(servers->context, &names, progress, ret_probed, err);
        progress_end(progress);
    }
    strings_free(&names);
    return ok;
}

void probed_fill(const struct probed *probed, struct facts *facts) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct certificate *certificate = probed_certificate(probed, facts->slots.thumbprint[slot]);
        struct slot_facts *found = &facts->slot[slot];

        if (certificate == NULL || (found->certificate != NULL && found->source != SOURCE_IMPORT))
            continue;
        if (found->certificate != NULL ||
            certificate_parse(certificate->der, certificate->der_length, &found->certificate, NULL))
            found->source = SOURCE_METADATA;
    }
}

static void say(struct server_facts *server, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory leaves the sentence out. */
static void say(struct server_facts *server, const char *format, ...) {
    va_list arguments;

    free(server->trouble);
    va_start(arguments, format);
    if (vasprintf(&server->trouble, format, arguments) < 0)
        server->trouble = NULL;
    va_end(arguments);
}

/* A document that names none contradicts nobody. */
static bool names_realm(const struct probed_server *answer) {
    return answer->outcome == PROBED_READ && answer->realm[0] != '\0';
}

/* The realm that more than half of the documents have; NULL when none has. Theirs alone is judged by it where the
 * directory names no realm: Exchange then takes the organization's default accepted domain, the same on every server.
 */
static const char *common_realm(const struct probed *probed, size_t *ret_documents, size_t *ret_agreed) {
    const char *realm = NULL;
    size_t votes = 0, documents = 0, agreed = 0;

    for (size_t i = 0; i < probed->server_count; i++) {
        const struct probed_server *answer = &probed->servers[i];

        if (!names_realm(answer))
            continue;
        documents++;
        if (votes == 0)
            realm = answer->realm;
        if (strcasecmp(realm, answer->realm) == 0)
            votes++;
        else
            votes--;
    }
    for (size_t i = 0; i < probed->server_count; i++)
        if (names_realm(&probed->servers[i]) && strcasecmp(realm, probed->servers[i].realm) == 0)
            agreed++;
    *ret_documents = documents;
    *ret_agreed = agreed;
    return agreed * 2 > documents ? realm : NULL;
}

/* What the documents are held against. */
struct measure {
    bool realm_known;  /* the directory names it, or most documents agree about it */
    const char *realm; /* with realm_known */
    time_t changed;    /* when the attribute last changed; 0 = not known */
    time_t now;
};

static struct measure measure_of(const struct probed *probed, const struct history *history, time_t now,
                                 struct facts *facts) {
    struct measure measure = {.changed = promoted_changed_at(facts, history), .now = now};
    size_t documents, agreed;

    if (facts->realm != NULL && facts->realm[0] != '\0') {
        measure.realm_known = true;
        measure.realm = facts->realm;
        return measure;
    }
    measure.realm = common_realm(probed, &documents, &agreed);
    measure.realm_known = measure.realm != NULL;
    if (agreed < documents && measure.realm_known)
        remarks_add(&facts->remarks, "realms-differ",
                    "The servers do not agree about their realm: %zu of %zu documents name \"%s\", and the others were "
                    "put aside.",
                    agreed, documents, measure.realm);
    else if (agreed < documents)
        remarks_add(&facts->remarks, "realms-differ",
                    "The servers do not agree about their realm, and none is named by most of %zu "
                    "documents: all were put aside. One of them may belong to another organization.",
                    documents);
    return measure;
}

/* Does the document belong to this organization? Otherwise the sentence is in server->trouble. */
static bool document_fits(const struct probed *probed, const struct probed_server *answer,
                          const struct measure *measure, const struct facts *facts, struct server_facts *server) {
    const struct certificate *one;

    if (!measure->realm_known && names_realm(answer))
        say(server,
            "its document names the realm \"%s\" and those of other servers name others; see which of them "
            "belong to this organization",
            answer->realm);
    else if (names_realm(answer) && strcasecmp(answer->realm, measure->realm) != 0)
        say(server,
            "its document is of the realm \"%s\", and this organization's is \"%s\": another organization's "
            "server answers under its name, or a load balancer stands before it",
            answer->realm, measure->realm);
    else if (facts->service_name != NULL && facts->service_name[0] != '\0' && answer->service_name[0] != '\0' &&
             strcasecmp(answer->service_name, facts->service_name) != 0)
        say(server,
            "its document is of the service name \"%s\", and the directory says \"%s\": another "
            "organization's server answers under its name, or a load balancer stands before it",
            answer->service_name, facts->service_name);
    else if ((one = unnamed_certificates_foreign(probed, answer, facts)) != NULL)
        say(server,
            "its document lists a certificate that is no auth certificate of this organization: %s (%s); see "
            "what answers at its address",
            one->subject, one->thumbprint);
    else
        return true;
    return false;
}

static bool lists(const struct probed_server *answer, const char *thumbprint) {
    for (size_t i = 0; i < answer->thumbprint_count; i++)
        if (strcmp(answer->thumbprints[i], thumbprint) == 0)
            return true;
    return false;
}

/* Documents list current and previous alone, and no certificate that has ended. */
static enum presence by_document(const struct probed_server *answer, const struct measure *measure,
                                 const struct facts *facts, enum slot slot) {
    const struct certificate *certificate = facts->slot[slot].certificate;

    if (lists(answer, facts->slots.thumbprint[slot]))
        return PRESENCE_PRESENT;
    /* By the server's own clock, which may stand half a day beside ours. */
    if (certificate == NULL || certificate_may_have_ended(certificate, measure->now) ||
        !certificate_begun_everywhere(certificate, measure->now) || measure->changed == 0 ||
        measure->now - measure->changed <= PROBED_SETTLED)
        return PRESENCE_UNKNOWN;
    return PRESENCE_MISSING;
}

static void take_document(const struct probed_server *answer, const struct measure *measure, const struct facts *facts,
                          struct server_facts *server) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const char *thumbprint = facts->slots.thumbprint[slot];

        if (thumbprint[0] == '\0')
            continue;
        server->serves[slot] = lists(answer, thumbprint);
        if (slot != SLOT_NEXT)
            server->presence[slot] = by_document(answer, measure, facts, (enum slot)slot);
    }
}

static int clock_is_off(const struct probed_server *answer) {
    if (!answer->clock_known)
        return 0;
    return (answer->clock_ahead > PROBED_CLOCK_MOST) - (answer->clock_ahead < -PROBED_CLOCK_MOST);
}

/* Who does not prove that it is a server of this organization has no say in what time it is, and one alone has none
 * either. Of an even number both in the middle have to be off, the same way: that is, more than half are. */
static bool median_is_off(const size_t votes[3]) {
    size_t all = votes[0] + votes[1] + votes[2];

    return all > 1 && (2 * votes[0] > all || 2 * votes[2] > all);
}

static void take_answer(const struct probed *probed, const struct probed_server *answer, const struct measure *measure,
                        struct unnamed_certificates *unnamed, struct facts *facts, struct server_facts *server) {
    server->reached = answer->outcome == PROBED_UNREACHABLE ? ANSWER_NO : ANSWER_YES;
    server->clock_ahead = clock_is_off(answer) != 0 ? answer->clock_ahead : 0;
    server->http_status = answer->status;
    server->tls_ended = answer->tls_ended;
    server->learned = answer->document;
    switch (answer->outcome) {
    case PROBED_UNREACHABLE:
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (facts->slots.thumbprint[slot][0] != '\0')
                server->presence[slot] = PRESENCE_UNREACHABLE;
        break;
    case PROBED_UNCLEAR:
        break;
    case PROBED_READ:
        server->learned = document_fits(probed, answer, measure, facts, server);
        if (server->learned) {
            take_document(answer, measure, facts, server);
            unnamed_certificates_note(unnamed, answer, facts);
        }
        return;
    }
    say(server, "%s", answer->trouble != NULL ? answer->trouble : "it gave no good document");
}

/* Answers stand in the order in which the servers were asked, which is that of the facts as long as nobody adds one. */
static const struct probed_server *answer_of(const struct probed *probed, const char *fqdn, size_t *hint) {
    if (*hint < probed->server_count && strcasecmp(probed->servers[*hint].fqdn, fqdn) == 0)
        return &probed->servers[(*hint)++];
    return probed_server(probed, fqdn);
}

void probed_judge(const struct probed *probed, const struct history *history, time_t now, struct facts *facts) {
    struct unnamed_certificates unnamed = {0};
    struct measure measure;
    size_t votes[3] = {0}; /* behind, right, ahead */
    size_t hint = 0;

    if (!facts->read || probed->server_count == 0)
        return;
    facts->probed = true;
    measure = measure_of(probed, history, now, facts);
    for (size_t i = 0; i < facts->server_count; i++) {
        struct server_facts *server = &facts->servers[i];
        const struct probed_server *answer = server->counted ? answer_of(probed, server->fqdn, &hint) : NULL;

        if (answer == NULL)
            continue;
        take_answer(probed, answer, &measure, &unnamed, facts, server);
        if (answer->outcome == PROBED_READ && answer->clock_known && server->trouble == NULL)
            votes[clock_is_off(answer) + 1]++;
    }
    facts->servers_clocks_off = median_is_off(votes);
    unnamed_certificates_end(&unnamed, measure.changed != 0 && now - measure.changed > PROBED_SETTLED, facts);
}
