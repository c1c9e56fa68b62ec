#include "monitor/decide/servers.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "core/probed.h"
#include "monitor/decide/promoted.h"

#define NAMES_MOST 10

/* A server's name with what is told beside it. */
typedef bool is_told(const struct server_facts *server, enum slot slot);

/* What is wrong with a key that is there is told by itself. */
static bool is_missing(const struct server_facts *server, enum slot slot) {
    return server->presence[slot] == PRESENCE_MISSING && proof_words(server->proof[slot]) == NULL;
}

static bool lacks_key(const struct server_facts *server, enum slot slot) {
    return server->proof[slot] == PROOF_NO_KEY;
}

static bool has_wrong_provider(const struct server_facts *server, enum slot slot) {
    return server->proof[slot] == PROOF_WRONG_PROVIDER;
}

static bool is_not_exportable(const struct server_facts *server, enum slot slot) {
    return server->proof[slot] == PROOF_NOT_EXPORTABLE;
}

static bool has_no_access(const struct server_facts *server, enum slot slot) {
    return server->proof[slot] == PROOF_NO_ACCESS;
}

static bool is_proved(const struct server_facts *server, enum slot slot) {
    return server->proof[slot] == PROOF_PROVED;
}

static bool is_unproved(const struct server_facts *server, enum slot slot) {
    return server->proved_at != 0 && server->proof[slot] == PROOF_UNKNOWN;
}

static bool was_asked(const struct server_facts *server, enum slot slot) {
    (void)slot;
    return server->proved_at != 0;
}

/* Also when a delivery said that it has the certificate: that it cannot be seen now is news. */
static bool is_unreachable(const struct server_facts *server, enum slot slot) {
    return server->presence[slot] == PRESENCE_UNREACHABLE || server->reached == ANSWER_NO;
}

/* It answered, and nothing could be taken from that. */
static bool is_unclear(const struct server_facts *server, enum slot slot) {
    return server->presence[slot] == PRESENCE_UNKNOWN && server->trouble != NULL;
}

/* A good document without it, too early to call it missing. */
static bool is_late(const struct server_facts *server, enum slot slot) {
    return server->presence[slot] == PRESENCE_UNKNOWN && server->reached == ANSWER_YES && server->trouble == NULL;
}

static bool is_off(const struct server_facts *server, enum slot slot) {
    (void)slot;
    return server->clock_ahead != 0;
}

/* Counted, and with a name that may stand in a sentence. */
static bool is_one(const struct server_facts *server, is_told *is, enum slot slot) {
    return server->counted && text_is_server_name(server->fqdn) && is(server, slot);
}

static size_t count_of(const struct facts *facts, is_told *is, enum slot slot) {
    size_t count = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        count += is_one(&facts->servers[i], is, slot);
    return count;
}

static const struct server_facts *first_of(const struct facts *facts, is_told *is, enum slot slot) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_one(&facts->servers[i], is, slot))
            return &facts->servers[i];
    return NULL;
}

/* Adds "LEADex1.contoso.test, ex2.contoso.test and 7 moreEND" as one sentence; nothing when there is none. */
static void say_names(const struct facts *facts, is_told *is, enum slot slot, const char *id, const char *lead,
                      const char *end, struct remarks *reasons) {
    struct text text = {0};
    size_t count = 0;

    text_add(&text, lead);
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_one(&facts->servers[i], is, slot))
            text_add_name(&text, facts->servers[i].fqdn, count++, NAMES_MOST);
    text_add_more(&text, count, NAMES_MOST);
    text_add(&text, end);
    if (text.failed)
        reasons->failed = true;
    else if (count > 0)
        remarks_add(reasons, id, "%s", text.value);
    text_free(&text);
}

static void say_missing(const struct facts *facts, enum slot slot, struct remarks *reasons) {
    if (slot == SLOT_CURRENT)
        say_names(facts, is_missing, slot, "missing-current", "The current certificate is missing on ",
                  ": these servers cannot sign tokens with it, and what OAuth does through them fails. Bring it there: "
                  "authcert deliver.",
                  reasons);
    else
        say_names(facts, is_missing, slot, "missing-next", "The next certificate is missing on ",
                  ": they could not sign tokens from its date on. Bring it there: authcert deliver.", reasons);
}

static void say_unclear(const struct facts *facts, struct remarks *reasons) {
    const struct server_facts *first = first_of(facts, is_unclear, SLOT_CURRENT);

    say_names(facts, is_unclear, SLOT_CURRENT, "servers-unclear", "No clear answer came from ",
              ": whether they have the current certificate is unknown, not that they lack it. authcert doctor explains "
              "each.",
              reasons);
    if (first != NULL)
        remarks_add(reasons, "server-trouble", "%s: %s.", first->fqdn, first->trouble);
}

