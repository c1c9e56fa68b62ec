/*
 * What to do about a relay's refusal: its own words decide, then its enhanced status code (RFC 3463, RFC 5248, and what
 * Exchange and Exchange Online mean by theirs), then the step at which it came. Pure.
 */
#ifndef NOTIFY_MAIL_REMEDY_H
#define NOTIFY_MAIL_REMEDY_H

#include "notify/mail/conversation.h"

/* Advice as a clause without a dot at its end. `text` is the whole reply behind its code. */
const char *remedy_find(enum conversation_stage stage, int code, const char *text);

#endif
