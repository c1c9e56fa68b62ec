#include "base/letters/oddity.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/letters/character.h"

#define DER_SEQUENCE 0x30

bool oddity_is_utf16(const void *value, size_t length) {
    const unsigned char *bytes = value;
    size_t zeros[2] = {0};

    if (length >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return true;
    for (size_t i = 0; i < length; i++)
        zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
    /* Text of western letters, so that nothing that is half binary is called UTF-16. */
    return length >= 4 && ((zeros[0] == 0 && zeros[1] > length / 4) || (zeros[1] == 0 && zeros[0] > length / 4));
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void say_character(uint32_t character, size_t at, char out[ODDITY_SIZE]) {
    char name[CHARACTER_NAME_SIZE];

    (void)character_name(character, name);
    if (character == 0xfeff && at == 0)
        snprintf(out, ODDITY_SIZE, "begins with %s, which Windows' editors put there: save it as UTF-8 without BOM",
                 name);
    else if (character == '\n' || character == '\r')
        snprintf(out, ODDITY_SIZE, "holds more than one line (%s behind byte %zu): keep the first alone", name, at);
    else
        snprintf(out, ODDITY_SIZE, "holds %s, which cannot be seen, behind byte %zu", name, at);
}

bool oddity_find(const void *value, size_t length, char out[ODDITY_SIZE]) {
    const char *text = value;
    uint32_t character;
    size_t at;

    if (length == 0)
        return false;
    if (oddity_is_utf16(value, length))
        snprintf(out, ODDITY_SIZE, "is UTF-16, which Windows calls Unicode: save it as UTF-8 without BOM");
    else if (character_find_odd(value, length, &character, &at) && character != 0)
        say_character(character, at, out);
    else if (character_find_odd(value, length, &character, &at))
        snprintf(
            out, ODDITY_SIZE,
            "holds a byte that is no UTF-8 behind byte %zu: save it as UTF-8, not in a code page of Windows (ANSI)",
            at);
    else if (is_blank(text[0]) || is_blank(text[length - 1]))
        snprintf(out, ODDITY_SIZE, "%s with a blank", is_blank(text[0]) ? "begins" : "ends");
    else
        return false;
    return true;
}

const char *oddity_note(const void *secret, size_t length, char out[ODDITY_SIZE]) {
    static const char before[] = "; note that the file with it ";
    char clause[ODDITY_SIZE];

    out[0] = '\0';
    if (secret && oddity_find(secret, length, clause))
        snprintf(out, ODDITY_SIZE, "%s%.*s", before, (int)(ODDITY_SIZE - sizeof(before)), clause);
    return out;
}

size_t oddity_straighten(void *value, size_t length) {
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
    unsigned char *bytes = value;
    size_t kept = 0;

    if (length >= 2 && bytes[0] == DER_SEQUENCE && bytes[1] != 0)
        return length;
    if (length >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0) {
        kept = length - sizeof(mark);
        memmove(bytes, bytes + sizeof(mark), kept);
    } else if (oddity_is_utf16(bytes, length)) {
        const bool big = bytes[0] == 0xfe || bytes[0] == 0;

        for (size_t at = 0; at + 1 < length; at += 2) {
            const unsigned char high = bytes[at + !big], low = bytes[at + big];

            if (high != 0xfe || low != 0xff) /* its byte order mark */
                bytes[kept++] = high == 0 ? low : '?';
        }
    } else {
        return length;
    }
    OPENSSL_cleanse(bytes + kept, length - kept);
    return kept;
}
