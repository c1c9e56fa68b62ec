/*
 * The identifiers of Entra and of Active Directory: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. Plain text,
 * always in lower case, so that equal ones are equal strings.
 */
#ifndef BASE_LETTERS_GUID_H
#define BASE_LETTERS_GUID_H

#include <stdbool.h>
#include <stddef.h>

#define GUID_STRING_LENGTH 36
#define GUID_STRING_SIZE (GUID_STRING_LENGTH + 1)

/* Exactly one, perhaps in braces as Windows writes it, in either case. */
bool guid_parse(const char *text, size_t length, char ret_guid[GUID_STRING_SIZE]);

#endif
