#include "notify/mail/talk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

size_t talk_recipient(const struct strings *to, const bool *skip, size_t from) {
    while (from < to->count && skip[from])
        from++;
    return from;
}

static bool begins(const char *command, size_t size, const char *with) {
    size_t length = strlen(with);

    return size >= length && strncasecmp(command, with, length) == 0;
}

void talk_said(struct talk *talk, const char *command, size_t size) {
    if (begins(command, size, "AUTH ")) {
        talk->stage = TALK_AUTH;
        talk->auth_tried = true;
    } else if (begins(command, size, "MAIL ")) {
        talk->stage = TALK_OPENING;
    } else if (begins(command, size, "RCPT ") && talk->to) {
        size_t from = talk->stage == TALK_RECIPIENTS ? talk->recipient + 1 : 0;

        talk->recipient = talk_recipient(talk->to, talk->skip, from);
        talk->stage = TALK_RECIPIENTS;
    } else if (begins(command, size, "DATA")) {
        talk->stage = TALK_LETTER;
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

static void note_refusal(struct talk *talk, int code, const char *line, size_t size) {
    size_t begin = size > 3 ? 4 : 3;

    while (size > begin && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    talk->code = code;
    if (talk->stage == TALK_AUTH)
        talk->reply[0] = '\0';
    else
        (void)text_printable(talk->reply, sizeof talk->reply, line + begin, size - begin);
}

static void note_recipient(struct talk *talk, int code) {
    size_t length = strlen(talk->refused);

    if (talk->recipient >= talk->to->count)
        return;
    if (code < TALK_FOR_NOW) {
        talk->accepted[talk->recipient] = true;
        return;
    }
    if (code > talk->refused_code)
        talk->refused_code = code;
    (void)snprintf(talk->refused + length, sizeof talk->refused - length, "%s%s: %d %s", length > 0 ? "; " : "",
                   talk->to->items[talk->recipient], code, talk->reply);
}

bool talk_answered(struct talk *talk, const char *line, size_t size) {
    int code;

    if (size > TALK_REPLIES_MOST - talk->replies) {
        talk->replies = TALK_REPLIES_MOST;
        return false;
    }
    talk->replies += size;
    code = last_line_code(line, size);
    if (code >= TALK_FOR_NOW)
        note_refusal(talk, code, line, size);
    if (code != 0 && talk->stage == TALK_RECIPIENTS)
        note_recipient(talk, code);
    return true;
}
