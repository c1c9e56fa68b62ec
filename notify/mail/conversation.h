/*
 * What is said and answered in one SMTP conversation (RFC 5321): follows the commands and the relay's replies line by
 * line, so that it is known afterwards which recipients the relay took and what it said to the others. It sends nothing
 * and keeps nothing of commands, as AUTH carries the password. Replies are capped, kept short and made printable.
 */
#ifndef NOTIFY_MAIL_CONVERSATION_H
#define NOTIFY_MAIL_CONVERSATION_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define CONVERSATION_REPLIES_MOST 65536 /* bytes of a relay's replies in one conversation */
#define CONVERSATION_REPLY_SIZE 256
#define CONVERSATION_REFUSED_SIZE 400
#define CONVERSATION_FOR_NOW 400  /* replies from here on refuse for now (4yz), */
#define CONVERSATION_FOR_GOOD 500 /* from here on for good (5yz) */

enum conversation_stage { CONVERSATION_OPENING, CONVERSATION_AUTH, CONVERSATION_RECIPIENTS, CONVERSATION_LETTER };

struct conversation {
    const struct strings *to; /* the letter's recipients; NULL when there is no letter */
    const bool *skip;         /* one per recipient: not named in this conversation */
    bool *accepted;           /* one per recipient, set when the relay takes it */
    enum conversation_stage stage;
    bool auth_tried;
    size_t replies;                          /* bytes of replies so far */
    size_t recipient;                        /* index of the one that the last RCPT named */
    int code;                                /* of the last reply that refused anything; 0 = none did */
    char reply[CONVERSATION_REPLY_SIZE];     /* its text; "" for one to AUTH, which could repeat what it was told */
    char refused[CONVERSATION_REFUSED_SIZE]; /* recipients that were refused, with what the relay said */
    int refused_code;                        /* the gravest of theirs */
};

/* The first recipient from `from` on that is not skipped; to->count when there is none. */
size_t conversation_recipient(const struct strings *to, const bool *skip, size_t from);

/* A command went out: `size` bytes without NUL. */
void conversation_said(struct conversation *conversation, const char *command, size_t size);

/* A reply's line came in. False when the relay answered more than CONVERSATION_REPLIES_MOST bytes. */
bool conversation_answered(struct conversation *conversation, const char *line, size_t size);

#endif
