#include "monitor/commands/commands.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/upcoming.h"
#include "monitor/session/answer.h"
#include "monitor/session/inventory.h"
#include "monitor/session/load.h"
#include "monitor/session/typed.h"
#include "monitor/show/inventory.h"
#include "monitor/show/upcoming/preflight.h"
#include "monitor/state/state.h"
#include "renew/keys/bundle.h"

#define STATUS_NONE 3 /* nothing is known, as monitoring systems take it */

struct inventory_options {
    int last;
    char *new_file;
    char *password_file;
    int request;
};

static bool show(const struct invocation *invocation, const struct config *config, const struct inventory *inventory) {
    switch (invocation->format) {
    case FORMAT_TEXT:
        return show_inventory_text(inventory, invocation->colour, stdout);
    case FORMAT_JSON:
        return show_inventory_json(inventory, invocation->now, stdout);
    case FORMAT_NAGIOS:
        return show_inventory_nagios(inventory, config != NULL ? config->inventory.warn_days[0] : 30, invocation->now,
                                     stdout);
    case FORMAT_PROMETHEUS:
        return show_inventory_prometheus(inventory, stdout);
    }
    return false;
}

static int answer(const struct invocation *invocation, const struct config *config, const struct inventory *inventory) {
    return answer_end(show(invocation, config, inventory)) == 0 ? (int)inventory_status(inventory) : STATUS_NONE;
}

/* Nothing was looked at: a person reads why on standard error, a program gets its object. */
static int answer_uninspected(const struct invocation *invocation, const struct config *config,
                              const struct error *err) {
    const struct inventory inventory = {.unreadable = *err, .seen_at = invocation->now};

    if (invocation->format != FORMAT_TEXT)
        return answer(invocation, config, &inventory);
    return typed_say(STATUS_NONE, "%s", err->text);
}

static int look(const struct invocation *invocation, const struct config *config, int state) {
    struct inventory inventory = {0};
    struct memory memory = {0};
    struct error err = {0};
    int result;

    if (!inventory_glance(invocation, config, state, &memory, &inventory, &err))
        result = answer_uninspected(invocation, config, &err);
    else
        result = answer(invocation, config, &inventory);
    inventory_free(&inventory);
    memory_free(&memory);
    return result;
}

static int look_back(const struct invocation *invocation, const struct config *config, int state) {
    struct inventory inventory = {0};
    struct error err = {0};
    int result;

    if (!inventory_glance_last(invocation, state, &inventory, &err))
        return answer_uninspected(invocation, config, &err);
    result = answer(invocation, config, &inventory);
    inventory_free(&inventory);
    return result;
}

static int request(const struct invocation *invocation, const struct config *config) {
    struct inventory inventory = {0};
    struct strings names = {0}, commands = {0};
    struct error err = {0};
    int result = STATUS_NONE;

    if (!inventory_glance_names(invocation, config, &inventory, &err) || !upcoming_names(&inventory, &names, &err) ||
        !upcoming_request(&names, invocation->now, &commands, &err))
        typed_say(result, "%s", err.text);
    else if (answer_end(invocation->format == FORMAT_JSON ? show_request_json(&names, &commands, stdout)
                                                          : show_request_text(&commands, stdout)) == 0)
        result = 0;
    strings_free(&names);
    strings_free(&commands);
    inventory_free(&inventory);
    return result;
}

/* The certificates of the file, the one that no other of them was issued by first. Borrowed from the bundle. */
static bool read_new(const struct inventory_options *typed, struct bundle *ret_bundle, struct error *err) {
    struct secret password = {0};
    struct bytes bytes = {0};
    bool ok = false;

    if (!file_read(AT_FDCWD, typed->new_file, BUNDLE_FILE_MOST, &bytes, err)) {
        if (err->kind == ERROR_NONE)
            error_set(err, ERROR_CONFIG, "there is no file %s", typed->new_file);
        return false;
    }
    if (typed->password_file == NULL || secret_read_file(typed->password_file, &password, err))
        ok = bundle_read(bytes.data, bytes.length, &password, ret_bundle, err) ||
             error_context(err, "cannot read %s", typed->new_file);
    secret_free(&password);
    bytes_free(&bytes);
    return ok;
}

static bool is_issuer(const struct bundle *bundle, size_t index) {
    for (size_t i = 0; i < bundle->count; i++)
        if (i != index && strcmp(bundle->certificates[i]->issuer, bundle->certificates[index]->subject) == 0)
            return true;
    return false;
}

static size_t order(const struct bundle *bundle, struct bytes chain[INVENTORY_CHAIN_MOST]) {
    size_t first = 0, count = 1;

    while (first + 1 < bundle->count && is_issuer(bundle, first))
        first++;
    chain[0] =
        (struct bytes){.data = bundle->certificates[first]->der, .length = bundle->certificates[first]->der_length};
    for (size_t i = 0; i < bundle->count && count < INVENTORY_CHAIN_MOST; i++)
        if (i != first)
            chain[count++] =
                (struct bytes){.data = bundle->certificates[i]->der, .length = bundle->certificates[i]->der_length};
    return count;
}

