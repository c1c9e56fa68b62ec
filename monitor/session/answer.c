#include "monitor/session/answer.h"

#include <stdio.h>
#include <string.h>

#include "monitor/decide/explain.h"
#include "monitor/run/exit.h"
#include "monitor/show/journal.h"

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
        return show_text(report, invocation->colour, stdout);
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

    policy_default(&defaults);
    if (!explain_report(&facts, NULL, policy != NULL ? policy : &defaults, invocation->now, &report, &failure)) {
        fprintf(stderr, "authcert: %s\n", failure.text);
        return;
    }
    answer_report(invocation, &report);
    report_free(&report);
}
