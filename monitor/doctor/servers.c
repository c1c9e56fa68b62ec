#include "monitor/doctor/servers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "web/verdict.h"
#include "core/inventory/tls_names.h"
#include "monitor/look/probed.h"
#include "probe/examine.h"

#define WHAT "servers"
#define SERVERS_NAMED 3
#define NAMES_NAMED 6
#define CLOCK_NOTED 300 /* seconds */

/* One asking, told. */
struct telling {
    struct doctor *doctor;
    const struct facts *facts;
    const struct probed *probed;
    const struct examined *examined; /* of every probed server; NULL when that was not needed, or could not be done */
};

/* Servers in the same case. */
struct group {
    char *text;
    struct strings servers;
};

static void tell(const struct telling *telling, enum finding finding, struct text *sentence) {
    char *text = text_take(sentence);

    finding_say(telling->doctor, finding, WHAT, "%s", text ? text : "out of memory");
    free(text);
}

/* "a, b, c and 4 more" */
static void add_list(struct text *out, const struct strings *list, size_t most) {
    size_t shown = list->count <= most + 1 ? list->count : most;

    for (size_t i = 0; i < shown; i++)
        text_format(out, "%s%s", i == 0 ? "" : i + 1 == list->count ? " and " : ", ", list->items[i]);
    if (shown < list->count)
        text_format(out, " and %zu more", list->count - shown);
}

static void explain_trust(const struct telling *telling, const struct chain *chain, struct text *out) {
    const char *ca_file = telling->doctor->config->probe.ca_file;
    const char *before = out->length > 0 ? "; " : "";

    switch (chain->trust) {
    case CHAIN_TRUSTED:
        break;
    case CHAIN_SELF_SIGNED:
        text_format(
            out,
            "%sits TLS certificate vouches for itself: let the server use one of a CA, or put this one into the "
            "ca_file of [servers]",
            before);
        break;
    case CHAIN_CA_UNKNOWN:
        text_format(out,
                    "%sits TLS certificate needs the CA \"%s\", which is not in %s: put that CA into the ca_file of "
                    "[servers]",
                    before, chain->authority ? chain->authority : chain->issuer,
                    ca_file ? ca_file : "the system's list of trusted ones");
        break;
    case CHAIN_EXPIRED:
    case CHAIN_NOT_YET_VALID:
        text_format(out, "%sthe certificate \"%s\" that it shows %s: renew it there", before,
                    chain->judged ? chain->judged : "",
                    chain->trust == CHAIN_EXPIRED ? "has expired" : "is not valid yet (is this host's clock right?)");
        break;
    case CHAIN_REFUSED:
        text_format(out, "%sits TLS certificate, with the one for \"%s\", is refused: ", before,
                    chain->judged ? chain->judged : "");
        if (!verdict_add_weakness(chain->verdict, chain->detail, out))
            text_format(out, "%s; have it issued again, as one for servers", chain->detail);
        break;
    }
}

static void explain_names(const struct telling *telling, const struct chain *chain, struct text *out) {
    const char *tls_name = telling->doctor->config->probe.tls_name;
    char end[TIME_TEXT_SIZE];

    if (chain->fits_host)
        return;
    text_add(out, "its TLS certificate is for ");
    if (chain->names.count > 0)
        add_list(out, &chain->names, NAMES_NAMED);
    else
        text_add(out, "no name at all");
    text_format(out, " (issued by %s, ends %s), ", chain->issuer, time_format_date(end, chain->not_after));
    if (tls_name)
        text_format(out, "not for the tls_name %s", tls_name);
    else
        text_add(out, "not for its own name");
}

/* Everything that is wrong with one server, without its name, so that alike ones come to the same text. */
static char *diagnose(const struct telling *telling, size_t place) {
    const struct probed_server *probed = &telling->probed->servers[place];
    const struct examined *examined = telling->examined ? &telling->examined[place] : NULL;
    struct text out = {0};

    if (examined && examined->shown) {
        explain_names(telling, &examined->chain, &out);
        explain_trust(telling, &examined->chain, &out);
    }
    if (examined && examined->trouble) {
        text_format(&out, "%s%s", out.length > 0 ? "; behind that, " : "", examined->trouble);
        if (examined->title)
            text_format(&out, " (the page that answers is titled \"%s\")", examined->title);
    }
    if (out.length == 0)
        text_add(&out, probed->trouble ? probed->trouble : "it gave no document");
    return text_take(&out);
}

/* Adds a server to the group of its text, which is taken over. */
static void gather(struct group *groups, size_t *count, char *text, const char *fqdn) {
    size_t at = 0;

    while (at < *count && strcmp(groups[at].text, text) != 0)
        at++;
    if (at == *count)
        groups[(*count)++].text = text;
    else
        free(text);
    strings_add(&groups[at].servers, "%s", fqdn);
}

