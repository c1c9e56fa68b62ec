/*
 * Takes secrets out of text that another program wrote, before anything of it is kept or told: the password it was
 * given, private keys in PEM, and long runs of base64 or hexadecimal digits. What it cannot know is a secret in another
 * disguise.
 */
#ifndef RENEW_DELIVER_REDACT_H
#define RENEW_DELIVER_REDACT_H

#include "base/secret.h"

#include <stddef.h>

/* Overwrites them with asterisks in place; line ends stay. The password goes in either case, also where the text breaks
 * off within it. */
void redact_text(char *text, size_t length, const struct secret *password);

#endif
