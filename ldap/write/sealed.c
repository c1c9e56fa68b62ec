#include "ldap/write/sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/read/names.h"
#include "ldap/read/record.h"
#include "ldap/read/search.h"
#include "ldap/connect/trouble.h"

#define TOKEN "tokenGroups"
#define ROOT_DOMAIN "rootDomainNamingContext"
#define SID "objectSid"
#define WHAT_SIZE 512

/* What the server says of the log-in. */
struct login {
    struct sid account;
    bool known;
    char root[NAME_DN_MOST + 1]; /* the forest's root domain; "" when it does not say */
};

static bool take_login(void *context, const struct entry *entry, struct error *err) {
    struct login *login = context;
    BerVarray token = entry_values(entry, TOKEN);
    const struct berval *root = entry_single(entry, ROOT_DOMAIN);

    (void)err;
    login->known = token && token[0].bv_val && sid_parse(token[0].bv_val, token[0].bv_len, &login->account);
    if (root && root->bv_len < sizeof(login->root) && !memchr(root->bv_val, '\0', root->bv_len))
        memcpy(login->root, root->bv_val, root->bv_len);
    return true;
}

static bool take_class(void *context, const struct entry *entry, struct error *err) {
    bool *is_user = context;

    (void)err;
    *is_user = entry_has_class(entry, "user");
    return true;
}

static bool take_sid(void *context, const struct entry *entry, struct error *err) {
    struct sid *sid = context;
    const struct berval *value = entry_single(entry, SID);

    (void)err;
    return value && sid_parse(value->bv_val, value->bv_len, sid);
}

/* The account comes first in its token. As a group in its place would let all members in, that is made sure of. */
static bool is_account(struct connection *connection, const struct sid *sid, struct error *err) {
    static const char *const attributes[] = {"objectClass", NULL};
    char text[SID_TEXT_SIZE];
    char dn[SID_TEXT_SIZE + 8];
    bool is_user = false;

    snprintf(dn, sizeof(dn), "<SID=%s>", sid_format(sid, text));
    if (!search_object(connection, dn, attributes, take_class, &is_user, NULL, err))
        return error_context(err, "the account's own object cannot be read");
    return is_user || error_set(err, ERROR_DIRECTORY, "%s, which is said to be logged in, is no account", text);
}

bool sealed_principals(struct connection *connection, struct principals *ret_principals, struct error *err) {
    static const char *const login_attributes[] = {TOKEN, ROOT_DOMAIN, NULL};
    static const char *const domain_attributes[] = {SID, NULL};
    struct login *login = calloc(1, sizeof(*login));
    struct sid root = {0};
    bool done = false;

    if (!login)
        return error_memory(err);
    if (!search_object(connection, "", login_attributes, take_login, login, NULL, err))
        goto out;
    if (!login->known) {
        error_set(err, ERROR_DIRECTORY,
                  "this directory does not say which account is logged in (tokenGroups), as Active Directory does, so "
                  "nobody can tell who reads a record");
        goto out;
    }
    if (!is_account(connection, &login->account, err))
        goto out;
    /* Unreadable, it is as if the account's domain were the forest's only one. */
    if (!login->root[0] || !search_object(connection, login->root, domain_attributes, take_sid, &root, NULL, NULL))
        root.length = 0;
    done = principals_of(&login->account, root.length > 0 ? &root : NULL, ret_principals) ||
           error_set(err, ERROR_DIRECTORY, "the account that is logged in is none of a domain");
out:
    free(login);
    return done;
}

/* What a look at the record found. */
struct seen {
    const struct principals *principals;
    bool there; /* the record could be seen */
    const struct sealed_judge *judge;
    bool sealed; /* it has a pair of ours already */
    bool closed;
    struct error why; /* not */
};

