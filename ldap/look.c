#include "ldap/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/change.h"
#include "ldap/absence.h"
#include "ldap/read/auth_config.h"
#include "ldap/read/catalog.h"
#include "ldap/connect/discover.h"
#include "ldap/connect/open.h"
#include "ldap/read/names.h"
#include "ldap/read/controllers.h"
#include "ldap/reach.h"
#include "ldap/read/record.h"
#include "ldap/read/rootdse.h"
#include "ldap/connect/trouble.h"
#include "ldap/connect/uri.h"

/* Each that is dead costs seconds, and one that answers is enough. */
#define SITES_TRIED_MOST 4

static void take_hybrid(const struct organization *organization, struct facts *facts) {
    const struct strings *signs = &organization->hybrid_signs;

    for (size_t i = 0; i < signs->count; i++)
        strings_add(&facts->hybrid_signs, "%s", signs->items[i]);
    facts->hybrid = signs->count > 0 ? ANSWER_YES : facts_counted(facts) > 0 ? ANSWER_NO : ANSWER_UNKNOWN;
    /* A server that does not show everything shows neither every sign nor every application identifier. */
    if (facts->directory.read_only && facts->hybrid == ANSWER_NO)
        facts->hybrid = ANSWER_UNKNOWN;
    facts->hybrid_harmless = signs->count > 0 && !organization->hybrid_holds && !facts->directory.read_only;
    if (facts->hybrid_harmless)
        remarks_add(&facts->remarks, HYBRID_HARMLESS,
                    "Hybrid is shown by an auth server without an application identifier alone, %s: that is Hybrid "
                    "Modern Authentication, which needs nothing in Entra, and nothing waits for it.",
                    signs->items[0]);
}

/* Moves what the catalog found into the facts. */
static bool take_catalog(struct catalog *catalog, const struct organization *organization, struct facts *facts,
                         struct error *err) {
    struct tenant_list *tenants = &catalog->organizations[organization - catalog->organizations].tenants;

    facts->organization = strdup(organization->name);
    facts->directory.dn = name_printable(organization->auth_dn);
    if (!facts->organization || !facts->directory.dn)
        return error_memory(err);
    facts->servers = catalog->servers;
    facts->server_count = catalog->server_count;
    catalog->servers = NULL;
    catalog->server_count = 0;
    remarks_add_all(&facts->remarks, &catalog->remarks);
    if (facts->server_count)
        facts->servers_read = ANSWER_YES;
    else
        remarks_add(&facts->remarks, "no-servers",
                    "No Exchange server of the organization %s can be seen: either there is none, or the "
                    "account may not read them.",
                    organization->name);
    take_hybrid(organization, facts);
    facts->tenants = tenants->items;
    facts->tenant_count = tenants->count;
    *tenants = (struct tenant_list){0};
    return (!facts->remarks.failed && !facts->hybrid_signs.failed) || error_memory(err);
}

/* Says why it is not known whether the auth configuration has thumbprints. */
static bool refuse_unread(const struct facts *facts, enum answer proved, const char *dn, struct error *err) {
    if (facts->directory.read_only)
        return error_set(err, ERROR_DATA,
                         "%s shows no " CHANGE_THUMBPRINTS
                         " here, which says nothing: a read-only domain controller or "
                         "a global catalog does not show every attribute. Name a writable domain controller in uri, "
                         "without a port",
                         dn);
    if (proved == ANSWER_NO)
        return error_set(err, ERROR_DIRECTORY,
                         "the account may not read " CHANGE_THUMBPRINTS " of %s: grant it Read Property there; "
                         "authcert doctor has the command",
                         dn);
    return error_set(err, ERROR_DIRECTORY,
                     "%s shows no " CHANGE_THUMBPRINTS ", and whether it is empty or this account may not read it "
                     "is not known, for the account may not read the object's permissions either: grant it Read "
                     "Property and Read Permissions there; authcert doctor has the command",
                     dn);
}

