/*
 * What came of one request to one server, as plain data: how it ended, and what of the HTTP answer is of use. Every
 * text is capped; header values are printable, the body is as it came.
 */
#ifndef PROBE_ANSWER_H
#define PROBE_ANSWER_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ending {
    ENDING_ANSWERED, /* an HTTP answer; its body may be cut where nobody reads further */
    ENDING_NO_NAME,  /* the name has no address */
    ENDING_NO_CONNECTION,
    ENDING_LATE,         /* the time was over; `connected` and `secured` say how far it came */
    ENDING_NO_TLS,       /* the handshake failed for another reason than the certificate */
    ENDING_UNTRUSTED,    /* the certificate; see verify_result */
    ENDING_HEADERS_LONG, /* more headers than anyone needs */
    ENDING_BODY_LONG,    /* more than a document may be */
    ENDING_BROKEN,       /* the conversation broke off, or was no HTTP */
    ENDING_LOCAL         /* this host could not: memory, descriptors, the CA file */
};

struct answer {
    enum ending ending;
    bool connected;       /* there was a TCP connection */
    bool secured;         /* and TLS on it */
    int status;           /* of HTTP; 0 = none came */
    struct text body;     /* of at most DOCUMENT_MOST bytes; for a status other than 200 its first few KiB */
    bool clock_known;     /* it had a Date header that can be read */
    int64_t clock;        /* that instant, in seconds UTC */
    int64_t waited;       /* seconds from the beginning of all to this end */
    long verify_result;   /* X509_V_ERR_... of OpenSSL; after ENDING_UNTRUSTED */
    struct strings chain; /* certificates in PEM, the server's own first; only when asked for */
    char location[256];
    char date[64];     /* the Date header as it came */
    char encoding[64]; /* the first Content- or Transfer-Encoding that hides the bytes; "" = none */
    char detail[256];  /* libcurl's own words, or the system's; "" = none */
};

/* Takes one header line of the answer, of any bytes. */
void answer_header(struct answer *answer, const char *line, size_t length);

void answer_free(struct answer *answer);

#endif
