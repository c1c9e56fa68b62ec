#include "tests/needle.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASK 0xa5
#define REGION_MOST (256UL * 1024 * 1024)

struct needle needle_of(const unsigned char *value) {
    struct needle needle;

    for (size_t i = 0; i < NEEDLE_LENGTH; i++)
        needle.octets[i] = value[i] ^ MASK;
    return needle;
}

/* How often the needle stands in `length` bytes, forwards or, as numbers of OpenSSL stand in memory, backwards. */
static size_t count_in(const unsigned char *bytes, size_t length, const struct needle *needle, bool backwards) {
    int first = needle->octets[backwards ? NEEDLE_LENGTH - 1 : 0] ^ MASK;
    const unsigned char *end = bytes + length;
    size_t count = 0;

    for (const unsigned char *at = bytes; end - at >= NEEDLE_LENGTH; at++) {
        size_t same = 0;

        at = memchr(at, first, (size_t)(end - at) - NEEDLE_LENGTH + 1);
        if (at == NULL)
            break;
        while (same < NEEDLE_LENGTH && (at[same] ^ MASK) == needle->octets[backwards ? NEEDLE_LENGTH - 1 - same : same])
            same++;
        count += same == NEEDLE_LENGTH ? 1 : 0;
    }
    return count;
}

size_t needle_count(const struct needle *needle) {
    FILE *maps = fopen("/proc/self/maps", "re");
    FILE *memory = fopen("/proc/self/mem", "rbe");
    static unsigned char piece[1 << 20];
    char line[512];
    size_t count = 0;

    if (!maps || !memory)
        abort();
    setvbuf(memory, NULL, _IONBF, 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *end;
        unsigned long from = strtoul(line, &end, 16);
        unsigned long to = strtoul(end + 1, &end, 16);

        if (end[2] != 'w' || to - from > REGION_MOST)
            continue;
        for (unsigned long at = from; at < to; at += sizeof(piece) - NEEDLE_LENGTH + 1) {
            size_t want = to - at < sizeof(piece) ? to - at : sizeof(piece);
            size_t got;

            if (fseek(memory, (long)at, SEEK_SET) != 0)
                break;
            got = fread(piece, 1, want, memory);
            count += count_in(piece, got, needle, false) + count_in(piece, got, needle, true);
            memset(piece, 0, sizeof(piece));
        }
    }
    fclose(memory);
    fclose(maps);
    return count;
}
