#include "monitor/doctor/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "monitor/decide/decide.h"
#include "monitor/doctor/channels.h"
#include "monitor/doctor/delivery.h"
#include "monitor/doctor/keys.h"
#include "monitor/doctor/rights.h"
#include "monitor/doctor/windows.h"
#include "monitor/ports/notify.h"
#include "notify/words/obstacle.h"
#include "renew/keys/handout.h"

/* As `run` opens it and the folders in it, which are made when they are missing. */
static bool can_be_used(int state, const char *path, struct error *err) {
    static const char *const folders[] = {"keys", MAIL_OUTBOX, WEBHOOK_OUTBOX};
    bool ok = folder_check(state, path, false, err);

    for (size_t i = 0; ok && i < sizeof(folders) / sizeof(folders[0]); i++) {
        int folder;

        if (folder_open(state, folders[i], false, 0, false, &folder, err))
            close(folder);
        else
            ok = err->kind == ERROR_NONE || error_context(err, "in %s", path);
    }
    return ok;
}

void drill_state(struct doctor *doctor, int state) {
    const char *path = doctor->config->state_directory;
    struct history history = {0};
    struct error err = {0};

    if (state < 0) {
        finding_say(doctor, FINDING_WARNING, "state folder", "%s does not exist yet; the first run makes it", path);
        return;
    }
    if (faccessat(state, ".", W_OK | X_OK, AT_EACCESS) != 0)
        finding_say(doctor, FINDING_FAILED, "state folder", "%s cannot be written by this user: %s", path,
                    strerror(errno));
    else if (!can_be_used(state, path, &err))
        finding_say(doctor, FINDING_FAILED, "state folder", "%s", err.text);
    else if (!history_load(state, &history, &err))
        finding_say(doctor, FINDING_WARNING, "state folder", "%s: %s; the next run sets it aside", path, err.text);
    else
        finding_say(doctor, FINDING_OK, "state folder", "%s", path);
    history_free(&history);
}

void drill_clock(struct doctor *doctor, const struct facts *facts, const struct history *history) {
    const struct directory_facts *directory = &facts->directory;

    if (doctor->config->policy.built > doctor->invocation->now)
        finding_say(doctor, FINDING_FAILED, "clock",
                    "this host's clock is earlier than the program itself; set it right");
    else if (history->last_run > doctor->invocation->now)
        finding_say(doctor, FINDING_FAILED, "clock", "this host's clock is earlier than the last run; set it right");
    else if (!directory->clock_known)
        finding_say(doctor, FINDING_WARNING, "clock", "the directory does not tell its time, so it cannot be compared");
    else if (directory->clock_skew > CLOCK_SKEW_MOST || directory->clock_skew < -CLOCK_SKEW_MOST)
        finding_say(doctor, FINDING_FAILED, "clock",
                    "the directory's clock is %" PRId64
                    " seconds ahead of this host's; more than five minutes block every "
                    "act: see chronyc tracking or timedatectl timesync-status",
                    directory->clock_skew);
    else
        finding_say(doctor, FINDING_OK, "clock", "%" PRId64 " seconds from the directory's", directory->clock_skew);
}

void drill_writer(struct doctor *doctor, const struct directory_facts *directory) {
    const char *writer = directory->writer;

    if (directory->writer_down)
        finding_say(doctor, doctor->emergency ? FINDING_FAILED : FINDING_WARNING, "writer",
                    "%s%sdoes not answer; what is planned waits, and only an emergency is "
                    "written, at %s",
                    writer != NULL ? writer : "", writer != NULL ? " " : "", directory->uri);
    else if (writer != NULL)
        finding_say(doctor, FINDING_OK, "writer", "%s, at %s", writer, directory->uri);
    else
        finding_say(doctor, FINDING_OK, "writer", "%s, for the directory names none", directory->uri);
}

/* The part of the directory. */
static bool examine_directory(struct doctor *doctor, const struct facts *facts, const struct history *history) {
    const bool may = doctor_rights(doctor, facts);
    struct text text = {0};

    drill_clock(doctor, facts, history);
    drill_writer(doctor, &facts->directory);
    if (facts->directory.read_only)
        obstacle_add_read_only(&text, &facts->directory);
    if (facts->directory.read_only)
        finding_say(doctor, FINDING_FAILED, "writer", "%s", text.failed ? "it is read-only" : text.value);
    text_free(&text);
    if (facts_counted(facts) == 0) {
        obstacle_add_no_server(&text, facts);
        finding_say(doctor, FINDING_FAILED, "servers", "%s", text.failed ? "none was seen" : text.value);
        text_free(&text);
    }
    return may;
}

/* One is made and packed as for the way to the servers, in memory alone. */
static void try_key_pair(struct doctor *doctor) {
    const struct config *config = doctor->config;
    struct secret password = {0}, pfx = {0};
    char thumbprint[THUMBPRINT_SIZE];
    struct error err = {0};
    bool ok;

    progress_begin(&doctor->invocation->progress, "making a key pair that is thrown away");
    ok = pfx_random_password(&password, &err) &&
         handout_trial(config->policy.key_bits, config->policy.lifetime, &password, config->pfx,
                       doctor->invocation->now, &pfx, thumbprint, &err);
    progress_end(&doctor->invocation->progress);
    finding_say_outcome(doctor, ok, "key pair", "one was made in memory, packed for the servers, and thrown away",
                        &err);
    secret_free(&pfx);
    secret_free(&password);
}

static void examine_host(struct doctor *doctor, int state, const struct strings *missing) {
    drill_state(doctor, state);
    if (missing->count > 0)
        finding_say(doctor, FINDING_FAILED, "key store", "%s", missing->items[0]);
    else
        doctor_keys(doctor, state);
    doctor_recovery(doctor);
    try_key_pair(doctor);
    if (doctor->config->policy.method == DELIVERY_BY_HAND)
        finding_say(doctor, FINDING_OK, "delivery",
                    "by hand: recover would stop once and print what a person exports, imports and confirms; have "
                    "that person and the log-in to the servers ready");
    else
        doctor_delivery(doctor, false);
}

bool drill_all(struct doctor *doctor, const struct facts *facts, const struct history *history, int state,
               const struct strings *missing) {
    bool may;

    doctor->emergency = doctor->counting = true;
    may = examine_directory(doctor, facts, history);
    examine_host(doctor, state, missing);
    doctor_windows(doctor, facts);
    doctor_relays(doctor);
    return may;
}

void drill_beside(struct doctor *doctor, const struct facts *facts, const struct history *history) {
    doctor->emergency = doctor->counting = doctor->silent = true;
    (void)examine_directory(doctor, facts, history);
    doctor->emergency = doctor->counting = doctor->silent = false;
}

void drill_on_host_beside(struct doctor *doctor, int state, const struct strings *missing) {
    static const char what[] = "rehearsal";

    doctor->emergency = doctor->counting = doctor->silent = true;
    examine_host(doctor, state, missing);
    doctor->emergency = doctor->counting = doctor->silent = false;
    if (doctor->lacking.count == 0)
        finding_say(doctor, FINDING_OK, what,
                    "the emergency was rehearsed: authcert recover would find all that it needs");
    else
        finding_say(
            doctor, doctor->config->policy.mode == MODE_RENEW ? FINDING_FAILED : FINDING_WARNING, what,
            "the emergency was rehearsed, and authcert recover would fail for %zu reason%s, which authcert recover "
            "--rehearse names",
            doctor->lacking.count, doctor->lacking.count == 1 ? "" : "s");
}
