/*
 * What Windows' numbers of refusals mean (MS-WSMV 2.2.4.43 and the public header wsmerror.h): what the caller does
 * about one, and what is said to the admin. Pure. Texts of Windows are in its own language, so the number alone counts.
 */
#ifndef WINDOWS_WIRE_FAULT_H
#define WINDOWS_WIRE_FAULT_H

#include <stdint.h>

enum fault_kind {
    FAULT_WAIT,  /* there is no output yet: ask again */
    FAULT_GONE,  /* the shell is no more */
    FAULT_BUSY,  /* too much at this moment: a later run can go on */
    FAULT_RIGHT, /* the account may not */
    FAULT_SETUP, /* a setting of the server forbids it */
    FAULT_OTHER
};

struct fault {
    uint64_t code;
    enum fault_kind kind;
    const char *text; /* static: what it means and what to do; NULL = nothing is known of it */
};

/* What is known of a number. */
struct fault fault_of(uint64_t code);

#endif
