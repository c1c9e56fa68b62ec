#include "core/slots.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"

/* What all values together say, before it is judged. */
struct tally {
    size_t values[SLOT_COUNT];   /* with this prefix, empty ones too */
    size_t readable[SLOT_COUNT]; /* of them, those with a thumbprint */
    bool unreadable[SLOT_COUNT]; /* some value of this prefix is no thumbprint */
    bool disagree;               /* two values of a prefix do not say the same thumbprint */
};

const char *slot_name(enum slot slot) {
    static const char *const names[] = {[SLOT_CURRENT] = "current", [SLOT_PREVIOUS] = "previous", [SLOT_NEXT] = "next"};

    static_assert(sizeof(names) / sizeof(names[0]) == SLOT_COUNT, "a name for each");
    return names[slot];
}

/* Upper case by hand: the result must not depend on a locale. */
static char hex_digit(char digit) {
    if (digit >= 'a' && digit <= 'f')
        return (char)(digit - 'a' + 'A');
    if ((digit >= '0' && digit <= '9') || (digit >= 'A' && digit <= 'F'))
        return digit;
    return '\0';
}

bool thumbprint_parse(const char *text, size_t length, char ret_thumbprint[THUMBPRINT_SIZE]) {
    char digits[THUMBPRINT_SIZE] = {0};
    size_t count = 0;

    for (size_t i = 0; i < length; i++) {
        char digit;

        if (text[i] == ' ')
            continue;
        digit = hex_digit(text[i]);
        if (digit == '\0' || count == THUMBPRINT_LENGTH)
            return false;
        digits[count++] = digit;
    }
    if (count != THUMBPRINT_LENGTH)
        return false;
    memcpy(ret_thumbprint, digits, THUMBPRINT_SIZE);
    return true;
}

static bool only_spaces(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ')
            return false;
    return true;
}

/* The slot that a prefix means: one digit, spaces around it ignored, with which Exchange takes it for none. */
static bool prefix_parse(const char *text, size_t length, enum slot *ret_slot) {
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    if (length == 0 || !only_spaces(text + 1, length - 1))
        return false;
    if (text[0] < '0' || text[0] >= '0' + SLOT_COUNT)
        return false;
    *ret_slot = (enum slot)(text[0] - '0');
    return true;
}

struct slot_value slot_value_parse(const struct bytes *bytes) {
    struct slot_value value = {0};
    const char *text = bytes->data != NULL ? (const char *)bytes->data : "";
    size_t length = bytes->data != NULL ? bytes->length : 0;
    const char *colon = memchr(text, ':', length);

    if (colon != NULL) {
        size_t prefix = (size_t)(colon - text);

        value.known_prefix = prefix_parse(text, prefix, &value.slot);
        value.exact = value.known_prefix && prefix == 1;
        text = colon + 1;
        length -= prefix + 1;
    } else {
        value.bare = true;
        value.known_prefix = true;
        value.slot = SLOT_CURRENT;
    }
    value.empty = only_spaces(text, length);
    value.readable = !value.empty && thumbprint_parse(text, length, value.thumbprint);
    return value;
}

/* Puts one value where it belongs. The directory keeps no order, so of two values the first readable one is taken. */
static void value_take(const struct slot_value *value, bool seen, struct tally *tally, struct slots *slots) {
    char *held = slots->thumbprint[value->slot];

    bool beside = held[0] != '\0' && !slots->hidden[value->slot];

    if (!seen && beside && !value->empty)
        slots->leftover |= LEFTOVER_VALUE;
    if (!seen && (beside || value->empty))
        return;
    tally->values[value->slot]++;
    if (tally->values[value->slot] > 1 && (!value->readable || strcmp(held, value->thumbprint) != 0))
        tally->disagree = true;
    if (!seen) {
        slots->hidden[value->slot] = true;
        slots->malformed |= MALFORMED_HIDDEN;
    }
    if (value->empty)
        return;
    if (!value->readable) {
        tally->unreadable[value->slot] = true;
        slots->malformed |= MALFORMED_THUMBPRINT;
        return;
    }
    tally->readable[value->slot]++;
    if (held[0] == '\0') {
        memcpy(held, value->thumbprint, THUMBPRINT_SIZE);
        if (value->slot == SLOT_CURRENT)
            slots->bare_current = value->bare;
    } else if (value->slot == SLOT_NEXT && slots->other_next[0] == '\0') {
        memcpy(slots->other_next, value->thumbprint, THUMBPRINT_SIZE);
    }
}

