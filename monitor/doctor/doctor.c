#include "monitor/doctor/doctor.h"
#include "monitor/session/answer.h"
#include "monitor/session/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "monitor/doctor/apart.h"
#include "monitor/doctor/channels.h"
#include "monitor/doctor/delivery.h"
#include "monitor/doctor/keys.h"
#include "monitor/doctor/organization.h"
#include "monitor/ports/notify.h"
#include "monitor/run/exit.h"
#include "monitor/state/history.h"
#include "monitor/state/state.h"

struct doctor_options {
    int try_delivery;
};

/* As `run` opens it and the outboxes in it, which are made when they are missing. */
static bool can_be_used(const struct state *state, const char *path, struct error *err) {
    static const char *const outboxes[] = {MAIL_OUTBOX, WEBHOOK_OUTBOX};
    bool ok = folder_check(state->folder, path, false, err);

    for (size_t i = 0; ok && i < sizeof(outboxes) / sizeof(outboxes[0]); i++) {
        int outbox;

        if (folder_open(state->folder, outboxes[i], false, 0, false, &outbox, err))
            close(outbox);
        else
            ok = err->kind == ERROR_NONE || error_context(err, "in %s", path);
    }
    return ok;
}

static void examine_state(struct doctor *doctor, const struct state *state) {
    const char *path = doctor->config->state_directory;
    struct history history = {0};
    struct error err = {0};
    char holder[256];

    if (state->folder < 0) {
        finding_say(doctor, FINDING_WARNING, "state folder", "%s does not exist yet; the first run makes it", path);
        return;
    }
    if (faccessat(state->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        finding_say(doctor, FINDING_FAILED, "state folder", "%s cannot be written by this user: %s", path,
                    strerror(errno));
    else if (!can_be_used(state, path, &err))
        finding_say(doctor, FINDING_FAILED, "state folder", "%s", err.text);
    else if (!history_load(state->folder, &history, &err))
        finding_say(doctor, FINDING_WARNING, "state folder", "%s: %s; the next run sets it aside", path, err.text);
    else if (state_in_use(state, holder, sizeof(holder)))
        finding_say(doctor, FINDING_WARNING, "state folder",
                    "%s is in use by %s: until that has ended no run can begin; end it if it hangs", path, holder);
    else
        finding_say(doctor, FINDING_OK, "state folder", "%s", path);
    history_free(&history);
}

/* What acting needs besides rights. `missing`: why there is no password for the keys. In mode monitor, what is not
 * configured is not missed. */
static void examine_acting(struct doctor *doctor, int state, const struct strings *missing) {
    const struct doctor_options *typed = doctor->invocation->options;
    const struct config *config = doctor->config;
    bool monitor = config->policy.mode == MODE_MONITOR;

    if (missing->count > 0 && !(monitor && config->key_password_use == KEY_PASSWORD_MISSING))
        finding_say(doctor, FINDING_FAILED, "key store", "%s", missing->items[0]);
    else if (missing->count == 0)
        doctor_keys(doctor, state);
    doctor_delivery(doctor, typed->try_delivery != 0);
}

static int run(const struct invocation *invocation) {
    struct config config;
    struct doctor doctor = {.invocation = invocation, .config = &config};
    struct state state = {.folder = -1, .lock = -1};
    struct strings missing = {0};
    struct error err = {0};
    bool reached, read;

    if (!load_configuration(invocation, LOAD_SECRETS, &config, NULL)) {
        finding_say(&doctor, FINDING_FAILED, "configuration", "%s cannot be used; standard error says why",
                    invocation->config_path);
        return EXIT_USAGE;
    }
    finding_say(&doctor, FINDING_OK, "configuration", "%s", config.path);
    for (size_t i = 0; i < config.warnings.count; i++)
        finding_say(&doctor, FINDING_WARNING, "configuration", "%s", config.warnings.items[i]);
    doctor_apart(&doctor);
    /* Before the state folder: started as root, the program then becomes its owner. */
    if (!config_load_key_password(&config, &missing) && missing.count == 0)
        strings_add(&missing, "out of memory");
    if (state_open(config.state_directory, STATE_READ, invocation->now, &state, &err))
        examine_state(&doctor, &state);
    else
        finding_say(&doctor, FINDING_FAILED, "state folder", "%s", err.text);
    examine_acting(&doctor, state.folder, &missing);
    strings_free(&missing);
    reached = doctor_connections(&doctor);
    read = doctor_organization(&doctor, state.folder, reached);
    doctor_recovery(&doctor);
    doctor_channels(&doctor, state.folder);
    state_close(&state);
    config_free(&config);
    if (answer_end(true) != EXIT_DONE)
        return EXIT_FAILED;
    if (!read)
        return EXIT_UNREADABLE;
    return doctor.failed ? EXIT_FAILED : EXIT_DONE;
}

static const struct command_option options[] = {
    {"try-delivery", NULL, offsetof(struct doctor_options, try_delivery),
     "run the delivery command too, with a key pair that is thrown away, and for no server"},
    {0},
};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[--try-delivery]",
    .what = "test configuration, connection, rights, clock, mail relay, key store; say how to mend each",
    .run = run,
    .options = options,
    .options_size = sizeof(struct doctor_options),
};
