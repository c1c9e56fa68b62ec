/*
 * Text compared without case in any alphabet, as Active Directory and Windows compare names.
 */
#ifndef BASE_LETTERS_FOLD_H
#define BASE_LETTERS_FOLD_H

#include <stdbool.h>

/* Both in UTF-8; bytes that are none stand for themselves. */
bool fold_equal(const char *a, const char *b);

#endif
