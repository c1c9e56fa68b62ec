/*
 * Who the one writer is: the domain controller at which every agent reads and writes, because a compare-and-swap holds
 * within one only. It is the name in the configuration, else the forest's domain naming master, which Active Directory
 * publishes for all alike; where none is published, the first server of the configuration. Never writes.
 */
#ifndef LDAP_WRITER_H
#define LDAP_WRITER_H

#include "base/error.h"
#include "ldap/connect/connection.h"
#include "ldap/read/rootdse.h"

#include <stdbool.h>

struct writer {
    bool named; /* by the configuration or the directory; false: it is the first server of the configuration */
    bool here;  /* with `named`: the server that was asked is it, and takes writes on this port */
    char *host; /* with `named`: a valid host name; NULL when the directory names it but it cannot be found out */
};

/* Asks the server behind `connection`; without a name in the configuration that takes one short search, and one more
 * where the server is not the writer. Free ret_writer->host. */
bool writer_find(struct connection *connection, const struct rootdse *rootdse,
                 const struct directory_settings *settings, struct writer *ret_writer, struct error *err) MUST_CHECK;

/* Is this connection to a read-only domain controller? Not every one says so in its rootDSE (rootdse.read_only); all
 * say it of their own object in CN=Sites. False also when that is not to be learnt. */
bool writer_is_read_only(struct connection *connection, const struct rootdse *rootdse);

#endif
