#include "monitor/session/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "ldap/connect/discover.h"
#include "ldap/look.h"
#include "monitor/decide/decide.h"
#include "monitor/doctor/delivery.h"
#include "monitor/doctor/rights.h"
#include "monitor/doctor/servers.h"
#include "monitor/run/exit.h"
#include "monitor/act/kept_keys.h"
#include "monitor/ports/directory.h"
#include "monitor/look/observe.h"
#include "monitor/look/look.h"
#include "monitor/doctor/relays.h"
#include "monitor/state/state.h"
#include "notify/mail/mail.h"
#include "notify/ping.h"
#include "notify/webhook/webhook.h"
#include "renew/keys/handout.h"
#include "renew/keys/keystore.h"
#include "renew/keys/seal.h"
#include "renew/keys/shelf.h"

struct doctor {
    const struct invocation *invocation;
    const struct config *config;
    bool failed;
};

/* One line: verdict, what was tested, what was found or how to mend it. */
__attribute__((format(printf, 4, 5))) static void say(struct doctor *doctor, enum finding finding, const char *what,
                                                      const char *format, ...) {
    static const char *const words[] = {"ok      ", "warning ", "FAILED  "};
    va_list arguments;

    printf("%s%s: ", words[finding], what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    if (finding == FINDING_FAILED)
        doctor->failed = true;
}

static void say_plainly(void *doctor, enum finding finding, const char *what, const char *text) {
    say(doctor, finding, what, "%s", text);
}

/* Returns whether any server answered. */
static bool examine_connections(struct doctor *doctor) {
    const struct directory_settings *settings = &doctor->config->directory;
    struct strings uris = {0};
    struct error none = {0};
    bool any = false, found;

    if (settings->domain != NULL)
        progress_begin(&doctor->invocation->progress, "finding the domain controllers of %s", settings->domain);
    found = discover_servers(settings, &uris, &none);
    progress_end(&doctor->invocation->progress);
    if (!found)
        say(doctor, FINDING_FAILED, "domain controllers", "%s", none.text);
    for (size_t i = 0; i < uris.count; i++) {
        const struct progress_port *progress = &doctor->invocation->progress;
        struct error err = {0};
        char *summary = NULL;
        bool answers;

        progress_begin(progress, "trying %s", uris.items[i]);
        answers = directory_probe(settings, uris.items[i], doctor->invocation->now, &summary, &err);
        progress_end(progress);
        if (answers) {
            say(doctor, FINDING_OK, uris.items[i], "%s", summary);
            any = true;
        } else {
            say(doctor, FINDING_FAILED, uris.items[i], "%s", err.text);
        }
        free(summary);
    }
    strings_free(&uris);
    return any;
}

/* The one writer, and the other domain controllers that a change has to reach. */
static void examine_controllers(struct doctor *doctor, const struct directory_port *directory, struct facts *facts) {
    const char *writer = facts->directory.writer;
    struct error err = {0};
    bool compared;

    if (facts->directory.writer_down)
        say(doctor, FINDING_WARNING, "writer",
            "%s%sdoes not answer; what is planned waits, and only an emergency is "
            "written, at %s",
            writer != NULL ? writer : "", writer != NULL ? " " : "", facts->directory.uri);
    else if (writer != NULL)
        say(doctor, FINDING_OK, "writer", "%s, at %s", writer, facts->directory.uri);
    else
        say(doctor, FINDING_OK, "writer", "%s, for the directory names none", facts->directory.uri);
    progress_begin(&doctor->invocation->progress, "asking the other domain controllers");
    compared = directory->compare(directory->context, facts, &err);
    progress_end(&doctor->invocation->progress);
    if (!compared) {
        say(doctor, FINDING_WARNING, "domain controllers", "%s", err.text);
        return;
    }
    for (size_t i = 0; i < facts->controller_count; i++) {
        const struct controller_facts *controller = &facts->controllers[i];

        if (controller->agrees == ANSWER_YES)
            say(doctor, FINDING_OK, controller->server, "has the same auth configuration");
        else if (controller->agrees == ANSWER_NO)
            say(doctor, FINDING_WARNING, controller->server,
                "has another auth configuration: wait for replication, or see why there is none (repadmin /showrepl, "
                "samba-tool drs showrepl)");
        else
            say(doctor, FINDING_WARNING, controller->server, "could not be asked: %s",
                controller->trouble != NULL ? controller->trouble : "no reason is known");
    }
}

static void examine_clock(struct doctor *doctor, const struct facts *facts, const struct history *history) {
    const struct directory_facts *directory = &facts->directory;

    if (doctor->config->policy.built > doctor->invocation->now)
        say(doctor, FINDING_FAILED, "clock", "this host's clock is earlier than the program itself; set it right");
    else if (history->last_run > doctor->invocation->now)
        say(doctor, FINDING_FAILED, "clock", "this host's clock is earlier than the last run; set it right");
    else if (!directory->clock_known)
        say(doctor, FINDING_WARNING, "clock", "the directory does not tell its time, so it cannot be compared");
    else if (directory->clock_skew > CLOCK_SKEW_MOST || directory->clock_skew < -CLOCK_SKEW_MOST)
        say(doctor, FINDING_FAILED, "clock",
            "the directory's clock is %" PRId64 " seconds ahead of this host's; more than five minutes block every "
            "act: see chronyc tracking or timedatectl timesync-status",
            directory->clock_skew);
    else
        say(doctor, FINDING_OK, "clock", "%" PRId64 " seconds from the directory's", directory->clock_skew);
}

static void examine_certificates(struct doctor *doctor, const struct facts *facts) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct slot_facts *found = &facts->slot[slot];
        const char *name = slot_name((enum slot)slot);

        if (facts->slots.thumbprint[slot][0] == '\0')
            continue;
        if (found->certificate != NULL)
            say(doctor, FINDING_OK, name, "%s, source %s", found->certificate->thumbprint, source_name(found->source));
        else
            say(doctor, slot == SLOT_CURRENT ? FINDING_FAILED : FINDING_WARNING, name,
                "no source has the bytes of %s: export the certificate (without key) on an Exchange server and run "
                "authcert import FILE",
                facts->slots.thumbprint[slot]);
    }
    for (size_t i = 0; i < facts->remarks.count; i++)
        say(doctor, FINDING_WARNING, "remark", "%s", facts->remarks.items[i]);
}

