/*
 * One Exchange server's entry turned into facts: its name, site, version, and whether it is one of those that hold an
 * auth certificate. Oddities become remarks, never errors.
 */
#ifndef LDAP_READ_SERVER_H
#define LDAP_READ_SERVER_H

#include "core/facts.h"
#include "base/text.h"
#include "ldap/read/search.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVER_CLASS "msExchExchangeServer"

/* The attributes that server_read wants. */
#define SERVER_ATTRIBUTES                                                                                              \
    "networkAddress", "versionNumber", "serialNumber", "msExchCurrentServerRoles", "msExchServerSite"

/* Is this the server that an entry of `ignore` names: by its whole name or, without a dot, by its first label. */
bool server_fits(const char *fqdn, const char *entry);

/* Reads one server. `ignore` may be NULL. *ret_remark is set when there is something odd to tell about a server that
 * may matter, else NULL; it and the strings in *ret_server are the caller's. False only when memory ran out. */
bool server_read(const struct entry *entry, const struct strings *ignore, struct server_facts *ret_server,
                 char **ret_remark, struct error *err) MUST_CHECK;

/* By host name, as people order them: without it the directory's own order shows, which is none. */
void server_sort(struct server_facts *servers, size_t count);

/* Is it one of those that are never counted? `ignore` may be NULL. */
bool server_is_ignored(const char *fqdn, const struct strings *ignore);

/* By host name, as people order them: without it the directory's own order shows, which is none. */
void server_sort(struct server_facts *servers, size_t count);

/* A host name that several entries have is counted once, as the first of them, and a remark says so. False only when
 * memory ran out. */
bool server_count_once(struct server_facts *servers, size_t count, struct remarks *remarks,
                       struct error *err) MUST_CHECK;

/* "Version 15.2 (Build 31544.25)" as 15.2.1544.25 (builds are written with 30000 added); false when it is not of that
 * form. */
bool server_version_parse(const char *text, size_t length, char *out, size_t size) MUST_CHECK;

#endif
