/*
 * Text from outside made harmless, growing strings, and lists of strings. Everything that the program prints of a
 * value it did not write itself goes through here once. Builders and lists own their memory until freed; a builder
 * that ran out of memory stays failed, so only the end needs a check.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Writes `length` bytes of `value` into `out` as printable UTF-8: characters that cannot be seen or pass for a space
 * (character_is_visible), and bytes that are no valid UTF-8, become \xNN. Made printable again it stays as it is. Cut
 * with "..." at `size`, never within a character. Returns `out`. `size` is at least 8. */
char *text_printable(char *out, size_t size, const void *value, size_t length);

/* The same into new memory, at most `most` bytes of output; NULL when out of memory. */
char *text_printable_copy(const void *value, size_t length, size_t most);

/* True when `name` is a host name that may stand in a URL, a command or a mail: at most 253 characters; labels of 1-63
 * letters, digits and hyphens, no hyphen at their ends; a dot between labels and perhaps one at the end. An IPv4
 * address is one too. */
bool text_is_host_name(const char *name);

/* True for a host name that only another machine can have, as a server in the directory must: no address in any
 * spelling (127.0.0.1, 2130706433, 0x7f000001), not localhost, nothing below it, and no dot at the end. */
bool text_is_server_name(const char *name);

/* An address that may stand in a header and an envelope: LOCAL@HOST, the first of at most 64 printable ASCII characters
 * without spaces, <>()[],;:\" and without a dot at its ends or beside another, at most 254 characters in all. */
bool text_is_mail_address(const char *address);

struct text {
    char *value; /* NUL-terminated, NULL while empty */
    size_t length;
    size_t size;
    bool failed; /* out of memory: value is not to be used */
};

void text_add(struct text *text, const char *value);
void text_add_bytes(struct text *text, const char *value, size_t length);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

void text_free(struct text *text);
/* Hands over the string ("" when empty); NULL when it failed. The builder is empty afterwards. */
char *text_take(struct text *text);

/* A list in words, built one by one: "a, b and 7 more". Of all that are counted the first `most` are named. The name is
 * the `count`-th, from 0 on; the end comes with how many there were. */
void text_add_name(struct text *text, const char *name, size_t count, size_t most);
void text_add_more(struct text *text, size_t count, size_t most);

struct strings {
    char **items;
    size_t count;
    bool failed; /* a string could not be added: the list is incomplete */
};

void strings_add(struct strings *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strings_free(struct strings *list);
bool strings_contain(const struct strings *list, const char *value);

/* Orders names as people do: letters of either case alike, and digits by the number that they make, so that ex12 comes
 * before ex102. -1, 0 or 1; 0 only for the
 * same name. */
int text_compare_names(const char *one, const char *other);

#endif
