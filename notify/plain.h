/*
 * The plain-text form of a message, which reads well by itself: underlined by nothing but "==", wrapped at PLAIN_WIDTH
 * columns, commands excepted. UTF-8 with LF line ends. Since every value is one printable line, nothing read from
 * outside can begin a line of its own. What runs out of memory shows in the text's `failed`.
 */
#ifndef NOTIFY_PLAIN_H
#define NOTIFY_PLAIN_H

#include "base/text.h"
#include "notify/words/layout.h"

#define PLAIN_WIDTH 76

void plain_add(struct text *out, const struct layout *layout);

#endif
