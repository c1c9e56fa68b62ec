/*
 * What is odd about a text that a person brought, often from Windows, and cannot see in an editor: a byte order mark,
 * UTF-16, blanks that are no spaces, characters without a look. Said in words that never hold the text itself, which
 * may be a secret. Pure.
 */
#ifndef BASE_LETTERS_ODDITY_H
#define BASE_LETTERS_ODDITY_H

#include <stdbool.h>
#include <stddef.h>

#define ODDITY_SIZE 200

/* Is it UTF-16: with its byte order mark, or every other byte NUL? */
bool oddity_is_utf16(const void *value, size_t length);

/* A clause that follows a subject, such as "begins with U+FEFF (byte order mark), as Notepad writes it"; false when
 * nothing is odd. Only what could make a password or an address another one is odd: letters of any alphabet are not. */
bool oddity_find(const void *value, size_t length, char out[ODDITY_SIZE]);

/* The whole sentence about a secret that was refused: "; note that the file begins with ..."; "" when nothing is odd.
 */
const char *oddity_note(const void *secret, size_t length, char out[ODDITY_SIZE]);

/* Makes PEM text that Windows wrote with a byte order mark, or as UTF-16, plain in place. Returns its new length; what
 * is behind it is wiped. All else, DER above all, stays as it is. */
size_t oddity_straighten(void *value, size_t length);

#endif