/* Kept key pairs that nothing can need any more. */
static void examine_unused(struct doctor *doctor, int state, const struct facts *facts) {
    struct keystore store = {.state = state};
    struct strings sentences = {0};
    struct error err = {0};

    if (state >= 0 &&
        !kept_keys_list_unused(&store, facts, &doctor->config->policy, doctor->invocation->now, &sentences, &err))
        say(doctor, FINDING_WARNING, "unused keys", "%s", err.text);
    for (size_t i = 0; i < sentences.count; i++)
        say(doctor, FINDING_OK, "unused key", "%s", sentences.items[i]);
    strings_free(&sentences);
}

/* Returns whether the directory could be read. `reached`: some server of it answered. */
static bool examine_organization(struct doctor *doctor, int state, bool reached) {
    struct look_port look = {.settings = &doctor->config->directory, .now = doctor->invocation->now};
    struct directory_port directory = look_port_of(&look);
    struct shelf shelf = {.state = state};
    struct shelf_port shelf_port = {.context = &shelf, .find = shelf_find, .keep = shelf_keep};
    struct history history = {0};
    struct facts facts = {0};
    struct doctor_servers servers;
    bool read;

    observe_slots(&directory, &shelf_port, &doctor->invocation->progress, &facts);
    if (state >= 0 && history_load(state, &history, NULL))
        (void)look_same_organization(&history, &facts);
    doctor_servers_ask(doctor->config, &history, doctor->invocation->now, &doctor->invocation->progress, &facts,
                       &servers);
    read = facts.read;
    if (!read) {
        say(doctor, FINDING_FAILED, "organization", "%s",
            reached ? facts.unreadable.text : "not looked at, because no directory server can be used");
        if (reached)
            doctor_rights(doctor->config, &facts, doctor->invocation->now, say_plainly, doctor);
    } else {
        say(doctor, FINDING_OK, "organization", "%s (%s)", facts.organization, facts.directory.dn);
        doctor_rights(doctor->config, &facts, doctor->invocation->now, say_plainly, doctor);
        examine_clock(doctor, &facts, &history);
        doctor_servers_report(doctor->config, &facts, &servers, doctor->invocation->now, say_plainly, doctor);
        examine_certificates(doctor, &facts);
        examine_unused(doctor, state, &facts);
        examine_controllers(doctor, &directory, &facts);
        if (relays_are_exchange(&doctor->config->mail.relays, &facts))
            say(doctor, FINDING_WARNING, "relays",
                "every relay in [mail] is one of the Exchange servers: when Exchange stops for want of its "
                "certificate, the warnings stop with it; add a relay that is none");
    }
    doctor_servers_free(&servers);
    look_port_end(&look);
    history_free(&history);
    facts_free(&facts);
    return read;
}

