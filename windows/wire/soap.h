/*
 * The requests of WS-Management's command shell (MS-WSMV 3.1.4), each as one SOAP 1.2 envelope: make a shell, start a
 * command in it, feed it, fetch what it writes, end it, remove the shell. Pure; a text may hold secrets afterwards, and
 * is wiped when freed.
 */
#ifndef WINDOWS_WIRE_SOAP_H
#define WINDOWS_WIRE_SOAP_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define SOAP_ID_SIZE 42  /* of a message, "uuid:" included */
#define SOAP_PATIENCE 20 /* seconds that a server waits for output before it says that there is none yet */

struct soap_address {
    const char *url;
    const char *shell;   /* its identifier; NULL before there is one */
    const char *command; /* likewise */
};

/* A new identifier of a message. CRYPTO error. */
bool soap_make_id(char ret_id[SOAP_ID_SIZE], struct error *err) MUST_CHECK;

void soap_create(struct text *text, const char *id, const struct soap_address *to);
void soap_command(struct text *text, const char *id, const struct soap_address *to, const char *line);
/* All of its standard input, which ends with it. */
void soap_send(struct text *text, const char *id, const struct soap_address *to, const void *input, size_t length);
void soap_receive(struct text *text, const char *id, const struct soap_address *to);
void soap_terminate(struct text *text, const char *id, const struct soap_address *to);
void soap_delete(struct text *text, const char *id, const struct soap_address *to);

#endif
