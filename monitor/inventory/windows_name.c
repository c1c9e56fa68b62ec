#include "monitor/inventory/windows_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/letters/fold.h"

#define PARTS_MOST 64
#define TYPE_MOST 80
#define OID_PREFIX "OID."
/* A value with one of these, or with a space at one of its ends, stands in quotes. */
#define QUOTED ",+=\"\n<>#;"

/* What Windows calls the types. The first name of each is the one that it writes. */
static const struct {
    const char *name;
    const char *oid;
} types[] = {
    {"CN", "2.5.4.3"},
    {"L", "2.5.4.7"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"E", "1.2.840.113549.1.9.1"},
    {"Email", "1.2.840.113549.1.9.1"},
    {"C", "2.5.4.6"},
    {"S", "2.5.4.8"},
    {"ST", "2.5.4.8"},
    {"SP", "2.5.4.8"},
    {"STREET", "2.5.4.9"},
    {"T", "2.5.4.12"},
    {"Title", "2.5.4.12"},
    {"G", "2.5.4.42"},
    {"GN", "2.5.4.42"},
    {"GivenName", "2.5.4.42"},
    {"I", "2.5.4.43"},
    {"Initials", "2.5.4.43"},
    {"SN", "2.5.4.4"},
    {"DC", "0.9.2342.19200300.100.1.25"},
    {"SERIALNUMBER", "2.5.4.5"},
    {"Description", "2.5.4.13"},
    {"PostalCode", "2.5.4.17"},
    {"POBox", "2.5.4.18"},
    {"Phone", "2.5.4.20"},
    {"X21Address", "2.5.4.24"},
    {"dnQualifier", "2.5.4.46"},
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

void windows_name_free(struct windows_name *name) {
    for (size_t i = 0; i < name->count; i++) {
        free(name->parts[i].type);
        free(name->parts[i].value);
    }
    free(name->parts);
    *name = (struct windows_name){0};
}

/* Takes the value over, also on failure. */
static bool add_part(struct windows_name *name, const char *type, char *value, size_t rdn, struct error *err) {
    struct windows_name_part *grown;
    char *copy;

    if (name->count == PARTS_MOST) {
        free(value);
        return error_set(err, ERROR_DATA, "the name has more than %d parts", PARTS_MOST);
    }
    grown = reallocarray(name->parts, name->count + 1, sizeof(*grown));
    if (grown != NULL)
        name->parts = grown;
    copy = grown != NULL && value != NULL ? strdup(type) : NULL;
    if (copy == NULL) {
        free(value);
        return error_memory(err);
    }
    grown[name->count++] = (struct windows_name_part){.type = copy, .value = value, .rdn = rdn};
    return true;
}

/* Where reading stands. */
struct cursor {
    const char *at;
    const char *end;
};

static void skip_spaces(struct cursor *cursor) {
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\r' || *cursor->at == '\n'))
        cursor->at++;
}

static bool is_oid(const char *text) {
    size_t length = strspn(text, "0123456789.");

    return length == strlen(text) && length > 2 && strchr(text, '.') != NULL && text[0] != '.' &&
           text[length - 1] != '.';
}

/* "CN=" and the like, as the OID. */
static bool read_type(struct cursor *cursor, char ret_oid[TYPE_MOST], struct error *err) {
    const char *begin = cursor->at;
    const char *equals = memchr(begin, '=', (size_t)(cursor->end - begin));
    char type[TYPE_MOST];
    size_t length = equals != NULL ? (size_t)(equals - begin) : 0;
    const char *oid = type;

    while (length > 0 && begin[length - 1] == ' ')
        length--;
    if (length == 0 || length >= sizeof(type))
        return error_set(err, ERROR_DATA, "there is no TYPE= where one has to stand");
    memcpy(type, begin, length);
    type[length] = '\0';
    cursor->at = equals + 1;
    if (strncasecmp(type, OID_PREFIX, strlen(OID_PREFIX)) == 0)
        oid += strlen(OID_PREFIX);
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (strcasecmp(types[i].name, type) == 0)
            oid = types[i].oid;
    if (!is_oid(oid))
        return error_set(err, ERROR_DATA, "\"%s\" is no type of a name's part that is known", type);
    memcpy(ret_oid, oid, strlen(oid) + 1);
    return true;
}

/* In quotes, a quote itself stands twice. */
static bool read_quoted(struct cursor *cursor, struct text *value, struct error *err) {
    for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '"' && (cursor->at + 1 == cursor->end || cursor->at[1] != '"')) {
            cursor->at++;
            return true;
        }
        cursor->at += *cursor->at == '"' ? 1 : 0;
        text_add_bytes(value, cursor->at, 1);
    }
    return error_set(err, ERROR_DATA, "a quote is not closed");
}

