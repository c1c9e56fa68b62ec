#include "monitor/commands/commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/letters/oddity.h"
#include "base/secret.h"
#include "base/time.h"
#include "monitor/commands/change/key_note.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/typed.h"
#include "monitor/session/load.h"
#include "monitor/state/state.h"
#include "renew/keys/bundle.h"
#include "renew/keys/keystore.h"
#include "renew/keys/shelf.h"

struct import_options {
    char *password_file;
};

/* What is taken in of one file. */
struct intake {
    const struct invocation *invocation;
    struct config config;
    struct bundle bundle;
    struct keypair pairs[BUNDLE_MOST]; /* the keys with their certificates, borrowed from the bundle */
    size_t pair_count;
    struct strings kept; /* what was kept that was not here before */
    json_t *list;        /* of what was taken in, for a program */
};

static bool read_bundle(struct intake *intake, const char *path, struct error *err) {
    const struct import_options *typed = intake->invocation->options;
    struct secret password = {0};
    struct bytes bytes = {0};
    char odd[ODDITY_SIZE];
    bool ok = false;

    if (!file_read(AT_FDCWD, path, BUNDLE_FILE_MOST, &bytes, err)) {
        if (err->kind == ERROR_NONE)
            error_set(err, ERROR_CONFIG, "there is no file %s", path);
        return false;
    }
    bytes.length = oddity_straighten(bytes.data, bytes.length);
    if (typed->password_file == NULL || secret_read_file(typed->password_file, &password, err))
        ok = (intake->config.policy.mode == MODE_RENEW
                  ? bundle_read_keys(bytes.data, bytes.length, &password, &intake->bundle, err)
                  : bundle_read(bytes.data, bytes.length, &password, &intake->bundle, err)) ||
             error_context(err, "cannot import %s", path);
    if (!ok && err->kind == ERROR_CREDENTIALS)
        error_set(err, err->kind, "%s%s", err->text, oddity_note(password.value, password.length, odd));
    secret_free(&password);
    bytes_free(&bytes);
    return ok;
}

/* Pairs certificates and keys, before anything is kept: a key of none of them refuses the file. */
static bool pair_keys(struct intake *intake, const char *path, struct error *err) {
    const struct bundle *bundle = &intake->bundle;
    bool used[BUNDLE_KEYS_MOST] = {false};
    struct error why = {0};

    for (size_t i = 0; i < bundle->count; i++) {
        bool found = false;

        for (size_t key = 0; key < bundle->key_count; key++) {
            struct keypair pair = {.certificate = bundle->certificates[i], .key = bundle->keys[key]};

            if (!keypair_matches(&pair, &why))
                continue;
            used[key] = true;
            if (!found)
                intake->pairs[intake->pair_count++] = pair;
            found = true;
        }
    }
    for (size_t key = 0; key < bundle->key_count; key++)
        if (!used[key])
            return error_set(err, ERROR_DATA,
                             "cannot import %s: a private key in it is that of none of its certificates (%s); nothing "
                             "was kept",
                             path, why.text);
    return true;
}

static const struct keypair *pair_of(const struct intake *intake, const struct certificate *certificate) {
    for (size_t i = 0; i < intake->pair_count; i++)
        if (intake->pairs[i].certificate == certificate)
            return &intake->pairs[i];
    return NULL;
}

/* One line per certificate, and what is odd about it. `key`: its key was kept now, or was kept already. */
static void put(const struct certificate *certificate, bool is_new, const char *key, const struct strings *problems) {
    char date[TIME_TEXT_SIZE];

    printf("%s  ends %s  %s  %s%s\n", certificate->thumbprint, time_format_date(date, certificate->not_after),
           certificate->subject, is_new ? "imported" : "was here already",
           key == NULL                ? ""
           : strcmp(key, "kept") == 0 ? ", private key kept"
                                      : ", its private key was kept already");
    for (size_t i = 0; i < problems->count; i++)
        printf("  %s\n", problems->items[i]);
}

static json_t *to_json(const struct certificate *certificate, bool is_new, const char *key,
                       const struct strings *problems) {
    json_t *list = json_array();
    char end[TIME_TEXT_SIZE];

    for (size_t i = 0; list != NULL && i < problems->count; i++)
        (void)json_array_append_new(list, json_string(problems->items[i]));
    return json_pack("{s:s, s:s, s:s, s:b, s:s?, s:o}", "thumbprint", certificate->thumbprint, "not_after",
                     time_format_rfc3339(end, certificate->not_after), "subject", certificate->subject, "new",
                     (int)is_new, "key", key, "problems", list);
}

static void say(struct intake *intake, const struct certificate *certificate, bool is_new, const char *key) {
    struct strings problems = {0};

    certificate_problems(certificate, intake->invocation->now, &problems);
    if (intake->list != NULL)
        (void)json_array_append_new(intake->list, to_json(certificate, is_new, key, &problems));
    else
        put(certificate, is_new, key, &problems);
    strings_free(&problems);
}

