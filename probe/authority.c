#include "probe/authority.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "core/anchors.h"

struct authority {
    X509_STORE *store;
    X509 *leaf; /* of the chain that was last found good; NULL = none yet */
    STACK_OF(X509) * others;
};

/* This host's bundle where OpenSSL has one, and its folder, of which only what is needed is read. */
static bool use_system(X509_STORE *store) {
    X509_LOOKUP *folder = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());

    (void)X509_STORE_load_file(store, X509_get_default_cert_file());
    ERR_clear_error();
    return folder && X509_LOOKUP_add_dir(folder, X509_get_default_cert_dir(), X509_FILETYPE_PEM) == 1;
}

bool authority_open(const char *ca_file, struct authority **ret_authority, struct error *err) {
    struct authority *authority = calloc(1, sizeof(*authority));

    if (!authority)
        return error_memory(err);
    authority->store = X509_STORE_new();
    /* An intermediate CA in the file is enough. */
    if (!authority->store ||
        X509_STORE_set_flags(authority->store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST) != 1 ||
        (!ca_file && !use_system(authority->store)))
        error_openssl(err, ERROR_CRYPTO, "cannot use the CAs that this host trusts");
    else if (ca_file && !anchors_load(ca_file, authority->store, err))
        error_context(err, "cannot use ca_file = %s of [servers]", ca_file);
    else {
        *ret_authority = authority;
        return true;
    }
    authority_close(authority);
    return false;
}

X509_STORE *authority_store(const struct authority *authority) {
    return authority->store;
}

/* The very same bytes, none of them ended by now, and no question about the name, which is answered anew each time. */
static bool is_known(const struct authority *authority, X509_STORE_CTX *context) {
    const X509 *leaf = X509_STORE_CTX_get0_cert(context);
    const STACK_OF(X509) *others = X509_STORE_CTX_get0_untrusted(context);

    if (!authority->leaf || X509_cmp(leaf, authority->leaf) != 0 ||
        sk_X509_num(others) != sk_X509_num(authority->others) || X509_cmp_current_time(X509_get0_notAfter(leaf)) <= 0 ||
        X509_VERIFY_PARAM_get0_host(X509_STORE_CTX_get0_param(context), 0))
        return false;
    for (int i = 0; i < sk_X509_num(others); i++)
        if (X509_cmp(sk_X509_value(others, i), sk_X509_value(authority->others, i)) != 0 ||
            X509_cmp_current_time(X509_get0_notAfter(sk_X509_value(others, i))) <= 0)
            return false;
    return true;
}

static void forget(struct authority *authority) {
    X509_free(authority->leaf);
    sk_X509_pop_free(authority->others, X509_free);
    authority->leaf = NULL;
    authority->others = NULL;
}

/* In the place of X509_verify_cert. Purpose, level and CAs are the same for all connections; whether the certificate is
 * for the server's name is libcurl's to see, after each handshake. */
static int on_verify(X509_STORE_CTX *context, void *own) {
    struct authority *authority = own;
    X509 *leaf = X509_STORE_CTX_get0_cert(context);

    if (is_known(authority, context)) {
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return 1;
    }
    if (X509_verify_cert(context) != 1)
        return 0;
    forget(authority);
    authority->others = X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(context));
    if (authority->others && X509_up_ref(leaf) == 1)
        authority->leaf = leaf;
    return 1;
}

/* A handshake is many small records: they are read together, not each with two calls. Not so the answer, as libcurl
 * waits for the socket and does not know of what OpenSSL has read already. */
static void on_progress(const SSL *connection, int where, int result) {
    (void)result;
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
        SSL_set_read_ahead((SSL *)connection, 0);
}

void authority_apply(struct authority *authority, SSL_CTX *context) {
    SSL_CTX_set1_cert_store(context, authority->store);
    SSL_CTX_set_cert_verify_callback(context, on_verify, authority);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_info_callback(context, on_progress);
}

void authority_close(struct authority *authority) {
    if (!authority)
        return;
    forget(authority);
    X509_STORE_free(authority->store);
    free(authority);
}