/* Up to what parts one from the next, without the spaces at its end. */
static bool read_plain(struct cursor *cursor, struct text *value, struct error *err) {
    const char *begin = cursor->at;
    const char *last;

    while (cursor->at < cursor->end && strchr(",;+", *cursor->at) == NULL) {
        if (*cursor->at == '"' || *cursor->at == '\0')
            return error_set(err, ERROR_DATA, "a quote stands within a value that is not in quotes");
        cursor->at++;
    }
    last = cursor->at;
    while (last > begin && last[-1] == ' ')
        last--;
    if (last > begin && *begin == '#')
        return error_set(err, ERROR_DATA, "a value is written in hexadecimal digits");
    text_add_bytes(value, begin, (size_t)(last - begin));
    return true;
}

static bool read_part(struct cursor *cursor, struct windows_name *name, size_t rdn, struct error *err) {
    char oid[TYPE_MOST];
    struct text value = {0};
    bool ok;

    skip_spaces(cursor);
    if (!read_type(cursor, oid, err))
        return false;
    skip_spaces(cursor);
    ok = cursor->at < cursor->end && *cursor->at == '"' ? read_quoted(cursor, &value, err)
                                                        : read_plain(cursor, &value, err);
    skip_spaces(cursor);
    if (!ok) {
        text_free(&value);
        return false;
    }
    return add_part(name, oid, text_take(&value), rdn, err);
}

bool windows_name_parse(const char *text, size_t length, struct windows_name *ret_name, struct error *err) {
    struct cursor cursor = {.at = text, .end = text + length};
    struct windows_name name = {0};
    size_t rdn = 0;
    bool ok = length <= WINDOWS_NAME_MOST && length > 0 ? true
              : length == 0                             ? error_set(err, ERROR_DATA, "the name is empty")
                            : error_set(err, ERROR_DATA, "the name is longer than %d bytes", WINDOWS_NAME_MOST);

    while (ok) {
        ok = read_part(&cursor, &name, rdn, err);
        if (!ok || cursor.at == cursor.end)
            break;
        if (*cursor.at != '+' && *cursor.at != ',' && *cursor.at != ';')
            ok = error_set(err, ERROR_DATA, "something follows a quoted value");
        rdn += *cursor.at == '+' ? 0 : 1;
        cursor.at++;
    }
    if (ok)
        *ret_name = name;
    else
        windows_name_free(&name);
    return ok;
}

bool windows_name_read(const struct X509_name_st *from, struct windows_name *ret_name, struct error *err) {
    struct windows_name name = {0};
    int count = X509_NAME_entry_count(from);
    bool ok = true;

    for (int i = count - 1; ok && i >= 0; i--) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(from, i);
        int last = X509_NAME_ENTRY_set(X509_NAME_get_entry(from, count - 1));
        unsigned char *utf8 = NULL;
        char oid[TYPE_MOST];
        int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));

        if (length < 0 || memchr(utf8, '\0', (size_t)length) != NULL ||
            OBJ_obj2txt(oid, sizeof(oid), X509_NAME_ENTRY_get_object(entry), 1) <= 0 || strlen(oid) >= TYPE_MOST - 1)
            ok = error_set(err, ERROR_DATA, "a part of a certificate's name is no text");
        else
            ok = add_part(&name, oid, strndup((const char *)utf8, (size_t)length),
                          (size_t)(last - X509_NAME_ENTRY_set(entry)), err);
        OPENSSL_free(utf8);
    }
    ERR_clear_error();
    if (ok)
        *ret_name = name;
    else
        windows_name_free(&name);
    return ok;
}