/* Remembers it for the nights to come. */
static bool announce(const struct invocation *invocation, const struct config *config, const struct shown *shown,
                     struct error *err) {
    struct memory memory = {0};
    struct state state;
    bool ok;

    if (!state_open(config->state_directory, STATE_WRITE, invocation->now, &state, err))
        return false;
    ok = memory_load(state.folder, &memory, err) && memory_announce(&memory, shown, invocation->now, err) &&
         memory_save(state.folder, &memory, err);
    memory_free(&memory);
    state_close(&state);
    return ok;
}

static int answer_new(const struct invocation *invocation, const struct config *config, struct inventory *inventory,
                      size_t shown) {
    struct preflight preflight = {0};
    struct error err = {0};
    int result = STATUS_NONE;
    bool told;

    if (!upcoming_check(&config->inventory, inventory, shown, invocation->now, &preflight, &err))
        return typed_say(result, "%s", err.text);
    told = invocation->format == FORMAT_JSON
               ? show_preflight_json(&inventory->shown[shown], &preflight, stdout)
               : show_preflight_text(&inventory->shown[shown], &preflight, invocation->now, stdout);
    if (answer_end(told) == 0)
        result = preflight.lacking.count > 0 || preflight.problems.count > 0 ? 1 : 0;
    preflight_free(&preflight);
    if (!announce(invocation, config, &inventory->shown[shown], &err))
        return typed_say(STATUS_NONE, "it is not remembered: %s", err.text);
    fputs("authcert: it is remembered: the nights to come say who still shows the old one, until nobody does\n",
          stderr);
    return result;
}

static int check_new(const struct invocation *invocation, const struct config *config) {
    struct bytes chain[INVENTORY_CHAIN_MOST];
    struct inventory inventory = {0};
    struct bundle bundle = {0};
    struct error err = {0};
    size_t shown = 0;
    int result = STATUS_NONE;

    if (!read_new(invocation->options, &bundle, &err))
        return typed_say(result, "%s", err.text);
    if (inventory_glance_with(invocation, config, chain, order(&bundle, chain), &inventory, &shown, &err))
        result = answer_new(invocation, config, &inventory, shown);
    else
        typed_say(result, "%s", err.text);
    inventory_free(&inventory);
    bundle_free(&bundle);
    return result;
}

static int run_loaded(const struct invocation *invocation, const struct config *config) {
    const struct inventory_options *typed = invocation->options;
    struct state state;
    struct error err = {0};
    int result;

    if (typed->request)
        return request(invocation, config);
    if (typed->new_file != NULL)
        return check_new(invocation, config);
    if (!state_open(config->state_directory, STATE_READ, invocation->now, &state, &err))
        return answer_uninspected(invocation, config, &err);
    result = typed->last ? look_back(invocation, config, state.folder) : look(invocation, config, state.folder);
    state_close(&state);
    return result;
}

static int run(const struct invocation *invocation) {
    const struct inventory_options *typed = invocation->options;
    bool one = typed->last + typed->request + (typed->new_file != NULL ? 1 : 0) <= 1;
    bool plain = invocation->format == FORMAT_TEXT || invocation->format == FORMAT_JSON;
    struct config config;
    struct error err = {0};
    int result;

    if (!one)
        error_set(&err, ERROR_CONFIG, "--last, --new and --request are three questions: ask one at a time");
    else if (!plain && (typed->request || typed->new_file != NULL))
        error_set(&err, ERROR_CONFIG, "--new and --request answer as text or json");
    if (err.kind != ERROR_NONE)
        return answer_uninspected(invocation, NULL, &err);
    if (!load_configuration(invocation, typed->last ? 0 : LOAD_SECRETS, &config, &err))
        return answer_uninspected(invocation, NULL, &err);
    result = run_loaded(invocation, &config);
    config_free(&config);
    return result;
}

static const struct command_option options[] = {
    {"last", NULL, offsetof(struct inventory_options, last), "show what the last run saw; older than 36 h is unknown"},
    {"new", "FILE", offsetof(struct inventory_options, new_file),
     "hold a certificate that is to come against all that uses one now, and remember it"},
    {"password-file", "FILE", offsetof(struct inventory_options, password_file),
     "file (0600) with the password of a PFX"},
    {"request", NULL, offsetof(struct inventory_options, request),
     "print the command that requests a certificate for the names that clients use"},
    {0},
};

const struct command command_inventory = {
    .name = "inventory",
    .arguments = "[--last] [--new FILE] [--request]",
    .what = "every other certificate of the organization: where it is used, what is wrong with it",
    .run = run,
    .options = options,
    .options_size = sizeof(struct inventory_options),
    .is_plugin = true,
};
