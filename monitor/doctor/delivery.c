#include "monitor/doctor/delivery.h"

#include <sys/prctl.h>

#include "renew/deliver/command.h"
#include "renew/deliver/program.h"
#include "renew/keys/handout.h"

#define SANDBOX_PAGE "/usr/share/doc/authcert/examples/delivery-command.conf"

static bool run(const struct config *config, time_t now, const struct progress_port *progress,
                struct delivery_outcome *ret_outcome, struct error *err) {
    const struct strings servers = {0};
    struct secret password = {0}, pfx = {0};
    char thumbprint[THUMBPRINT_SIZE];
    bool ok;

    progress_begin(progress, "making a key pair to try the delivery command with");
    ok = pfx_random_password(&password, err) && handout_trial(config->policy.key_bits, config->policy.lifetime,
                                                              &password, config->pfx, now, &pfx, thumbprint, err);
    progress_end(progress);
    if (ok) {
        const struct delivery_order order = {
            .thumbprint = thumbprint, .slot = SLOT_NEXT, .servers = &servers, .pfx = &pfx, .password = &password};

        progress_begin(progress, "trying %s", config->delivery.command);
        ok = delivery_command_run(&config->delivery, &order, ret_outcome, err);
        progress_end(progress);
    }
    secret_free(&pfx);
    secret_free(&password);
    return ok;
}

/* A unit that takes new privileges away is taken to take more away. */
static bool in_sandbox(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static void try_it(struct doctor *doctor) {
    static const char what[] = "delivery tried";
    const struct config *config = doctor->config;
    struct delivery_outcome outcome = {0};
    struct error err = {0};

    if (!run(config, doctor->invocation->now, &doctor->invocation->progress, &outcome, &err)) {
        finding_say(doctor, FINDING_FAILED, what, "%s", err.text);
        return;
    }
    if (outcome.completed)
        finding_say(doctor, FINDING_OK, what,
                    "%s was run for no server, with a key pair that is thrown away, and ended with 0",
                    config->delivery.command);
    else
        finding_say(doctor, FINDING_FAILED, what,
                    "%s was run for no server and did not end with 0; asked for nothing it should%s%s",
                    config->delivery.command,
                    in_sandbox() ? ". It was run in this unit's sandbox, as the night runs it: if it works from a "
                                   "shell, allow the units what it needs, by the lines of "
                                 : "",
                    in_sandbox() ? SANDBOX_PAGE : "");
    /* Of a failure these are its reasons; beside a success they are worth a look. */
    for (size_t i = 0; i < outcome.remarks.count; i++)
        finding_say(doctor, outcome.completed ? FINDING_OK : FINDING_FAILED, what, "%s", outcome.remarks.items[i]);
    delivery_outcome_free(&outcome);
}

void doctor_delivery(struct doctor *doctor, bool try) {
    static const char what[] = "delivery";
    const struct config *config = doctor->config;
    struct error err = {0};

    if (config->policy.method == DELIVERY_BY_HAND) {
        if (try || config->policy.mode == MODE_RENEW)
            finding_say(doctor, FINDING_OK, what, "by hand: [delivery] method is manual%s",
                        try ? ", so there is no command to try" : "");
    } else if (config->policy.method == DELIVERY_BY_WINRM) {
        finding_say(doctor, FINDING_OK, what, "over WinRM (%s, port %d): each server is asked below%s",
                    config->windows.tls ? "https" : "http", config->windows.port,
                    try ? "; there is no command to try" : "");
    } else if (!program_check(config->delivery.command, &err)) {
        finding_say(doctor, FINDING_FAILED, what, "%s", err.text);
    } else {
        finding_say(doctor, FINDING_OK, what, "%s can be run%s", config->delivery.command,
                    try ? "" : "; --try-delivery runs it with a key pair that is thrown away");
        if (try)
            try_it(doctor);
    }
}
