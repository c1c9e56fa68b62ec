/*
 * What the logged-in account may do to the few objects that matter: the organization's container, the auth
 * configuration and the container of our records. Active Directory computes it for whoever asks
 * (allowedAttributesEffective and its kin), so nothing has to be tried there. A directory that gives no such answer is
 * asked by a change that cannot come about. Nothing is written in either case. Also who the account is and by which
 * identifiers access lists name what it needs, for the commands that grant it. Free with rights_free.
 */
#ifndef LDAP_RIGHTS_H
#define LDAP_RIGHTS_H

#include "base/error.h"
#include "core/facts.h"
#include "base/text.h"
#include "ldap/write/descriptor.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define RIGHTS_THUMBPRINTS "msExchAuthCertificateThumbprint"
#define RIGHTS_DATE "msExchAuthNextEffectiveDate"
#define RIGHTS_RECORD "msDS-AppData"
#define RIGHTS_WORDS "keywords"

#define GUID_TEXT_SIZE 37

/* One object, as far as this account may change it. */
struct rights_on {
    char *dn;                  /* printable; NULL = not known */
    bool seen;                 /* the account can see that there is such an object */
    bool told;                 /* the directory tells what follows */
    struct strings attributes; /* that may be written */
    struct strings classes;    /* of which objects may be made in it */
    bool access;               /* its owner or its access list may be changed */
};

/* schemaIDGUIDs as access lists write them; "" where the schema was not readable. */
struct rights_guids {
    char thumbprints[GUID_TEXT_SIZE], date[GUID_TEXT_SIZE], record[GUID_TEXT_SIZE], words[GUID_TEXT_SIZE];
};

struct rights {
    char *account;           /* NAME@DOMAIN, printable; NULL = not known */
    char sid[SID_TEXT_SIZE]; /* of the account; "" = not known */
    struct rights_guids guids;
    bool active_directory; /* its tools grant rights here */
    bool hidden;           /* there is an organization whose auth configuration the account may not read, */
    bool hidden_in_part;   /* but for some of it */
    struct rights_on organization, auth, container;
    enum answer thumbprints, date;           /* may they be written, */
    enum answer thumbprints_read, date_read; /* and read; unknown also where that cannot be told from being empty */
    size_t records;                          /* that can be seen, */
    size_t records_writable;                 /* and to which servers can be added */
};

/* Asks where the facts were read; they may also be of a look that failed, and then `hidden` tells whether rights are
 * why. */
bool rights_read(const struct directory_settings *settings, time_t now, const struct facts *facts,
                 struct rights *ret_rights, struct error *err) MUST_CHECK;

void rights_free(struct rights *rights);

#endif
