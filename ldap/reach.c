#include "ldap/reach.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/connect/discover.h"
#include "ldap/connect/open.h"
#include "ldap/read/controllers.h"
#include "ldap/writer.h"

void reach_end(struct reached *reached) {
    connection_close(reached->connection);
    rootdse_free(&reached->rootdse);
    strings_free(&reached->domains);
    free(reached->uri);
    *reached = (struct reached){0};
}

bool reach_server(const struct directory_settings *settings, const char *uri, time_t now, struct reached *ret_reached,
                  struct error *err) {
    struct reached reached = {.uri = strdup(uri)};

    if (reached.uri == NULL)
        return error_memory(err);
    if (!open_server(settings, reached.uri, now, &reached.connection, err) ||
        !rootdse_read(reached.connection, &reached.rootdse, err)) {
        error_context(err, "%s", uri);
        reach_end(&reached);
        return false;
    }
    *ret_reached = reached;
    return true;
}

bool reach_domains(struct reached *from, struct error *err) {
    from->domains_known =
        from->domains_known || controllers_domains(from->connection, &from->rootdse, &from->domains, err);
    return from->domains_known;
}

/* May a host be asked that nobody but the directory names? */
static bool may_reach(const struct directory_settings *settings, struct reached *from, const char *host,
                      struct error *err) {
    bool below = settings->domain && discover_below(host, settings->domain);
    bool within = below;

    if (!below && !reach_domains(from, err))
        return false;
    for (size_t i = 0; i < from->domains.count && !within; i++)
        within = discover_below(host, from->domains.items[i]);
    if (!within)
        return error_set(err, ERROR_CONFIG,
                         "only the directory names it, and it lies in no domain of the forest (%s%s), so nothing was "
                         "sent there: name it in uri if it is a domain controller of yours",
                         from->domains.count ? from->domains.items[0] : "none is known",
                         from->domains.count > 1 ? " and others" : "");
    if (!below && settings->bind == BIND_SIMPLE && !settings->ca_file)
        return error_set(err, ERROR_CONFIG,
                         "only the directory names it, and without ca_file every authority that this host trusts could "
                         "vouch for it, so the password was not sent there: set ca_file to the authority of your "
                         "domain controllers, name it in uri or writer, or use bind = gssapi");
    return true;
}

bool reach_uri(const struct directory_settings *settings, struct reached *from, const char *host, char **ret_uri,
               struct error *err) {
    char uri[URI_MOST];
    struct directory_uri like;
    bool tls;

    for (size_t i = 0; i < settings->uris.count; i++)
        if (directory_uri_names(settings->uris.items[i], host))
            return (*ret_uri = strdup(settings->uris.items[i])) != NULL || error_memory(err);
    if (!directory_uri_parse(from->uri, &like, err) ||
        (!(settings->writer && strcasecmp(settings->writer, host) == 0) && !may_reach(settings, from, host, err)))
        return false;
    tls = like.local ? settings->tls == DIRECTORY_TLS_LDAPS : like.tls;
    *ret_uri = strdup(directory_uri_make(tls, host, 0, uri));
    return *ret_uri || error_memory(err);
}

/* Changes over to the writer at `uri`. False with the reason when it does not answer, or is not the writer. */
static bool change_over(const struct directory_settings *settings, struct directory_known *known, const char *uri,
                        time_t now, struct reached *reached, struct error *err) {
    struct reached other = {0};
    struct writer writer = {0};
    bool ok = reach_server(settings, uri, now, &other, err) &&
              writer_find(other.connection, &other.rootdse, settings, &writer, err);

    if (ok && !writer.here)
        ok = error_set(err, ERROR_DIRECTORY, "%s: it says that the writer is %s", uri,
                       writer.host ? writer.host : "another");
    free(writer.host);
    if (!ok) {
        reach_end(&other);
        return false;
    }
    reach_end(reached);
    *reached = other;
    free(known->writer);
    known->writer = strdup(uri);
    return true;
}

static void say_lost(const char *host, const struct error *why, struct facts *facts) {
    remarks_add(&facts->remarks, "writer-down",
                "The domain controller that all agents write to%s%s%s was not reached, so another one was read: %s",
                host ? " (" : "", host ? host : "", host ? ")" : "", why->text);
}

static bool follow(const struct directory_settings *settings, struct directory_known *known, time_t now,
                   const char *host, struct reached *reached, struct facts *facts, struct error *err) {
    struct error why = {0};
    char *uri = NULL;
    bool lost;

    if (!reach_uri(settings, reached, host, &uri, &why)) {
        if (why.kind == ERROR_LOCAL)
            return error_memory(err);
        facts->directory.writer_down = true;
        say_lost(host, &why, facts);
        return true;
    }
    lost = known->lost_writer && strcmp(known->lost_writer, uri) == 0;
    if (!lost && !change_over(settings, known, uri, now, reached, &why)) {
        known_lose_writer(known, uri, &why);
        lost = true;
    }
    facts->directory.writer_down = lost;
    if (lost)
        say_lost(host, &known->lost, facts);
    free(uri);
    return true;
}

bool reach_writer(const struct directory_settings *settings, struct directory_known *known, time_t now,
                  struct reached *reached, struct facts *facts, struct error *err) {
    struct writer writer = {0};
    struct error nameless = {0};
    bool ok = true;

    if (!writer_find(reached->connection, &reached->rootdse, settings, &writer, err)) {
        error_context(err, "%s", reached->uri);
        return false;
    }
    facts->directory.writer = writer.host;
    if (!writer.named) {
        facts->directory.writer_down = known->uris.count && strcmp(reached->uri, known->uris.items[0]) != 0;
    } else if (!writer.here && writer.host) {
        ok = follow(settings, known, now, writer.host, reached, facts, err);
    } else if (!writer.here) {
        facts->directory.writer_down = true;
        error_set(&nameless, ERROR_DIRECTORY,
                  "the directory names a domain naming master (fSMORoleOwner of CN=Partitions) whose host name this "
                  "account cannot read, or that is gone for good: let the account read CN=Sites, move the role "
                  "(ntdsutil), or name a domain controller as writer");
        say_lost(NULL, &nameless, facts);
    }
    /* The domain naming master takes writes; a name in the configuration proves nothing. */
    facts->directory.read_only = directory_uri_is_catalog(&reached->connection->uri) || reached->rootdse.read_only ||
                                 ((facts->directory.writer_down || settings->writer) &&
                                  writer_is_read_only(reached->connection, &reached->rootdse));
    return ok;
}
