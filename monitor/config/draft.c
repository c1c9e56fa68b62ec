#include "monitor/config/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_draft_begin(struct config_draft *draft, const char *path) {
    *draft = (struct config_draft){.path = path};
    draft->values = calloc(CONFIG_KEY_COUNT, sizeof(*draft->values));
    draft->failed = draft->values == NULL;
}

void config_values_free(struct config_value *values) {
    if (values == NULL)
        return;
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
        free(values[i].text);
        strings_free(&values[i].items);
    }
    free(values);
}

void config_draft_free(struct config_draft *draft) {
    config_values_free(draft->values);
    for (size_t i = 0; i < draft->problem_count; i++)
        free(draft->problems[i].text);
    free(draft->problems);
    *draft = (struct config_draft){0};
}

static void keep(struct config_draft *draft, unsigned line, struct text *text) {
    char *taken = text_take(text);
    struct config_problem *grown;

    if (!config_draft_full(draft)) {
        grown = reallocarray(draft->problems, draft->problem_count + 1, sizeof(*grown));
        draft->problems = grown != NULL ? grown : draft->problems;
        if (taken != NULL && grown != NULL) {
            grown[draft->problem_count] = (struct config_problem){line, draft->problem_count, taken};
            draft->problem_count++;
            return;
        }
        draft->failed = true;
    }
    free(taken);
}

__attribute__((format(printf, 2, 0))) static void add_format(struct text *text, const char *format, va_list arguments) {
    char sentence[1024];

    vsnprintf(sentence, sizeof(sentence), format, arguments);
    text_add(text, sentence);
}

void config_problem(struct config_draft *draft, unsigned line, const char *where, const char *format, ...) {
    struct text text = {0};
    va_list arguments;

    text_add(&text, where);
    va_start(arguments, format);
    add_format(&text, format, arguments);
    va_end(arguments);
    keep(draft, line, &text);
}

void config_problem_key(struct config_draft *draft, enum config_id id, const char *format, ...) {
    const struct config_key *key = &config_keys[id];
    unsigned line = draft->values[id].line;
    struct text text = {0};
    va_list arguments;

    draft->values[id].bad = true;
    text_format(&text, "[%s] %s: ", config_sections[key->section], key->name);
    va_start(arguments, format);
    add_format(&text, format, arguments);
    va_end(arguments);
    keep(draft, line != 0 ? line : draft->section_line[key->section], &text);
}

bool config_draft_full(const struct config_draft *draft) {
    return draft->failed || draft->problem_count >= CONFIG_PROBLEMS_MOST;
}

static int by_line(const void *a, const void *b) {
    const struct config_problem *left = a;
    const struct config_problem *right = b;

    if (left->line != right->line) {
        if (left->line == 0 || right->line == 0)
            return left->line == 0 ? 1 : -1;
        return left->line < right->line ? -1 : 1;
    }
    return left->order < right->order ? -1 : left->order > right->order;
}

void config_draft_tell(struct config_draft *draft, struct strings *errors) {
    char path[512];

    text_printable(path, sizeof(path), draft->path, strlen(draft->path));
    if (draft->problem_count > 1)
        qsort(draft->problems, draft->problem_count, sizeof(*draft->problems), by_line);
    for (size_t i = 0; i < draft->problem_count; i++) {
        const struct config_problem *problem = &draft->problems[i];
        if (problem->line != 0)
            strings_add(errors, "%s:%u: %s", path, problem->line, problem->text);
        else
            strings_add(errors, "%s: %s", path, problem->text);
    }
    if (draft->problem_count >= CONFIG_PROBLEMS_MOST)
        strings_add(errors, "%s: more than %d errors: the rest is not listed", path, CONFIG_PROBLEMS_MOST);
    if (draft->failed)
        strings_add(errors, "%s: could not be checked: out of memory", path);
}
