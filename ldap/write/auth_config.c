#include "ldap/write/auth_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ldap/connect/open.h"
#include "ldap/read/names.h"
#include "ldap/read/search.h"
#include "ldap/connect/trouble.h"

#define WHAT_SIZE 512
#define MODS_MOST 4
#define ALLOWED "allowedAttributes"

/* The request as libldap wants it: arrays of pointers that end with NULL. Values are borrowed from the change. */
struct request {
    char date[TIME_TEXT_SIZE];
    struct berval deletes[CHANGE_DELETE_MOST];
    struct berval adds[SLOT_COUNT];
    struct berval old_date;
    struct berval new_date;
    struct berval *delete_pointers[CHANGE_DELETE_MOST + 1];
    struct berval *add_pointers[SLOT_COUNT + 1];
    struct berval *old_date_pointers[2];
    struct berval *new_date_pointers[2];
    LDAPMod mods[MODS_MOST];
    LDAPMod *mod_pointers[MODS_MOST + 1];
    size_t count;
};

/* libldap wants it writable and writes nothing into it. */
static struct berval borrow(const void *data, size_t length) {
    return (struct berval){.bv_len = length, .bv_val = data ? (char *)(size_t)data : (char *)(size_t) ""};
}

static void add_mod(struct request *request, int operation, const char *attribute, struct berval **values) {
    LDAPMod *mod = &request->mods[request->count];

    mod->mod_op = operation | LDAP_MOD_BVALUES;
    mod->mod_type = (char *)(size_t)attribute;
    mod->mod_bvalues = values;
    request->mod_pointers[request->count++] = mod;
}

/* What is deleted comes before what is added: the server goes through them in this order. */
static void fill(const struct change *change, struct request *request) {
    *request = (struct request){0};
    for (size_t i = 0; i < change->delete_count; i++) {
        request->deletes[i] = borrow(change->delete_values[i]->data, change->delete_values[i]->length);
        request->delete_pointers[i] = &request->deletes[i];
    }
    for (size_t i = 0; i < change->add_count; i++) {
        request->adds[i] = borrow(change->add_values[i], strlen(change->add_values[i]));
        request->add_pointers[i] = &request->adds[i];
    }
    if (change->delete_count)
        add_mod(request, LDAP_MOD_DELETE, CHANGE_THUMBPRINTS, request->delete_pointers);
    if (change->add_count)
        add_mod(request, change->replace_values ? LDAP_MOD_REPLACE : LDAP_MOD_ADD, CHANGE_THUMBPRINTS,
                request->add_pointers);
    if (change->delete_date) {
        request->old_date = borrow(change->delete_date->data, change->delete_date->length);
        request->old_date_pointers[0] = &request->old_date;
        add_mod(request, LDAP_MOD_DELETE, CHANGE_DATE, request->old_date_pointers);
    }
    if (change->add_date) {
        time_format_generalized(request->date, change->date);
        request->new_date = borrow(request->date, strlen(request->date));
        request->new_date_pointers[0] = &request->new_date;
        add_mod(request, LDAP_MOD_ADD, CHANGE_DATE, request->new_date_pointers);
    }
}

/* What the directory says may stand in the object. */
struct allowed {
    bool told;
    bool thumbprints;
    bool date;
};

static bool take_allowed(void *context, const struct entry *entry, struct error *err) {
    struct allowed *allowed = context;
    BerVarray values = entry_values(entry, ALLOWED);

    (void)err;
    allowed->told = values && values[0].bv_val;
    allowed->thumbprints = values_contain(values, CHANGE_THUMBPRINTS);
    allowed->date = values_contain(values, CHANGE_DATE);
    return true;
}

/* "No such value" and "no such attribute" are one result code in Active Directory: rule out the second. */
static bool attributes_exist(struct connection *connection, const char *dn, struct error *err) {
    static const char *const attributes[] = {ALLOWED, NULL};
    struct allowed allowed = {0};

    if (!search_object(connection, dn, attributes, take_allowed, &allowed, NULL, err))
        return error_context(err, "nothing was written");
    if (!allowed.told || (allowed.thumbprints && allowed.date))
        return true;
    return error_set(err, ERROR_DIRECTORY,
                     "cannot change %s: this directory's schema has no %s for it, so nothing was written: the schema "
                     "extension of Exchange has not reached this server, or the object is none of Exchange's. Name "
                     "another domain controller in uri",
                     dn, allowed.thumbprints ? CHANGE_DATE : CHANGE_THUMBPRINTS);
}

