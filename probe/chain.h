/*
 * The TLS certificates that a server showed, judged by hand: which names the first one carries, who issued it, and why
 * it would not be trusted. Used where the connection itself was made without verification. Owns its strings.
 */
#ifndef PROBE_CHAIN_H
#define PROBE_CHAIN_H

#include "base/error.h"
#include "base/text.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <time.h>

enum chain_trust {
    CHAIN_TRUSTED,
    CHAIN_SELF_SIGNED,   /* the server's own certificate vouches for itself */
    CHAIN_CA_UNKNOWN,    /* `authority` is not among the trusted ones */
    CHAIN_EXPIRED,       /* `judged` has ended */
    CHAIN_NOT_YET_VALID, /* likewise */
    CHAIN_REFUSED        /* for another reason; see detail */
};

struct chain {
    struct strings names; /* DNS names and addresses of the server's certificate, printable */
    char *issuer;         /* of the server's certificate, printable */
    time_t not_after;     /* of it */
    bool fits_host;       /* it is for the name asked about */
    bool fits_own;        /* it is for the server's own name */
    enum chain_trust trust;
    char *authority; /* the CA that is missing; NULL unless CHAIN_CA_UNKNOWN */
    char *judged;    /* the subject of the certificate that is at fault; NULL when trusted */
    char detail[96]; /* OpenSSL's words for CHAIN_REFUSED */
    long verdict;    /* and its number, X509_V_ERR_... */
};

/* `pem`: the chain as shown, at least one. DATA error when the first cannot be read. */
bool chain_judge(const struct strings *pem, const char *host, const char *fqdn, X509_STORE *store, time_t now,
                 struct chain *ret_chain, struct error *err) MUST_CHECK;

void chain_free(struct chain *chain);

#endif
