#include "base/letters/character.h"

#include <stdio.h>

#define UTF8_MOST 4 /* bytes of one character */

size_t character_decode(const unsigned char *bytes, size_t left, uint32_t *ret_character) {
    static const uint32_t least[UTF8_MOST + 1] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t character;
    size_t length;

    if (bytes[0] < 0x80) {
        *ret_character = bytes[0];
        return 1;
    }
    if ((bytes[0] & 0xe0) == 0xc0) {
        length = 2;
        character = bytes[0] & 0x1fU;
    } else if ((bytes[0] & 0xf0) == 0xe0) {
        length = 3;
        character = bytes[0] & 0x0fU;
    } else if ((bytes[0] & 0xf8) == 0xf0) {
        length = 4;
        character = bytes[0] & 0x07U;
    } else {
        return 0;
    }
    if (left < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (bytes[i] & 0x3fU);
    }
    if (character < least[length] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
        return 0;
    *ret_character = character;
    return length;
}

/* In order. From the Unicode Character Database 15.0: UnicodeData.txt, DerivedCoreProperties.txt. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},
    {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x10ffff},
};

bool character_is_visible(uint32_t character) {
    size_t low = 0;
    size_t high = sizeof(hidden) / sizeof(hidden[0]);

    if (character >= 0x20 && character < 0x7f)
        return true;
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (character < hidden[middle].first)
            high = middle;
        else if (character > hidden[middle].last)
            low = middle + 1;
        else
            return false;
    }
    return true;
}

const char *character_name(uint32_t character, char out[CHARACTER_NAME_SIZE]) {
    static const struct {
        uint32_t character;
        const char *name;
    } known[] = {
        {0x09, "tab"},
        {0x0a, "line feed"},
        {0x0d, "carriage return"},
        {0x1b, "escape"},
        {0xa0, "no-break space"},
        {0xad, "soft hyphen"},
        {0x200b, "zero width space"},
        {0x200c, "zero width non-joiner"},
        {0x200d, "zero width joiner"},
        {0x200e, "left-to-right mark"},
        {0x200f, "right-to-left mark"},
        {0x2028, "line separator"},
        {0x202a, "left-to-right embedding"},
        {0x202c, "pop directional formatting"},
        {0x202d, "left-to-right override"},
        {0x202e, "right-to-left override"},
        {0x202f, "narrow no-break space"},
        {0x2060, "word joiner"},
        {0x3000, "ideographic space"},
        {0xfeff, "byte order mark"},
    };

    snprintf(out, CHARACTER_NAME_SIZE, "U+%04X", (unsigned)character);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].character == character)
            snprintf(out, CHARACTER_NAME_SIZE, "U+%04X (%s)", (unsigned)character, known[i].name);
    return out;
}

bool character_find_odd(const void *value, size_t length, uint32_t *ret_character, size_t *ret_at) {
    const unsigned char *bytes = value;
    uint32_t character;
    size_t used;

    for (size_t at = 0; at < length; at += used) {
        used = character_decode(bytes + at, length - at, &character);
        if (used > 0 && (character == '\t' || character_is_visible(character)))
            continue;
        *ret_character = used > 0 ? character : 0;
        *ret_at = at;
        return true;
    }
    return false;
}
