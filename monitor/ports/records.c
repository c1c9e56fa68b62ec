#include "monitor/ports/records.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/walk.h"
#include "ldap/write/auth_config.h"
#include "renew/keys/handout.h"

static bool read_recovery(const char *path, struct recovery *ret_recovery, struct error *err) {
    struct bytes bytes = {0};
    struct error why = {0};
    bool done = trust_read(path, SEAL_CERTIFICATE_MOST, &bytes, &why) &&
                recovery_read(bytes.data, bytes.length, ret_recovery, &why);

    if (!done)
        error_set(err, why.kind == ERROR_NONE ? ERROR_CONFIG : why.kind, "[state] recovery_certificate %s: %s", path,
                  why.kind == ERROR_NONE ? "there is no such file" : why.text);
    bytes_free(&bytes);
    return done;
}

static bool seal(const struct record_port_context *context, const char *thumbprint, struct bytes *ret_sealed,
                 struct error *err) {
    struct recovery recovery = {0};
    bool done = read_recovery(context->recovery_certificate, &recovery, err) &&
                handout_sealed(context->store, thumbprint, &recovery, ret_sealed, err);

    recovery_free(&recovery);
    return done;
}

static enum record_result keep(void *context, const struct facts *facts, const struct record_change *change,
                               struct error *err) {
    const struct record_port_context *port = context;
    struct record_change whole = *change;
    struct bytes sealed = {0};
    struct error unsealed = {0};
    enum record_result result = RECORD_DONE;
    bool wanted = change->seal && port->recovery_certificate != NULL;

    if (wanted && seal(port, change->certificate->thumbprint, &sealed, &unsealed))
        whole.sealed = &sealed;
    if (!whole.exists || whole.holders->count > 0 || whole.sealed != NULL)
        result = directory_record(port->look->settings, port->look->now, facts, &whole, err);
    if (result == RECORD_DONE && wanted && whole.sealed == NULL) {
        result = RECORD_UNSEALED;
        if (err != NULL)
            *err = unsealed;
    }
    bytes_free(&sealed);
    return result;
}

struct record_port record_port_of(struct record_port_context *context) {
    return (struct record_port){.context = context, .seals = context->recovery_certificate != NULL, .keep = keep};
}
