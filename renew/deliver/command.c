#include "renew/deliver/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renew/deliver/answers.h"
#include "base/child.h"
#include "renew/deliver/program.h"
#include "renew/deliver/redact.h"

#define VARIABLES 5
#define DIAGNOSTICS_LINES 5 /* of the end of standard error, where programs say why they gave up */

/* The usual one of root, whatever the caller's is. */
static const char path_variable[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* `variables` are filled with strings to free, and a NULL at the end. */
static bool environment_make(const struct delivery_order *order, char *variables[VARIABLES + 1], struct error *err) {
    struct text servers = {0};
    struct text thumbprint = {0};
    struct text slot = {0};

    text_add(&servers, "AUTHCERT_SERVERS=");
    for (size_t i = 0; i < order->servers->count; i++)
        text_format(&servers, "%s%s", i > 0 ? " " : "", order->servers->items[i]);
    text_format(&thumbprint, "AUTHCERT_THUMBPRINT=%s", order->thumbprint);
    text_format(&slot, "AUTHCERT_SLOT=%s", slot_name(order->slot));
    variables[0] = text_take(&thumbprint);
    variables[1] = text_take(&slot);
    variables[2] = text_take(&servers);
    variables[3] = strdup("AUTHCERT_PASSWORD_FD=3");
    variables[4] = strdup(path_variable);
    for (size_t i = 0; i < VARIABLES; i++)
        if (!variables[i])
            return error_memory(err);
    return true;
}

static void remark_end(const struct child_result *result, int timeout, struct strings *remarks) {
    const char *name;

    switch (result->end) {
    case CHILD_EXITED:
        if (result->number != 0)
            strings_add(remarks, "the delivery command ended with status %d", result->number);
        break;
    case CHILD_KILLED:
        name = sigabbrev_np(result->number);
        strings_add(remarks, "the delivery command was ended by signal %d (%s)", result->number, name ? name : "?");
        break;
    case CHILD_LATE:
        strings_add(remarks, "the delivery command had not ended after %d s, and was ended with all it had started",
                    timeout);
        break;
    }
    if (result->held_open)
        strings_add(remarks, "the delivery command left a process behind that kept its output open; it was ended if it "
                             "was still in the command's process group");
}

static void remark_silence(const struct delivery_outcome *outcome, struct strings *remarks) {
    const char *first = NULL;
    size_t silent = 0;

    for (size_t i = 0; i < outcome->count; i++) {
        if (outcome->answers[i].present || outcome->answers[i].failed)
            continue;
        if (!first)
            first = outcome->answers[i].fqdn;
        silent++;
    }
    if (silent == 1)
        strings_add(remarks, "the delivery command gave no answer for %s", first);
    else if (silent > 1)
        strings_add(remarks, "the delivery command gave no answer for %zu of %zu servers, %s among them", silent,
                    outcome->count, first);
}

/* Is there anything to read in it besides what was covered? */
static bool says_something(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (strchr("* \t\r", line[i]) == NULL)
            return true;
    return false;
}

/* The last lines of standard error, in their order. */
static void remark_diagnostics(const struct child_output *output, struct strings *remarks) {
    struct {
        const char *at;
        size_t length;
    } lines[DIAGNOSTICS_LINES];
    size_t count = 0;

    for (size_t end = output->length; end > 0 && count < DIAGNOSTICS_LINES;) {
        const char *before = memrchr(output->data, '\n', end);
        size_t begin = before ? (size_t)(before - output->data) + 1 : 0;

        if (says_something(output->data + begin, end - begin)) {
            lines[count].at = output->data + begin;
            lines[count++].length = end - begin;
        }
        end = begin > 0 ? begin - 1 : 0;
    }
    while (count > 0) {
        char shown[DELIVERY_TEXT_MOST];

        count--;
        strings_add(remarks, "standard error of the delivery command: %s",
                    text_printable(shown, sizeof(shown), lines[count].at, lines[count].length));
    }
}

static void judge(struct child_result *result, const struct delivery_settings *settings,
                  const struct delivery_order *order, struct delivery_outcome *outcome) {
    bool whole = result->end == CHILD_EXITED && !result->held_open && !result->answers.cut;

    redact_text(result->answers.data, result->answers.length, order->password);
    redact_text(result->diagnostics.data, result->diagnostics.length, order->password);
    outcome->completed = result->end == CHILD_EXITED && result->number == 0;
    remark_end(result, settings->timeout, &outcome->remarks);
    answers_read(result->answers.data, result->answers.length, whole, outcome);
    remark_silence(outcome, &outcome->remarks);
    if (result->answers.cut)
        strings_add(&outcome->remarks, "the delivery command wrote more than %d bytes: what came after did not count",
                    DELIVERY_ANSWERS_MOST);
    remark_diagnostics(&result->diagnostics, &outcome->remarks);
    if (result->diagnostics.cut)
        strings_add(&outcome->remarks,
                    "the delivery command wrote more than %d bytes to standard error: the rest was "
                    "dropped",
                    DELIVERY_DIAGNOSTICS_MOST);
}

bool delivery_command_run(const struct delivery_settings *settings, const struct delivery_order *order,
                          struct delivery_outcome *ret_outcome, struct error *err) {
    char *variables[VARIABLES + 1] = {NULL};
    struct delivery_outcome outcome = {0};
    struct child_result result = {0};
    struct child_order what = {.path = settings->command,
                               .environment = variables,
                               .input = order->pfx,
                               .password = order->password,
                               .answers_most = DELIVERY_ANSWERS_MOST,
                               .diagnostics_most = DELIVERY_DIAGNOSTICS_MOST,
                               .timeout = settings->timeout};
    bool done = false;

    if (!delivery_outcome_make(order->servers, &outcome, err) || !environment_make(order, variables, err))
        goto out;
    if (!program_check(settings->command, err) || !child_run(&what, &result, err)) {
        error_context(err, "the delivery command");
        goto out;
    }
    judge(&result, settings, order, &outcome);
    *ret_outcome = outcome;
    outcome = (struct delivery_outcome){0};
    done = true;

out:
    child_result_free(&result);
    delivery_outcome_free(&outcome);
    for (size_t i = 0; i < VARIABLES; i++)
        free(variables[i]);
    return done;
}
