#include "windows/wire/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "windows/wire/fault.h"

#define MILLISECONDS 1000
#define RESCUE_PATIENCE (10 * MILLISECONDS)                   /* for the removal of a shell */
#define ANSWER_PATIENCE ((SOAP_PATIENCE + 10) * MILLISECONDS) /* the server answers earlier, if only to say wait */
#define LATE "it was not done within %d seconds, and was ended"
#define ERRORS_MOST ((size_t)16 * 1024)

enum stage { STAGE_CREATE, STAGE_COMMAND, STAGE_SEND, STAGE_RECEIVE, STAGE_TERMINATE, STAGE_DELETE, STAGE_OVER };

static void write_request(const struct shell *shell, struct text *text) {
    const struct shell_order *order = shell->order;
    char url[300];
    const struct soap_address to = {.url = url,
                                    .shell = shell->name[0] != '\0' ? shell->name : NULL,
                                    .command = shell->command[0] != '\0' ? shell->command : NULL};

    snprintf(url, sizeof(url), "http%s://%s:%d/wsman", order->server.tls ? "s" : "", order->server.host,
             order->server.port);
    switch ((enum stage)shell->stage) {
    case STAGE_CREATE:
        soap_create(text, shell->id, &to);
        break;
    case STAGE_COMMAND:
        soap_command(text, shell->id, &to, order->line);
        break;
    case STAGE_SEND:
        soap_send(text, shell->id, &to, order->input->value, order->input->length);
        break;
    case STAGE_RECEIVE:
        soap_receive(text, shell->id, &to);
        break;
    case STAGE_TERMINATE:
        soap_terminate(text, shell->id, &to);
        break;
    case STAGE_DELETE:
        soap_delete(text, shell->id, &to);
        break;
    case STAGE_OVER:
        break;
    }
}

/* Sends the request of the stage. */
static bool ask(struct shell *shell, struct error *err) {
    int64_t left = shell->deadline - clock_milliseconds();
    struct text text = {0};
    bool ok;

    if (shell->stage >= STAGE_TERMINATE)
        left = RESCUE_PATIENCE;
    else if (left > ANSWER_PATIENCE)
        left = ANSWER_PATIENCE;
    if (left <= 0)
        return error_set(err, ERROR_NETWORK, LATE, shell->order->timeout);
    if (!soap_make_id(shell->id, err))
        return false;
    write_request(shell, &text);
    ok = text.failed ? error_memory(err) : channel_send(shell->channel, &text, left, &shell->curl, err);
    text_free(&text);
    return ok;
}

/* What follows where the one before went well. */
static bool go(struct shell *shell, enum stage stage, struct error *err) {
    shell->stage = (int)stage;
    return stage == STAGE_OVER || ask(shell, err);
}

/* After a failure the shell is removed, over a new connection where the old one was `lost`, and the outcome stands.
 * `refused`: the server itself said no, so the request had no effect. */
static void end_badly(struct shell *shell, const struct error *why, bool lost, bool refused) {
    struct error ignored = {0};

    if (shell->stage < STAGE_TERMINATE) {
        bool fed = shell->stage > STAGE_SEND ||
                   (shell->stage == STAGE_SEND && !refused && channel_may_have_arrived(shell->channel));

        if (channel_reached(shell->channel) && clock_milliseconds() >= shell->deadline)
            error_set(&shell->trouble, ERROR_NETWORK, LATE, shell->order->timeout);
        else
            shell->trouble = *why;
        shell->end = fed ? SHELL_LOST : SHELL_FAILED;
    }
    if (shell->name[0] == '\0' || shell->rescue) {
        shell->stage = STAGE_OVER;
        return;
    }
    shell->rescue = lost || shell->stage >= STAGE_TERMINATE;
    if (lost)
        channel_renew(shell->channel);
    if (!go(shell, shell->command[0] != '\0' && !shell->rescue ? STAGE_TERMINATE : STAGE_DELETE, &ignored))
        shell->stage = STAGE_OVER;
}

/* Begins once more: nothing was done yet but a shell made, perhaps, which removes itself. */
static bool begin_again(struct shell *shell) {
    struct error ignored = {0};

    if (shell->again || shell->stage != STAGE_CREATE || !channel_may_try_again(shell->channel))
        return false;
    shell->again = true;
    channel_renew(shell->channel);
    return go(shell, STAGE_CREATE, &ignored);
}

