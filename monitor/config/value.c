#include "monitor/config/value.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "base/letters/quote.h"
#include "base/letters/guid.h"
#include "core/tenant.h"
#include "monitor/config/credential.h"

#define PORT_MOST 65535

/* Says what was expected and, unless it may be a secret, what was there. */
static void refuse(struct config_draft *draft, enum config_id id, const char *value, const char *expected) {
    char shown[120];

    /* An address with a name and a password in it is the usual way for a secret to get in here. */
    if (config_keys[id].private || (config_keys[id].type == TYPE_URI && strchr(value, '@') != NULL)) {
        config_problem_key(draft, id, "expected %s (the value given is not repeated here, it may be a secret)",
                           expected);
        return;
    }
    config_problem_key(draft, id, "expected %s, not \"%s\"", expected,
                       text_printable(shown, sizeof(shown), value, strlen(value)));
}

/* The word that `value` (of `length` bytes) is, or NULL. */
static const struct config_word *find_word(const struct config_word *words, const char *value, size_t length) {
    for (; words->word != NULL; words++)
        if (strlen(words->word) == length && strncmp(words->word, value, length) == 0)
            return words;
    return NULL;
}

static void refuse_words(struct config_draft *draft, enum config_id id, const char *value, const char *before,
                         const char *after) {
    struct text expected = {0};
    char *taken;

    text_add(&expected, before);
    for (const struct config_word *word = config_keys[id].words; word->word != NULL; word++)
        text_format(&expected, "%s%s%s",
                    word == config_keys[id].words ? ""
                    : word[1].word != NULL        ? ", "
                                                  : " or ",
                    word->word, after);
    taken = text_take(&expected);
    if (taken == NULL)
        draft->failed = true;
    else
        refuse(draft, id, value, taken);
    free(taken);
}

static void parse_choice(struct config_draft *draft, enum config_id id, const char *value) {
    const struct config_word *word = find_word(config_keys[id].words, value, strlen(value));

    if (word == NULL)
        refuse_words(draft, id, value, "", "");
    else
        draft->values[id].number = word->value;
}

static void parse_number(struct config_draft *draft, enum config_id id, const char *value) {
    const struct config_key *key = &config_keys[id];
    char expected[80];
    int64_t number = 0;
    bool digits = *value != '\0';

    for (const char *c = value; *c != '\0' && digits; c++) {
        digits = *c >= '0' && *c <= '9' && number <= key->most;
        number = number * 10 + (*c - '0');
    }
    if (digits && number >= key->least && number <= key->most) {
        draft->values[id].number = number;
        return;
    }
    snprintf(expected, sizeof(expected), "a whole number from %lld to %lld", (long long)key->least,
             (long long)key->most);
    refuse(draft, id, value, expected);
}

static void parse_span(struct config_draft *draft, enum config_id id, const char *value) {
    const struct config_key *key = &config_keys[id];
    struct span span;
    struct error err = {0};

    if (!span_parse(value, &span, &err)) {
        refuse(draft, id, value, "one whole number and one unit of s, m, h, d, w or y, such as 90d or 49h");
        return;
    }
    if (key->type == TYPE_SPAN && span.years != 0) {
        refuse(draft, id, value, "a span of fixed length (years differ): write it in days, such as 365d");
        return;
    }
    if (key->type == TYPE_SPAN && (span.seconds < key->least || span.seconds > key->most)) {
        char least[TIME_TEXT_SIZE];
        char most[TIME_TEXT_SIZE];
        char expected[2 * TIME_TEXT_SIZE + 32];
        snprintf(expected, sizeof(expected), "a span from %s to %s",
                 span_format(least, (struct span){.seconds = key->least}),
                 span_format(most, (struct span){.seconds = key->most}));
        refuse(draft, id, value, expected);
        return;
    }
    draft->values[id].span = span;
}

static void check_path(struct config_draft *draft, enum config_id id, const char *value) {
    if (value[0] != '/')
        refuse(draft, id, value, "an absolute path that begins with /");
    else if (strlen(value) >= PATH_MAX)
        refuse(draft, id, value, "a shorter path");
}

