#include "ldap/write/container.h"

#include <string.h>

#include <ldap.h>

#include "core/facts.h"
#include "ldap/read/search.h"

#define CLASS "container"

static bool take_rights(void *context, const struct entry *entry, struct error *err) {
    (void)err;
    *(enum answer *)context = entry_may_make(entry, CLASS);
    return true;
}

/* A refused attempt would stand in the directory's log every night. */
static enum answer may_make(struct connection *connection, const char *parent) {
    static const char *const attributes[] = {"allowedChildClasses", "allowedChildClassesEffective", NULL};
    enum answer may = ANSWER_UNKNOWN;

    return search_object(connection, parent, attributes, take_rights, &may, NULL, NULL) ? may : ANSWER_UNKNOWN;
}

int container_make(struct connection *connection, const char *dn) {
    char class_name[] = "objectClass", class_value[] = CLASS;
    char *values[] = {class_value, NULL};
    LDAPMod mod = {.mod_op = LDAP_MOD_ADD, .mod_type = class_name, .mod_values = values};
    LDAPMod *mods[] = {&mod, NULL};
    const char *comma = strchr(dn, ',');
    int code;

    if (!comma || may_make(connection, comma + 1) == ANSWER_NO)
        return LDAP_INSUFFICIENT_ACCESS;
    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    code = ldap_add_ext_s(connection->handle, dn, mods, NULL, NULL);
    return code == LDAP_ALREADY_EXISTS ? LDAP_SUCCESS : code;
}
