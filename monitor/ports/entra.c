#include "monitor/ports/entra.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "renew/keys/handout.h"

#define KEY_BITS 2048

static time_t now_of(const struct entra_port_context *port) {
    return port->now + (time_t)((clock_milliseconds() - port->milliseconds) / 1000);
}

static bool open_client(struct entra_port_context *port, struct error *err) {
    return port->client != NULL || entra_open(&port->config->entra, &port->client, err);
}

/* Lends the key wherever it is kept. */
static bool lend(const struct entra_port_context *port, const char *thumbprint, signer_work *work, void *context,
                 struct error *err) {
    struct kept_key *keys = NULL;
    struct strings troubles = {0};
    const struct keystore *store = &port->keys;
    size_t count = 0;

    if (port->config->key_password_use == KEY_PASSWORD_MISSING)
        return error_set(err, ERROR_CONFIG,
                         "the password of the kept keys is not configured: set key_password_file or "
                         "key_password_credential in [state]");
    if (!keystore_list(&port->own, &keys, &count, &troubles, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].thumbprint, thumbprint) == 0)
            store = &port->own;
    free(keys);
    strings_free(&troubles);
    return handout_signer(store, thumbprint, work, context, err);
}

/* What each tenant is to be sent. */
struct forms {
    struct entra_port_context *port;
    const struct tenant_facts *tenants;
    const bool *wanted;
    size_t count;
    struct text forms[TENANTS_MOST];
};

static bool sign_forms(void *context, const struct signer *signer, struct error *err) {
    struct forms *forms = context;

    for (size_t i = 0; i < forms->count; i++)
        if (forms->wanted[i] && facts_is_named(&forms->tenants[i].tenant) &&
            !entra_form(&forms->port->config->entra, &forms->tenants[i].tenant, signer, now_of(forms->port),
                        &forms->forms[i], err))
            return false;
    return true;
}

static void say(struct entra_verdict *verdict, const char *words) {
    *verdict = (struct entra_verdict){.accepts = ANSWER_UNKNOWN};
    (void)text_printable(verdict->said, sizeof(verdict->said), words, strlen(words));
}

static bool ask(void *context, const char *thumbprint, const struct tenant_facts *tenants, const bool *wanted,
                size_t count, struct entra_verdict *ret_verdicts, struct error *err) {
    struct entra_port_context *port = context;
    struct forms forms = {.port = port, .tenants = tenants, .wanted = wanted, .count = count};
    bool ok = open_client(port, err) && lend(port, thumbprint, sign_forms, &forms, err);

    for (size_t i = 0; i < count; i++) {
        if (ok && forms.forms[i].value != NULL)
            entra_ask(port->client, &tenants[i].tenant, &forms.forms[i], &ret_verdicts[i]);
        else if (ok && wanted[i])
            say(&ret_verdicts[i], "the directory names no tenant, or no application, that Entra could be asked about");
        text_free(&forms.forms[i]);
    }
    return ok;
}

/* The object identifier that the configuration has for the tenant; NULL when it has none. */
static const char *object_of(const struct entra_port_context *port, const struct tenant *tenant) {
    const struct strings *objects = &port->config->entra_objects;
    const char *any = NULL;

    for (size_t i = 0; i < objects->count; i++) {
        const char *item = objects->items[i], *colon = strchr(item, ':');

        if (colon == NULL)
            any = item;
        else if ((size_t)(colon - item) == strlen(tenant->id) && strncasecmp(item, tenant->id, strlen(tenant->id)) == 0)
            return colon + 1;
    }
    return any;
}

static bool knows_object(void *context, const struct tenant *tenant) {
    return object_of(context, tenant) != NULL;
}

struct key_change {
    struct entra_port_context *port;
    const struct tenant *tenant;
    const struct certificate *certificate; /* to add; NULL = to remove: */
    const char *key_id;
    struct entra_outcome outcome;
};

static bool send_change(void *context, const struct signer *signer, struct error *err) {
    struct key_change *change = context;
    const char *object = object_of(change->port, change->tenant);
    char guid[GUID_STRING_SIZE];

    if (object == NULL || !guid_parse(object, strlen(object), guid))
        return error_set(err, ERROR_CONFIG, "object_id in [entra] is not set for tenant %s", change->tenant->id);
    if (change->certificate != NULL)
        entra_add(change->port->client, change->tenant, guid, signer, change->certificate, now_of(change->port),
                  &change->outcome);
    else
        entra_remove(change->port->client, change->tenant, guid, signer, change->key_id, now_of(change->port),
                     &change->outcome);
    return true;
}

