/*
 * A slip of the pen in a word of ASCII: which known word was most likely meant. Keeps nothing, allocates nothing.
 */
#ifndef BASE_LETTERS_NEAREST_H
#define BASE_LETTERS_NEAREST_H

#include <stddef.h>

/* How far `name` is from `known`, letters of either case alike; SIZE_MAX when they have too little in common to be a
 * slip of the pen. */
size_t nearest_apart(const char *name, const char *known);

#endif
