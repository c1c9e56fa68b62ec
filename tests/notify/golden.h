/*
 * Whole messages against texts in golden/ that a person can read and judge. With GOLDEN_WRITE set in the environment
 * the texts are written anew instead, for the diff to be read.
 */
#ifndef TESTS_NOTIFY_GOLDEN_H
#define TESTS_NOTIFY_GOLDEN_H

#include "core/occasion.h"
#include "tests/notify/sample.h"

/* Subject and body; to be freed. */
char *golden_words(const struct sample *sample, const struct occasion *occasion);

/* The HTML form; to be freed. */
char *golden_html(const struct sample *sample, const struct occasion *occasion);

/* Compares them with golden/NAME.txt and golden/NAME.html. */
void golden_assert(const struct sample *sample, const struct occasion *occasion, const char *name);

#endif
