/*
 * Values in quotation marks, as the configuration file takes them where a name would else be changed by its reader: a
 * "#" or ";" behind a blank begins a comment, and blanks at the ends go. Inside, \" stands for a quotation mark and \\
 * for a backslash; other backslashes stand for themselves.
 */
#ifndef BASE_LETTERS_QUOTE_H
#define BASE_LETTERS_QUOTE_H

#include <stddef.h>

/* Length of the quoted piece that `text` begins with, with both marks; 0 when it begins with none that is closed. */
size_t quote_length(const char *text);

/* What the quoted piece of `length` bytes stands for, in its place: the text behind it is overwritten. */
void quote_strip(char *text, size_t length);

/* A value as it is to be written, in new memory: in quotation marks only where it needs them. NULL when out of memory.
 */
char *quote_written(const char *value);

#endif
