/*
 * Security descriptors of Active Directory ([MS-DTYP] 2.4), as far as a sealed key pair needs them: one is built that
 * lets only a few principals at an object, and one that was read back is judged by the same list. Judging errs towards
 * no: whatever is not understood is taken for leave that somebody else has. Plain data, nothing to free.
 */
#ifndef LDAP_WRITE_DESCRIPTOR_H
#define LDAP_WRITE_DESCRIPTOR_H

#include "base/error.h"
#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>

#define SID_SIZE_MOST 68 /* bytes of a SID with its 15 subauthorities */
#define SID_TEXT_SIZE 192
#define PRINCIPALS_MOST 5
#define DESCRIPTOR_SIZE_MOST 512 /* of one that is built */
#define GUID_SIZE 16
#define DESCRIPTOR_READ_MOST 131072UL /* of one that is judged: two lists of 64 KiB and a little */

struct sid {
    unsigned char bytes[SID_SIZE_MOST];
    size_t length;
};

/* Who may be let at an object. The first is the account itself. */
struct principals {
    struct sid sids[PRINCIPALS_MOST];
    size_t count;
};

/* How access lists name an attribute: by itself, and by the property set that it may belong to. */
struct attribute_guids {
    unsigned char attribute[GUID_SIZE], set[GUID_SIZE];
    bool in_set;
};

/* Takes bytes that are one SID and nothing else; false when they are not. */
bool sid_parse(const void *data, size_t length, struct sid *ret_sid) MUST_CHECK;

/* S-1-5-21-... */
char *sid_format(const struct sid *sid, char out[SID_TEXT_SIZE]);

/* The account itself, SYSTEM, Builtin Administrators, the Domain Admins of the account's domain, and the Enterprise
 * Admins of the forest's root domain (`root_domain` is that domain's SID; NULL = the account's own domain). False when
 * the account is none of a domain. */
bool principals_of(const struct sid *account, const struct sid *root_domain,
                   struct principals *ret_principals) MUST_CHECK;

/* A self-relative descriptor that holds nothing but an access list, closed to inheritance: the account may list, read
 * and write, the others everything. Owner and group are left to the server. Returns its length. */
size_t descriptor_build(const struct principals *principals, unsigned char out[DESCRIPTOR_SIZE_MOST]);

/* Does the descriptor let nobody else at the object? It must name an owner who is one of them (an owner can always
 * change the access list), have an access list that inherits nothing, and grant nothing to others; entries that deny
 * are passed over. If not, a DIRECTORY error says what is in the way. */
bool descriptor_is_closed(const void *data, size_t length, const struct principals *principals,
                          struct error *err) MUST_CHECK;

/* May whoever has these identities read the attribute ([MS-ADTS] 5.1.3.3.2)? Unknown when the descriptor, or an entry
 * that may matter, is not understood. */
enum answer descriptor_lets_read(const void *data, size_t length, const struct sid *token, size_t count,
                                 const struct attribute_guids *guids);

#endif