static void tell_troubles(const struct telling *telling) {
    const struct probed *probed = telling->probed;
    struct group *groups = calloc(probed->server_count + 1, sizeof(*groups));
    size_t count = 0;

    for (size_t i = 0; groups && i < probed->server_count; i++) {
        char *text = probed->servers[i].outcome == PROBED_READ ? NULL : diagnose(telling, i);

        if (text)
            gather(groups, &count, text, probed->servers[i].fqdn);
    }
    /* Good documents that are put aside, as that of another organization. */
    for (size_t i = 0; groups && i < telling->facts->server_count; i++) {
        const struct server_facts *server = &telling->facts->servers[i];
        const struct probed_server *answer = probed_server(probed, server->fqdn);
        char *text = answer && answer->outcome == PROBED_READ && server->trouble ? strdup(server->trouble) : NULL;

        if (text && count < probed->server_count)
            gather(groups, &count, text, server->fqdn);
        else
            free(text);
    }
    for (size_t i = 0; i < count; i++) {
        struct text sentence = {0};

        add_list(&sentence, &groups[i].servers, SERVERS_NAMED);
        text_format(&sentence, ": %s", groups[i].text);
        tell(telling, FINDING_WARNING, &sentence);
        free(groups[i].text);
        strings_free(&groups[i].servers);
    }
    free(groups);
}

static void tell_clocks(const struct telling *telling) {
    for (size_t i = 0; i < telling->probed->server_count; i++) {
        const struct probed_server *server = &telling->probed->servers[i];
        struct text sentence = {0};

        if (!server->clock_known || (server->clock_ahead >= -CLOCK_NOTED && server->clock_ahead <= CLOCK_NOTED))
            continue;
        text_format(&sentence, "%s: its clock is %" PRId64 " seconds %s this host's; set right the one that is wrong",
                    server->fqdn, server->clock_ahead < 0 ? -server->clock_ahead : server->clock_ahead,
                    server->clock_ahead < 0 ? "behind" : "ahead of");
        tell(telling, FINDING_WARNING, &sentence);
    }
}

/* Would this name do for every certificate that was shown? */
static bool fits_all(const struct telling *telling, const char *name) {
    for (size_t i = 0; i < telling->probed->server_count; i++)
        if (telling->examined[i].shown && !tls_names_cover(&telling->examined[i].chain.names, name))
            return false;
    return true;
}

/* The first name of any certificate that does for all; NULL when there is none. */
static const char *common_name(const struct telling *telling) {
    for (size_t i = 0; i < telling->probed->server_count; i++) {
        const struct strings *names = &telling->examined[i].chain.names;

        for (size_t j = 0; j < names->count; j++)
            if (text_is_server_name(names->items[j]) && fits_all(telling, names->items[j]))
                return names->items[j];
    }
    return NULL;
}

static void tell_name(const struct telling *telling) {
    const char *tls_name = telling->doctor->config->probe.tls_name;
    size_t shown = 0, own = 0, unfit = 0;
    struct text sentence = {0};
    const char *common;

    for (size_t i = 0; i < telling->probed->server_count; i++) {
        const struct examined *examined = &telling->examined[i];

        shown += examined->shown;
        own += examined->shown && examined->chain.fits_own;
        unfit += examined->shown && !examined->chain.fits_host;
    }
    if (unfit == 0)
        return;
    common = common_name(telling);
    if (tls_name && own == shown)
        text_add(&sentence, "leave tls_name out of [servers]: every TLS certificate is for its server's own name");
    else if (common)
        text_format(&sentence,
                    "tls_name = %s in [servers] would do: it is in the TLS certificate%s of %s that show%s one", common,
                    shown == 1 ? "" : "s", shown == 1 ? "the one server" : "all servers", shown == 1 ? "s" : "");
    else
        text_add(&sentence,
                 "no tls_name would do for all: no name is in the TLS certificates of all servers; give them one that "
                 "they share, or each its own");
    tell(telling, FINDING_WARNING, &sentence);
}

void doctor_servers(struct doctor *doctor, const struct glance *glance) {
    const struct probed *probed = &glance->looker.probed;
    struct telling telling = {.doctor = doctor, .facts = &glance->facts, .probed = probed};
    struct examined *examined = NULL;
    struct strings names = {0};
    struct text sentence = {0};
    struct error err = {0};
    size_t read = 0;

    if (glance->looker.unasked.kind != ERROR_NONE)
        finding_say(doctor, FINDING_FAILED, WHAT, "%s", glance->looker.unasked.text);
    if (probed->server_count == 0)
        return;
    for (size_t i = 0; i < probed->server_count; i++) {
        read += probed->servers[i].outcome == PROBED_READ;
        strings_add(&names, "%s", probed->servers[i].fqdn);
    }
    text_format(&sentence, "%zu of %zu gave their metadata document%s", read, names.count,
                read == names.count ? "" : "; why the others did not, follows");
    tell(&telling, read == names.count ? FINDING_OK : FINDING_WARNING, &sentence);
    if (read < names.count &&
        (names.failed || !probe_examine(&doctor->config->probe, &names, doctor->invocation->now, &examined, &err)))
        finding_say(doctor, FINDING_WARNING, WHAT, "%s", err.kind != ERROR_NONE ? err.text : "out of memory");
    telling.examined = examined;
    tell_troubles(&telling);
    if (examined)
        tell_name(&telling);
    tell_clocks(&telling);
    examined_free(examined, names.count);
    strings_free(&names);
}
