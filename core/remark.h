/*
 * Sentences for people, each with a word for programs that stays the same however the sentence is worded. A list owns
 * its texts; the words are literals of the program. Empty when zeroed; free with remarks_free.
 */
#ifndef CORE_REMARK_H
#define CORE_REMARK_H

#include <stdbool.h>
#include <stddef.h>

struct remark {
    const char *id; /* lower-case words joined by hyphens; a literal */
    char *text;     /* one sentence */
};

struct remarks {
    struct remark *items;
    size_t count;
    bool failed; /* one could not be added: the list is incomplete */
};

void remarks_add(struct remarks *list, const char *id, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds all of another list. */
void remarks_add_all(struct remarks *list, const struct remarks *others);
void remarks_free(struct remarks *list);

/* Does one of them have this text? */
bool remarks_contain(const struct remarks *list, const char *text);

#endif
