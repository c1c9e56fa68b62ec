#include "ldap/reach.h"

#include <stdlib.h>
#include <string.h>

#include "ldap/connect/open.h"
#include "ldap/writer.h"

void reach_end(struct reached *reached) {
    connection_close(reached->connection);
    rootdse_free(&reached->rootdse);
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

char *reach_uri(const struct directory_settings *settings, const struct directory_uri *like, const char *host) {
    bool tls = like->local ? settings->tls == DIRECTORY_TLS_LDAPS : like->tls;
    char uri[URI_MOST];

    for (size_t i = 0; i < settings->uris.count; i++)
        if (directory_uri_names(settings->uris.items[i], host))
            return strdup(settings->uris.items[i]);
    return strdup(directory_uri_make(tls, host, 0, uri));
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
    strings_add(&facts->remarks,
                "The domain controller that all agents write to%s%s%s was not reached, so another one was read: %s",
                host ? " (" : "", host ? host : "", host ? ")" : "", why->text);
}

static bool follow(const struct directory_settings *settings, struct directory_known *known, time_t now,
                   const char *host, struct reached *reached, struct facts *facts, struct error *err) {
    char *uri = reach_uri(settings, &reached->connection->uri, host);
    struct error why = {0};
    bool lost;

    if (uri == NULL)
        return error_memory(err);
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