static void say_activation(const struct facts *facts, time_t activated, time_t now, struct remarks *reasons) {
    size_t counted = facts_counted(facts), serving = 0;
    char ago[64] = "less than an hour ago";

    if (now - activated >= SECONDS_PER_HOUR)
        snprintf(ago, sizeof(ago), "about %" PRId64 " h ago", (now - activated) / SECONDS_PER_HOUR);
    for (size_t i = 0; i < facts->server_count; i++)
        serving += facts->servers[i].counted && facts->servers[i].serves[SLOT_CURRENT];
    if (serving == counted)
        remarks_add(reasons, "activated", "It became current %s, and all %zu servers serve it already.", ago, counted);
    else
        remarks_add(reasons, "activated",
                    "It became current %s, and %zu of %zu servers serve it already. Exchange needs up to 12.5 hours: "
                    "its servicelet looks every 12 hours, its processes every 30 minutes. At once on a server: "
                    "Restart-Service MSExchangeServiceHost, then Restart-WebAppPool MSExchangeOWAAppPool and "
                    "Restart-WebAppPool MSExchangeECPAppPool.",
                    ago, serving, counted);
}

/* What an earlier run saw is read back without the documents: who serves what is not known of it. */
static bool documents_are_known(const struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (server->trouble != NULL || server->serves[SLOT_CURRENT] || server->serves[SLOT_PREVIOUS] ||
            server->serves[SLOT_NEXT])
            return true;
    }
    return false;
}

static void say_late(const struct facts *facts, const struct history *history, time_t now, struct remarks *reasons) {
    time_t activated = promoted_surely_at(facts, history);

    if (activated != 0 && now - activated <= PROBED_SETTLED) {
        say_activation(facts, activated, now, reasons);
        return;
    }
    say_names(facts, is_late, SLOT_CURRENT, "servers-late", "The current certificate is not in the documents of ",
              ". It counts as missing there once 25 hours have passed since the auth configuration last changed, for "
              "documents can be so old.",
              reasons);
}

static void say_clocks(const struct facts *facts, struct remarks *reasons) {
    const struct server_facts *first = first_of(facts, is_off, SLOT_CURRENT);

    if (first == NULL)
        return;
    remarks_add(reasons, "servers-clocks",
                "The clock of %s is %" PRId64 " seconds %s this host's, which is more than a day, and so it is on %zu "
                "of %zu servers.",
                first->fqdn, first->clock_ahead < 0 ? -first->clock_ahead : first->clock_ahead,
                first->clock_ahead < 0 ? "behind" : "ahead of", count_of(facts, is_off, SLOT_CURRENT),
                facts_counted(facts));
}

/* How many have current. Documents list none that has ended, so nothing can be said about one. */
static void say_current(const struct facts *facts, const struct history *history, time_t now, struct remarks *reasons) {
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;
    size_t counted = facts_counted(facts);
    size_t present = facts_count_presence(facts, SLOT_CURRENT, PRESENCE_PRESENT);

    if (current == NULL) {
        remarks_add(
            reasons, "servers-list-none",
            "None of %zu servers lists the current certificate in a good document. Documents list none that has "
            "ended: if it has, authcert recover is right.",
            counted);
        return;
    }
    if (now >= current->not_after) {
        remarks_add(reasons, "servers-list-none",
                    "Servers list no certificate that has ended, so which of them have the current one cannot "
                    "be seen.");
        return;
    }
    if (present == counted)
        remarks_add(reasons, "servers-present", "All %zu counted servers have the current certificate.", counted);
    else
        remarks_add(reasons, "servers-present", "%zu of %zu counted servers are known to have the current certificate.",
                    present, counted);
    if (documents_are_known(facts))
        say_late(facts, history, now, reasons);
}

static void say_asked(const struct facts *facts, const struct history *history, time_t now, struct remarks *reasons) {
    if (facts->slots.thumbprint[SLOT_CURRENT][0] == '\0' || facts_counted(facts) == 0)
        return;
    say_current(facts, history, now, reasons);
    say_names(
        facts, is_unreachable, SLOT_CURRENT, "servers-unreachable", "No connection could be made to ",
        ": what they serve cannot be seen. authcert doctor tells why; name servers that are gone for good in ignore "
        "of [servers].",
        reasons);
    say_unclear(facts, reasons);
}