static void date_take(const struct bytes *date, struct slots *slots) {
    if (date == NULL || date->data == NULL)
        return;
    slots->date_set = true;
    slots->date_readable = time_parse_generalized((const char *)date->data, date->length, &slots->date, NULL);
    if (!slots->date_readable)
        slots->date = 0;
}

/* What is wrong between the values. A slot whose value is there but no thumbprint is not taken for an absent one: the
 * unreadable value is the one thing to mend, and "no value" or "alone" would send the reader elsewhere. */
static unsigned judge(const struct tally *tally, const struct slots *slots) {
    bool has[SLOT_COUNT];
    unsigned malformed = 0;

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        has[i] = slots->thumbprint[i][0] != '\0' || tally->unreadable[i];
        if (tally->values[i] > 1)
            malformed |= MALFORMED_TWO_VALUES;
    }
    if (!has[SLOT_CURRENT] && has[SLOT_PREVIOUS])
        malformed |= MALFORMED_LONE_PREVIOUS;
    if (!has[SLOT_CURRENT] && has[SLOT_NEXT])
        malformed |= MALFORMED_LONE_NEXT;
    /* A value with an unknown prefix is a value: whoever mends the prefix may find that it was current. */
    if (!has[SLOT_CURRENT] && !has[SLOT_PREVIOUS] && !has[SLOT_NEXT] && (slots->malformed & MALFORMED_PREFIX) == 0)
        malformed |= MALFORMED_NO_VALUE;
    if ((slots->leftover & LEFTOVER_NEXT_IS_CURRENT) == 0 && has[SLOT_NEXT]) {
        if (!slots->date_set)
            malformed |= MALFORMED_NEXT_WITHOUT_DATE;
        else if (!slots->date_readable)
            malformed |= MALFORMED_DATE;
    }
    return malformed;
}

/* What Exchange does nothing with. */
static unsigned judge_leftover(const struct tally *tally, const struct slots *slots) {
    const char *next = slots->thumbprint[SLOT_NEXT];
    /* While values compete for a slot, which of them is meant is not known, and the order they come in means nothing.
     */
    bool again = tally->readable[SLOT_CURRENT] == 1 && tally->readable[SLOT_NEXT] == 1 &&
                 strcmp(slots->thumbprint[SLOT_CURRENT], next) == 0;
    bool none = again || (next[0] == '\0' && !tally->unreadable[SLOT_NEXT]);

    return (again ? LEFTOVER_NEXT_IS_CURRENT : 0u) | (slots->date_set && none ? LEFTOVER_DATE : 0u);
}

void slots_decode(const struct bytes *values, size_t count, const struct bytes *date, struct slots *ret_slots) {
    struct slots slots = {0};
    struct tally tally = {0};

    /* What Exchange sees comes first: beside it, what it does not see says nothing. */
    for (int seen = 1; seen >= 0; seen--)
        for (size_t i = 0; i < count; i++) {
            struct slot_value value = slot_value_parse(&values[i]);

            if (value.known_prefix && (value.exact || (value.bare && count == 1)) == seen)
                value_take(&value, seen, &tally, &slots);
            else if (!value.known_prefix)
                slots.malformed |= MALFORMED_PREFIX;
        }
    if (tally.values[SLOT_NEXT] != 2 || tally.values[SLOT_CURRENT] > 1 || tally.values[SLOT_PREVIOUS] > 1)
        slots.other_next[0] = '\0';
    date_take(date, &slots);
    slots.leftover |= judge_leftover(&tally, &slots);
    if (slots.leftover & LEFTOVER_NEXT_IS_CURRENT)
        slots.thumbprint[SLOT_NEXT][0] = '\0';
    slots.malformed |= judge(&tally, &slots);
    slots.repeated = (slots.malformed & MALFORMED_TWO_VALUES) != 0 && !tally.disagree;
    *ret_slots = slots;
}

bool slots_same(const struct slots *one, const struct slots *other) {
    return memcmp(one->thumbprint, other->thumbprint, sizeof(one->thumbprint)) == 0 &&
           one->date_set == other->date_set && one->date == other->date && one->malformed == other->malformed &&
           one->leftover == other->leftover;
}
