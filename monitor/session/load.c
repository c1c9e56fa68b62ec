#include "monitor/session/load.h"

#include "monitor/session/answer.h"

/* To renew with, or to ask Entra with where there can be any. */
static bool may_need_keys(const struct config *config) {
    return config->policy.mode == MODE_RENEW ||
           (config->entra.mode != ENTRA_OFF && config->key_password_use != KEY_PASSWORD_MISSING);
}

bool load_configuration_or(const struct invocation *invocation, int what, struct config *ret_config,
                           struct strings *errors) {
    struct config config;
    bool loaded = config_load(invocation->config_path, &config, errors);
    bool ok = loaded && ((what & LOAD_SECRETS) == 0 || config_load_secrets(&config, errors));

    if (ok && invocation->verbosity > 0)
        answer_warn(&config.warnings);
    if (ok && ((what & LOAD_KEY_PASSWORD) != 0 || ((what & LOAD_KEY_PASSWORD_TO_RENEW) != 0 && may_need_keys(&config))))
        ok = config_load_key_password(&config, errors);
    if (ok) {
        config.policy.built = AUTHCERT_BUILT;
        config.policy.config = invocation->config_path;
        *ret_config = config;
    } else {
        answer_complain(errors);
        if (loaded)
            config_free(&config);
    }
    return ok;
}

bool load_configuration(const struct invocation *invocation, int what, struct config *ret_config, struct error *err) {
    struct strings errors = {0};
    bool ok = load_configuration_or(invocation, what, ret_config, &errors);

    if (!ok)
        error_set(err, ERROR_CONFIG, "the configuration is wrong: %s%s",
                  errors.count > 0 ? errors.items[0] : "out of memory",
                  errors.count > 1 ? " (and more: authcert config check)" : "");
    strings_free(&errors);
    return ok;
}

bool load_or_answer(const struct invocation *invocation, int what, struct config *ret_config) {
    struct error err = {0};
    bool ok = load_configuration(invocation, what, ret_config, &err);

    if (!ok)
        answer_unreadable(invocation, NULL, &err);
    return ok;
}
