/*
 * What a relay said to a log-in, without what it may have repeated of it: servers echo what they were sent, which holds
 * the password. Only plain words and status codes are left, and of these none that is part of a secret. Pure.
 */
#ifndef NOTIFY_MAIL_AUTH_WORDS_H
#define NOTIFY_MAIL_AUTH_WORDS_H

#include "base/secret.h"

#include <stddef.h>

/* Writes the words of `reply` that may be shown; "..." stands for the others. Returns `out`. `size` is at least 8. */
const char *auth_words(const char *reply, const char *username, const struct secret *password, char *out, size_t size);

#endif
