/*
 * Bytes as base64 (RFC 4648, section 4): with padding, without line ends. Nothing here keeps a copy.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Adds the base64 of the bytes to `text`. */
void base64_add(struct text *text, const void *bytes, size_t length);

/* Adds the bytes that the base64 stands for to `ret_bytes`. False when it is none: another character, a length that is
 * no multiple of four, padding elsewhere than at the end. */
bool base64_read(const char *base64, size_t length, struct text *ret_bytes) __attribute__((warn_unused_result));

#endif
