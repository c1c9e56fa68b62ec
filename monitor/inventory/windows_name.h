/*
 * A distinguished name as Windows writes it (CERT_X500_NAME_STR with the most specific part first:
 * "CN=mail.contoso.com, O=\"Contoso, Inc.\", C=US"), and the `<I>issuer<S>subject` of Exchange's connectors. Taken
 * apart and compared part by part, without case, never as text. What cannot be taken apart is not understood, which is
 * not the same as another name. Pure: takes any bytes.
 */
#ifndef MONITOR_INVENTORY_WINDOWS_NAME_H
#define MONITOR_INVENTORY_WINDOWS_NAME_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define WINDOWS_NAME_MOST 4096 /* bytes of a name; a longer one is not understood */

struct windows_name_part {
    char *type;  /* an OID, in dotted decimal */
    char *value; /* UTF-8 */
    size_t rdn;  /* which RDN it is of: 0 is the most specific */
};

struct windows_name {
    struct windows_name_part *parts;
    size_t count;
};

void windows_name_free(struct windows_name *name);

/* DATA error that says where it is not understood. */
bool windows_name_parse(const char *text, size_t length, struct windows_name *ret_name, struct error *err) MUST_CHECK;

/* Of a certificate, an X509_NAME of OpenSSL's. DATA error for a value that is no text. */
struct X509_name_st;
bool windows_name_read(const struct X509_name_st *name, struct windows_name *ret_name, struct error *err) MUST_CHECK;

/* As Windows writes it. */
void windows_name_write(const struct windows_name *name, struct text *out);

bool windows_name_equal(const struct windows_name *one, const struct windows_name *other);

/* `<I>issuer<S>subject`; the issuer may lack or be empty, which fits any. */
struct windows_pair {
    bool has_issuer;
    struct windows_name issuer;
    struct windows_name subject;
};

bool windows_pair_parse(const char *text, struct windows_pair *ret_pair, struct error *err) MUST_CHECK;
void windows_pair_free(struct windows_pair *pair);

#endif