static bool take_seen(void *context, const struct entry *entry, struct error *err) {
    struct seen *seen = context;
    const struct berval *descriptor = entry_single(entry, SEALED_DESCRIPTOR);
    BerVarray values = entry_values(entry, RECORD_BYTES);

    (void)err;
    seen->there = true;
    for (size_t i = 0; values && values[i].bv_val; i++)
        seen->sealed = seen->sealed || seen->judge->is_ours(seen->judge->context, values[i].bv_val, values[i].bv_len);
    if (descriptor)
        seen->closed = descriptor_is_closed(descriptor->bv_val, descriptor->bv_len, seen->principals, &seen->why);
    else
        error_set(&seen->why, ERROR_DIRECTORY, "its security descriptor cannot be read");
    return true;
}

static bool see(struct connection *connection, const char *dn, const struct principals *principals,
                const struct sealed_judge *judge, struct seen *ret_seen, struct error *err) {
    static const char *const attributes[] = {SEALED_DESCRIPTOR, RECORD_BYTES, NULL};
    struct seen seen = {.principals = principals, .judge = judge};
    const struct search search = {.base = dn,
                                  .scope = LDAP_SCOPE_BASE,
                                  .filter = "(objectClass=*)",
                                  .attributes = attributes,
                                  .descriptor = true,
                                  .most = 1,
                                  .take = take_seen,
                                  .context = &seen};

    if (!search_run(connection, &search, NULL, err))
        return false;
    if (!seen.there)
        return error_set(err, ERROR_DIRECTORY, "%.400s is not there any more", dn);
    *ret_seen = seen;
    return true;
}

/* Returns the LDAP result. */
static int modify(struct connection *connection, const char *dn, int operation, const char *attribute, const void *data,
                  size_t length, LDAPControl *control) {
    struct berval value = {.bv_len = length, .bv_val = (char *)(size_t)data};
    struct berval *values[] = {&value, NULL};
    LDAPMod mod = {
        .mod_op = operation | LDAP_MOD_BVALUES, .mod_type = (char *)(size_t)attribute, .mod_vals.modv_bvals = values};
    LDAPMod *mods[] = {&mod, NULL};
    LDAPControl *controls[] = {control, NULL};

    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    return ldap_modify_ext_s(connection->handle, dn, mods, control ? controls : NULL, NULL);
}

/* Replaces the access list alone; owner, group and auditing stay. */
static int close_to_others(struct connection *connection, const char *dn, const struct principals *principals) {
    static char flags[] = {0x30, 3, 2, 1, 4}; /* a SEQUENCE with the number 4 (access list) */
    LDAPControl control = {DESCRIPTOR_CONTROL, {.bv_len = sizeof(flags), .bv_val = flags}, 1};
    unsigned char descriptor[DESCRIPTOR_SIZE_MOST];
    size_t length = descriptor_build(principals, descriptor);

    return modify(connection, dn, LDAP_MOD_REPLACE, SEALED_DESCRIPTOR, descriptor, length, &control);
}

bool sealed_add(struct connection *connection, const char *dn, const struct principals *principals,
                const struct bytes *sealed, const struct sealed_judge *judge, struct error *err) {
    char what[WHAT_SIZE];
    struct seen seen;
    int code = LDAP_SUCCESS;

    if (!see(connection, dn, principals, judge, &seen, err))
        return false;
    if (!seen.sealed && !seen.closed) {
        code = close_to_others(connection, dn, principals);
        if (code == LDAP_SUCCESS && !see(connection, dn, principals, judge, &seen, err))
            return false;
    }
    if (seen.sealed)
        return true;
    if (!seen.closed)
        return error_set(err, seen.why.kind, "others than the agent and the administrators are let at %.400s: %s%s%s",
                         dn, seen.why.text, code != LDAP_SUCCESS ? "; closing it was refused: " : "",
                         code != LDAP_SUCCESS ? ldap_err2string(code) : "");
    code = modify(connection, dn, LDAP_MOD_ADD, RECORD_BYTES, sealed->data, sealed->length, NULL);
    snprintf(what, sizeof(what), "add the sealed key pair to %.400s", dn);
    return code == LDAP_SUCCESS || trouble_set(connection->handle, connection_outcome(connection, code), what, err);
}
