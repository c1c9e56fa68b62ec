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

/* The servers that one run of the command is for: as many of the rest as fit, and at least one. */
static void add_batch(const struct strings *servers, size_t *next, struct text *variable) {
    size_t names = 0, begin = *next;

    text_add(variable, "AUTHCERT_SERVERS=");
    for (; *next < servers->count; (*next)++) {
        names += strlen(servers->items[*next]) + 1;
        if (names > DELIVERY_BATCH_MOST && *next > begin)
            return;
        text_format(variable, "%s%s", *next > begin ? " " : "", servers->items[*next]);
    }
}

/* `variables` are filled with strings to free, and a NULL at the end. The servers are those from *next on, which moves
 * behind them. */
static bool environment_make(const struct delivery_order *order, size_t *next, char *variables[VARIABLES + 1],
                             struct error *err) {
    struct text servers = {0};
    struct text thumbprint = {0};
    struct text slot = {0};

    add_batch(order->servers, next, &servers);
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
    case CHILD_STOPPED:
        strings_add(remarks, "the delivery command was ended with all it had started");
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

/* `outcome`: of the servers of this run alone. */
static void judge(struct child_result *result, const struct delivery_settings *settings,
                  const struct delivery_order *order, struct delivery_outcome *outcome) {
    bool whole = result->end == CHILD_EXITED && !result->held_open && !result->answers.cut;

    redact_text(result->answers.data, result->answers.length, order->password);
    redact_text(result->diagnostics.data, result->diagnostics.length, order->password);
    outcome->completed = result->end == CHILD_EXITED && result->number == 0;
    remark_end(result, settings->timeout, &outcome->remarks);
    answers_read(result->answers.data, result->answers.length, whole, outcome);
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

/* Runs it for the servers from *next on, as many as fit. False when it could not be run; *ret_late: it was ended at the
 * timeout. */
static bool run_batch(const struct delivery_settings *settings, const struct delivery_order *order, size_t *next,
                      struct delivery_outcome *outcome, bool *ret_late, struct error *err) {
    char *variables[VARIABLES + 1] = {NULL};
    struct child_result result = {0};
    struct child_order what = {.path = settings->command,
                               .environment = variables,
                               .input = order->pfx,
                               .password = order->password,
                               .answers_most = DELIVERY_ANSWERS_MOST,
                               .diagnostics_most = DELIVERY_DIAGNOSTICS_MOST,
                               .timeout = settings->timeout};
    const size_t begin = *next;
    bool done = environment_make(order, next, variables, err);

    if (done) {
        done = program_check(settings->command, err) && child_run(&what, &result, err);
        if (!done)
            error_context(err, "the delivery command");
    }
    if (done) {
        struct delivery_outcome batch = {
            .answers = outcome->answers + begin, .count = *next - begin, .remarks = outcome->remarks};

        judge(&result, settings, order, &batch);
        outcome->remarks = batch.remarks;
        outcome->completed = outcome->completed && batch.completed;
        outcome->interrupted = result.end == CHILD_STOPPED;
        *ret_late = result.end == CHILD_LATE || outcome->interrupted;
    }
    child_result_free(&result);
    for (size_t i = 0; i < VARIABLES; i++)
        free(variables[i]);
    return done;
}

bool delivery_command_run(const struct delivery_settings *settings, const struct delivery_order *order,
                          struct delivery_outcome *ret_outcome, struct error *err) {
    struct delivery_outcome outcome = {0};
    struct error why = {0};
    bool late = false, run = true;
    size_t next = 0;

    if (!delivery_outcome_make(order->servers, &outcome, err))
        return false;
    outcome.completed = true;
    do {
        const size_t begin = next;

        run = run_batch(settings, order, &next, &outcome, &late, &why);
        /* What came of earlier batches is kept. */
        if (!run && begin == 0) {
            delivery_outcome_free(&outcome);
            if (err != NULL)
                *err = why;
            return false;
        }
        if (!run)
            strings_add(&outcome.remarks, "%s", why.text);
    } while (run && !late && next < order->servers->count);
    outcome.completed = outcome.completed && run && next >= order->servers->count;
    remark_silence(&outcome, &outcome.remarks);
    *ret_outcome = outcome;
    return true;
}
