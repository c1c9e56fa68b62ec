#include "monitor/ports/records.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/letters/oddity.h"
#include "base/walk.h"
#include "ldap/write/auth_config.h"
#include "renew/keys/handout.h"

bool record_port_recovery(const char *path, struct recovery *ret_recovery, struct error *err) {
    struct bytes bytes = {0};
    struct error why = {0};
    bool done = trust_read(path, SEAL_CERTIFICATE_MOST, &bytes, &why);

    bytes.length = oddity_straighten(bytes.data, bytes.length);
    done = done && recovery_read(bytes.data, bytes.length, ret_recovery, &why);

    bytes_free(&bytes); /* a key may have been in it by mistake */
    return done || error_set(err, why.kind == ERROR_NONE ? ERROR_CONFIG : why.kind, "%s",
                             why.kind == ERROR_NONE ? "there is no such file" : why.text);
}

static bool is_ours(const void *context, const void *data, size_t length) {
    return seal_is_for(context, data, length);
}

/* What cannot be told is not ours: the pair is then sealed once more, or the reason told why it is not. */
static bool is_sealed(void *context, const struct record_facts *record) {
    const struct record_port_context *port = context;
    struct recovery recovery = {0};
    bool found = false;

    if (record->sealed_count == 0 || !record_port_recovery(port->recovery_certificate, &recovery, NULL))
        return false;
    for (size_t i = 0; i < record->sealed_count; i++)
        found = found || seal_is_for(&recovery, record->sealed[i].data, record->sealed[i].length);
    recovery_free(&recovery);
    return found;
}

static enum record_result keep(void *context, const struct facts *facts, const struct record_change *change,
                               struct error *err) {
    const struct record_port_context *port = context;
    struct record_change whole = *change;
    struct recovery recovery = {0};
    const struct sealed_judge judge = {.is_ours = is_ours, .context = &recovery};
    struct bytes sealed = {0};
    struct error unsealed = {0};
    enum record_result result = RECORD_DONE;
    bool wanted = change->seal && port->recovery_certificate != NULL;

    if (wanted && !record_port_recovery(port->recovery_certificate, &recovery, &unsealed)) {
        error_context(&unsealed, "[state] recovery_certificate %s", port->recovery_certificate);
    } else if (wanted && handout_sealed(port->store, change->certificate->thumbprint, &recovery, &sealed, &unsealed)) {
        whole.sealed = &sealed;
        whole.judge = &judge;
    }
    if (!whole.exists || whole.holders->count > 0 || whole.sealed != NULL)
        result = directory_record(port->look->settings, port->look->now, facts, &whole, err);
    if (result == RECORD_DONE && wanted && whole.sealed == NULL) {
        result = RECORD_UNSEALED;
        if (err != NULL)
            *err = unsealed;
    }
    bytes_free(&sealed);
    recovery_free(&recovery);
    return result;
}

struct record_port record_port_of(struct record_port_context *context) {
    return (struct record_port){
        .context = context, .seals = context->recovery_certificate != NULL, .is_sealed = is_sealed, .keep = keep};
}

static enum write_result write_change(void *context, const struct facts *facts, const struct change *change,
                                      struct error *err) {
    const struct look_port *port = context;

    return directory_write(port->settings, port->now, facts, change, err);
}

struct writer_port write_port_of(struct look_port *look) {
    return (struct writer_port){.context = look, .write = write_change};
}
