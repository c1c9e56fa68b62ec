#include "monitor/commands/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/walk.h"
#include "monitor/commands/change/key_note.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/state/state.h"
#include "monitor/session/typed.h"
#include "monitor/session/typed_thumbprint.h"
#include "monitor/session/load.h"
#include "renew/keys/handout.h"

#define PASSWORD_LEAST 20

struct export_options {
    char *password_file;
};

/* The password of the PFX: the admin's, or a fresh one that is shown once. */
static bool get_password(const struct invocation *invocation, struct secret *ret_password, bool *ret_show,
                         int *ret_exit) {
    const struct export_options *typed = invocation->options;
    struct secret password = {0};
    struct error err = {0};

    if (typed->password_file == NULL) {
        if (!isatty(STDOUT_FILENO) || invocation->format != FORMAT_TEXT) {
            *ret_exit =
                answer_misuse(invocation, "without a terminal to show a password on, give one: --password-file FILE");
            return false;
        }
        *ret_show = true;
        if (pfx_random_password(ret_password, &err))
            return true;
        *ret_exit = answer_failed(invocation, EXIT_FAILED, "%s", err.text);
        return false;
    }
    if (!secret_read_file(typed->password_file, &password, &err)) {
        *ret_exit = answer_misuse(invocation, "%s", err.text);
        return false;
    }
    if (password.length < PASSWORD_LEAST) {
        secret_free(&password);
        *ret_exit = answer_misuse(invocation,
                                  "the password in %s is too short: a PFX holds a key to every mailbox, so at "
                                  "least %d characters are needed",
                                  typed->password_file, PASSWORD_LEAST);
        return false;
    }
    *ret_password = password;
    *ret_show = false;
    return true;
}

static bool write_pfx(int file, const struct secret *pfx, struct error *err) {
    return (file_write_open(file, pfx->value, pfx->length) && fsync(file) == 0) ||
           error_errno(err, errno, "the file cannot be written");
}

static bool make_pfx(const struct invocation *invocation, const struct config *config, const char *thumbprint,
                     const struct secret *password, struct secret *ret_pfx, struct error *err) {
    struct keystore store = {.password = config->key_password_use == KEY_PASSWORD_SET ? &config->key_password : NULL};
    struct state state;
    bool ok;

    if (!state_open(config->state_directory, STATE_READ, invocation->now, &state, err))
        return false;
    store.state = state.folder;
    ok = handout_pfx(&store, thumbprint, password, config->pfx, invocation->now, ret_pfx, err);
    state_close(&state);
    return ok;
}

/* A key pair that leaves this host is never without a note of it. */
static bool note_export(const struct invocation *invocation, const struct config *config, const char *thumbprint,
                        const char *path, struct error *err) {
    struct strings sentences = {0};
    struct state state;
    bool ok;

    if (!state_open(config->state_directory, STATE_WRITE, invocation->now, &state, err))
        return false;
    strings_add(&sentences, "%s exported with its private key to %s", thumbprint, path);
    ok = key_note(invocation, state.folder, &sentences, err);
    strings_free(&sentences);
    state_close(&state);
    return ok;
}

/* The file is made before root's rights are given up for the state folder, and goes again when nothing comes of it. */
static int export_to(const struct invocation *invocation, const struct config *config, const char *thumbprint,
                     const char *path) {
    struct secret password = {0}, pfx = {0};
    struct error err = {0};
    const char *name;
    bool show = false;
    int result = EXIT_FAILED;
    int folder = -1, file = -1;

    if (!get_password(invocation, &password, &show, &result))
        return result;
    if (walk_holder(path, &folder, &name, &err)) {
        file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file < 0)
            error_errno(&err, errno, "the file cannot be made");
    }
    if (file < 0) {
        result = answer_failed(invocation, EXIT_FAILED, "cannot make %s: %s", path, err.text);
    } else if (!make_pfx(invocation, config, thumbprint, &password, &pfx, &err) || !write_pfx(file, &pfx, &err) ||
               !note_export(invocation, config, thumbprint, path, &err)) {
        result = answer_failed(invocation, EXIT_FAILED, "%s was not exported: %s", thumbprint, err.text);
        if (unlinkat(folder, name, 0) != 0)
            typed_say(EXIT_FAILED, "%s is useless; remove it", path);
    } else if (invocation->format != FORMAT_TEXT) {
        result = answer_end(answer_object(invocation, json_pack("{s:s, s:s}", "thumbprint", thumbprint, "file", path)));
    } else {
        printf("%s: the key pair %s\n", path, thumbprint);
        if (show)
            printf("Its password, shown this once: %s\n", password.value);
        result = answer_end(true);
    }
    if (file >= 0)
        close(file);
    if (folder >= 0)
        close(folder);
    secret_free(&password);
    secret_free(&pfx);
    return result;
}

static int run(const struct invocation *invocation) {
    const char *const *arguments = invocation->arguments;
    char thumbprint[THUMBPRINT_SIZE];
    struct config config;
    struct error err = {0};
    int result;

    if (arguments[0] == NULL || arguments[1] == NULL || arguments[2] != NULL)
        return answer_misuse(invocation, "export needs a thumbprint and a file: authcert export THUMBPRINT FILE");
    if (!typed_thumbprint(arguments[0], thumbprint, &err))
        return answer_misuse(invocation, "%s is no thumbprint: %s", arguments[0], err.text);
    if (!load_or_answer(invocation, LOAD_KEY_PASSWORD, &config))
        return EXIT_USAGE;
    result = export_to(invocation, &config, thumbprint, arguments[1]);
    config_free(&config);
    return result;
}

static const struct command_option options[] = {
    {"password-file", "FILE", offsetof(struct export_options, password_file),
     "file (0600) with the password for the PFX, at least 20 characters"},
    {0},
};

const struct command command_export = {
    .name = "export",
    .arguments = "THUMBPRINT FILE",
    .what = "a password-protected PFX of a kept key pair",
    .run = run,
    .options = options,
    .options_size = sizeof(struct export_options),
    .answers = ANSWERS_OBJECT,
    .takes_words = true,
};
