#include "ldap/write/probe.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define VALUE_SIZE 64

/* False when there is no randomness: then nothing may be sent. */
static bool make_values(enum probe_kind kind, char one[VALUE_SIZE], char other[VALUE_SIZE]) {
    uint64_t random[2];

    if (kind == PROBE_INSTANT) {
        snprintf(one, VALUE_SIZE, "19010101000000.0Z");
        snprintf(other, VALUE_SIZE, "19020202000000.0Z");
        return true;
    }
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return false;
    snprintf(one, VALUE_SIZE, "authcert probe %016llx", (unsigned long long)random[0]);
    snprintf(other, VALUE_SIZE, "authcert probe %016llx, another", (unsigned long long)random[1]);
    return true;
}

enum answer probe_write(struct connection *connection, const char *dn, enum probe_kind kind, const char *attribute) {
    char one[VALUE_SIZE], other[VALUE_SIZE];
    char *values[] = {one, other, NULL};
    /* libldap wants the name writable and writes nothing into it. */
    LDAPMod mod = {.mod_op = LDAP_MOD_DELETE, .mod_type = (char *)(size_t)attribute, .mod_vals.modv_strvals = values};
    LDAPMod *mods[] = {&mod, NULL};

    if (!make_values(kind, one, other))
        return ANSWER_UNKNOWN;
    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    switch (ldap_modify_ext_s(connection->handle, dn, mods, NULL, NULL)) {
    case LDAP_NO_SUCH_ATTRIBUTE:
        return ANSWER_YES;
    case LDAP_INSUFFICIENT_ACCESS:
        return ANSWER_NO;
    }
    return ANSWER_UNKNOWN;
}
