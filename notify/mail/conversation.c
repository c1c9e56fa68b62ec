#include "notify/mail/conversation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

size_t conversation_recipient(const struct strings *to, const bool *skip, size_t from) {
    while (from < to->count && skip[from])
        from++;
    return from;
}

static bool begins(const char *command, size_t size, const char *with) {
    size_t length = strlen(with);

    return size >= length && strncasecmp(command, with, length) == 0;
}

void conversation_said(struct conversation *conversation, const char *command, size_t size) {
    conversation->said[0] = '\0';
    conversation->step = begins(command, size, "MAIL ")   ? STEP_SENDER
                         : begins(command, size, "RCPT ") ? STEP_RECIPIENT
                         : begins(command, size, "DATA")  ? STEP_DATA
                         : begins(command, size, "QUIT")  ? STEP_QUIT
                                                          : STEP_COMMAND;
    if (begins(command, size, "AUTH ")) {
        conversation->stage = CONVERSATION_AUTH;
        conversation->auth_tried = true;
    } else if (begins(command, size, "MAIL ")) {
        conversation->stage = CONVERSATION_OPENING;
    } else if (begins(command, size, "RCPT ") && conversation->to) {
        size_t from = conversation->stage == CONVERSATION_RECIPIENTS ? conversation->recipient + 1 : 0;

        conversation->recipient = conversation_recipient(conversation->to, conversation->skip, from);
        conversation->stage = CONVERSATION_RECIPIENTS;
    } else if (begins(command, size, "DATA")) {
        conversation->stage = CONVERSATION_LETTER;
    }
}

/* The code of a reply's last line, 0 for other lines: earlier ones have a hyphen behind the code. */
static int last_line_code(const char *line, size_t size) {
    if (size < 3 || (size > 3 && line[3] == '-'))
        return 0;
    if (line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '9' || line[2] < '0' || line[2] > '9')
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* Puts one line's text behind those before it; an enhanced status code that each line repeats is kept once. */
static void gather(struct conversation *conversation, const char *line, size_t size) {
    size_t begin = size > 3 ? 4 : 3;
    size_t length = strlen(conversation->said);
    size_t code = strcspn(conversation->said, " ");

    if (size < begin)
        return;
    while (size > begin && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    if (length > 0 && conversation->said[0] >= '2' && conversation->said[0] <= '5' && size - begin > code &&
        strspn(conversation->said, "0123456789.") == code && memcmp(line + begin, conversation->said, code) == 0)
        begin += code + 1;
    if (length > 0 && length + 2 < sizeof conversation->said)
        conversation->said[length++] = ' ';
    if (sizeof conversation->said - length >= 8)
        (void)text_printable(conversation->said + length, sizeof conversation->said - length, line + begin,
                             size - begin);
}

static void note_refusal(struct conversation *conversation, int code) {
    conversation->code = code;
    (void)memcpy(conversation->reply, conversation->said, sizeof conversation->reply);
}

static void note_recipient(struct conversation *conversation, int code) {
    size_t length = strlen(conversation->refused);

    if (conversation->recipient >= conversation->to->count)
        return;
    if (code < CONVERSATION_FOR_NOW) {
        conversation->accepted[conversation->recipient] = true;
        return;
    }
    if (code > conversation->refused_code) {
        conversation->refused_code = code;
        (void)memcpy(conversation->refused_reply, conversation->reply, sizeof conversation->refused_reply);
    }
    (void)snprintf(conversation->refused + length, sizeof conversation->refused - length, "%s%s: %d %s",
                   length > 0 ? "; " : "", conversation->to->items[conversation->recipient], code, conversation->reply);
}

bool conversation_answered(struct conversation *conversation, const char *line, size_t size) {
    int code;

    if (size > CONVERSATION_REPLIES_MOST - conversation->replies) {
        conversation->replies = CONVERSATION_REPLIES_MOST;
        return false;
    }
    conversation->replies += size;
    gather(conversation, line, size);
    code = last_line_code(line, size);
    if (code >= CONVERSATION_FOR_NOW)
        note_refusal(conversation, code);
    if (code != 0 && conversation->stage == CONVERSATION_RECIPIENTS)
        note_recipient(conversation, code);
    if (code != 0)
        conversation->said[0] = '\0';
    if (code != 0 && conversation->step == STEP_FINAL)
        conversation->letter_code = code;
    if (code != 0 && conversation->step == STEP_DATA && code < CONVERSATION_FOR_NOW)
        conversation->step = STEP_BLOCK;
    return true;
}

void conversation_hand_over(struct conversation *conversation) {
    conversation->step = STEP_FINAL;
    conversation->handed_over = true;
}

bool conversation_is_unclear(const struct conversation *conversation) {
    return conversation->handed_over && conversation->letter_code == 0;
}
