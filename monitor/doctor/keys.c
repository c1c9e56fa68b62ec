#include "monitor/doctor/keys.h"

#include <stdlib.h>

#include "monitor/act/kept_keys.h"
#include "monitor/ports/records.h"
#include "renew/keys/handout.h"
#include "renew/keys/keystore.h"
#include "renew/keys/seal.h"

void doctor_keys(struct doctor *doctor, int state) {
    const struct config *config = doctor->config;
    struct keystore store = {.state = state,
                             .password = config->key_password_use == KEY_PASSWORD_SET ? &config->key_password : NULL};
    struct kept_key *keys = NULL;
    struct strings troubles = {0};
    struct error err = {0};
    size_t count = 0, opened = 0;

    if (state >= 0 && !keystore_list(&store, &keys, &count, &troubles, &err))
        finding_say(doctor, FINDING_FAILED, "key store", "%s", err.text);
    for (size_t i = 0; i < troubles.count; i++)
        finding_say(doctor, FINDING_FAILED, "key store", "%s", troubles.items[i]);
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
            finding_say(doctor, FINDING_FAILED, "key store", "%s: %s", keys[i].thumbprint, err.text);
        certificate_free(certificate);
    }
    if (err.kind == ERROR_NONE && troubles.count == 0 && count == 0)
        finding_say(doctor, FINDING_OK, "key store", "no private key is kept yet");
    else if (opened == count && count > 0)
        finding_say(doctor, FINDING_OK, "key store", "%zu private key%s kept, and can be opened", count,
                    count == 1 ? " is" : "s are");
    free(keys);
    strings_free(&troubles);
}

void doctor_unused_keys(struct doctor *doctor, int state, const struct facts *facts) {
    struct keystore store = {.state = state};
    struct strings sentences = {0};
    struct error err = {0};

    if (state >= 0 &&
        !kept_keys_list_unused(&store, facts, &doctor->config->policy, doctor->invocation->now, &sentences, &err))
        finding_say(doctor, FINDING_WARNING, "unused keys", "%s", err.text);
    for (size_t i = 0; i < sentences.count; i++)
        finding_say(doctor, FINDING_OK, "unused key", "%s", sentences.items[i]);
    strings_free(&sentences);
}

void doctor_recovery(struct doctor *doctor) {
    const char *path = doctor->config->recovery_certificate;
    struct recovery recovery = {0};
    struct error err = {0};

    if (path == NULL)
        return;
    if (!record_port_recovery(path, &recovery, &err))
        finding_say(doctor, FINDING_FAILED, "recovery certificate", "%s: %s", path, err.text);
    else if (recovery_ended(&recovery, doctor->invocation->now))
        finding_say(doctor, FINDING_WARNING, "recovery certificate",
                    "%s has ended; its key still opens what is sealed to it, but look whether it is still kept", path);
    else
        finding_say(doctor, FINDING_OK, "recovery certificate", "%s, %s", path, recovery.certificate->key);
    recovery_free(&recovery);
}
