#include "windows/windows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "windows/orders.h"
#include "web/crowd.h"
#include "windows/wire/shell.h"

/* One server. */
struct visit {
    struct script_order orders[WINDOWS_ORDERS_MOST];
    struct text input;
    struct shell_order shell;
};

/* All of them. */
struct round {
    const struct windows_settings *settings;
    const struct strings *servers;
    const struct windows_errand *errand;
    struct ticket *login;
    struct text line;
    size_t count; /* of orders to each */
    struct visit *visits;
    struct windows_result *results;
};

static bool make_visit(struct round *round, size_t index, struct error *err) {
    const struct windows_settings *settings = round->settings;
    const struct windows_errand *errand = round->errand;
    const char *server = round->servers->items[index];
    struct visit *visit = &round->visits[index];

    orders_add_script(&visit->input);
    for (size_t i = 0; i < round->count; i++) {
        struct script_order *order = &visit->orders[i];

        order->operation = errand->operation;
        order->certificate = errand->count > 0 ? errand->certificates[i] : NULL;
        if (RAND_bytes(order->nonce, NONCE_SIZE) != 1)
            return error_openssl(err, ERROR_CRYPTO, "cannot make a question for %s", server);
        orders_add(&visit->input, order, server, errand->password, errand->pfx, errand->named);
    }
    visit->shell = (struct shell_order){.server = {.host = server,
                                                   .port = settings->port,
                                                   .tls = settings->tls,
                                                   .ca_file = settings->ca_file,
                                                   .login = round->login},
                                        .line = round->line.value,
                                        .input = &visit->input,
                                        .timeout = settings->timeout};
    if (visit->input.failed)
        return error_memory(err);
    return visit->input.length <= SHELL_INPUT_MOST ||
           error_set(err, ERROR_BUG, "what is to be brought to %s is too long for one message", server);
}

static bool take_shell(struct round *round, size_t index, const struct shell *shell, struct error *err) {
    struct windows_result *result = &round->results[index];
    char trouble[ERROR_TEXT_SIZE];

    result->reached = shell->reached;
    result->service = channel_service(shell->channel);
    result->trips = channel_trips(shell->channel);
    result->lost = shell->end == SHELL_LOST;
    if (shell->end == SHELL_ENDED) {
        answers_take(shell->output.value, shell->output.length, shell->errors.value, shell->errors.length, result->fqdn,
                     round->visits[index].orders, round->count, result->answers);
        return true;
    }
    /* Kerberos' own words come from outside too. */
    text_printable(trouble, sizeof(trouble), shell->trouble.text, strlen(shell->trouble.text));
    result->trouble = strdup(trouble);
    return result->trouble || error_memory(err);
}

/* The input, which may hold a key, is not kept longer than it is needed. */
static void end_visit(struct round *round, size_t index) {
    text_free(&round->visits[index].input);
}

/* A shell in the crowd, and whose it is. */
struct guest {
    struct crowd_member member;
    struct shell *shell;
    size_t index;
};

static void release(struct crowd_member *member) {
    struct guest *guest = (struct guest *)member;

    shell_close(guest->shell);
    free(guest);
}

static bool begin(void *context, size_t index, struct crowd_member **ret_member, struct error *err) {
    struct round *round = context;
    struct guest *guest = calloc(1, sizeof(*guest));
    bool over = false;
    bool ok;

    if (!guest)
        return error_memory(err);
    guest->index = index;
    ok = make_visit(round, index, err) && shell_open(&round->visits[index].shell, &guest->shell, &over, err);
    if (ok && !over) {
        guest->member.curl = shell_handle(guest->shell);
        *ret_member = &guest->member;
        return true;
    }
    ok = ok && take_shell(round, index, guest->shell, err);
    end_visit(round, index);
    release(&guest->member);
    return ok;
}

static bool ended(void *context, struct crowd_member *member, CURLcode result, int64_t waited, bool *ret_more,
                  struct error *err) {
    struct round *round = context;
    struct guest *guest = (struct guest *)member;

    (void)waited;
    *ret_more = shell_step(guest->shell, result);
    if (*ret_more)
        return true;
    end_visit(round, guest->index);
    return take_shell(round, guest->index, guest->shell, err);
}

static bool prepare(struct round *round, struct error *err) {
    size_t count = round->servers->count;

    round->visits = calloc(count + 1, sizeof(*round->visits));
    round->results = calloc(count + 1, sizeof(*round->results));
    orders_add_line(&round->line);
    if (!round->visits || !round->results || round->line.failed)
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct windows_result *result = &round->results[i];

        result->fqdn = strdup(round->servers->items[i]);
        result->answers = calloc(round->count, sizeof(*result->answers));
        if (!result->fqdn || !result->answers)
            return error_memory(err);
    }
    return ticket_login(&round->settings->keytab, round->settings->principal, &round->login, err);
}

bool windows_ask(const struct windows_settings *settings, const struct strings *servers,
                 const struct windows_errand *errand, struct windows_result **ret_results, struct error *err) {
    struct round round = {
        .settings = settings, .servers = servers, .errand = errand, .count = errand->count > 0 ? errand->count : 1};
    const struct crowd_order crowd = {.count = servers->count,
                                      .parallel = settings->parallel,
                                      .single = true,
                                      .begin = begin,
                                      .ended = ended,
                                      .release = release,
                                      .context = &round};
    bool ok;

    assert(round.count <= WINDOWS_ORDERS_MOST);
    ok = prepare(&round, err) && crowd_run(&crowd, err);
    for (size_t i = 0; round.visits && i < servers->count; i++)
        end_visit(&round, i);
    free(round.visits);
    text_free(&round.line);
    ticket_close(round.login);
    if (ok)
        *ret_results = round.results;
    else
        windows_free(round.results, servers->count);
    return ok;
}

void windows_free(struct windows_result *results, size_t count) {
    for (size_t i = 0; results && i < count; i++) {
        free(results[i].fqdn);
        free(results[i].trouble);
        free(results[i].answers);
    }
    free(results);
}
