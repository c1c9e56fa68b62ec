#include "monitor/session/typed_thumbprint.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/letters/character.h"
#include "base/text.h"

#define SHA256_DIGITS 64
#define UNSEEN_NAMED 3

/* What was found on the way through the text. */
struct typed {
    char digits[THUMBPRINT_SIZE];
    size_t count;       /* also of those for which there is no room */
    size_t unseen;      /* characters left out that nobody sees */
    struct text names;  /* of the first of these */
    uint32_t character; /* that cannot be taken; 0 = none, or no UTF-8 */
    size_t at;          /* its first byte; SIZE_MAX = every one was taken */
};

/* Where the digits begin: behind a label, and behind the slot's number. */
static const char *behind_label(const char *text) {
    const char *equals = strrchr(text, '=');
    const char *colon;
    size_t begin;

    if (equals != NULL)
        return equals + 1;
    begin = strspn(text, "0123456789abcdefABCDEF");
    colon = strchr(text, ':');
    if (colon == NULL)
        return text;
    if (text + begin == colon)
        return begin == 1 && text[0] <= '2' ? colon + 1 : text;
    /* A word that is no digits, such as "Thumbprint" or "Cert Hash(sha1)". */
    for (const char *c = text; c < colon; c++)
        if (isalpha((unsigned char)*c) && !isxdigit((unsigned char)*c))
            return colon + 1;
    return text;
}

static bool is_separator(uint32_t character) {
    return character < 0x80 && strchr(" \t\r\n:-\"'", (int)character) != NULL;
}

/* Control characters cannot be seen either, but nobody's clipboard adds them. */
static bool is_unseen(uint32_t character) {
    return character >= 0xa0 && !character_is_visible(character);
}

static void take(struct typed *typed, const char *text) {
    size_t left = strlen(text);
    char name[CHARACTER_NAME_SIZE];
    uint32_t character = 0;

    typed->at = SIZE_MAX;
    for (size_t at = 0; at < left;) {
        size_t used = character_decode((const unsigned char *)text + at, left - at, &character);

        if (used == 1 && isxdigit((int)character)) {
            if (typed->count < THUMBPRINT_LENGTH)
                typed->digits[typed->count] = (char)toupper((int)character);
            typed->count++;
        } else if (used > 0 && is_unseen(character)) {
            text_add_name(&typed->names, character_name(character, name), typed->unseen, UNSEEN_NAMED);
            typed->unseen++;
        } else if (used == 0 || !is_separator(character)) {
            typed->character = used > 0 ? character : 0;
            typed->at = at;
            return;
        }
        at += used;
    }
}

/* What cannot be taken, as it looks and by its number. */
static void refuse_character(const struct typed *typed, const char *text, struct error *err) {
    char name[CHARACTER_NAME_SIZE];
    unsigned byte = (unsigned char)text[typed->at];

    if (typed->character == 0)
        error_set(err, ERROR_CONFIG, "the byte \\x%02x in it is no UTF-8; type the 40 hexadecimal digits by hand",
                  byte);
    else if (character_is_visible(typed->character))
        error_set(err, ERROR_CONFIG, "\"%.*s\" (%s) in it is no hexadecimal digit; 40 of these make a thumbprint",
                  (int)strcspn(text + typed->at + 1, "0123456789 -~") + 1, text + typed->at,
                  character_name(typed->character, name));
    else
        error_set(err, ERROR_CONFIG, "it holds %s, which cannot be seen; type the 40 hexadecimal digits by hand",
                  character_name(typed->character, name));
}

bool typed_thumbprint(const char *typed_text, char ret_thumbprint[THUMBPRINT_SIZE], struct error *err) {
    const char *text = behind_label(typed_text);
    struct typed typed = {0};
    bool done = false;

    take(&typed, text);
    text_add_more(&typed.names, typed.unseen, UNSEEN_NAMED);
    if (typed.at != SIZE_MAX)
        refuse_character(&typed, text, err);
    else if (typed.count == SHA256_DIGITS)
        error_set(err, ERROR_CONFIG,
                  "64 hexadecimal digits are a SHA-256 fingerprint; Exchange's thumbprints are SHA-1, of 40 digits");
    else if (typed.count != THUMBPRINT_LENGTH)
        error_set(err, ERROR_CONFIG, "it has %zu hexadecimal digits, and a thumbprint has 40%s%s%s", typed.count,
                  typed.unseen > 0 ? " (left out, as they cannot be seen: " : "",
                  typed.unseen > 0 && !typed.names.failed ? typed.names.value : "", typed.unseen > 0 ? ")" : "");
    else
        done = true;
    if (done)
        memcpy(ret_thumbprint, typed.digits, THUMBPRINT_SIZE);
    text_free(&typed.names);
    return done;
}
