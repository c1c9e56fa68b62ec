#include "ldap/look.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/time.h"
#include "ldap/auth_config.h"
#include "ldap/catalog.h"
#include "ldap/connection.h"
#include "ldap/names.h"
#include "ldap/record.h"
#include "ldap/rootdse.h"
#include "ldap/trouble.h"
#include "ldap/uri.h"

/* A server that hangs up while it is written to must be an error, not the end of the program. */
static void ignore_broken_pipes(struct sigaction *ret_before) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, ret_before);
}

static bool is_writer(const struct directory_settings *settings, const struct connection *connection,
                      const char *server, size_t index) {
    if (!settings->writer)
        return index == 0;
    return (server && strcasecmp(settings->writer, server) == 0) ||
           strcasecmp(settings->writer, connection->uri.host) == 0;
}

static enum answer judge_hybrid(const struct facts *facts, const struct organization *organization) {
    if (organization->hybrid)
        return ANSWER_YES;
    return facts_counted(facts) > 0 ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* Moves what the catalog found into the facts. */
static bool take_catalog(struct catalog *catalog, const struct organization *organization, struct facts *facts,
                         struct error *err) {
    facts->organization = strdup(organization->name);
    facts->directory.dn = name_printable(organization->auth_dn);
    if (!facts->organization || !facts->directory.dn)
        return error_memory(err);
    facts->servers = catalog->servers;
    facts->server_count = catalog->server_count;
    catalog->servers = NULL;
    catalog->server_count = 0;
    for (size_t i = 0; i < catalog->remarks.count; i++)
        strings_add(&facts->remarks, "%s", catalog->remarks.items[i]);
    if (facts->server_count)
        facts->servers_read = ANSWER_YES;
    else
        strings_add(&facts->remarks,
                    "No Exchange server of the organization %s can be seen: either there is none, or the "
                    "account may not read them.",
                    organization->name);
    facts->hybrid = judge_hybrid(facts, organization);
    return !facts->remarks.failed || error_memory(err);
}

static bool read_organization(struct connection *connection, const struct directory_settings *settings,
                              const struct rootdse *rootdse, struct facts *facts, struct error *err) {
    const struct organization *organization = NULL;
    struct catalog catalog = {0};
    bool ok;

    if (!catalog_read(connection, rootdse, settings, &catalog, err))
        return false;
    ok = catalog_choose(&catalog, rootdse, settings, &organization, err) &&
         auth_config_read(connection, organization->auth_dn, facts, err) &&
         take_catalog(&catalog, organization, facts, err);
    catalog_free(&catalog);
    return ok;
}

/* One whole look at one server. */
static bool look_at(const struct directory_settings *settings, size_t index, time_t now, struct facts *facts,
                    struct error *err) {
    const char *uri = settings->uris.items[index];
    struct connection *connection = NULL;
    struct rootdse rootdse = {0};
    bool ok = false;

    if (!connection_open(settings, uri, now, &connection, err) || !rootdse_read(connection, &rootdse, err) ||
        !read_organization(connection, settings, &rootdse, facts, err) ||
        (settings->records && !record_read(connection, rootdse.configuration, facts, err)))
        goto out;
    if (rootdse.server && !(facts->directory.server = strdup(rootdse.server))) {
        error_memory(err);
        goto out;
    }
    facts->directory.clock_known = rootdse.clock_known;
    facts->directory.clock_skew = rootdse.clock_known ? (int64_t)(rootdse.clock - now) : 0;
    facts->directory.writer_down = !is_writer(settings, connection, rootdse.server, index);
    ok = true;
out:
    if (!ok)
        error_context(err, "%s", uri);
    rootdse_free(&rootdse);
    connection_close(connection);
    return ok;
}

/* All failures in one text, each with its share of the room. The kind is the one that most can be done about: anything
 * but a server that did not answer. */
static void join_failures(const struct error *failures, size_t count, struct error *err) {
    struct text all = {0};
    enum error_kind kind = failures[0].kind;
    size_t share = ERROR_TEXT_SIZE / count - 4;
    char cut[ERROR_TEXT_SIZE];

    for (size_t i = 0; i < count; i++) {
        if (kind == ERROR_NETWORK)
            kind = failures[i].kind;
        text_printable(cut, share, failures[i].text, strlen(failures[i].text));
        text_format(&all, "%s%s", i ? " | " : "", cut);
    }
    if (!all.value || all.failed)
        error_memory(err);
    else
        error_set(err, kind, "%s", all.value);
    text_free(&all);
}

#define URIS_MOST 16

static void look_everywhere(const struct directory_settings *settings, time_t now, struct facts *facts) {
    struct error failures[URIS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < settings->uris.count && i < URIS_MOST; i++) {
        struct facts found = {0};
        bool ok = look_at(settings, i, now, &found, &failures[count]);

        free(facts->directory.uri);
        facts->directory.uri = NULL;
        if (ok) {
            *facts = found;
            facts->read = true;
        } else {
            facts_free(&found);
        }
        facts->directory.uri = text_printable_copy(settings->uris.items[i], strlen(settings->uris.items[i]), URI_MOST);
        if (ok && !facts->directory.uri) {
            facts_free(facts);
            error_memory(&failures[count]);
            ok = false;
        }
        if (ok)
            return;
        /* A server that refuses is an answer too; asking the next one the same would only lock the account sooner. */
        if (!trouble_elsewhere(&failures[count++]))
            break;
    }
    if (count)
        join_failures(failures, count, &facts->unreadable);
    else
        error_set(&facts->unreadable, ERROR_CONFIG, "no directory is configured: set uri in [directory]");
}

void directory_look(const struct directory_settings *settings, time_t now, struct facts *ret_facts) {
    struct facts facts = {0};
    struct sigaction before;

    ignore_broken_pipes(&before);
    look_everywhere(settings, now, &facts);
    sigaction(SIGPIPE, &before, NULL);
    *ret_facts = facts;
}

static char *summarize(const struct connection *connection, const struct rootdse *rootdse, time_t now) {
    struct text summary = {0};

    text_format(&summary, "%s answers", rootdse->server ? rootdse->server : "a server that does not tell its name");
    if (connection->encrypted)
        text_format(&summary, ", %s", connection->tls);
    else
        text_add(&summary, connection->uri.local ? ", on a local socket" : ", not encrypted");
    if (rootdse->clock_known)
        text_format(&summary, ", its clock is %lld s ahead of ours", (long long)(rootdse->clock - now));
    else
        text_add(&summary, ", it does not tell its time");
    return text_take(&summary);
}

bool directory_probe(const struct directory_settings *settings, const char *uri, time_t now, char **ret_summary,
                     struct error *err) {
    struct connection *connection = NULL;
    struct rootdse rootdse = {0};
    struct sigaction before;
    char *summary = NULL;
    bool ok = false;

    ignore_broken_pipes(&before);
    if (connection_open(settings, uri, now, &connection, err)) {
        ok = rootdse_read(connection, &rootdse, err);
        if (ok && !(summary = summarize(connection, &rootdse, now)))
            ok = error_memory(err);
    }
    rootdse_free(&rootdse);
    connection_close(connection);
    sigaction(SIGPIPE, &before, NULL);
    if (ok)
        *ret_summary = summary;
    return ok;
}
