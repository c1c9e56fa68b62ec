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

static void note_refusal(struct conversation *conversation, int code, const char *line, size_t size) {
    size_t begin = size > 3 ? 4 : 3;

    while (size > begin && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    conversation->code = code;
    if (conversation->stage == CONVERSATION_AUTH)
        conversation->reply[0] = '\0';
    else
        (void)text_printable(conversation->reply, sizeof conversation->reply, line + begin, size - begin);
}

static void note_recipient(struct conversation *conversation, int code) {
    size_t length = strlen(conversation->refused);

    if (conversation->recipient >= conversation->to->count)
        return;
    if (code < CONVERSATION_FOR_NOW) {
        conversation->accepted[conversation->recipient] = true;
        return;
    }
    if (code > conversation->refused_code)
        conversation->refused_code = code;
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
    code = last_line_code(line, size);
    if (code >= CONVERSATION_FOR_NOW)
        note_refusal(conversation, code, line, size);
    if (code != 0 && conversation->stage == CONVERSATION_RECIPIENTS)
        note_recipient(conversation, code);
    return true;
}