static void examine_state(struct doctor *doctor, const struct state *state) {
    const char *path = doctor->config->state_directory;
    struct history history = {0};
    struct error err = {0};

    if (state->folder < 0) {
        say(doctor, FINDING_WARNING, "state folder", "%s does not exist yet; the first run makes it", path);
        return;
    }
    if (faccessat(state->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        say(doctor, FINDING_FAILED, "state folder", "%s cannot be written by this user: %s", path, strerror(errno));
    else if (!history_load(state->folder, &history, &err))
        say(doctor, FINDING_WARNING, "state folder", "%s: %s; the next run sets it aside", path, err.text);
    else
        say(doctor, FINDING_OK, "state folder", "%s", path);
    history_free(&history);
}

static void examine_relays(struct doctor *doctor) {
    const struct mail_settings *mail = &doctor->config->mail;

    for (size_t i = 0; i < mail->relays.count; i++) {
        const struct progress_port *progress = &doctor->invocation->progress;
        struct error err = {0};
        bool answers;

        progress_begin(progress, "trying %s", mail->relays.items[i]);
        answers = mail_probe(mail, mail->relays.items[i], &err);
        progress_end(progress);
        if (answers)
            say(doctor, FINDING_OK, mail->relays.items[i], "answers, and takes TLS and log-in as configured");
        else
            say(doctor, FINDING_FAILED, mail->relays.items[i], "%s", err.text);
    }
}

/* The roads that are not mail, as far as they can be tried without anyone noticing. */
static void examine_addresses(struct doctor *doctor) {
    const struct config *config = doctor->config;
    static const char *const answers = "answers, and its TLS certificate is trusted; authcert notify --test tells "
                                       "whether it takes messages";
    struct error err = {0};

    if (config->webhook.url.value != NULL) {
        const bool ok = webhook_probe(&config->webhook, &err);

        say(doctor, ok ? FINDING_OK : FINDING_FAILED, "webhook", "%s", ok ? answers : err.text);
    }
    if (config->ping.url.value != NULL) {
        const bool ok = ping_probe(&config->ping, &err);

        say(doctor, ok ? FINDING_OK : FINDING_FAILED, "dead man's switch", "%s", ok ? answers : err.text);
    }
}

/* Whether key pairs can be sealed to the recovery certificate. */
static void examine_recovery(struct doctor *doctor) {
    const char *path = doctor->config->recovery_certificate;
    struct recovery recovery = {0};
    struct bytes bytes = {0};
    struct error err = {0};

    if (path == NULL)
        return;
    if (!file_read(AT_FDCWD, path, SEAL_CERTIFICATE_MOST, &bytes, &err))
        say(doctor, FINDING_FAILED, "recovery certificate", "%s: %s", path,
            err.kind == ERROR_NONE ? "there is no such file" : err.text);
    else if (!recovery_read(bytes.data, bytes.length, &recovery, &err))
        say(doctor, FINDING_FAILED, "recovery certificate", "%s: %s", path, err.text);
    else if (recovery_ended(&recovery, doctor->invocation->now))
        say(doctor, FINDING_WARNING, "recovery certificate",
            "%s has ended; its key still opens what is sealed to it, but look whether it is still kept", path);
    else
        say(doctor, FINDING_OK, "recovery certificate", "%s, %s", path, recovery.certificate->key);
    recovery_free(&recovery);
    bytes_free(&bytes);
}

/* Whether the password opens what is kept. */
static void examine_keys(struct doctor *doctor, int state) {
    const struct config *config = doctor->config;
    struct keystore store = {.state = state,
                             .password = config->key_password_use == KEY_PASSWORD_SET ? &config->key_password : NULL};
    struct kept_key *keys = NULL;
    struct strings troubles = {0};
    struct error err = {0};
    size_t count = 0, opened = 0;

    if (state >= 0 && !keystore_list(&store, &keys, &count, &troubles, &err))
        say(doctor, FINDING_FAILED, "key store", "%s", err.text);
    for (size_t i = 0; i < troubles.count; i++)
        say(doctor, FINDING_FAILED, "key store", "%s", troubles.items[i]);
    for (size_t i = 0; i < count; i++) {
        const struct progress_port *progress = &doctor->invocation->progress;
        struct certificate *certificate = NULL;
        bool opens;

        progress_begin(progress, "opening the kept key of %s", keys[i].thumbprint);
        opens = handout_certificate(&store, keys[i].thumbprint, &certificate, &err);
        progress_end(progress);
        if (opens)
            opened++;
        else
            say(doctor, FINDING_FAILED, "key store", "%s: %s", keys[i].thumbprint, err.text);
        certificate_free(certificate);
    }
    if (err.kind == ERROR_NONE && troubles.count == 0 && count == 0)
        say(doctor, FINDING_OK, "key store", "no private key is kept yet");
    else if (opened == count && count > 0)
        say(doctor, FINDING_OK, "key store", "%zu private key%s kept, and can be opened", count,
            count == 1 ? " is" : "s are");
    free(keys);
    strings_free(&troubles);
}

/* What acting needs besides rights. `missing`: why there is no password for the keys. In mode monitor, what is not
 * configured is not missed. */
static void examine_acting(struct doctor *doctor, int state, const struct strings *missing) {
    const struct config *config = doctor->config;
    bool monitor = config->policy.mode == MODE_MONITOR;

    if (missing->count > 0 && !(monitor && config->key_password_use == KEY_PASSWORD_MISSING))
        say(doctor, FINDING_FAILED, "key store", "%s", missing->items[0]);
    else if (missing->count == 0)
        examine_keys(doctor, state);
    doctor_delivery(config, doctor->invocation->try_delivery, doctor->invocation->now, &doctor->invocation->progress,
                    say_plainly, doctor);
}

int command_doctor(const struct invocation *invocation) {
    struct config config;
    struct doctor doctor = {.invocation = invocation, .config = &config};
    struct state state = {.folder = -1, .lock = -1};
    struct strings missing = {0};
    struct error err = {0};
    bool reached, read;

    if (!command_load(invocation, true, &config, NULL))
        return EXIT_USAGE;
    say(&doctor, FINDING_OK, "configuration", "%s", config.path);
    for (size_t i = 0; i < config.warnings.count; i++)
        say(&doctor, FINDING_WARNING, "configuration", "%s", config.warnings.items[i]);
    /* Before the state folder: started as root, the program then becomes its owner. */
    if (!config_load_key_password(&config, &missing) && missing.count == 0)
        strings_add(&missing, "out of memory");
    if (state_open(config.state_directory, STATE_READ, invocation->now, &state, &err))
        examine_state(&doctor, &state);
    else
        say(&doctor, FINDING_FAILED, "state folder", "%s", err.text);
    examine_acting(&doctor, state.folder, &missing);
    strings_free(&missing);
    reached = examine_connections(&doctor);
    read = examine_organization(&doctor, state.folder, reached);
    examine_recovery(&doctor);
    examine_relays(&doctor);
    examine_addresses(&doctor);
    state_close(&state);
    config_free(&config);
    if (fflush(stdout) != 0)
        return EXIT_FAILED;
    if (!read)
        return EXIT_UNREADABLE;
    return doctor.failed ? EXIT_FAILED : EXIT_DONE;
}
