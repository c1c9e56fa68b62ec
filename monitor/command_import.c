#include "monitor/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/secret.h"
#include "core/time.h"
#include "monitor/exit.h"
#include "monitor/state.h"
#include "renew/bundle.h"
#include "renew/shelf.h"

static bool read_bundle(const struct invocation *invocation, const char *path, struct bundle *ret_bundle,
                        struct error *err) {
    struct secret password = {0};
    struct bytes bytes = {0};
    bool ok = false;

    if (!file_read(AT_FDCWD, path, BUNDLE_FILE_MOST, &bytes, err)) {
        if (err->kind == ERROR_NONE)
            error_set(err, ERROR_CONFIG, "there is no file %s", path);
        return false;
    }
    if (invocation->password_file == NULL || secret_read_file(invocation->password_file, &password, err))
        ok = bundle_read(bytes.data, bytes.length, &password, ret_bundle, err) ||
             error_context(err, "cannot import %s", path);
    secret_free(&password);
    bytes_free(&bytes);
    return ok;
}

/* One line per certificate, and what is odd about it. */
static void say(const struct certificate *certificate, bool is_new, time_t now) {
    struct strings problems = {0};
    char date[TIME_TEXT_SIZE];

    printf("%s  ends %s  %s  %s\n", certificate->thumbprint, time_format_date(date, certificate->not_after),
           certificate->subject, is_new ? "imported" : "was here already");
    certificate_problems(certificate, now, &problems);
    for (size_t i = 0; i < problems.count; i++)
        printf("  %s\n", problems.items[i]);
    strings_free(&problems);
}

static int keep(const struct invocation *invocation, const char *state_directory, const struct bundle *bundle) {
    struct state state;
    struct error err = {0};
    int result = EXIT_DONE;

    if (!state_open(state_directory, STATE_WRITE, invocation->now, &state, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < bundle->count && result == EXIT_DONE; i++) {
        struct shelf shelf = {.state = state.folder};
        bool is_new;

        if (shelf_import(&shelf, bundle->certificates[i], &is_new, &err)) {
            say(bundle->certificates[i], is_new, invocation->now);
        } else {
            fprintf(stderr, "authcert: %s\n", err.text);
            result = EXIT_FAILED;
        }
    }
    if (bundle->has_key)
        fputs("authcert: the private key in the file was left alone: this version keeps certificates only\n", stderr);
    state_close(&state);
    return result;
}

int command_import(const struct invocation *invocation) {
    const char *path = invocation->arguments[0];
    struct bundle bundle = {0};
    struct config config;
    struct error err = {0};
    int result;

    if (path == NULL || invocation->arguments[1] != NULL) {
        fputs("authcert: import needs exactly one FILE: authcert import FILE\n", stderr);
        return EXIT_USAGE;
    }
    if (!command_load(invocation, false, &config, NULL))
        return EXIT_USAGE;
    if (read_bundle(invocation, path, &bundle, &err)) {
        result = keep(invocation, config.state_directory, &bundle);
        bundle_free(&bundle);
    } else {
        fprintf(stderr, "authcert: %s\n", err.text);
        result = err.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_FAILED;
    }
    config_free(&config);
    return result;
}
