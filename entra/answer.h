/*
 * What Entra's answers mean. An answer is text from outside: of it only numbers, identifiers and what is known by its
 * number are shown, in words of our own. Yes is a token and nothing else; no is the one number that says so; all other
 * answers tell nothing about the key. Pure.
 */
#ifndef ENTRA_ANSWER_H
#define ENTRA_ANSWER_H

#include "base/secret.h"
#include "core/tenant.h"

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_NO_KEY 700027 /* the key is not one of the application's */

/* Of the request for a token. The token itself is taken out of the body and wiped there; `ret_token` may be NULL. */
void answer_judge_login(int status, char *body, size_t length, struct secret *ret_token,
                        struct entra_verdict *ret_verdict);

/* Of a request that adds a key, or removes one. */
void answer_judge_change(int status, const char *body, size_t length, bool adds, struct entra_outcome *ret_outcome);

#endif