static enum write_result refused(int code, const char *said, const char *dn, struct error *err) {
    char what[WHAT_SIZE];
    char shown[TROUBLE_DIAGNOSTIC_SIZE];

    snprintf(what, sizeof(what), "change %.400s", dn);
    trouble_say(code, said, what, err);
    switch (code) {
    case LDAP_NO_SUCH_ATTRIBUTE:
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_TYPE_OR_VALUE_EXISTS:
        error_context(err, "someone else changed the auth configuration since it was read");
        return WRITE_LOST;
    case LDAP_INSUFFICIENT_ACCESS:
        text_printable(shown, sizeof(shown), said ? said : "", said ? strlen(said) : 0);
        error_set(
            err, ERROR_CREDENTIALS,
            "cannot %s: %s%s%s (%d). The account may not write there: grant it Write Property on " CHANGE_THUMBPRINTS
            " and " CHANGE_DATE " of this one object",
            what, shown, shown[0] ? "; " : "", ldap_err2string(code), code);
        return WRITE_FAILED;
    case LDAP_REFERRAL:
        error_context(err, "this server takes no writes (a read-only domain controller, or a global catalog port)");
        return WRITE_FAILED;
    }
    return WRITE_FAILED;
}

/* The request may have arrived, and what came of it is not known. */
static enum write_result unknown_outcome(struct connection *connection, int code, const char *dn, struct error *err) {
    char said[TROUBLE_DIAGNOSTIC_SIZE];

    trouble_diagnostic(connection->handle, said);
    code = connection_outcome(connection, code);
    error_set(
        err, ERROR_NETWORK,
        "the change of %.400s was sent to %.200s, but no answer came back: %s%s%s (%d). Whether it was written is "
        "not known; the next look tells",
        dn, connection->uri.text, said, said[0] ? "; " : "", ldap_err2string(code), code);
    return WRITE_FAILED;
}

static enum write_result take_answer(struct connection *connection, LDAPMessage *answer, const char *dn,
                                     struct error *err) {
    enum write_result result = WRITE_DONE;
    int code = LDAP_SUCCESS;
    char *said = NULL;

    if (ldap_msgtype(answer) != LDAP_RES_MODIFY ||
        ldap_parse_result(connection->handle, answer, &code, NULL, &said, NULL, NULL, 0) != LDAP_SUCCESS)
        result = unknown_outcome(connection, LDAP_DECODING_ERROR, dn, err);
    else if (code != LDAP_SUCCESS)
        result = refused(code, said, dn, err);
    ldap_memfree(said);
    return result;
}

static enum write_result send_request(struct connection *connection, struct request *request, const char *dn,
                                      struct error *err) {
    struct timeval limit = {.tv_sec = connection->timeout};
    enum write_result result;
    LDAPMessage *answer = NULL;
    char what[WHAT_SIZE];
    int id = 0;
    int code;
    int type;

    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    code = ldap_modify_ext(connection->handle, dn, request->mod_pointers, NULL, NULL, &id);
    if (code == LDAP_ENCODING_ERROR || code == LDAP_NO_MEMORY || code == LDAP_PARAM_ERROR) {
        snprintf(what, sizeof(what), "change %.400s", dn);
        trouble_set(connection->handle, code, what, err);
        return WRITE_FAILED;
    }
    if (code != LDAP_SUCCESS)
        return unknown_outcome(connection, code, dn, err);
    type = ldap_result(connection->handle, id, LDAP_MSG_ALL, &limit, &answer);
    if (type > 0)
        result = take_answer(connection, answer, dn, err);
    else
        result = unknown_outcome(connection, type == 0 ? LDAP_TIMEOUT : connection_code(connection), dn, err);
    ldap_msgfree(answer);
    return result;
}

static enum write_result write_now(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                   const struct change *change, struct error *err) {
    const char *dn = facts->directory.dn;
    enum write_result result = WRITE_FAILED;
    struct connection *connection = NULL;
    struct request request;

    if (!open_server(settings, facts->directory.uri, now, &connection, err))
        error_context(err, "nothing was written, for there is no connection to %.200s", facts->directory.uri);
    else if (attributes_exist(connection, dn, err)) {
        fill(change, &request);
        result = send_request(connection, &request, dn, err);
    }
    connection_close(connection);
    return result;
}

enum write_result directory_write(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                  const struct change *change, struct error *err) {
    if (change_is_empty(change))
        return WRITE_DONE;
    if (!facts->read || !facts->directory.uri || !facts->directory.dn) {
        error_set(err, ERROR_BUG, "a change was to be written to an object that was not read");
        return WRITE_FAILED;
    }
    return write_now(settings, now, facts, change, err);
}
