/*
 * Searches the whole memory of this process for a piece of a secret. The piece is kept masked, so that looking for it
 * does not find the looking.
 */
#ifndef TESTS_NEEDLE_H
#define TESTS_NEEDLE_H

#include <stddef.h>

#define NEEDLE_LENGTH 24

struct needle {
    unsigned char octets[NEEDLE_LENGTH];
};

/* Of the NEEDLE_LENGTH bytes at `value`. */
struct needle needle_of(const unsigned char *value);

/* How often the needle stands in memory that can be written: heap, stack, data. */
size_t needle_count(const struct needle *needle);

#endif
