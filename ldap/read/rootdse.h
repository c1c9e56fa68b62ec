/*
 * What a directory server says about itself before anything else is asked: where the configuration partition is, its
 * name, its clock, whether it can answer in pages. Strings are owned; free with rootdse_free.
 */
#ifndef LDAP_READ_ROOTDSE_H
#define LDAP_READ_ROOTDSE_H

#include "base/error.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>
#include <time.h>

struct rootdse {
    char *configuration; /* configurationNamingContext, a valid DN */
    char *server;        /* dnsHostName, a valid host name; NULL when it says none */
    bool clock_known;
    time_t clock;   /* currentTime */
    bool paged;     /* it offers paged results (RFC 2696) */
    char *settings; /* dsServiceName, the DN of its NTDS Settings object; NULL when it says none */
    bool read_only; /* it is a read-only domain controller */
};

/* DIRECTORY error when it names no configuration partition: then it is no Active Directory domain controller. */
bool rootdse_read(struct connection *connection, struct rootdse *ret_rootdse, struct error *err) MUST_CHECK;

void rootdse_free(struct rootdse *rootdse);

#endif
