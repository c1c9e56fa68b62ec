/*
 * Characters of Unicode in UTF-8: which of them a reader can see, and what the others are called. Pure; knows of no
 * text around them.
 */
#ifndef BASE_LETTERS_CHARACTER_H
#define BASE_LETTERS_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARACTER_NAME_SIZE 48

/* Length of the character that begins at `bytes`, 0 when it is no well-formed UTF-8 (Unicode, table 3-7). `left` is at
 * least 1. */
size_t character_decode(const unsigned char *bytes, size_t left, uint32_t *ret_character);

/* May a terminal, a mail or a log line show it as it is? Not a character that cannot be seen, or that passes for a
 * space and is none (general categories Cc, Cf, Zl, Zp, Zs but the space itself, Default_Ignorable_Code_Point, and the
 * blanks among letters), nor one whose look nobody agreed upon (private use, noncharacters, planes 4 to 16). */
bool character_is_visible(uint32_t character);

/* "U+200E (left-to-right mark)", or "U+1F511" for those whose names few know. Returns `out`. */
const char *character_name(uint32_t character, char out[CHARACTER_NAME_SIZE]);

/* The first one of `length` bytes that is not visible, a tab aside. False when there is none. `ret_character` is 0 for
 * a byte that is no UTF-8; `ret_at` is where it begins. */
bool character_find_odd(const void *value, size_t length, uint32_t *ret_character, size_t *ret_at);

#endif
