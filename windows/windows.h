/*
 * Exchange servers by WinRM: asks many of them at one time what is in their certificate store, brings a key pair there,
 * has services begin to use it, or takes a certificate away, and brings back what each one proved. A server counts as
 * holding a key only when its signature was checked. Hostile answers are expected; one slow or dead server never holds
 * up the others.
 */
#ifndef WINDOWS_WINDOWS_H
#define WINDOWS_WINDOWS_H

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "core/proof.h"
#include "windows/answers.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define WINDOWS_ORDERS_MOST 16 /* to one server in one go */

/* Borrowed from the configuration; outlives every call. */
struct windows_settings {
    bool tls;
    int port;
    struct secret keytab;
    const char *principal; /* NULL = the key table's first account */
    const char *ca_file;   /* NULL = this host's */
    int timeout;           /* seconds for one server */
    int parallel;          /* how many are talked to at one time */
};

/* What every server gets. */
struct windows_errand {
    const char *operation;                         /* static: look, import, repair, refresh, forget */
    const struct certificate *const *certificates; /* one order each; none: about the server itself */
    size_t count;
    const struct secret *password; /* of import and repair */
    const struct secret *pfx;
    const char *named; /* of forget: the thumbprints that the directory names, with blanks between */
};

/* What came of it at one server. */
struct windows_result {
    char *fqdn;
    bool reached;                  /* it answered, if only to refuse */
    bool lost;                     /* it had its orders, and what became of them is not known */
    char *trouble;                 /* printable: why there are no answers; NULL = there are */
    const char *service;           /* static: WSMAN, HOST or HTTP, by whose ticket */
    int trips;                     /* requests that went out */
    struct script_answer *answers; /* one per order */
};

/* Goes to each of the servers; *ret_results has one entry each, in their order, to free with windows_free. False when
 * nobody could be asked at all: the errors of a ticket, LOCAL. */
bool windows_ask(const struct windows_settings *settings, const struct strings *servers,
                 const struct windows_errand *errand, struct windows_result **ret_results,
                 struct error *err) MUST_CHECK;

void windows_free(struct windows_result *results, size_t count);

/* What a server's answer says of a certificate. */
enum proof windows_proof(enum script_state state);

/* Asks what the stores hold of these certificates, and notes it. */
bool windows_look(const struct windows_settings *settings, const struct strings *servers,
                  const struct certificate *const *certificates, size_t count, time_t now, struct proofs *proofs,
                  struct error *err) MUST_CHECK;

/* Brings a key pair to the servers, and notes what each proved then. Where the connection was lost meanwhile, the
 * server is asked once more what it holds. */
bool windows_import(const struct windows_settings *settings, const struct strings *servers,
                    const struct certificate *certificate, const struct secret *pfx, const struct secret *password,
                    time_t now, struct proofs *proofs, struct error *err) MUST_CHECK;

/* Has the servers begin with a certificate, all at one time: each proves its key first, then restarts
 * MSExchangeServiceHost and recycles the two pools. *ret_results as of windows_ask, of one order. */
bool windows_refresh(const struct windows_settings *settings, const struct strings *servers,
                     const struct certificate *certificate, struct windows_result **ret_results,
                     struct error *err) MUST_CHECK;

#endif
