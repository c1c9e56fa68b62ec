/*
 * One command on one server: a shell is made, the command started, fed, listened to until it ends, and the shell is
 * removed again, whatever happened in between. Nothing is done twice: where a connection was lost after the command had
 * its input, what became of it is not known. Its handle runs in a crowd (web/crowd.h).
 */
#ifndef WINDOWS_WIRE_SHELL_H
#define WINDOWS_WIRE_SHELL_H

#include "base/error.h"
#include "base/text.h"
#include "windows/wire/channel.h"
#include "windows/wire/reply.h"
#include "windows/wire/soap.h"

#include <stdbool.h>
#include <stdint.h>

#define SHELL_INPUT_MOST ((size_t)96 * 1024)   /* bytes that fit into one request */
#define SHELL_OUTPUT_MOST ((size_t)256 * 1024) /* of standard output; what is beyond ends the command */

/* Borrowed for as long as the shell. */
struct shell_order {
    struct channel_order server;
    const char *line;         /* the command line, at most 8191 characters */
    const struct text *input; /* its standard input */
    int timeout;              /* seconds for all of it, but for the removal of the shell */
};

enum shell_end {
    SHELL_FAILED, /* the command had no input: nothing was done */
    SHELL_LOST,   /* it had, and what became of it is not known */
    SHELL_ENDED   /* it ended by itself: `output` is whole */
};

struct shell {
    const struct shell_order *order;
    struct channel *channel;
    CURL *curl; /* to be run */
    int stage;  /* see shell.c */
    char id[SOAP_ID_SIZE];
    char name[REPLY_ID_SIZE];    /* of the shell; "" = there is none */
    char command[REPLY_ID_SIZE]; /* likewise */
    int64_t deadline;
    bool again;  /* it was begun anew after a failure that did no harm */
    bool rescue; /* a new connection was made to remove the shell */

    enum shell_end end; /* the outcome, when it is over */
    struct text output;
    struct text errors; /* of the command, for people */
    uint32_t status;    /* its exit status, which proves nothing */
    bool reached;
    struct error trouble; /* why not SHELL_ENDED */
};

/* Prepares the first request. A failure of this one server alone is an outcome: *ret_over, and nothing is to be run. */
bool shell_open(const struct shell_order *order, struct shell **ret_shell, bool *ret_over,
                struct error *err) MUST_CHECK;

/* The handle to be run. */
CURL *shell_handle(const struct shell *shell);

/* It has ended; false when all is over, else it is to be run again. */
bool shell_step(struct shell *shell, CURLcode result);

void shell_close(struct shell *shell);

#endif
