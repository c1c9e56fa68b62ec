#include "monitor/session/answer.h"

#include <stdio.h>
#include <string.h>

#include "monitor/decide/explain.h"
#include "monitor/show/journal.h"

void command_complain(const struct strings *sentences) {
    for (size_t i = 0; i < sentences->count; i++)
        fprintf(stderr, "authcert: %s\n", sentences->items[i]);
    if (sentences->failed)
        fputs("authcert: out of memory: not every message could be shown\n", stderr);
}

void command_warn(const struct strings *sentences) {
    const char *mark = journal_is_stderr() ? JOURNAL_WARNING : "";

    for (size_t i = 0; i < sentences->count; i++)
        fprintf(stderr, "%sauthcert: %s\n", mark, sentences->items[i]);
}

bool command_load(const struct invocation *invocation, bool secrets, struct config *ret_config,
                  struct strings *ret_errors) {
    struct strings errors = {0};
    struct config config;
    bool ok = config_load(invocation->config_path, &config, &errors);

    if (ok && secrets && !config_load_secrets(&config, &errors)) {
        config_free(&config);
        ok = false;
    }
    command_complain(&errors);
    if (ok) {
        if (invocation->verbosity > 0)
            command_warn(&config.warnings);
        config.policy.built = AUTHCERT_BUILT;
        *ret_config = config;
    }
    if (ret_errors != NULL)
        *ret_errors = errors;
    else
        strings_free(&errors);
    return ok;
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

bool command_answer(const struct invocation *invocation, const struct report *report) {
    if (show(invocation, report) && fflush(stdout) == 0)
        return true;
    fputs("authcert: the answer could not be written to standard output\n", stderr);
    return false;
}

void command_answer_unreadable(const struct invocation *invocation, const struct policy *policy,
                               const struct error *err) {
    struct facts facts = {.unreadable = *err};
    struct policy defaults;
    struct report report;
    struct error failure = {0};

    policy_default(&defaults);
    if (!explain_report(&facts, NULL, policy != NULL ? policy : &defaults, invocation->now, &report, &failure)) {
        fprintf(stderr, "authcert: %s\n", failure.text);
        return;
    }
    command_answer(invocation, &report);
    report_free(&report);
}
