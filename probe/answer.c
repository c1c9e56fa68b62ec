#include "probe/answer.h"

#include <string.h>
#include <strings.h>

/* The value of a header with this name, or NULL. */
static const char *value_of(const char *line, size_t length, const char *name, size_t *ret_length) {
    size_t at = strlen(name);

    if (length <= at || strncasecmp(line, name, at) != 0 || line[at] != ':')
        return NULL;
    for (at++; at < length && (line[at] == ' ' || line[at] == '\t'); at++)
        ;
    while (length > at && (line[length - 1] == '\r' || line[length - 1] == '\n' || line[length - 1] == ' '))
        length--;
    *ret_length = length - at;
    return line + at;
}

static void keep_encoding(struct answer *answer, const char *value, size_t length, const char *harmless) {
    if (answer->encoding[0] == '\0' && length > 0 &&
        (length != strlen(harmless) || strncasecmp(value, harmless, length) != 0))
        text_printable(answer->encoding, sizeof(answer->encoding), value, length);
}

void answer_header(struct answer *answer, const char *line, size_t length) {
    const char *value;
    size_t size;

    if ((value = value_of(line, length, "Location", &size)) != NULL)
        text_printable(answer->location, sizeof(answer->location), value, size);
    else if ((value = value_of(line, length, "Date", &size)) != NULL)
        text_printable(answer->date, sizeof(answer->date), value, size);
    else if ((value = value_of(line, length, "Content-Encoding", &size)) != NULL)
        keep_encoding(answer, value, size, "identity");
    else if ((value = value_of(line, length, "Transfer-Encoding", &size)) != NULL)
        keep_encoding(answer, value, size, "chunked");
}

void answer_free(struct answer *answer) {
    text_free(&answer->body);
    strings_free(&answer->chain);
    *answer = (struct answer){0};
}