static bool run_change(struct key_change *change, const char *by, struct entra_outcome *ret_outcome,
                       struct error *err) {
    if (!open_client(change->port, err) || !lend(change->port, by, send_change, change, err))
        return false;
    *ret_outcome = change->outcome;
    return true;
}

static bool add(void *context, const struct tenant *tenant, const char *by, const struct certificate *certificate,
                struct entra_outcome *ret_outcome, struct error *err) {
    return run_change(&(struct key_change){.port = context, .tenant = tenant, .certificate = certificate}, by,
                      ret_outcome, err);
}

static bool take_back(void *context, const struct tenant *tenant, const char *by, const char *key_id,
                      struct entra_outcome *ret_outcome, struct error *err) {
    return run_change(&(struct key_change){.port = context, .tenant = tenant, .key_id = key_id}, by, ret_outcome, err);
}

/* A damaged file hides no other. */
static bool list(const struct keystore *store, bool alone, struct entra_own *own, size_t *count, struct error *err) {
    struct strings troubles = {0};
    struct kept_key *keys = NULL;
    size_t found = 0;
    bool ok = keystore_list(store, &keys, &found, &troubles, err);

    for (size_t i = 0; ok && i < found && *count < ENTRA_OWN_MOST; i++) {
        struct entra_own *one = &own[(*count)++];

        *one = (struct entra_own){.not_before = keys[i].not_before, .not_after = keys[i].not_after, .alone = alone};
        memcpy(one->thumbprint, keys[i].thumbprint, THUMBPRINT_SIZE);
    }
    free(keys);
    strings_free(&troubles);
    return ok;
}

static bool own(void *context, struct entra_own *ret_own, size_t *ret_count, struct error *err) {
    const struct entra_port_context *port = context;

    *ret_count = 0;
    return list(&port->own, true, ret_own, ret_count, err) && list(&port->keys, false, ret_own, ret_count, err);
}

static bool enroll(void *context, time_t now, struct certificate **ret_certificate, struct error *err) {
    const struct entra_port_context *port = context;

    return keystore_make(&port->own, KEY_BITS, (struct span){.years = ENTRA_OWN_YEARS}, now, ret_certificate, err);
}

static bool forget(void *context, const char *thumbprint, struct error *err) {
    const struct entra_port_context *port = context;

    return keystore_remove(&port->own, thumbprint, err);
}

static void wait_for(void *context, int seconds) {
    (void)context;
    clock_wait((int64_t)seconds * 1000);
}

struct stranger {
    struct entra_port_context *port;
    const struct tenant *tenant;
    struct text form;
};

static bool sign_stranger(void *context, const struct signer *signer, struct error *err) {
    struct stranger *stranger = context;

    return entra_form(&stranger->port->config->entra, stranger->tenant, signer, now_of(stranger->port), &stranger->form,
                      err);
}

bool entra_port_try_stranger(struct entra_port_context *context, const struct tenant *tenant,
                             struct entra_verdict *ret_verdict, struct error *err) {
    struct stranger stranger = {.port = context, .tenant = tenant};
    bool ok = open_client(context, err) &&
              handout_trial_signer(KEY_BITS, (struct span){.years = 1}, context->now, sign_stranger, &stranger, err);

    if (ok)
        entra_ask(context->client, tenant, &stranger.form, ret_verdict);
    text_free(&stranger.form);
    return ok;
}

struct entra_port entra_port_of(struct entra_port_context *context, const struct config *config, int state, time_t now,
                                bool asks) {
    const struct secret *password = config->key_password_use == KEY_PASSWORD_SET ? &config->key_password : NULL;
    struct entra_port port = {.context = context};

    *context = (struct entra_port_context){
        .config = config,
        .keys = {.state = state, .password = password},
        .own = {.state = state, .password = password, .folder = ENTRA_FOLDER, .subject = ENTRA_SUBJECT},
        .now = now,
        .milliseconds = clock_milliseconds(),
    };
    if (config->entra.mode == ENTRA_OFF)
        return port;
    port.knows_object = knows_object;
    port.own = own;
    if (!asks)
        return port;
    port.adds = config->entra.mode == ENTRA_ADD;
    port.ask = ask;
    port.add = add;
    port.remove = take_back;
    port.enroll = enroll;
    port.forget = forget;
    port.wait = wait_for;
    return port;
}

void entra_port_end(struct entra_port_context *context) {
    entra_close(context->client);
    context->client = NULL;
}