static bool take_fault(struct shell *shell, const struct reply *reply, struct error *err) {
    struct fault fault = fault_of(reply->code);

    if (fault.kind == FAULT_WAIT && shell->stage == STAGE_RECEIVE)
        return ask(shell, err);
    if (fault.text)
        return error_set(err, fault.kind == FAULT_RIGHT ? ERROR_CREDENTIALS : ERROR_CONFIG, "%s (%" PRIu64 ")",
                         fault.text, reply->code);
    return error_set(err, ERROR_CONFIG, "it refuses: %s (%" PRIu64 ")",
                     reply->reason[0] != '\0' ? reply->reason : "no reason given", reply->code);
}

static bool take_output(struct shell *shell, struct reply *reply, struct error *err) {
    size_t room = shell->errors.length < ERRORS_MOST ? ERRORS_MOST - shell->errors.length : 0;

    if (shell->output.length + reply->out.length > SHELL_OUTPUT_MOST)
        return error_set(err, ERROR_DATA, "the command there wrote more than it ever should, and was ended");
    text_add_bytes(&shell->output, reply->out.value ? reply->out.value : "", reply->out.length);
    text_add_bytes(&shell->errors, reply->errors.value ? reply->errors.value : "",
                   reply->errors.length < room ? reply->errors.length : room);
    if (shell->output.failed || shell->errors.failed)
        return error_memory(err);
    if (!reply->ended)
        return ask(shell, err);
    shell->end = SHELL_ENDED;
    shell->status = reply->status;
    return go(shell, STAGE_DELETE, err);
}

static bool take_reply(struct shell *shell, struct reply *reply, struct error *err) {
    if (reply->relates_to[0] != '\0' && strcmp(reply->relates_to, shell->id) != 0)
        return error_set(err, ERROR_DATA, "its answer is that to another request");
    if (reply->fault)
        return take_fault(shell, reply, err);
    switch ((enum stage)shell->stage) {
    case STAGE_CREATE:
        memcpy(shell->name, reply->shell, sizeof(shell->name));
        return shell->name[0] != '\0' ? go(shell, STAGE_COMMAND, err)
                                      : error_set(err, ERROR_DATA, "it made a shell without a name");
    case STAGE_COMMAND:
        memcpy(shell->command, reply->command, sizeof(shell->command));
        return shell->command[0] != '\0' ? go(shell, STAGE_SEND, err)
                                         : error_set(err, ERROR_DATA, "it started a command without a name");
    case STAGE_SEND:
        return go(shell, STAGE_RECEIVE, err);
    case STAGE_RECEIVE:
        return take_output(shell, reply, err);
    case STAGE_TERMINATE:
        return go(shell, STAGE_DELETE, err);
    case STAGE_DELETE:
    case STAGE_OVER:
        shell->stage = STAGE_OVER;
        return true;
    }
    return true;
}

bool shell_step(struct shell *shell, CURLcode result) {
    struct text answer = {0};
    struct reply reply = {0};
    struct error err = {0};
    bool more = false;
    bool carried = channel_step(shell->channel, result, &more, &answer, &err);
    bool ok = carried;

    shell->reached = channel_reached(shell->channel);
    if (ok && !more)
        ok = reply_read(answer.value ? answer.value : "", answer.length, &reply, &err) &&
             take_reply(shell, &reply, &err);
    if (!ok && !begin_again(shell))
        end_badly(shell, &err, !carried, reply.fault);
    reply_free(&reply);
    text_free(&answer);
    return shell->stage != STAGE_OVER;
}

CURL *shell_handle(const struct shell *shell) {
    return shell->curl;
}

bool shell_open(const struct shell_order *order, struct shell **ret_shell, bool *ret_over, struct error *err) {
    struct shell *shell = calloc(1, sizeof(*shell));

    if (!shell)
        return error_memory(err);
    shell->order = order;
    shell->deadline = clock_milliseconds() + (int64_t)order->timeout * MILLISECONDS;
    if (!channel_open(&order->server, &shell->channel, err)) {
        shell_close(shell);
        return false;
    }
    *ret_over = !go(shell, STAGE_CREATE, &shell->trouble);
    *ret_shell = shell;
    return true;
}

void shell_close(struct shell *shell) {
    if (!shell)
        return;
    channel_close(shell->channel);
    text_free(&shell->output);
    text_free(&shell->errors);
    free(shell);
}
