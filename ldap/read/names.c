#include "ldap/read/names.h"

#include <stdlib.h>
#include <string.h>

#include <ldap.h>

#include "base/letters/fold.h"
#include "base/text.h"

#define VALUE_MOST 1024 /* bytes of a value shown */

static LDAPDN parse(const char *dn, size_t *ret_depth) {
    LDAPDN parsed = NULL;
    size_t depth = 0;

    if (strlen(dn) > NAME_DN_MOST || ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !parsed) {
        ldap_dnfree(parsed);
        return NULL;
    }
    while (parsed[depth])
        depth++;
    *ret_depth = depth;
    return parsed;
}

static char *value_of(LDAPRDN part) {
    const LDAPAVA *first = part[0];

    return first ? text_printable_copy(first->la_value.bv_val, first->la_value.bv_len, VALUE_MOST) : NULL;
}

size_t name_depth(const char *dn) {
    size_t depth = 0;
    LDAPDN parsed = parse(dn, &depth);

    ldap_dnfree(parsed);
    return parsed ? depth : 0;
}

/* Taking whole DNs apart only for their first part shows when there are thousands. */
char *name_value(const char *dn, size_t index) {
    LDAPRDN part = NULL;
    char *next = NULL;
    char *value;

    if (strlen(dn) > NAME_DN_MOST)
        return NULL;
    for (size_t i = 0;; i++) {
        /* libldap aborts the program over an empty text. */
        if (!*dn || ldap_str2rdn(dn, &part, &next, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !part)
            return NULL;
        if (i == index)
            break;
        ldap_rdnfree(part);
        part = NULL;
        dn = *next ? next + 1 : next;
    }
    value = value_of(part);
    ldap_rdnfree(part);
    return value;
}

const char *name_parent(const char *dn) {
    LDAPRDN part = NULL;
    char *next = NULL;

    if (!*dn || strlen(dn) > NAME_DN_MOST || ldap_str2rdn(dn, &part, &next, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS ||
        !part)
        return NULL;
    ldap_rdnfree(part);
    return next && next[0] && next[1] ? next + 1 : NULL;
}

bool name_value_from_end(const char *dn, size_t from_end, size_t *ret_depth, char **ret_value) {
    size_t depth = 0;
    LDAPDN parsed = parse(dn, &depth);
    char *value = parsed && from_end < depth ? value_of(parsed[depth - 1 - from_end]) : NULL;

    ldap_dnfree(parsed);
    if (!value)
        return false;
    *ret_depth = depth;
    *ret_value = value;
    return true;
}

bool name_equal(const char *a, const char *b) {
    return fold_equal(a, b);
}

/* text_printable writes \xNN; without the x that is RFC 4514's escape of the same byte. An escaped backslash in the DN
 * itself comes as two, and stays. */
char *name_printable(const char *dn) {
    char *printable = text_printable_copy(dn, strlen(dn), 4 * NAME_DN_MOST);
    char *to = printable;

    for (const char *from = printable; from && *from; from++) {
        *to++ = *from;
        if (*from != '\\')
            continue;
        if (from[1] == 'x')
            from++;
        else if (from[1])
            *to++ = *++from;
    }
    if (printable)
        *to = '\0';
    return printable;
}

const char *name_conflict(const char *dn) {
    /* The line feed, which some servers escape and others do not. */
    static const char escaped[] = "\\0ACNF:", plain[] = "\nCNF:";
    const char *begin = dn, *found = NULL;
    bool renamed = false;

    for (const char *at = dn;; at++) {
        if (*at == ',' || *at == '\0') {
            found = renamed ? begin : found;
            renamed = false;
            begin = at + 1;
        }
        if (*at == '\0')
            return found;
        renamed = renamed || strncasecmp(at, escaped, sizeof(escaped) - 1) == 0 ||
                  strncasecmp(at, plain, sizeof(plain) - 1) == 0;
        at += *at == '\\' && at[1] != '\0';
    }
}
