#include "ldap/write.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "ldap/connection.h"
#include "ldap/names.h"
#include "ldap/record.h"
#include "ldap/search.h"
#include "ldap/trouble.h"

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
    struct search search = {
        .base = dn,
        .scope = LDAP_SCOPE_BASE,
        .filter = "(objectClass=*)",
        .attributes = attributes,
        .most = 1,
        .take = take_allowed,
        .context = &allowed,
    };

    if (!search_run(connection, &search, NULL, err))
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
    if (connection->guard.expired)
        code = LDAP_TIMEOUT;
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

static int last_code(LDAP *handle) {
    int code = LDAP_SERVER_DOWN;

    if (ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code) != LDAP_OPT_SUCCESS || code == LDAP_SUCCESS)
        code = LDAP_SERVER_DOWN;
    return code;
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

    guard_allow(&connection->guard, connection->timeout);
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
        result = unknown_outcome(connection, type == 0 ? LDAP_TIMEOUT : last_code(connection->handle), dn, err);
    ldap_msgfree(answer);
    return result;
}

static enum write_result write_now(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                   const struct change *change, struct error *err) {
    const char *dn = facts->directory.dn;
    enum write_result result = WRITE_FAILED;
    struct connection *connection = NULL;
    struct request request;

    if (!connection_open(settings, facts->directory.uri, now, &connection, err))
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
    /* A server that hangs up while it is written to must be an error, not the end of the program. */
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    enum write_result result;

    if (change_is_empty(change))
        return WRITE_DONE;
    if (!facts->read || !facts->directory.uri || !facts->directory.dn) {
        error_set(err, ERROR_BUG, "a change was to be written to an object that was not read");
        return WRITE_FAILED;
    }
    sigaction(SIGPIPE, &ignore, &before);
    result = write_now(settings, now, facts, change, err);
    sigaction(SIGPIPE, &before, NULL);
    return result;
}

/* A record as libldap wants it. */
struct record_request {
    char dn[NAME_DN_MOST + THUMBPRINT_SIZE + 8];
    char words[RECORD_WORDS_MOST + 1][RECORD_WORD_LENGTH + 1];
    struct berval values[RECORD_WORDS_MOST + 4];
    struct berval *pointers[RECORD_WORDS_MOST + 8];
    LDAPMod mods[MODS_MOST];
    LDAPMod *mod_pointers[MODS_MOST + 1];
    size_t value_count, pointer_count, mod_count, word_count;
};

static void add_value(struct record_request *request, const void *data, size_t length) {
    struct berval *value = &request->values[request->value_count++];

    *value = borrow(data, length);
    request->pointers[request->pointer_count++] = value;
}

/* Ends the list of values that began at `first` and makes it one attribute. */
static void end_attribute(struct record_request *request, const char *name, size_t first) {
    LDAPMod *mod = &request->mods[request->mod_count];

    request->pointers[request->pointer_count++] = NULL;
    mod->mod_op = LDAP_MOD_ADD | LDAP_MOD_BVALUES;
    mod->mod_type = (char *)(size_t)name;
    mod->mod_bvalues = &request->pointers[first];
    request->mod_pointers[request->mod_count++] = mod;
}

/* Holders beyond what an attribute takes are left out: nobody then learns of them from the record. */
static void fill_words(const struct record_change *change, bool mark, struct record_request *request) {
    size_t first = request->pointer_count;

    if (mark)
        add_value(request, RECORD_MARK, strlen(RECORD_MARK));
    for (size_t i = 0; i < change->holders->count && request->word_count < RECORD_WORDS_MOST; i++) {
        char *word = request->words[request->word_count++];

        snprintf(word, sizeof(request->words[0]), "%c%s", RECORD_HOLDER, change->holders->items[i]);
        add_value(request, word, strlen(word));
    }
    if (request->pointer_count > first)
        end_attribute(request, RECORD_WORDS, first);
}

static void fill_record(const struct record_change *change, bool whole, struct record_request *request) {
    const char *thumbprint = change->certificate->thumbprint;
    size_t first = 0;

    request->value_count = request->pointer_count = request->mod_count = request->word_count = 0;
    if (whole) {
        add_value(request, RECORD_CLASS, strlen(RECORD_CLASS));
        end_attribute(request, "objectClass", first);
        first = request->pointer_count;
        add_value(request, thumbprint, strlen(thumbprint));
        end_attribute(request, "cn", first);
        first = request->pointer_count;
        add_value(request, change->certificate->der, change->certificate->der_length);
        end_attribute(request, RECORD_BYTES, first);
    }
    fill_words(change, whole, request);
    request->mod_pointers[request->mod_count] = NULL;
}

static enum record_result refuse_record(const struct facts *facts, int code, struct error *err) {
    const char *dn = facts->directory.records_dn;

    if (code == LDAP_NO_SUCH_OBJECT)
        error_set(err, ERROR_DIRECTORY, "there is no container %s for it; authcert doctor says how to make one", dn);
    else
        error_set(err, ERROR_CREDENTIALS,
                  "the account may not write it: grant it on %s the rights to create msDS-AppData objects and to write "
                  "their properties; authcert doctor says how",
                  dn);
    return RECORD_REFUSED;
}

/* Returns the LDAP result. */
static int send_record(struct connection *connection, struct record_request *request, bool whole) {
    LDAPMod **mods = request->mod_pointers;

    if (request->mod_count == 0)
        return LDAP_SUCCESS;
    guard_allow(&connection->guard, connection->timeout);
    return whole ? ldap_add_ext_s(connection->handle, request->dn, mods, NULL, NULL)
                 : ldap_modify_ext_s(connection->handle, request->dn, mods, NULL, NULL);
}

static enum record_result record_now(struct connection *connection, const struct facts *facts,
                                     const struct record_change *change, struct record_request *request,
                                     struct error *err) {
    char what[WHAT_SIZE];
    int code;

    snprintf(request->dn, sizeof(request->dn), "CN=%s,%s", change->certificate->thumbprint,
             facts->directory.records_dn);
    fill_record(change, !change->exists, request);
    code = send_record(connection, request, !change->exists);
    if (code == LDAP_ALREADY_EXISTS) {
        fill_record(change, false, request);
        code = send_record(connection, request, false);
    }
    switch (code) {
    case LDAP_SUCCESS:
    case LDAP_TYPE_OR_VALUE_EXISTS: /* another agent knew it too: the next look shows what is left to add */
        return RECORD_DONE;
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INSUFFICIENT_ACCESS:
        return refuse_record(facts, code, err);
    default:
        snprintf(what, sizeof(what), "write %.400s", request->dn);
        trouble_set(connection->handle, code, what, err);
        return RECORD_FAILED;
    }
}

enum record_result directory_record(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                    const struct record_change *change, struct error *err) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct record_request *request = NULL;
    struct connection *connection = NULL;
    struct sigaction before;
    enum record_result result = RECORD_FAILED;

    if (!facts->read || !facts->directory.uri || !facts->directory.records_dn ||
        strlen(facts->directory.records_dn) > NAME_DN_MOST) {
        error_set(err, ERROR_BUG, "a record was to be written where none were looked for");
        return RECORD_FAILED;
    }
    sigaction(SIGPIPE, &ignore, &before);
    request = calloc(1, sizeof(*request));
    if (!request)
        error_memory(err);
    else if (connection_open(settings, facts->directory.uri, now, &connection, err))
        result = record_now(connection, facts, change, request, err);
    connection_close(connection);
    free(request);
    sigaction(SIGPIPE, &before, NULL);
    return result;
}
