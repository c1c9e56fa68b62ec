#include "kerberos/ticket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kerberos/keytab.h"

#define WHAT_SIZE 400
#define ENTRIES_MOST 1000 /* of a key table that are looked at */

static bool failed(const struct kerberos *kerberos, krb5_error_code code, const char *what, struct error *err) {
    const char *said = kerberos->library.krb5_get_error_message(kerberos->context, code);

    if (code == ENOMEM)
        error_memory(err);
    else
        kerberos_trouble(code, said ? said : "no reason given", what, err);
    if (said)
        kerberos->library.krb5_free_error_message(kerberos->context, said);
    return false;
}

/* Kerberos reads key tables from files alone, and this one was read already, with its permissions checked and perhaps
 * by another user: the copy is a file in memory that nobody else can open. */
static bool keytab_file(const struct secret *keytab, int *ret_file, struct error *err) {
    int file = memfd_create("keytab", MFD_CLOEXEC);
    size_t done = 0;

    if (file < 0)
        return error_errno(err, errno, "cannot hold the key table in memory");
    while (done < keytab->length) {
        ssize_t put = write(file, keytab->value + done, keytab->length - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            error_errno(err, errno, "cannot hold the key table in memory");
            close(file);
            return false;
        }
        done += (size_t)put;
    }
    *ret_file = file;
    return true;
}

/* An account has one component in its name, or is a computer; host/... and the like cannot log in. Without any, the
 * first entry: the error then names it. */
static krb5_error_code first_account(struct kerberos *kerberos, krb5_keytab table) {
    const struct libkrb5 *library = &kerberos->library;
    krb5_kt_cursor cursor = NULL;
    krb5_keytab_entry entry;
    krb5_error_code code = library->krb5_kt_start_seq_get(kerberos->context, table, &cursor);
    krb5_error_code copied = 0;
    bool found = false;

    if (code != 0)
        return code;
    for (int i = 0; i < ENTRIES_MOST && !found && copied == 0; i++) {
        code = library->krb5_kt_next_entry(kerberos->context, table, &entry, &cursor);
        if (code != 0)
            break;
        found = entry.principal->length == 1;
        if (found || !kerberos->account) {
            library->krb5_free_principal(kerberos->context, kerberos->account);
            kerberos->account = NULL;
            copied = library->krb5_copy_principal(kerberos->context, entry.principal, &kerberos->account);
        }
        library->krb5_free_keytab_entry_contents(kerberos->context, &entry);
    }
    library->krb5_kt_end_seq_get(kerberos->context, table, &cursor);
    return copied != 0 ? copied : (kerberos->account ? 0 : code);
}

static bool choose_account(struct kerberos *kerberos, krb5_keytab table, const char *principal, struct error *err) {
    krb5_error_code code;
    char what[WHAT_SIZE];
    char *name = NULL;

    if (principal) {
        code = kerberos->library.krb5_parse_name(kerberos->context, principal, &kerberos->account);
        snprintf(what, sizeof(what), "log in as %.300s", principal);
    } else {
        code = first_account(kerberos, table);
        snprintf(what, sizeof(what), "read the key table");
    }
    if (code == 0)
        code = kerberos->library.krb5_unparse_name(kerberos->context, kerberos->account, &name);
    if (code != 0)
        return failed(kerberos, code, what, err);
    kerberos->name = strdup(name);
    kerberos->library.krb5_free_unparsed_name(kerberos->context, name);
    return kerberos->name || error_memory(err);
}

static bool get_ticket(struct kerberos *kerberos, krb5_keytab table, struct error *err) {
    const struct libkrb5 *library = &kerberos->library;
    krb5_creds creds;
    krb5_error_code code;
    char what[WHAT_SIZE];

    memset(&creds, 0, sizeof(creds));
    snprintf(what, sizeof(what), "log in by Kerberos as %.300s", kerberos->name);
    code = library->krb5_cc_new_unique(kerberos->context, "MEMORY", NULL, &kerberos->cache);
    if (code == 0)
        code = library->krb5_get_init_creds_keytab(kerberos->context, &creds, kerberos->account, table, 0, NULL, NULL);
    if (code == 0)
        code = library->krb5_cc_initialize(kerberos->context, kerberos->cache, creds.client);
    if (code == 0)
        code = library->krb5_cc_store_cred(kerberos->context, kerberos->cache, &creds);
    library->krb5_free_cred_contents(kerberos->context, &creds);
    return code == 0 || failed(kerberos, code, what, err);
}

