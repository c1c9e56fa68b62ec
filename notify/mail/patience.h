/*
 * For how long a mail relay is waited for: the one table of all time-outs of SMTP. A relay that looks for viruses, or
 * is busy, is slow at some steps more than at others, and whoever gives up early sends twice. Plain data; no clock.
 */
#ifndef NOTIFY_MAIL_PATIENCE_H
#define NOTIFY_MAIL_PATIENCE_H

#include <stdint.h>

enum mail_step {
    STEP_CONNECT,
    STEP_GREETING, /* also TLS before it */
    STEP_COMMAND,  /* EHLO, STARTTLS and TLS behind it, AUTH, NOOP */
    STEP_SENDER,
    STEP_RECIPIENT,
    STEP_DATA,
    STEP_BLOCK, /* of the letter, each */
    STEP_FINAL, /* the answer to the whole letter */
    STEP_QUIT
};
#define STEP_COUNT 9

struct patience {
    int64_t step[STEP_COUNT]; /* milliseconds from the moment when the step begins */
    int64_t run; /* milliseconds for all mail of one run, which the unit's own limit has to leave room for */
};

/* Those of RFC 5321 4.5.3.2 where it names one. */
extern const struct patience patience_standard;

/* What is waited for, as in "within 300 seconds it did not ...". */
const char *patience_awaited(enum mail_step step);

#endif
