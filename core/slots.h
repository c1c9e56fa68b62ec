/*
 * The three slots of the auth configuration: current, previous and next, as the attribute
 * msExchAuthCertificateThumbprint spells them ("0:", "1:", "2:" before the thumbprint, a bare value that stands alone
 * is current), with everything that can be wrong with the spelling. Read as strictly as Exchange reads: a prefix begins
 * the value, without blanks. Decoding is total: any bytes give slots and a set of malformations, never an error.
 */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "base/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define THUMBPRINT_LENGTH 40
#define THUMBPRINT_SIZE (THUMBPRINT_LENGTH + 1)

/* In the order of their prefixes. */
enum slot { SLOT_CURRENT, SLOT_PREVIOUS, SLOT_NEXT };
#define SLOT_COUNT 3

/* "current", "previous", "next". */
const char *slot_name(enum slot slot);

/* What can be wrong; a set of bits. */
enum malformation {
    MALFORMED_NO_VALUE = 1 << 0,      /* no thumbprint value at all: never set, or not readable */
    MALFORMED_TWO_VALUES = 1 << 1,    /* two values with one prefix (a bare value has the prefix 0) */
    MALFORMED_LONE_PREVIOUS = 1 << 2, /* previous without current: Exchange reads it as current */
    MALFORMED_LONE_NEXT = 1 << 3,     /* next without current: likewise */
    MALFORMED_PREFIX = 1 << 4,        /* a prefix other than 0, 1, 2 */
    MALFORMED_THUMBPRINT = 1 << 5,    /* not 40 hex digits after dropping spaces */
    MALFORMED_NEXT_WITHOUT_DATE = 1 << 6,
    MALFORMED_DATE = 1 << 7,  /* beside a next, a date that is no GeneralizedTime with a zone from 1601 on */
    MALFORMED_HIDDEN = 1 << 8 /* a value that Exchange takes for no slot at all: a bare one beside others, or blanks
                                 before or inside the prefix */
};

/* What is nothing to Exchange; a set of bits. */
enum leftover {
    LEFTOVER_NEXT_IS_CURRENT = 1 << 0, /* next named current once more, and is empty; not judged while two compete */
    LEFTOVER_DATE = 1 << 1,            /* a date without next, readable or not */
    LEFTOVER_VALUE = 1 << 2            /* one that Exchange does not see, beside one of its slot that it does */
};

struct slots {
    char thumbprint[SLOT_COUNT][THUMBPRINT_SIZE]; /* upper case; "" = empty. Of two values the first readable one; of
                                                     one that Exchange does not see, what it was meant to say */
    char other_next[THUMBPRINT_SIZE];             /* the second of exactly two next values, both readable, beside
                                                     at most one of each other slot; else "" */
    bool bare_current;                            /* current is written without prefix */
    bool repeated;                                /* with MALFORMED_TWO_VALUES: each two say the same thumbprint */
    bool hidden[SLOT_COUNT];                      /* with MALFORMED_HIDDEN: Exchange does not see what stands here */
    bool date_set;                                /* a date is there, readable or not */
    bool date_readable;                           /* with date_set */
    time_t date;                                  /* next effective date; 0 without date_readable */
    unsigned malformed;                           /* of enum malformation */
    unsigned leftover;                            /* of enum leftover */
};

/* What one value of the attribute says by itself. */
struct slot_value {
    bool known_prefix; /* perhaps with blanks around it */
    enum slot slot;    /* with known_prefix */
    bool bare;         /* without one, which counts only where no other value stands */
    bool exact;        /* begins with the prefix as Exchange reads it */
    bool empty;        /* nothing behind the prefix */
    bool readable;     /* thumbprint is set */
    char thumbprint[THUMBPRINT_SIZE];
};

/* Decodes one value, of any bytes. */
struct slot_value slot_value_parse(const struct bytes *bytes);

/* Decodes the values of the attribute and the date (`date` NULL = absent). Values may hold any bytes. A value is
 * compared without regard to case, ignoring spaces. A prefix with nothing behind it is an empty slot. A slot whose
 * value is there but unreadable (MALFORMED_THUMBPRINT) stays empty here without counting as absent: it makes no
 * NO_VALUE, LONE_PREVIOUS, LONE_NEXT or LEFTOVER_DATE. Nor does a value with an unknown prefix make NO_VALUE. */
void slots_decode(const struct bytes *values, size_t count, const struct bytes *date, struct slots *ret_slots);

/* Do two looks show the same, to Exchange? */
bool slots_same(const struct slots *one, const struct slots *other);

/* 40 hex digits of either case, spaces ignored, into upper case. False when it is none. */
bool thumbprint_parse(const char *text, size_t length, char ret_thumbprint[THUMBPRINT_SIZE]);

#endif
