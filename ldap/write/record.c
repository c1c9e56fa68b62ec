#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/connect/open.h"
#include "ldap/write/descriptor.h"
#include "ldap/read/names.h"
#include "ldap/read/record.h"
#include "ldap/connect/trouble.h"
#include "ldap/write/auth_config.h"
#include "ldap/write/container.h"
#include "ldap/write/sealed.h"

#define WHAT_SIZE 512
#define MODS_MOST 5
#define VALUES_MOST (RECORD_WORDS_MOST + 5)

/* A record as libldap wants it. */
struct record_request {
    char dn[NAME_DN_MOST + THUMBPRINT_SIZE + 8];
    char words[RECORD_WORDS_MOST + 1][RECORD_WORD_LENGTH + 1];
    unsigned char descriptor[DESCRIPTOR_SIZE_MOST];
    struct berval values[VALUES_MOST];
    struct berval *pointers[VALUES_MOST + MODS_MOST];
    LDAPMod mods[MODS_MOST];
    LDAPMod *mod_pointers[MODS_MOST + 1];
    size_t value_count, pointer_count, mod_count, word_count;
};

static void add_value(struct record_request *request, const void *data, size_t length) {
    struct berval *value = &request->values[request->value_count++];

    /* libldap wants it writable and writes nothing into it. */
    *value = (struct berval){.bv_len = length, .bv_val = (char *)(size_t)data};
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

/* `principals`: who alone is let at a new record; NULL leaves that to the container. */
static void fill_record(const struct record_change *change, bool whole, const struct principals *principals,
                        struct record_request *request) {
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
        first = request->pointer_count;
        if (principals != NULL) {
            add_value(request, request->descriptor, descriptor_build(principals, request->descriptor));
            end_attribute(request, SEALED_DESCRIPTOR, first);
        }
    }
    fill_words(change, whole, request);
    request->mod_pointers[request->mod_count] = NULL;
}

static enum record_result refuse_record(const struct facts *facts, int code, struct error *err) {
    const char *dn = facts->directory.records_dn;

    if (code == LDAP_NO_SUCH_OBJECT)
        error_set(err, ERROR_DIRECTORY,
                  "there is no container %s for it; authcert doctor says how to make one, and [directory] records = no "
                  "does without",
                  dn);
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
    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    return whole ? ldap_add_ext_s(connection->handle, request->dn, mods, NULL, NULL)
                 : ldap_modify_ext_s(connection->handle, request->dn, mods, NULL, NULL);
}

/* A server that takes no descriptor makes the record without: the key pair is then not added. Returns the LDAP result.
 */
static int write_plain(struct connection *connection, const struct record_change *change,
                       const struct principals *principals, struct record_request *request) {
    int code;

    fill_record(change, !change->exists, principals, request);
    code = send_record(connection, request, !change->exists);
    if (code != LDAP_SUCCESS && code != LDAP_ALREADY_EXISTS && !change->exists && principals != NULL) {
        fill_record(change, true, NULL, request);
        code = send_record(connection, request, true);
    }
    if (code == LDAP_ALREADY_EXISTS) {
        fill_record(change, false, NULL, request);
        code = send_record(connection, request, false);
    }
    return code;
}

static enum record_result record_now(struct connection *connection, const struct facts *facts,
                                     const struct record_change *change, struct record_request *request,
                                     struct error *err) {
    struct principals principals;
    struct error unknown = {0};
    char what[WHAT_SIZE];
    bool known = change->sealed != NULL && sealed_principals(connection, &principals, &unknown);
    int code;

    snprintf(request->dn, sizeof(request->dn), "CN=%s,%s", change->certificate->thumbprint,
             facts->directory.records_dn);
    code = write_plain(connection, change, known ? &principals : NULL, request);
    if (code == LDAP_NO_SUCH_OBJECT && container_make(connection, facts->directory.records_dn) == LDAP_SUCCESS)
        code = write_plain(connection, change, known ? &principals : NULL, request);
    switch (code) {
    case LDAP_SUCCESS:
    case LDAP_TYPE_OR_VALUE_EXISTS: /* another agent knew it too: the next look shows what is left to add */
        break;
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INSUFFICIENT_ACCESS:
        return refuse_record(facts, code, err);
    default:
        snprintf(what, sizeof(what), "write %.400s", request->dn);
        trouble_set(connection->handle, connection_outcome(connection, code), what, err);
        return RECORD_FAILED;
    }
    if (change->sealed == NULL)
        return RECORD_DONE;
    if (!known && err != NULL)
        *err = unknown;
    return known && sealed_add(connection, request->dn, &principals, change->sealed, change->judge, err)
               ? RECORD_DONE
               : RECORD_UNSEALED;
}

enum record_result directory_record(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                    const struct record_change *change, struct error *err) {
    struct record_request *request = NULL;
    struct connection *connection = NULL;
    enum record_result result = RECORD_FAILED;

    if (!facts->read || !facts->directory.uri || !facts->directory.records_dn ||
        strlen(facts->directory.records_dn) > NAME_DN_MOST) {
        error_set(err, ERROR_BUG, "a record was to be written where none were looked for");
        return RECORD_FAILED;
    }
    request = calloc(1, sizeof(*request));
    if (!request)
        error_memory(err);
    else if (open_server(settings, facts->directory.uri, now, &connection, err))
        result = record_now(connection, facts, change, request, err);
    connection_close(connection);
    free(request);
    return result;
}