/* What is not shown is not taken for empty before that is proved. */
static bool judge_absence(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                          struct facts *facts, struct error *err) {
    const bool partial = facts->directory.read_only;
    struct slots *slots = &facts->slots;
    enum answer proved;

    if (facts->raw_count == 0) {
        proved = partial ? ANSWER_UNKNOWN : absence_proved(connection, rootdse, dn, CHANGE_THUMBPRINTS);
        if (proved != ANSWER_YES)
            return refuse_unread(facts, proved, dn, err);
    }
    if ((slots->malformed & MALFORMED_NEXT_WITHOUT_DATE) != 0 &&
        (partial || absence_proved(connection, rootdse, dn, CHANGE_DATE) != ANSWER_YES)) {
        facts->date_unread = true;
        slots->malformed &= ~(unsigned)MALFORMED_NEXT_WITHOUT_DATE;
    }
    return true;
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
         judge_absence(connection, rootdse, organization->auth_dn, facts, err) &&
         take_catalog(&catalog, organization, facts, err);
    catalog_free(&catalog);
    return ok;
}

/* Everything that a look reads, at one server. */
static bool read_all(const struct directory_settings *settings, const struct reached *reached, time_t now,
                     struct facts *facts, struct error *err) {
    struct directory_facts *directory = &facts->directory;
    const struct rootdse *rootdse = &reached->rootdse;

    if (!read_organization(reached->connection, settings, rootdse, facts, err) ||
        (settings->records && !record_read(reached->connection, rootdse->configuration, facts, err)))
        return error_context(err, "%s", reached->uri);
    if (rootdse->server && !(directory->server = strdup(rootdse->server)))
        return error_memory(err);
    directory->clock_known = rootdse->clock_known;
    directory->clock_skew = rootdse->clock_known ? (int64_t)(rootdse->clock - now) : 0;
    directory->uri = text_printable_copy(reached->uri, strlen(reached->uri), URI_MOST);
    return directory->uri || error_memory(err);
}

