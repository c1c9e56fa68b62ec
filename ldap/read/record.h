/*
 * Our own records in the directory: one msDS-AppData object per certificate in CN=authcert,CN=Services, stock classes
 * of Active Directory alone. Each is named by its thumbprint and holds the certificate's DER (msDS-ByteArray), the
 * servers that are said to hold it (keywords), and perhaps the key pair sealed to the recovery key (another value of
 * msDS-ByteArray, which whoever looks for certificates passes over). Read within a look; what cannot be read is a
 * remark, never a failure.
 */
#ifndef LDAP_READ_RECORD_H
#define LDAP_READ_RECORD_H

#include "base/error.h"
#include "core/facts.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>
#include <stddef.h>

#define RECORD_CLASS "msDS-AppData"
#define RECORD_BYTES "msDS-ByteArray"
#define RECORD_WORDS "keywords"
#define RECORD_MARK "authcert" /* a keyword that every record has */
#define RECORD_HOLDER '+'      /* before the name of a server that holds the certificate */
#define RECORDS_MOST 256       /* one certificate in five years makes few */
#define RECORD_WORDS_MOST 1000 /* Active Directory gives 1,500 values at once, and takes little more */
#define RECORD_WORD_LENGTH 256 /* rangeUpper of keywords */

/* Is this value of RECORD_BYTES a sealed key pair: does it begin like CMS AuthEnvelopedData (RFC 5083)? */
bool record_is_sealed(const void *value, size_t length);

/* Reads them into facts->records, and sets records_read and directory.records_dn. False only when out of memory. */
bool record_read(struct connection *connection, const char *configuration, struct facts *facts,
                 struct error *err) MUST_CHECK;

#endif