static void write_type(const char *oid, struct text *out) {
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (strcmp(types[i].oid, oid) == 0) {
            text_format(out, "%s=", types[i].name);
            return;
        }
    text_format(out, OID_PREFIX "%s=", oid);
}

static void write_value(const char *value, struct text *out) {
    size_t length = strlen(value);
    bool quoted = strpbrk(value, QUOTED) != NULL || length == 0 || value[0] == ' ' || value[length - 1] == ' ';

    if (!quoted) {
        text_add(out, value);
        return;
    }
    text_add(out, "\"");
    for (const char *at = value; *at != '\0'; at++)
        text_add_bytes(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    text_add(out, "\"");
}

void windows_name_write(const struct windows_name *name, struct text *out) {
    for (size_t i = 0; i < name->count; i++) {
        if (i > 0)
            text_add(out, name->parts[i].rdn == name->parts[i - 1].rdn ? " + " : ", ");
        write_type(name->parts[i].type, out);
        write_value(name->parts[i].value, out);
    }
}

/* Spaces at the ends and beside each other count as one (RFC 4518, section 2.6.1), and not at all at the ends. */
static void squeeze(const char *value, char *out) {
    char *to = out;

    for (const char *at = value; *at != '\0'; at++)
        if (*at != ' ' || (to > out && to[-1] != ' '))
            *to++ = *at;
    if (to > out && to[-1] == ' ')
        to--;
    *to = '\0';
}

static bool is_same_value(const char *one, const char *other) {
    char *copy, *second;
    bool same;

    if (fold_equal(one, other))
        return true;
    copy = malloc(strlen(one) + 1);
    second = malloc(strlen(other) + 1);
    same = copy != NULL && second != NULL;
    if (same) {
        squeeze(one, copy);
        squeeze(other, second);
        same = fold_equal(copy, second);
    }
    free(copy);
    free(second);
    return same;
}

static bool is_same_part(const struct windows_name_part *one, const struct windows_name_part *other) {
    return one->rdn == other->rdn && strcmp(one->type, other->type) == 0 && is_same_value(one->value, other->value);
}

/* Within one RDN the order means nothing. */
bool windows_name_equal(const struct windows_name *one, const struct windows_name *other) {
    bool used[PARTS_MOST] = {false};

    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++) {
        size_t at = 0;

        while (at < other->count && (used[at] || !is_same_part(&one->parts[i], &other->parts[at])))
            at++;
        if (at == other->count)
            return false;
        used[at] = true;
    }
    return true;
}

/* The first "<S>" that does not stand in quotes. */
static const char *find_subject(const char *text) {
    bool quoted = false;

    for (; *text != '\0'; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (!quoted && strncasecmp(text, "<S>", 3) == 0)
            return text;
    }
    return NULL;
}

bool windows_pair_parse(const char *text, struct windows_pair *ret_pair, struct error *err) {
    struct windows_pair pair = {0};
    const char *subject = find_subject(text);
    const char *issuer = text;
    bool ok;

    if (subject == NULL || (subject != text && strncasecmp(text, "<I>", 3) != 0))
        return error_set(err, ERROR_DATA, "it is not of the form <I>issuer<S>subject");
    issuer = subject != text ? text + 3 : subject;
    pair.has_issuer = subject > issuer;
    ok = !pair.has_issuer || windows_name_parse(issuer, (size_t)(subject - issuer), &pair.issuer, err);
    ok = ok && windows_name_parse(subject + 3, strlen(subject + 3), &pair.subject, err);
    if (ok)
        *ret_pair = pair;
    else
        windows_pair_free(&pair);
    return ok;
}

void windows_pair_free(struct windows_pair *pair) {
    windows_name_free(&pair->issuer);
    windows_name_free(&pair->subject);
    *pair = (struct windows_pair){0};
}
