/*
 * What is said and answered in one SMTP conversation (RFC 5321): follows the commands and the relay's replies line by
 * line, so that it is known afterwards which recipients the relay took and what it said to the others. It sends nothing
 * and keeps nothing of commands, as AUTH carries the password. Replies are capped, kept short and made printable.
 */
#ifndef NOTIFY_MAIL_CONVERSATION_H
#define NOTIFY_MAIL_CONVERSATION_H

#include "base/text.h"
#include "notify/mail/patience.h"

#include <stdbool.h>
#include <stddef.h>

#define CONVERSATION_REPLIES_MOST 65536 /* bytes of a relay's replies in one conversation */
#define CONVERSATION_REPLY_SIZE 512
#define CONVERSATION_REFUSED_SIZE 800
#define CONVERSATION_FOR_NOW 400  /* replies from here on refuse for now (4yz), */
#define CONVERSATION_FOR_GOOD 500 /* from here on for good (5yz) */

enum conversation_stage { CONVERSATION_OPENING, CONVERSATION_AUTH, CONVERSATION_RECIPIENTS, CONVERSATION_LETTER };

struct conversation {
    const struct strings *to; /* the letter's recipients; NULL when there is no letter */
    const bool *skip;         /* one per recipient: not named in this conversation */
    bool *accepted;           /* one per recipient, set when the relay takes it */
    enum conversation_stage stage;
    bool auth_tried;
    enum mail_step step;                     /* what is waited for now */
    bool handed_over;                        /* the whole letter went out */
    int letter_code;                         /* of the answer to it; 0 = there was none */
    char said[CONVERSATION_REPLY_SIZE];      /* the lines of the present reply so far, as one */
    size_t replies;                          /* bytes of replies so far */
    size_t recipient;                        /* index of the one that the last RCPT named */
    int code;                                /* of the last reply that refused anything; 0 = none did */
    char reply[CONVERSATION_REPLY_SIZE];     /* its text, of all lines; for one to AUTH see notify/mail/auth_words.h */
    char refused[CONVERSATION_REFUSED_SIZE]; /* recipients that were refused, with what the relay said */
    int refused_code;                        /* the gravest of theirs, and the text of that one */
    char refused_reply[CONVERSATION_REPLY_SIZE];
};

/* The first recipient from `from` on that is not skipped; to->count when there is none. */
size_t conversation_recipient(const struct strings *to, const bool *skip, size_t from);

/* A command went out: `size` bytes without NUL. */
void conversation_said(struct conversation *conversation, const char *command, size_t size);

/* The last byte of the letter went out. */
void conversation_hand_over(struct conversation *conversation);

/* Did the relay get the whole letter and not say whether it took it? */
bool conversation_is_unclear(const struct conversation *conversation);

/* A reply's line came in. False when the relay answered more than CONVERSATION_REPLIES_MOST bytes. */
bool conversation_answered(struct conversation *conversation, const char *line, size_t size);

#endif