static bool port_valid(const char *text) {
    long port = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || port > PORT_MOST)
            return false;
        port = port * 10 + (*c - '0');
    }
    return port >= 1 && port <= PORT_MOST;
}

/* "host", "host:port", "[address]" or "[address]:port". */
static bool authority_valid(const char *text, size_t length) {
    char host[256 + 8];
    char *port;

    if (length == 0 || length >= sizeof(host))
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    if (host[0] == '[') {
        char *end = strchr(host, ']');
        if (end == NULL || end == host + 1 || strspn(host + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - host - 1))
            return false;
        return end[1] == '\0' || (end[1] == ':' && port_valid(end + 2));
    }
    port = strchr(host, ':');
    if (port != NULL) {
        *port = '\0';
        if (!port_valid(port + 1))
            return false;
    }
    return text_is_host_name(host);
}

/* ldapi:// with the socket's path escaped as libldap wants it, or with none for its default one. */
static bool socket_valid(const char *text) {
    size_t length = strlen(text);

    if (length > 0 && text[length - 1] == '/')
        length--;
    for (size_t i = 0; i < length; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%._-", text[i]) == NULL)
            return false;
    return true;
}

static void check_uri(struct config_draft *draft, enum config_id id, const char *value) {
    const char *rest = strstr(value, "://");
    size_t length;

    if (rest == NULL || find_word(config_keys[id].words, value, (size_t)(rest - value)) == NULL) {
        refuse_words(draft, id, value, "an address that begins with ", "://");
        return;
    }
    rest += 3;
    if (strchr(rest, '@') != NULL) {
        refuse(draft, id, value, "an address without a user name or password in it");
        return;
    }
    if (config_uri_has_scheme(value, "ldapi")) {
        if (!socket_valid(rest))
            refuse(draft, id, value, "the socket's path with each / written as %2F, such as ldapi://%2Frun%2Fldapi");
        return;
    }
    length = strlen(rest);
    if (length > 0 && rest[length - 1] == '/')
        length--;
    if (!authority_valid(rest, length))
        refuse(draft, id, value, "scheme://host or scheme://host:port and nothing behind it");
}

static void check_probe_url(struct config_draft *draft, enum config_id id, const char *value) {
    bool clean = true;

    for (const char *c = value; *c != '\0'; c++)
        clean = clean && *c > 0x20 && *c < 0x7f && strchr("\"<>\\^`|", *c) == NULL;
    if (strncmp(value, "https://", 8) != 0 || strstr(value, "{fqdn}") == NULL || strchr(value, '@') != NULL || !clean)
        refuse(draft, id, value, "an https:// address in which {fqdn} stands for the server's name");
}

static bool is_guid(const char *value) {
    char guid[GUID_STRING_SIZE];

    return guid_parse(value, strlen(value), guid);
}

/* A GUID, or that of a tenant (or its domain) before it and a colon. */
static bool is_object_id(const char *value) {
    const char *colon = strchr(value, ':');
    char tenant[TENANT_ID_SIZE] = "";

    if (colon == NULL)
        return is_guid(value);
    if ((size_t)(colon - value) >= sizeof(tenant))
        return false;
    memcpy(tenant, value, (size_t)(colon - value));
    return (is_guid(tenant) || text_is_server_name(tenant)) && is_guid(colon + 1);
}

/* Checks one text: a whole value, or one entry of a list. */
static void parse_one(struct config_draft *draft, enum config_id id, const char *value) {
    switch (config_keys[id].type) {
    case TYPE_TEXT:
        break;
    case TYPE_CHOICE:
        parse_choice(draft, id, value);
        break;
    case TYPE_NUMBER:
        parse_number(draft, id, value);
        break;
    case TYPE_SPAN:
    case TYPE_LIFETIME:
        parse_span(draft, id, value);
        break;
    case TYPE_PATH:
        check_path(draft, id, value);
        break;
    case TYPE_CREDENTIAL:
        if (!credential_name_valid(value))
            refuse(draft, id, value, "the name of a credential, without spaces, slashes and colons");
        break;
    case TYPE_HOST:
        if (!text_is_host_name(value))
            refuse(draft, id, value, "a host name");
        break;
    case TYPE_SERVER:
        if (!text_is_host_name(value))
            refuse(draft, id, value, "a host name");
        else if (!text_is_server_name(value))
            refuse(draft, id, value, "the host name of a server, no address and nothing below localhost");
        break;
    case TYPE_HOST_OR_AUTO:
        if (!text_is_host_name(value))
            refuse(draft, id, value, "auto or a host name");
        break;
    case TYPE_URI:
        check_uri(draft, id, value);
        break;
    case TYPE_PROBE_URL:
        check_probe_url(draft, id, value);
        break;
    case TYPE_ADDRESS:
        if (!text_is_mail_address(value))
            refuse(draft, id, value, "a mail address such as admins@contoso.test, without a display name");
        break;
    case TYPE_GUID:
        if (!is_guid(value))
            refuse(draft, id, value, "an identifier such as 11111111-2222-3333-4444-555555555555");
        break;
    case TYPE_OBJECT_ID:
        if (!is_object_id(value))
            refuse(draft, id, value,
                   "an object identifier such as 11111111-2222-3333-4444-555555555555, with TENANT: before it where "
                   "there are several tenants");
        break;
    }
}

/* Splits at commas. Entries that stand twice are an error, except among numbers, where they mean nothing. */
static void parse_list(struct config_draft *draft, enum config_id id) {
    struct config_value *slot = &draft->values[id];
    const char *at = slot->text;

    for (;;) {
        size_t length = strcspn(at, ",");
        const char *start = at + strspn(at, " \t");
        size_t kept = start > at + length ? 0 : length - (size_t)(start - at);
        while (kept > 0 && (start[kept - 1] == ' ' || start[kept - 1] == '\t'))
            kept--;
        if (kept == 0) {
            config_problem_key(draft, id, "an empty entry; remove the comma that is too many");
            return;
        }
        char *entry = strndup(start, kept);
        if (entry == NULL) {
            draft->failed = true;
            return;
        }
        parse_one(draft, id, entry);
        if (config_keys[id].type != TYPE_NUMBER && strings_contain(&slot->items, entry))
            refuse(draft, id, entry, "each entry once");
        strings_add(&slot->items, "%s", entry);
        draft->failed = draft->failed || slot->items.failed;
        free(entry);
        at += length;
        if (*at == '\0' || draft->failed)
            return;
        at++;
    }
}

/* Names and paths that others gave may hold what would begin a comment. */
static bool takes_quotes(enum config_id id) {
    return !config_keys[id].list && (config_keys[id].type == TYPE_TEXT || config_keys[id].type == TYPE_PATH);
}

static void parse_value(struct config_draft *draft, enum config_id id) {
    struct config_value *slot = &draft->values[id];
    size_t length = strlen(slot->text);

    if (length > 1 && quote_length(slot->text) == length && takes_quotes(id)) {
        quote_strip(slot->text, length);
        if (slot->text[0] == '\0')
            config_problem_key(draft, id, "empty; give a value, or remove the line to use the default");
    } else if (slot->text[0] == '"' && slot->text[length - 1] == '"') {
        config_problem_key(draft, id, "values are written without quotation marks; remove them");
        return;
    }
    if (config_keys[id].list)
        parse_list(draft, id);
    else
        parse_one(draft, id, slot->text);
}

void config_values_parse(struct config_draft *draft) {
    for (int i = 0; i < CONFIG_KEY_COUNT && !draft->failed; i++) {
        struct config_value *slot = &draft->values[i];
        if (slot->text == NULL && config_keys[i].fallback != NULL && !slot->bad) {
            slot->text = strdup(config_keys[i].fallback);
            draft->failed = slot->text == NULL;
        }
        if (slot->text != NULL)
            parse_value(draft, (enum config_id)i);
    }
}

bool config_uri_has_scheme(const char *uri, const char *scheme) {
    size_t length = strlen(scheme);

    return strncmp(uri, scheme, length) == 0 && strncmp(uri + length, "://", 3) == 0;
}

bool config_uri_is_loopback(const char *uri) {
    const char *host = strstr(uri, "://");

    if (host == NULL)
        return false;
    host += 3;
    if (strncmp(host, "[::1]", 5) == 0)
        return true;
    size_t length = strcspn(host, ":/");
    if (length == strlen("localhost") && strncasecmp(host, "localhost", length) == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}