static bool log_in(struct kerberos *kerberos, int file, const char *principal, struct error *err) {
    krb5_keytab table = NULL;
    krb5_error_code code;
    char name[64];
    bool ok;

    snprintf(name, sizeof(name), "FILE:/proc/self/fd/%d", file);
    code = kerberos->library.krb5_kt_resolve(kerberos->context, name, &table);
    if (code != 0)
        return failed(kerberos, code, "read the key table", err);
    ok = choose_account(kerberos, table, principal, err) && get_ticket(kerberos, table, err);
    kerberos->library.krb5_kt_close(kerberos->context, table);
    return ok;
}

bool kerberos_open(const struct secret *keytab, const char *principal, struct kerberos **ret_kerberos,
                   struct error *err) {
    struct kerberos *kerberos = calloc(1, sizeof(*kerberos));
    krb5_error_code code;
    int file = -1;
    bool ok = false;

    if (!kerberos)
        return error_memory(err);
    if (!keytab_check(keytab->value, keytab->length, err) || !libkrb5_load(&kerberos->library, err)) {
        free(kerberos);
        return false;
    }
    code = kerberos->library.krb5_init_context(&kerberos->context);
    if (code != 0)
        failed(kerberos, code, "start Kerberos", err);
    else if (keytab_file(keytab, &file, err))
        ok = log_in(kerberos, file, principal, err);
    if (file >= 0)
        close(file);
    if (ok)
        *ret_kerberos = kerberos;
    else
        kerberos_close(kerberos);
    return ok;
}

/* The service's name without asking DNS for another one. Where krb5.conf does not say which realm the host belongs to,
 * it stays open, and the account's own realm tells. */
static krb5_error_code service_of(struct kerberos *kerberos, const char *host, krb5_principal *ret_service) {
    const struct libkrb5 *library = &kerberos->library;
    char **realms = NULL;
    krb5_error_code code = library->krb5_get_host_realm(kerberos->context, host, &realms);
    const char *realm;

    if (code != 0)
        return code;
    realm = realms && realms[0] ? realms[0] : "";
    code = library->krb5_build_principal(kerberos->context, ret_service, (unsigned int)strlen(realm), realm, "ldap",
                                         host, (char *)NULL);
    library->krb5_free_host_realm(kerberos->context, realms);
    return code;
}

bool kerberos_ticket(struct kerberos *kerberos, const char *host, char **ret_service, struct error *err) {
    const struct libkrb5 *library = &kerberos->library;
    krb5_creds wanted;
    krb5_creds *got = NULL;
    krb5_principal service = NULL;
    krb5_error_code code = service_of(kerberos, host, &service);
    char what[WHAT_SIZE];
    char *name = NULL;

    memset(&wanted, 0, sizeof(wanted));
    snprintf(what, sizeof(what), "get a Kerberos ticket for ldap/%s", host);
    wanted.client = kerberos->account;
    wanted.server = service;
    if (code == 0)
        code = library->krb5_get_credentials(kerberos->context, 0, kerberos->cache, &wanted, &got);
    if (code == 0)
        code = library->krb5_unparse_name(kerberos->context, service, &name);
    if (code == 0) {
        *ret_service = strdup(name);
        if (!*ret_service)
            code = ENOMEM;
    }
    if (got)
        library->krb5_free_creds(kerberos->context, got);
    if (name)
        library->krb5_free_unparsed_name(kerberos->context, name);
    library->krb5_free_principal(kerberos->context, service);
    return code == 0 || failed(kerberos, code, what, err);
}

void kerberos_close(struct kerberos *kerberos) {
    if (!kerberos)
        return;
    if (kerberos->context) {
        if (kerberos->cache)
            kerberos->library.krb5_cc_destroy(kerberos->context, kerberos->cache);
        kerberos->library.krb5_free_principal(kerberos->context, kerberos->account);
        kerberos->library.krb5_free_context(kerberos->context);
    }
    free(kerberos->name);
    free(kerberos);
}
