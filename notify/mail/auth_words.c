#include "notify/mail/auth_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define WORD_MOST 40
#define PART_LEAST 3     /* letters of a word that can give a part of a password away */
#define PLAIN_MOST 400   /* bytes of name and password that are compared in base64; longer ones show nothing */
#define ENCODED_SIZE 640 /* 4 * ceil(PLAIN_MOST / 3) and a NUL, with room */

/* Everything that AUTH PLAIN and LOGIN send, as it is on the wire. */
struct spoken {
    const char *password;
    char encoded[3][ENCODED_SIZE];
};

static bool encode(const char *username, const struct secret *password, struct spoken *spoken) {
    unsigned char plain[PLAIN_MOST + 4];
    size_t name = strlen(username);
    size_t length = 0;

    if (name + name + password->length + 2 > PLAIN_MOST || password->value == NULL)
        return false;
    spoken->password = password->value;
    EVP_EncodeBlock((unsigned char *)spoken->encoded[0], (const unsigned char *)password->value, (int)password->length);
    for (int with_name = 0; with_name < 2; with_name++) {
        length = 0;
        if (with_name) {
            memcpy(plain, username, name);
            length = name;
        }
        plain[length++] = '\0';
        memcpy(plain + length, username, name);
        length += name;
        plain[length++] = '\0';
        memcpy(plain + length, password->value, password->length);
        length += password->length;
        EVP_EncodeBlock((unsigned char *)spoken->encoded[1 + with_name], plain, (int)length);
    }
    explicit_bzero(plain, sizeof(plain));
    return true;
}

/* A word of letters, or a status code, with the punctuation around it. */
static bool is_plain(const char *word, size_t length) {
    bool letters = true, code = true;

    if (length == 0 || length > WORD_MOST)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool outer = strchr("()[],.;:!?\"'", word[i]) != NULL && (i == 0 || i + 2 >= length);

        letters = letters && (isalpha((unsigned char)word[i]) || outer || word[i] == '-' || word[i] == '\'');
        code = code && (isdigit((unsigned char)word[i]) || word[i] == '.');
    }
    return letters || code;
}

static bool gives_away(const struct spoken *spoken, const char *word) {
    if (strlen(word) < PART_LEAST)
        return strcasecmp(word, spoken->password) == 0;
    if (strcasestr(spoken->password, word) != NULL || strcasestr(word, spoken->password) != NULL)
        return true;
    for (size_t i = 0; i < 3; i++)
        if (strlen(word) > PART_LEAST && strstr(spoken->encoded[i], word) != NULL)
            return true;
    return false;
}

const char *auth_words(const char *reply, const char *username, const struct secret *password, char *out, size_t size) {
    struct spoken spoken = {0};
    bool known = encode(username, password, &spoken);
    size_t written = 0;

    out[0] = '\0';
    for (const char *at = reply; known && *(at += strspn(at, " \t")) != '\0';) {
        size_t length = strcspn(at, " \t");
        bool plain = is_plain(at, length);
        char word[WORD_MOST + 1] = "...";
        char bare[WORD_MOST + 1] = "";

        if (plain) {
            size_t begin = strspn(at, "([\"'");
            size_t end = length;

            while (end > begin && strchr(")],.;:!?\"'", at[end - 1]) != NULL)
                end--;
            memcpy(bare, at + begin, end > begin ? end - begin : 0);
            if (!gives_away(&spoken, bare))
                snprintf(word, sizeof(word), "%.*s", (int)length, at);
        }
        at += length;
        if (written + strlen(word) + 2 > size)
            break;
        written += (size_t)snprintf(out + written, size - written, "%s%s", written > 0 ? " " : "", word);
    }
    explicit_bzero(&spoken, sizeof(spoken));
    return out;
}
