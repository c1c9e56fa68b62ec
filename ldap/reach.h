/*
 * From the servers that the configuration names, or DNS, to the one that is read: the first that answers, and from it
 * on to the one writer. Connections only; what is read there is for ldap/look.c. Never writes.
 */
#ifndef LDAP_REACH_H
#define LDAP_REACH_H

#include "base/error.h"
#include "base/text.h"
#include "core/facts.h"
#include "ldap/connect/connection.h"
#include "ldap/connect/settings.h"
#include "ldap/known.h"
#include "ldap/read/rootdse.h"

#include <stdbool.h>
#include <time.h>

/* A server that was reached: connected, logged in, asked about itself. End with reach_end. */
struct reached {
    struct connection *connection;
    struct rootdse rootdse;
    char *uri;
    bool domains_known;
    struct strings domains; /* DNS names of the forest's domains; read when they are needed first */
};

/* Errors name the URI. */
bool reach_server(const struct directory_settings *settings, const char *uri, time_t now, struct reached *ret_reached,
                  struct error *err) MUST_CHECK;

/* Finds out who the writer is and changes over to it, if it is another and answers. Sets writer, writer_down and
 * read_only of facts->directory, and a remark where the writer is not reached. What was learnt of it goes to `known`.
 * False when the server that was reached fails. */
bool reach_writer(const struct directory_settings *settings, struct directory_known *known, time_t now,
                  struct reached *reached, struct facts *facts, struct error *err) MUST_CHECK;

/* The URI by which to reach a host that the server `from` named: the configured one that names it, else the host's
 * usual port in the way of `from`. Whom the directory alone names is reached only below a domain of the forest, and
 * gets no password unless a CA of our own vouches for it: CONFIG error. The caller frees *ret_uri. */
bool reach_uri(const struct directory_settings *settings, struct reached *from, const char *host, char **ret_uri,
               struct error *err) MUST_CHECK;

/* Reads from->domains, unless that was done. */
bool reach_domains(struct reached *from, struct error *err) MUST_CHECK;

void reach_end(struct reached *reached);

#endif
