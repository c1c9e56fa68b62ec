/*
 * What Exchange servers said of themselves: the metadata document that each serves over HTTPS, as plain data. Nothing
 * is judged here but that every listed certificate is the one its thumbprint names (SHA-1). Texts are printable.
 * Whoever holds a struct probed owns all of it; free with probed_free.
 */
#ifndef CORE_PROBED_H
#define CORE_PROBED_H

#include "core/certificate.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Documents are cached for 12 hours and the object is looked at every 12: what one lacks after so long is missing. */
#define PROBED_SETTLED (25 * (time_t)3600)

enum probed_outcome {
    PROBED_UNREACHABLE = 0, /* no connection: its name is unknown, nothing answers at its address */
    PROBED_UNCLEAR,         /* it answered, and nothing can be taken from that: TLS, HTTP or the document is not good */
    PROBED_READ             /* a good document over a verified connection */
};

/* One server's answer. */
struct probed_server {
    char *fqdn;
    enum probed_outcome outcome;
    char *trouble;  /* why not PROBED_READ, and what to do: "the connection was refused (...)"; NULL when read */
    bool document;  /* a document was read, though perhaps over a connection that nothing verified */
    int status;     /* of HTTP; 0 = none came */
    bool tls_ended; /* its TLS certificate, or one above it, has ended */
    bool clock_known;
    int64_t clock_ahead;                  /* seconds that its HTTP Date is ahead of our clock */
    char *realm;                          /* NULL unless read, like the next ones; "" when the document has none */
    char *service_name;                   /* likewise */
    char (*thumbprints)[THUMBPRINT_SIZE]; /* of the certificates that the document lists */
    size_t thumbprint_count;
};

struct probed {
    struct probed_server *servers; /* in the order in which they were asked for */
    size_t server_count;
    struct certificate **certificates; /* every different one that any document lists, also an unverified one */
    size_t certificate_count;
};

void probed_free(struct probed *probed);

/* The answer of one server, names compared without case; NULL when it was not asked. */
const struct probed_server *probed_server(const struct probed *probed, const char *fqdn);

/* The certificate of a thumbprint; NULL when no document lists it. */
const struct certificate *probed_certificate(const struct probed *probed, const char *thumbprint);

#endif
