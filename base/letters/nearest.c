#include "base/letters/nearest.h"

#include <stdint.h>
#include <string.h>

#define NAME_MOST 40 /* longer ones are near to nothing */

/* Levenshtein distance, letters of either case alike. Both names are at most NAME_MOST long. */
static size_t distance(const char *a, const char *b) {
    size_t row[NAME_MOST + 1];
    size_t length = strlen(b);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + ((a[i - 1] | 0x20) != (b[j - 1] | 0x20));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[length];
}

size_t nearest_apart(const char *name, const char *known) {
    size_t length = strlen(name);
    size_t other = strlen(known);

    if (length == 0 || length > NAME_MOST || other > NAME_MOST)
        return SIZE_MAX;
    size_t shorter = length < other ? length : other;
    size_t apart = distance(name, known);
    if (apart <= 1 + shorter / 4 && apart < shorter)
        return apart;
    /* "password" for password_file, "relays_list" for relay */
    if (shorter >= 2 && strncmp(name, known, shorter) == 0)
        return apart + NAME_MOST;
    return SIZE_MAX;
}
