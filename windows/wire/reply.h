/*
 * What a server answers to one request of the command shell: taken out of its SOAP envelope, whose texts are hostile.
 * No document type is taken, sizes are capped, and what is not understood is no answer. Pure. Owns its texts; free with
 * reply_free.
 */
#ifndef WINDOWS_WIRE_REPLY_H
#define WINDOWS_WIRE_REPLY_H

#include "base/error.h"
#include "base/text.h"
#include "windows/wire/soap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_MOST ((size_t)1024 * 1024) /* bytes of an envelope; Windows sends 150 or 500 kB at most */
#define REPLY_ID_SIZE 80                 /* of a shell or command: letters, digits and hyphens */

struct reply {
    char relates_to[SOAP_ID_SIZE]; /* the request's identifier; "" = it names none */
    char shell[REPLY_ID_SIZE];     /* "" = it names none */
    char command[REPLY_ID_SIZE];   /* likewise */
    struct text out;               /* of standard output, as bytes */
    struct text errors;            /* of standard error */
    bool ended;                    /* the command has ended, */
    uint32_t status;               /* with this exit status */
    bool fault;                    /* it is a refusal, */
    uint64_t code;                 /* Windows' number of it; 0 = none, */
    char reason[256];              /* and what it says, printable */
};

/* DATA error for what is no envelope, or one that is damaged. */
bool reply_read(const char *text, size_t length, struct reply *ret_reply, struct error *err) MUST_CHECK;

void reply_free(struct reply *reply);

#endif
