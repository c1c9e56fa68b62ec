/*
 * MIT Kerberos, loaded when somebody logs in by it: other ways of logging in do not pay for it. The linker therefore
 * does not know of it, so a package of this program names it as a dependency (Debian: libgssapi-krb5-2). This is the
 * only header that includes Kerberos's own.
 */
#ifndef KERBEROS_LIBKRB5_H
#define KERBEROS_LIBKRB5_H

#include "base/error.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdbool.h>

/* Every function that is used. */
#define LIBKRB5_FUNCTIONS(X)                                                                                           \
    X(krb5_build_principal)                                                                                            \
    X(krb5_cc_destroy)                                                                                                 \
    X(krb5_cc_initialize)                                                                                              \
    X(krb5_cc_new_unique)                                                                                              \
    X(krb5_cc_store_cred)                                                                                              \
    X(krb5_copy_principal)                                                                                             \
    X(krb5_free_context)                                                                                               \
    X(krb5_free_cred_contents)                                                                                         \
    X(krb5_free_creds)                                                                                                 \
    X(krb5_free_error_message)                                                                                         \
    X(krb5_free_host_realm)                                                                                            \
    X(krb5_free_keytab_entry_contents)                                                                                 \
    X(krb5_free_principal)                                                                                             \
    X(krb5_free_unparsed_name)                                                                                         \
    X(krb5_get_credentials)                                                                                            \
    X(krb5_get_error_message)                                                                                          \
    X(krb5_get_host_realm)                                                                                             \
    X(krb5_get_init_creds_keytab)                                                                                      \
    X(krb5_init_context)                                                                                               \
    X(krb5_kt_close)                                                                                                   \
    X(krb5_kt_end_seq_get)                                                                                             \
    X(krb5_kt_next_entry)                                                                                              \
    X(krb5_kt_resolve)                                                                                                 \
    X(krb5_kt_start_seq_get)                                                                                           \
    X(krb5_parse_name)                                                                                                 \
    X(krb5_unparse_name)
#define LIBGSSAPI_FUNCTIONS(X)                                                                                         \
    X(gss_delete_sec_context)                                                                                          \
    X(gss_display_status)                                                                                              \
    X(gss_import_name)                                                                                                 \
    X(gss_init_sec_context)                                                                                            \
    X(gss_krb5_import_cred)                                                                                            \
    X(gss_release_buffer)                                                                                              \
    X(gss_release_cred)                                                                                                \
    X(gss_release_name)                                                                                                \
    X(gss_unwrap)                                                                                                      \
    X(gss_wrap)                                                                                                        \
    X(gss_wrap_size_limit)

struct libkrb5 {
#define LIBKRB5_MEMBER(name) __typeof__(name) *name;
    LIBKRB5_FUNCTIONS(LIBKRB5_MEMBER)
    LIBGSSAPI_FUNCTIONS(LIBKRB5_MEMBER)
#undef LIBKRB5_MEMBER
};

/* Finds all of them; what was loaded stays so until the program ends. LOCAL error when Kerberos is not installed. */
bool libkrb5_load(struct libkrb5 *ret_libkrb5, struct error *err) __attribute__((warn_unused_result));

#endif