/* One whole look that begins at one server. A writer that answers only half is passed over once, and no second one. */
static bool look_from(const struct directory_settings *settings, struct directory_known *known, const char *uri,
                      time_t now, struct facts *ret_facts, struct error *err) {
    for (bool again = false;; again = true) {
        struct reached reached = {0};
        struct facts facts = {0};
        bool ok, changed_over;

        ok = reach_server(settings, uri, now, &reached, err) &&
             reach_writer(settings, known, now, &reached, &facts, err) &&
             read_all(settings, &reached, now, &facts, err);
        changed_over = !ok && reached.uri && strcmp(reached.uri, uri) != 0 && trouble_elsewhere(err);
        if (changed_over)
            known_lose_writer(known, reached.uri, err);
        reach_end(&reached);
        if (ok) {
            *ret_facts = facts;
            return true;
        }
        facts_free(&facts);
        if (!changed_over || again)
            return false;
    }
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

/* The servers in the order in which this look tries them: the writer of an earlier one, those that answered or were not
 * asked yet, and at last the dead. */
struct candidates {
    const char *uris[SERVERS_KNOWN_MOST + 1];
    int index[SERVERS_KNOWN_MOST + 1]; /* in known->uris; -1 = the writer */
    size_t count;
};

static void add_candidate(struct candidates *candidates, const char *uri, int index) {
    for (size_t i = 0; i < candidates->count; i++)
        if (strcmp(candidates->uris[i], uri) == 0)
            return;
    candidates->uris[candidates->count] = uri;
    candidates->index[candidates->count++] = index;
}

static struct candidates list_candidates(const struct directory_known *known, const char *writer) {
    struct candidates candidates = {.count = 0};

    if (writer)
        add_candidate(&candidates, writer, -1);
    for (int dead = 0; dead < 2; dead++)
        for (size_t i = 0; i < known->uris.count && i < SERVERS_KNOWN_MOST; i++)
            if (known->dead[i] == dead)
                add_candidate(&candidates, known->uris.items[i], (int)i);
    return candidates;
}

/* Where the writer is down, a server that takes writes is preferred: an emergency could be mended there. */
static bool will_do(const struct facts *facts) {
    return !facts->directory.writer_down || !facts->directory.read_only;
}

static void note_dead(struct directory_known *known, int index) {
    if (index >= 0)
        known->dead[index] = true;
}

/* Looks at one that takes writes among those that the directory lists in CN=Sites, when every server of the
 * configuration is read-only. The facts stay as they are where none is found. */
static void look_at_sites(const struct directory_settings *settings, struct directory_known *known, time_t now,
                          struct facts *facts) {
    struct reached reached = {0};
    struct strings hosts = {0};
    size_t nameless = 0;
    bool done = false;

    if (reach_server(settings, facts->directory.uri, now, &reached, NULL) &&
        !controllers_list(reached.connection, &reached.rootdse, &hosts, &nameless, NULL))
        strings_free(&hosts);
    for (size_t i = 0; reached.connection && !done && i < hosts.count && i < SITES_TRIED_MOST; i++) {
        char *uri = NULL;
        struct facts found = {0};
        struct error why;

        if (reach_uri(settings, &reached, hosts.items[i], &uri, &why) &&
            look_from(settings, known, uri, now, &found, &why)) {
            found.read = true;
            done = will_do(&found);
            if (done) {
                facts_free(facts);
                *facts = found;
            } else {
                facts_free(&found);
            }
        }
        free(uri);
    }
    strings_free(&hosts);
    reach_end(&reached);
}

static void look_everywhere(const struct directory_settings *settings, struct directory_known *known,
                            const char *writer, time_t now, struct facts *facts) {
    struct error failures[SERVERS_KNOWN_MOST + 1];
    struct candidates candidates = list_candidates(known, writer);
    const char *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < candidates.count; i++) {
        struct facts found = {0};

        last = candidates.uris[i];
        if (look_from(settings, known, last, now, &found, &failures[count])) {
            found.read = true;
            if (facts->read && !will_do(&found)) {
                facts_free(&found);
                continue;
            }
            facts_free(facts);
            *facts = found;
            if (will_do(facts))
                return;
            continue;
        }
        /* A server that refuses is an answer too; asking the next one the same would only lock the account sooner. */
        if (!trouble_elsewhere(&failures[count]))
            i = candidates.count;
        else if (failures[count].kind == ERROR_NETWORK)
            note_dead(known, candidates.index[i]);
        count++;
    }
    if (facts->read) {
        look_at_sites(settings, known, now, facts);
        return;
    }
    join_failures(failures, count, &facts->unreadable);
    facts->directory.uri = text_printable_copy(last, strlen(last), URI_MOST);
}

void directory_look(const struct directory_settings *settings, struct directory_known *known, time_t now,
                    struct facts *ret_facts) {
    struct directory_known own = {0};
    struct facts facts = {0};
    char *writer;

    if (!known)
        known = &own;
    writer = known->writer ? strdup(known->writer) : NULL;
    if (known->uris.count || discover_servers(settings, &known->uris, &facts.unreadable))
        look_everywhere(settings, known, writer, now, &facts);
    free(writer);
    directory_known_free(&own);
    *ret_facts = facts;
}

static char *summarize(const struct connection *connection, const struct rootdse *rootdse, time_t now) {
    struct text summary = {0};

    text_format(&summary, "%s answers", rootdse->server ? rootdse->server : "a server that does not tell its name");
    if (connection->encrypted)
        text_format(&summary, ", %s", connection->tls);
    else
        text_add(&summary, connection->sealed      ? ", sealed by Kerberos"
                           : connection->uri.local ? ", on a local socket"
                                                   : ", not encrypted");
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
    char *summary = NULL;
    bool ok = false;

    if (open_server(settings, uri, now, &connection, err)) {
        ok = rootdse_read(connection, &rootdse, err);
        if (ok && !(summary = summarize(connection, &rootdse, now)))
            ok = error_memory(err);
    }
    rootdse_free(&rootdse);
    connection_close(connection);
    if (ok)
        *ret_summary = summary;
    return ok;
}
