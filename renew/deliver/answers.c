#include "renew/deliver/answers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STRANGE_MOST 8 /* remarks about lines that do not count */

struct span_of {
    const char *at;
    size_t length;
};

/* What was said of one server. */
struct said {
    bool present;
    bool failed;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span_of trimmed(struct span_of span) {
    while (span.length > 0 && is_blank(span.at[0])) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.at[span.length - 1]))
        span.length--;
    return span;
}

/* Takes the first word off `rest`. */
static struct span_of next_word(struct span_of *rest) {
    struct span_of word = {rest->at, 0};

    while (word.length < rest->length && !is_blank(rest->at[word.length]))
        word.length++;
    *rest = trimmed((struct span_of){rest->at + word.length, rest->length - word.length});
    return word;
}

static bool equals(struct span_of word, const char *value) {
    return word.length == strlen(value) && strncasecmp(word.at, value, word.length) == 0;
}

static size_t find_server(const struct delivery_outcome *outcome, struct span_of name) {
    size_t i = 0;

    while (i < outcome->count && !equals(name, outcome->answers[i].fqdn))
        i++;
    return i;
}

static void remark_strange(struct delivery_outcome *outcome, const char *what, struct span_of line) {
    char shown[DELIVERY_TEXT_MOST];

    strings_add(&outcome->remarks, "%s: %s", what, text_printable(shown, sizeof(shown), line.at, line.length));
}

static void keep_text(struct delivery_answer *answer, struct span_of text) {
    char *copy = text_printable_copy(text.at, text.length, DELIVERY_TEXT_MOST);

    if (copy) { /* without memory for it the failure still counts */
        free(answer->text);
        answer->text = copy;
    }
}

/* What is strange about the line; NULL when it counts. */
static const char *read_line(struct span_of line, struct delivery_outcome *outcome, struct said *said) {
    struct span_of rest = line;
    struct span_of name = next_word(&rest);
    struct span_of word = next_word(&rest);
    size_t server = find_server(outcome, name);

    if (server == outcome->count)
        return equals(word, "present") || equals(word, "failed")
                   ? "the delivery command answered for a server that it was not asked about"
                   : "the delivery command wrote a line that is no answer";
    if (equals(word, "present") && rest.length == 0) {
        said[server].present = true;
    } else if (equals(word, "failed")) {
        if (!said[server].failed)
            keep_text(&outcome->answers[server], rest);
        said[server].failed = true;
    } else {
        return "the delivery command said neither present nor failed of a server";
    }
    return NULL;
}

static void conclude(struct delivery_outcome *outcome, const struct said *said) {
    for (size_t i = 0; i < outcome->count; i++) {
        struct delivery_answer *answer = &outcome->answers[i];

        answer->present = said[i].present && !said[i].failed;
        answer->failed = said[i].failed && !said[i].present;
        if (said[i].present && said[i].failed) {
            answer->text[0] = '\0';
            strings_add(&outcome->remarks, "the delivery command said both present and failed of %s: neither counts",
                        answer->fqdn);
        }
    }
}

void answers_read(const char *text, size_t length, bool whole, struct delivery_outcome *outcome) {
    struct said *said = calloc(outcome->count + 1, sizeof(*said));
    size_t strange = 0;

    if (!said) {
        outcome->remarks.failed = true;
        return;
    }
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - text) - at : length - at;
        struct span_of line = trimmed((struct span_of){text + at, size});
        const char *what = NULL;

        if (!end && !whole)
            break;
        if (line.length > 0)
            what = read_line(line, outcome, said);
        if (what && strange++ < STRANGE_MOST)
            remark_strange(outcome, what, line);
        at += size + 1;
    }
    if (strange > STRANGE_MOST)
        strings_add(&outcome->remarks, "%zu more lines of the delivery command did not count", strange - STRANGE_MOST);
    conclude(outcome, said);
    free(said);
}