/* Keeps one certificate, and first its key where there is one. */
static bool keep_one(struct intake *intake, int state, const struct certificate *certificate, struct error *err) {
    const struct config *config = &intake->config;
    const struct keypair *pair = pair_of(intake, certificate);
    struct keystore store = {.state = state,
                             .password = config->key_password_use == KEY_PASSWORD_SET ? &config->key_password : NULL};
    struct shelf shelf = {.state = state};
    const char *key = NULL;
    bool is_new = false, key_is_new = false;

    if (pair != NULL) {
        if (!keystore_import(&store, pair, &key_is_new, err))
            return false;
        key = key_is_new ? "kept" : "was kept";
    }
    if (!shelf_import(&shelf, certificate, &is_new, err))
        return false;
    if (is_new || key_is_new)
        strings_add(&intake->kept, "%s imported%s", certificate->thumbprint, key_is_new ? " with its private key" : "");
    say(intake, certificate, is_new, key);
    return true;
}

static void say_keys_left(const struct intake *intake) {
    const struct bundle *bundle = &intake->bundle;

    if (!bundle->has_key || bundle->key_count > 0)
        return;
    fputs(
        intake->config.policy.mode == MODE_RENEW
            ? "authcert: the private key in the file was left alone: keys are taken from a PFX, or from PEM text as an "
              "RSA key in a PRIVATE KEY block\n"
            : "authcert: the private key in the file was left alone: mode is monitor, which keeps no key; set mode = "
              "renew in [policy] first if this host is to renew and deliver\n",
        stderr);
}

static int keep(struct intake *intake) {
    const struct invocation *invocation = intake->invocation;
    struct state state;
    struct error err = {0}, noted = {0};
    bool ok = true;

    if (!state_open(intake->config.state_directory, STATE_WRITE, invocation->now, &state, &err))
        return answer_failed(invocation, EXIT_FAILED, "%s", err.text);
    if (invocation->format != FORMAT_TEXT)
        intake->list = json_array();
    for (size_t i = 0; i < intake->bundle.count && ok; i++)
        ok = keep_one(intake, state.folder, intake->bundle.certificates[i], &err);
    if (intake->kept.count > 0 && !key_note(invocation, state.folder, &intake->kept, &noted)) {
        /* What was taken in stays, and why the rest was not is the graver of the two. */
        if (ok)
            error_set(&err, noted.kind, "what is listed above was taken in, but %s", noted.text);
        ok = false;
    }
    strings_free(&intake->kept);
    say_keys_left(intake);
    state_close(&state);
    if (!ok) {
        json_decref(intake->list);
        return answer_failed(invocation, EXIT_FAILED, "%s", err.text);
    }
    return answer_end(intake->list == NULL || answer_object(invocation, json_pack("{s:o}", "imported", intake->list)));
}

/* Everything outside the state folder is read before root's rights are given up for it. */
static int import(struct intake *intake, const char *path) {
    struct strings errors = {0};
    struct error err = {0};
    int result = EXIT_USAGE;

    if (!read_bundle(intake, path, &err) || !pair_keys(intake, path, &err))
        return err.kind == ERROR_CONFIG ? answer_misuse(intake->invocation, "%s", err.text)
                                        : answer_failed(intake->invocation, EXIT_FAILED, "%s", err.text);
    if (intake->pair_count == 0 || config_load_key_password(&intake->config, &errors))
        result = keep(intake);
    else {
        answer_complain(&errors);
        error_set(&err, ERROR_CONFIG, "%s", errors.count > 0 ? errors.items[0] : "out of memory");
        answer_unreadable(intake->invocation, NULL, &err);
    }
    strings_free(&errors);
    return result;
}

static int run(const struct invocation *invocation) {
    const char *path = invocation->arguments[0];
    struct intake intake = {.invocation = invocation};
    int result;

    if (path == NULL || invocation->arguments[1] != NULL)
        return answer_misuse(invocation, "import needs exactly one FILE: authcert import FILE");
    if (!load_or_answer(invocation, 0, &intake.config))
        return EXIT_USAGE;
    result = import(&intake, path);
    bundle_free(&intake.bundle);
    config_free(&intake.config);
    return result;
}

static const struct command_option options[] = {
    {"password-file", "FILE", offsetof(struct import_options, password_file), "file (0600) with the password of a PFX"},
    {0},
};

const struct command command_import = {
    .name = "import",
    .arguments = "FILE",
    .what = "take in a certificate (DER, PEM, P7B) or key pair (PFX)",
    .run = run,
    .options = options,
    .options_size = sizeof(struct import_options),
    .answers = ANSWERS_OBJECT,
    .takes_words = true,
};
