#include "renew/ldif.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/text.h"
#include "base/time.h"

#define CHUNK 48 /* bytes encoded at a time, a multiple of 3 */

/* SAFE-STRING of RFC 2849, not empty; a space at the end would be safe and is still lost on the way through many hands.
 */
static bool is_safe(const unsigned char *data, size_t length) {
    if (data[0] == ' ' || data[0] == ':' || data[0] == '<' || data[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++)
        if (data[i] == '\0' || data[i] == '\n' || data[i] == '\r' || data[i] > 127)
            return false;
    return true;
}

/* Control characters are safe by the RFC, but not for the terminal this is shown on. */
static bool is_quiet(const unsigned char *data, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (data[i] < ' ' || data[i] == 127)
            return false;
    return true;
}

static void add_base64(struct text *text, const unsigned char *data, size_t length) {
    unsigned char encoded[CHUNK / 3 * 4 + 1];

    for (size_t i = 0; i < length; i += CHUNK) {
        size_t part = length - i < CHUNK ? length - i : CHUNK;
        int written = EVP_EncodeBlock(encoded, data + i, (int)part);

        text_add_bytes(text, (const char *)encoded, (size_t)written);
    }
}

static void add_line(struct text *text, const char *name, const void *data, size_t length) {
    text_add(text, name);
    if (length == 0) {
        text_add(text, ":");
    } else if (is_safe(data, length) && is_quiet(data, length)) {
        text_add(text, ": ");
        text_add_bytes(text, data, length);
    } else {
        text_add(text, ":: ");
        add_base64(text, data, length);
    }
    text_add(text, "\n");
}

static void add_text_line(struct text *text, const char *name, const char *value) {
    add_line(text, name, value, strlen(value));
}

static void add_values(struct text *ldif, const struct change *change) {
    if (change->delete_count > 0) {
        add_text_line(ldif, "delete", CHANGE_THUMBPRINTS);
        for (size_t i = 0; i < change->delete_count; i++)
            add_line(ldif, CHANGE_THUMBPRINTS, change->delete_values[i]->data, change->delete_values[i]->length);
        text_add(ldif, "-\n");
    }
    if (change->add_count > 0) {
        add_text_line(ldif, change->replace_values ? "replace" : "add", CHANGE_THUMBPRINTS);
        for (size_t i = 0; i < change->add_count; i++)
            add_text_line(ldif, CHANGE_THUMBPRINTS, change->add_values[i]);
        text_add(ldif, "-\n");
    }
}

static void add_date(struct text *ldif, const struct change *change) {
    char date[TIME_TEXT_SIZE];

    if (change->delete_date != NULL) {
        add_text_line(ldif, "delete", CHANGE_DATE);
        add_line(ldif, CHANGE_DATE, change->delete_date->data, change->delete_date->length);
        text_add(ldif, "-\n");
    }
    if (change->add_date) {
        add_text_line(ldif, "add", CHANGE_DATE);
        add_text_line(ldif, CHANGE_DATE, time_format_generalized(date, change->date));
        text_add(ldif, "-\n");
    }
}

char *ldif_of_change(const char *dn, const struct change *change) {
    struct text ldif = {0};

    add_text_line(&ldif, "dn", dn);
    add_text_line(&ldif, "changetype", "modify");
    add_values(&ldif, change);
    add_date(&ldif, change);
    return text_take(&ldif);
}