/* A certificate that is there and cannot be used: Exchange sees it, and fails. */
static void say_faults(const struct facts *facts, enum slot slot, struct remarks *reasons) {
    static const struct {
        is_told *is;
        const char *id[SLOT_COUNT];
        const char *middle;
    } faults[] = {
        {lacks_key, {"no-key-current", NULL, "no-key-next"}, " have it without its private key"},
        {has_wrong_provider,
         {"wrong-provider-current", NULL, "wrong-provider-next"},
         " keep its private key with a provider that Exchange cannot use"},
        {is_not_exportable,
         {"not-exportable-current", NULL, "not-exportable-next"},
         " keep its private key as not exportable, which Exchange's own commands need"},
        {has_no_access,
         {"no-access-current", NULL, "no-access-next"},
         " do not let NETWORK SERVICE read its private key"},
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct text end = {0};

        text_format(&end,
                    "%s: Exchange cannot %s. authcert deliver repairs it where the key pair is kept on this host; else "
                    "import a PFX there again, with certlm.msc.",
                    faults[i].middle, slot == SLOT_CURRENT ? "sign tokens there" : "use it there from its date on");
        if (end.failed)
            reasons->failed = true;
        else
            say_names(facts, faults[i].is, slot, faults[i].id[slot],
                      slot == SLOT_CURRENT ? "Of the current certificate: " : "Of the next certificate: ", end.value,
                      reasons);
        text_free(&end);
    }
}

static void say_proofs(const struct facts *facts, struct remarks *reasons) {
    size_t asked = count_of(facts, was_asked, SLOT_CURRENT);
    const struct server_facts *first = first_of(facts, is_unproved, SLOT_CURRENT);

    if (asked == 0)
        return;
    remarks_add(reasons, "proved-current",
                "%zu of %zu servers that were asked over WinRM proved by a signature that the key of the current "
                "certificate works there.",
                count_of(facts, is_proved, SLOT_CURRENT), asked);
    say_names(facts, is_unproved, SLOT_CURRENT, "unproved", "Nothing could be proved on ",
              ": what they hold is unknown. authcert doctor explains each.", reasons);
    if (first != NULL && first->proof_trouble != NULL)
        remarks_add(reasons, "server-trouble", "%s: %s.", first->fqdn, first->proof_trouble);
}

void explain_servers(const struct facts *facts, const struct history *history, time_t now, struct remarks *reasons) {
    if (facts->probed)
        say_clocks(facts, reasons);
    say_missing(facts, SLOT_CURRENT, reasons);
    say_missing(facts, SLOT_NEXT, reasons);
    say_faults(facts, SLOT_CURRENT, reasons);
    say_faults(facts, SLOT_NEXT, reasons);
    say_proofs(facts, reasons);
    if (facts->probed)
        say_asked(facts, history, now, reasons);
}

static bool has_ended_tls(const struct server_facts *server, enum slot slot) {
    (void)slot;
    return server->tls_ended;
}

void explain_silence(const struct facts *facts, const struct decision *decision, const struct history *history,
                     struct remarks *reasons) {
    const char *current = facts->slots.thumbprint[SLOT_CURRENT];
    char good[TIME_TEXT_SIZE] = "never";

    if (history != NULL && history->silence.good != 0)
        time_format_rfc3339(good, history->silence.good);
    if (decision->silence == SILENCE_REFUSING)
        remarks_add(
            reasons, "servers-refuse",
            "Every Exchange server that answers does so with HTTP 500, and they gave good documents before (last "
            "at %s): so do servers that have lost the current certificate. Look on one of them, in Windows "
            "PowerShell: Get-Item Cert:\\LocalMachine\\My\\%s. If it is gone everywhere: where its "
            "key is kept here, authcert export %s FILE and import that there, else authcert renew --effective "
            "now and authcert activate --now. If it is there, the application event log and authcert doctor "
            "say more.",
            good, current, current);
    if (decision->silence == SILENCE_NIGHTS)
        remarks_add(
            reasons, "servers-silent",
            "Nothing was learned from any Exchange server for %d nights (last time: %s): whether any of them has "
            "the current certificate is not known. They may have lost it, or what lies between has changed. "
            "authcert doctor asks each and says what is in the way.",
            decision->silent_nights, good);
    say_names(
        facts, has_ended_tls, SLOT_CURRENT, "server-tls-ended", "The TLS certificate has ended of ",
        ", or of a CA above it: clients are warned or turned away there, and what else the server serves cannot be "
        "seen. Renew it there.",
        reasons);
}
