#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/slots.h"

/* The input is lines: each one a value, but the one that begins with "D" is the date. */
#define VALUES_MOST 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

static void check_thumbprint(const char *thumbprint) {
    size_t length = strlen(thumbprint);

    need(length == 0 || (length == THUMBPRINT_LENGTH && strspn(thumbprint, "0123456789ABCDEF") == length));
}

/* What must hold whatever was read. */
static void check_slots(const struct slots *slots, size_t count, bool date) {
    bool next = slots->thumbprint[SLOT_NEXT][0] != '\0';

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        check_thumbprint(slots->thumbprint[i]);
        need(slots->thumbprint[i][0] == '\0' || (slots->malformed & MALFORMED_NO_VALUE) == 0);
    }
    check_thumbprint(slots->other_next);
    need(slots->other_next[0] == '\0' || (next && (slots->malformed & MALFORMED_TWO_VALUES) != 0));
    need(!slots->bare_current || slots->thumbprint[SLOT_CURRENT][0] != '\0');
    need(slots->date_set == date);
    need(slots->date == 0 || (slots->date_set && slots->date_readable));
    need(!next || slots->date_set || (slots->malformed & MALFORMED_NEXT_WITHOUT_DATE) != 0);
    need(!next || (slots->leftover & (LEFTOVER_DATE | LEFTOVER_NEXT_IS_CURRENT)) == 0);
    need(!next || slots->date_readable || slots->malformed != 0);
    need(count > 0 || (slots->malformed & MALFORMED_NO_VALUE) != 0);
    /* Nothing wrong means that there is a current. */
    need(slots->malformed != 0 || slots->thumbprint[SLOT_CURRENT][0] != '\0');
}

/* A directory keeps no order: it must not matter while no two values compete. */
static void check_order(const struct bytes *values, size_t count, const struct bytes *date,
                        const struct slots *forward) {
    struct bytes reversed[VALUES_MOST];
    struct slots slots;

    for (size_t i = 0; i < count; i++)
        reversed[i] = values[count - 1 - i];
    slots_decode(reversed, count, date, &slots);
    need(slots.malformed == forward->malformed && slots.leftover == forward->leftover);
    if ((slots.malformed & MALFORMED_TWO_VALUES) == 0)
        need(memcmp(slots.thumbprint, forward->thumbprint, sizeof(slots.thumbprint)) == 0 &&
             slots.bare_current == forward->bare_current);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes values[VALUES_MOST];
    struct bytes date = {0};
    struct slots slots;
    size_t count = 0;
    unsigned char *copy = malloc(size + 1);
    unsigned char *at = copy;

    if (copy == NULL)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\n';
    while (at < copy + size && count < VALUES_MOST) {
        unsigned char *end = memchr(at, '\n', (size_t)(copy + size - at) + 1);

        if (*at == 'D')
            date = (struct bytes){.data = at + 1, .length = (size_t)(end - at) - 1};
        else
            values[count++] = (struct bytes){.data = at, .length = (size_t)(end - at)};
        at = end + 1;
    }
    slots_decode(values, count, &date, &slots);
    check_slots(&slots, count, date.data != NULL);
    check_order(values, count, &date, &slots);
    free(copy);
    return 0;
}
