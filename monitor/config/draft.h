/*
 * A configuration while it is being read: the values so far and everything found wrong, in whatever order it was found.
 * The draft owns both until they are taken out of it. A draft that ran out of memory stays failed, so only the end
 * needs a check.
 */
#ifndef MONITOR_CONFIG_DRAFT_H
#define MONITOR_CONFIG_DRAFT_H

#include "base/text.h"
#include "monitor/config/table.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_PROBLEMS_MOST 1000 /* more are not told one by one */

struct config_problem {
    unsigned line; /* 0 = about the file as a whole */
    size_t order;
    char *text;
};

struct config_draft {
    const char *path;                     /* borrowed, as the operator wrote it */
    struct config_value *values;          /* CONFIG_KEY_COUNT of them */
    unsigned section_line[SECTION_COUNT]; /* of the first header; 0 = none */
    struct config_problem *problems;
    size_t problem_count;
    bool failed; /* out of memory */
};

/* An empty draft with no value set. */
void config_draft_begin(struct config_draft *draft, const char *path);
void config_draft_free(struct config_draft *draft);

/* Notes one problem. `where` is "[section] key: ", "" or the like. */
void config_problem(struct config_draft *draft, unsigned line, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a key, at the line that sets it, else at its section's header. Marks the value as bad. */
void config_problem_key(struct config_draft *draft, enum config_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* No further problem will be kept: reading on makes no sense. */
bool config_draft_full(const struct config_draft *draft);

/* Adds all problems to `errors` as "FILE:LINE: [section] key: text", by line. */
void config_draft_tell(struct config_draft *draft, struct strings *errors);

/* Frees an array of CONFIG_KEY_COUNT values; NULL is fine. */
void config_values_free(struct config_value *values);

#endif
