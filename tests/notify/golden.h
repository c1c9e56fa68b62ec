/*
 * Whole messages against texts in golden/ that a person can read and judge. With GOLDEN_WRITE set in the environment
 * the texts are written anew instead, for the diff to be read. With GOLDEN_PAGES=FOLDER the HTML form of each is
 * written there as NAME.html.
 */
#ifndef TESTS_NOTIFY_GOLDEN_H
#define TESTS_NOTIFY_GOLDEN_H

#include "core/occasion.h"
#include "tests/notify/sample.h"

/* Subject and body; to be freed. Asserts that the HTML form says the same words in the same order. */
char *golden_words(const struct sample *sample, const struct occasion *occasion);

/* Compares them with golden/NAME.txt. */
void golden_assert(const struct sample *sample, const struct occasion *occasion, const char *name);

/* The same, and compares the HTML form with golden/NAME.html. */
void golden_assert_page(const struct sample *sample, const struct occasion *occasion, const char *name);

#endif
