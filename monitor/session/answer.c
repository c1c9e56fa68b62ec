#include "monitor/session/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/decide/explain.h"
#include "monitor/run/exit.h"
#include "monitor/show/systemd/journal.h"

#define SENTENCE_MOST ((size_t)64 * 1024)

/* NULL when out of memory. What an admin typed may have been pasted, with marks that a terminal would obey or nobody
 * sees. */
__attribute__((format(printf, 1, 0))) static char *printable(const char *format, va_list arguments) {
    char *sentence = NULL;
    char *copy = NULL;

    if (vasprintf(&sentence, format, arguments) < 0)
        return NULL;
    copy = text_printable_copy(sentence, strlen(sentence), SENTENCE_MOST);
    free(sentence);
    return copy;
}

void answer_say(const char *format, va_list arguments) {
    char *sentence = printable(format, arguments);

    fprintf(stderr, "authcert: %s\n", sentence != NULL ? sentence : "out of memory");
    free(sentence);
}

void answer_add(struct text *out, const char *format, va_list arguments) {
    char *sentence = printable(format, arguments);

    text_format(out, "authcert: %s\n", sentence != NULL ? sentence : "out of memory");
    free(sentence);
}

/* To a person standard error is enough. */
__attribute__((format(printf, 3, 0))) static void refuse(const struct invocation *invocation, enum error_kind kind,
                                                         const char *format, va_list arguments) {
    char *sentence = printable(format, arguments);
    struct error err = {0};

    error_set(&err, kind, "%s", sentence != NULL ? sentence : "out of memory");
    free(sentence);
    fprintf(stderr, "authcert: %s\n", err.text);
    answer_unreadable(invocation, NULL, &err);
}

int answer_misuse_of(const struct invocation *invocation, const char *format, va_list arguments) {
    refuse(invocation, ERROR_CONFIG, format, arguments);
    return EXIT_USAGE;
}

int answer_failed(const struct invocation *invocation, int exit, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    refuse(invocation, ERROR_LOCAL, format, arguments);
    va_end(arguments);
    return exit;
}

bool answer_object(const struct invocation *invocation, json_t *object) {
    json_t *whole = show_json_head(invocation->now);
    bool ok = object != NULL && whole != NULL && json_object_update(whole, object) == 0 &&
              json_dumpf(whole, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;

    json_decref(whole);
    json_decref(object);
    return ok;
}

int answer_misuse(const struct invocation *invocation, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    answer_misuse_of(invocation, format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

void answer_complain(const struct strings *sentences) {
    for (size_t i = 0; i < sentences->count; i++)
        fprintf(stderr, "authcert: %s\n", sentences->items[i]);
    if (sentences->failed)
        fputs("authcert: out of memory: not every message could be shown\n", stderr);
}

void answer_warn(const struct strings *sentences) {
    const char *mark = journal_is_stderr() ? JOURNAL_WARNING : "";

    for (size_t i = 0; i < sentences->count; i++)
        fprintf(stderr, "%sauthcert: %s\n", mark, sentences->items[i]);
}

static bool show(const struct invocation *invocation, const struct report *report) {
    switch (invocation->format) {
    case FORMAT_TEXT:
        if (!show_text(report, invocation->colour, stdout))
            return false;
        /* The first lines may be gone from the screen by now. */
        if (isatty(STDOUT_FILENO)) {
            putchar('\n');
            show_briefing(report, invocation->colour, stdout);
        }
        return true;
    case FORMAT_JSON:
        return show_json(report, stdout);
    case FORMAT_NAGIOS:
        return show_nagios(report, stdout);
    case FORMAT_PROMETHEUS:
        return show_prometheus(report, NULL, stdout);
    }
    return false;
}

int answer_end(bool whole) {
    if (whole && fflush(stdout) == 0)
        return EXIT_DONE;
    fputs("authcert: the answer could not be written to standard output\n", stderr);
    return EXIT_FAILED;
}

bool answer_report(const struct invocation *invocation, const struct report *report) {
    return answer_end(show(invocation, report)) == EXIT_DONE;
}

void answer_unreadable(const struct invocation *invocation, const struct policy *policy, const struct error *err) {
    struct facts facts = {.unreadable = *err};
    struct policy defaults;
    struct report report;
    struct error failure = {0};

    if (invocation->format == FORMAT_TEXT)
        return;
    policy_default(&defaults);
    if (!explain_report(&facts, NULL, policy != NULL ? policy : &defaults, invocation->now, &report, &failure)) {
        fprintf(stderr, "authcert: %s\n", failure.text);
        return;
    }
    answer_report(invocation, &report);
    report_free(&report);
}
