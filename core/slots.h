/*
 * The three slots of the auth configuration: current, previous and next, as the attribute
 * msExchAuthCertificateThumbprint spells them ("0:", "1:", "2:" before the thumbprint, a lone bare value is current),
 * with everything that can be wrong with the spelling. Decoding is total: any bytes give slots and a set of
 * malformations, never an error.
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
    MALFORMED_NO_VALUE = 1 << 0,        /* no thumbprint value at all: never set, or not readable */
    MALFORMED_TWO_VALUES = 1 << 1,      /* two values with one prefix (a bare value has the prefix 0) */
    MALFORMED_LONE_PREVIOUS = 1 << 2,   /* previous without current: Exchange reads it as current */
    MALFORMED_LONE_NEXT = 1 << 3,       /* next without current: likewise */
    MALFORMED_PREFIX = 1 << 4,          /* a prefix other than 0, 1, 2 */
    MALFORMED_THUMBPRINT = 1 << 5,      /* not 40 hex digits after dropping spaces */
    MALFORMED_NEXT_IS_CURRENT = 1 << 6, /* the same thumbprint in both; not judged while two compete */
    MALFORMED_DATE_WITHOUT_NEXT = 1 << 7,
    MALFORMED_NEXT_WITHOUT_DATE = 1 << 8,
    MALFORMED_DATE = 1 << 9 /* a date that is no GeneralizedTime with a zone */
};

struct slots {
    char thumbprint[SLOT_COUNT][THUMBPRINT_SIZE]; /* upper case; "" = empty. Of two values the first readable one. */
    char other_next[THUMBPRINT_SIZE];             /* the second of exactly two next values, both readable, beside
                                                     at most one of each other slot; else "" */
    bool bare_current;                            /* current is written without prefix */
    bool date_set;                                /* a date is there, readable or not */
    time_t date;                                  /* next effective date; 0 with MALFORMED_DATE or without date_set */
    unsigned malformed;                           /* of enum malformation */
};

/* What one value of the attribute says by itself. */
struct slot_value {
    bool known_prefix;
    enum slot slot; /* with known_prefix */
    bool bare;
    bool empty;    /* nothing behind the prefix */
    bool readable; /* thumbprint is set */
    char thumbprint[THUMBPRINT_SIZE];
};

/* Decodes one value, of any bytes. */
struct slot_value slot_value_parse(const struct bytes *bytes);

/* Decodes the values of the attribute and the date (`date` NULL = absent). Values may hold any bytes. A value is
 * compared without regard to case, ignoring spaces. A prefix with nothing behind it is an empty slot. A slot whose
 * value is there but unreadable (MALFORMED_THUMBPRINT) stays empty here without counting as absent: it makes no
 * NO_VALUE, LONE_PREVIOUS, LONE_NEXT or DATE_WITHOUT_NEXT. Nor does a value with an unknown prefix make NO_VALUE. */
void slots_decode(const struct bytes *values, size_t count, const struct bytes *date, struct slots *ret_slots);

/* Do two looks show the same, to Exchange? */
bool slots_same(const struct slots *one, const struct slots *other);

/* 40 hex digits of either case, spaces ignored, into upper case. False when it is none. */
bool thumbprint_parse(const char *text, size_t length, char ret_thumbprint[THUMBPRINT_SIZE]);

#endif
