#include "kerberos/ticket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kerberos/keytab.h"

#define ENTRIES_MOST 1000 /* of a key table that are looked at */

static bool failed(const struct ticket *ticket, krb5_error_code code, const char *what, struct error *err) {
    const char *said = krb5_get_error_message(ticket->library, code);

    if (code == ENOMEM)
        error_memory(err);
    else
        kerberos_trouble(code, said ? said : "no reason given", what, err);
    if (said)
        krb5_free_error_message(ticket->library, said);
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
static krb5_error_code first_account(struct ticket *ticket, krb5_keytab table) {
    krb5_kt_cursor cursor = NULL;
    krb5_keytab_entry entry;
    krb5_error_code code = krb5_kt_start_seq_get(ticket->library, table, &cursor);
    krb5_error_code copied = 0;
    bool found = false;

    if (code != 0)
        return code;
    for (int i = 0; i < ENTRIES_MOST && !found && copied == 0; i++) {
        code = krb5_kt_next_entry(ticket->library, table, &entry, &cursor);
        if (code != 0)
            break;
        found = entry.principal->length == 1;
        if (found || !ticket->principal) {
            krb5_free_principal(ticket->library, ticket->principal);
            ticket->principal = NULL;
            copied = krb5_copy_principal(ticket->library, entry.principal, &ticket->principal);
        }
        krb5_free_keytab_entry_contents(ticket->library, &entry);
    }
    krb5_kt_end_seq_get(ticket->library, table, &cursor);
    return copied != 0 ? copied : (ticket->principal ? 0 : code);
}

static bool choose_account(struct ticket *ticket, krb5_keytab table, const char *principal, struct error *err) {
    krb5_error_code code;
    char what[TICKET_WHAT_SIZE];
    char *name = NULL;

    if (principal) {
        code = krb5_parse_name(ticket->library, principal, &ticket->principal);
        snprintf(what, sizeof(what), "log in as %.300s", principal);
    } else {
        code = first_account(ticket, table);
        snprintf(what, sizeof(what), "read the key table");
    }
    if (code == 0)
        code = krb5_unparse_name(ticket->library, ticket->principal, &name);
    if (code != 0)
        return failed(ticket, code, what, err);
    ticket->account = strdup(name);
    krb5_free_unparsed_name(ticket->library, name);
    return ticket->account || error_memory(err);
}

static bool get_ticket(struct ticket *ticket, krb5_keytab table, struct error *err) {
    krb5_creds creds;
    krb5_error_code code;
    char what[TICKET_WHAT_SIZE];

    memset(&creds, 0, sizeof(creds));
    snprintf(what, sizeof(what), "log in by Kerberos as %.300s", ticket->account);
    code = krb5_cc_new_unique(ticket->library, "MEMORY", NULL, &ticket->cache);
    if (code == 0)
        code = krb5_get_init_creds_keytab(ticket->library, &creds, ticket->principal, table, 0, NULL, NULL);
    if (code == 0)
        code = krb5_cc_initialize(ticket->library, ticket->cache, creds.client);
    if (code == 0)
        code = krb5_cc_store_cred(ticket->library, ticket->cache, &creds);
    krb5_free_cred_contents(ticket->library, &creds);
    return code == 0 || failed(ticket, code, what, err);
}

static bool log_in(struct ticket *ticket, int file, const char *principal, struct error *err) {
    krb5_keytab table = NULL;
    krb5_error_code code;
    char name[64];
    bool ok;

    snprintf(name, sizeof(name), "FILE:/proc/self/fd/%d", file);
    code = krb5_kt_resolve(ticket->library, name, &table);
    if (code != 0)
        return failed(ticket, code, "read the key table", err);
    ok = choose_account(ticket, table, principal, err) && get_ticket(ticket, table, err);
    krb5_kt_close(ticket->library, table);
    return ok;
}

/* The service's name without asking DNS for another one. Where krb5.conf does not say which realm the host belongs to,
 * it stays open, and the account's own realm tells. */
static krb5_error_code service_of(struct ticket *ticket, const char *service, const char *host,
                                  krb5_principal *ret_service) {
    char **realms = NULL;
    krb5_error_code code = krb5_get_host_realm(ticket->library, host, &realms);
    const char *realm;

    if (code != 0)
        return code;
    realm = realms && realms[0] ? realms[0] : "";
    code = krb5_build_principal(ticket->library, ret_service, (unsigned int)strlen(realm), realm, service, host,
                                (char *)NULL);
    krb5_free_host_realm(ticket->library, realms);
    return code;
}

static bool ask_for_service(struct ticket *ticket, const char *service, const char *host, bool *ret_unknown,
                            struct error *err) {
    krb5_creds wanted;
    krb5_creds *got = NULL;
    krb5_principal principal = NULL;
    krb5_error_code code = service_of(ticket, service, host, &principal);
    char what[TICKET_WHAT_SIZE];
    char *name = NULL;

    memset(&wanted, 0, sizeof(wanted));
    snprintf(what, sizeof(what), "get a Kerberos ticket for %s/%s", service, host);
    wanted.client = ticket->principal;
    wanted.server = principal;
    if (code == 0)
        code = krb5_get_credentials(ticket->library, 0, ticket->cache, &wanted, &got);
    if (code == 0)
        code = krb5_unparse_name(ticket->library, principal, &name);
    if (code == 0 && !(ticket->service = strdup(name)))
        code = ENOMEM;
    if (code == 0)
        snprintf(ticket->what, sizeof(ticket->what), "log in as %.150s at %.200s", ticket->account, name);
    *ret_unknown = code == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN;
    krb5_free_creds(ticket->library, got);
    krb5_free_unparsed_name(ticket->library, name);
    krb5_free_principal(ticket->library, principal);
    return code == 0 || failed(ticket, code, what, err);
}

bool ticket_login(const struct secret *keytab, const char *principal, struct ticket **ret_login, struct error *err) {
    struct ticket *ticket;
    krb5_error_code code;
    int file = -1;
    bool ok = false;

    if (!keytab_check(keytab->value, keytab->length, err))
        return false;
    ticket = calloc(1, sizeof(*ticket));
    if (!ticket)
        return error_memory(err);
    code = krb5_init_context(&ticket->library);
    if (code != 0)
        failed(ticket, code, "start Kerberos", err);
    else if (keytab_file(keytab, &file, err))
        ok = log_in(ticket, file, principal, err);
    if (file >= 0)
        close(file);
    if (ok)
        *ret_login = ticket;
    else
        ticket_close(ticket);
    return ok;
}

bool ticket_open(const struct secret *keytab, const char *principal, const char *service, const char *host,
                 struct ticket **ret_ticket, struct error *err) {
    struct ticket *ticket = NULL;
    bool unknown;

    if (!ticket_login(keytab, principal, &ticket, err))
        return false;
    if (!ask_for_service(ticket, service, host, &unknown, err)) {
        ticket_close(ticket);
        return false;
    }
    *ret_ticket = ticket;
    return true;
}

bool ticket_for(const struct ticket *login, const char *service, const char *host, struct ticket **ret_ticket,
                bool *ret_unknown, struct error *err) {
    struct ticket *ticket = calloc(1, sizeof(*ticket));
    bool unknown = false;
    krb5_error_code code;
    bool ok = false;

    if (!ticket || !(ticket->account = strdup(login->account))) {
        free(ticket);
        return error_memory(err);
    }
    ticket->shared = true;
    code = krb5_init_context(&ticket->library);
    if (code == 0)
        code = krb5_copy_principal(ticket->library, login->principal, &ticket->principal);
    if (code == 0)
        code = krb5_cc_dup(ticket->library, login->cache, &ticket->cache);
    if (code != 0)
        failed(ticket, code, "start Kerberos", err);
    else
        ok = ask_for_service(ticket, service, host, &unknown, err);
    *ret_unknown = unknown;
    if (ok)
        *ret_ticket = ticket;
    else
        ticket_close(ticket);
    return ok;
}

void ticket_close(struct ticket *ticket) {
    if (!ticket)
        return;
    if (ticket->library) {
        if (ticket->cache && ticket->shared)
            krb5_cc_close(ticket->library, ticket->cache);
        else if (ticket->cache)
            krb5_cc_destroy(ticket->library, ticket->cache);
        krb5_free_principal(ticket->library, ticket->principal);
        krb5_free_context(ticket->library);
    }
    free(ticket->account);
    free(ticket->service);
    free(ticket);
}
