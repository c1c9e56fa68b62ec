#include "monitor/command.h"

#include <stdio.h>

#include "monitor/exit.h"
#include "monitor/explain.h"
#include "monitor/mail_port.h"
#include "monitor/state.h"

static int send_test(const struct invocation *invocation, const struct config *config, const struct state *state) {
    static const struct occasion occasion = {.kind = OCCASION_TEST};
    struct mail_port mail = {0};
    struct channel_port port;
    struct facts facts = {0};
    struct report report = {0};
    struct error err = {0};
    int result = EXIT_FAILED;

    error_set(&facts.unreadable, ERROR_NONE, "this is a test; the directory was not asked");
    if (!mail_port_open(&mail, config, state->folder, invocation->now, &port, &err) ||
        !explain(&facts, NULL, &config->policy, invocation->now, &report, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        mail_port_close(&mail);
        return EXIT_FAILED;
    }
    if (!port.tell(port.context, &report, &occasion, &err) || err.kind != ERROR_NONE)
        fprintf(stderr, "authcert: %s\n", err.text);
    for (size_t i = 0; i < report.told_count; i++) {
        printf("%s: %s (%zu %s)\n", report.told[i].channel, told_result_name(report.told[i].result), report.told[i].to,
               report.told[i].to == 1 ? "recipient" : "recipients");
        if (report.told[i].result == TOLD_SENT)
            result = EXIT_DONE;
    }
    report_free(&report);
    mail_port_close(&mail);
    return result;
}

int command_notify(const struct invocation *invocation) {
    struct config config;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!invocation->test || invocation->arguments[0] != NULL) {
        fputs("authcert: notify sends a test message: authcert notify --test\n", stderr);
        return EXIT_USAGE;
    }
    if (!command_load(invocation, true, &config, NULL))
        return EXIT_USAGE;
    if (config.mail.relays.count == 0) {
        fprintf(stderr, "authcert: %s names no relay: there is no channel to test; set relay, from and to in [mail]\n",
                config.path);
        result = EXIT_USAGE;
    } else if (state_open(config.state_directory, STATE_WRITE, invocation->now, &state, &err)) {
        result = send_test(invocation, &config, &state);
        state_close(&state);
    } else {
        fprintf(stderr, "authcert: %s\n", err.text);
    }
    config_free(&config);
    return result;
}
