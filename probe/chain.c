#include "probe/chain.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/certificate.h"
#include "core/inventory/tls_names.h"

#define DEFAULT_LEVEL 2 /* of Debian */
#define NAME_MOST 256

static X509 *read_pem(const char *pem) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

static bool is_for(X509 *certificate, const char *host) {
    return X509_check_host(certificate, host, 0, 0, NULL) == 1 || X509_check_ip_asc(certificate, host, 0) == 1;
}

static enum chain_trust trust_of(int error) {
    switch (error) {
    case X509_V_OK:
        return CHAIN_TRUSTED;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return CHAIN_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return CHAIN_CA_UNKNOWN;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return CHAIN_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return CHAIN_NOT_YET_VALID;
    default:
        return CHAIN_REFUSED;
    }
}

/* How strong keys and signatures have to be, as TLS on this host has it: without being told, a store asks for nothing.
 */
static int security_level(void) {
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    int level = tls ? SSL_CTX_get_security_level(tls) : DEFAULT_LEVEL;

    SSL_CTX_free(tls);
    return level;
}

static bool verify(X509 *leaf, STACK_OF(X509) * others, X509_STORE *store, time_t now, struct chain *chain,
                   struct error *err) {
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    const X509 *at_fault;
    bool ok = false;
    int error;

    if (!context || X509_STORE_CTX_init(context, store, leaf, others) != 1 ||
        X509_STORE_CTX_set_default(context, "ssl_server") != 1) {
        error_openssl(err, ERROR_CRYPTO, "cannot check a TLS certificate against the trusted CAs");
        goto out;
    }
    X509_STORE_CTX_set_time(context, 0, now);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), security_level());
    error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    chain->trust = trust_of(error);
    at_fault = X509_STORE_CTX_get_current_cert(context);
    if (error != X509_V_OK && at_fault)
        chain->judged = certificate_name(X509_get_subject_name(at_fault), NAME_MOST);
    if (chain->trust == CHAIN_CA_UNKNOWN && at_fault)
        chain->authority = certificate_name(X509_get_issuer_name(at_fault), NAME_MOST);
    chain->verdict = error;
    if (chain->trust == CHAIN_REFUSED)
        text_printable(chain->detail, sizeof(chain->detail), X509_verify_cert_error_string(error),
                       strlen(X509_verify_cert_error_string(error)));
    ok = true;
out:
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return ok;
}

bool chain_judge(const struct strings *pem, const char *host, const char *fqdn, X509_STORE *store, time_t now,
                 struct chain *ret_chain, struct error *err) {
    struct chain chain = {0};
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = pem->count > 0 ? read_pem(pem->items[0]) : NULL;
    struct tm end;
    bool ok = false;

    if (!leaf || !others) {
        error_set(err, ERROR_DATA, "its TLS certificate cannot be read");
        goto out;
    }
    for (size_t i = 1; i < pem->count; i++) {
        X509 *other = read_pem(pem->items[i]);

        if (other && sk_X509_push(others, other) <= 0)
            X509_free(other);
    }
    tls_names_list(leaf, &chain.names);
    chain.issuer = certificate_name(X509_get_issuer_name(leaf), NAME_MOST);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &end) == 1)
        chain.not_after = timegm(&end);
    chain.fits_host = is_for(leaf, host);
    chain.fits_own = is_for(leaf, fqdn);
    ok = (chain.issuer && !chain.names.failed) || error_memory(err);
    ok = ok && verify(leaf, others, store, now, &chain, err);
out:
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    ERR_clear_error();
    if (ok)
        *ret_chain = chain;
    else
        chain_free(&chain);
    return ok;
}

void chain_free(struct chain *chain) {
    strings_free(&chain->names);
    free(chain->issuer);
    free(chain->authority);
    free(chain->judged);
    *chain = (struct chain){0};
}
