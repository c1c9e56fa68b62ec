#include "monitor/ports/records.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/walk.h"
#include "ldap/write/auth_config.h"
#include "renew/keys/handout.h"

bool record_port_recovery(const char *path, struct recovery *ret_recovery, struct error *err) {
    struct bytes bytes = {0};
    struct error why = {0};
    bool done = trust_read(path, SEAL_CERTIFICATE_MOST, &bytes, &why) &&
                recovery_read(bytes.data, bytes.length, ret_recovery, &why);

    bytes_free(&bytes); /* a key may have been in it by mistake */
    return done || error_set(err, why.kind == ERROR_NONE ? ERROR_CONFIG : why.kind, "%s",
                             why.kind == ERROR_NONE ? "there is no such file" : why.text);
}

static bool seal(const struct record_port_context *context, const char *thumbprint, struct bytes *ret_sealed,
                 struct error *err) {
    struct recovery recovery = {0};
    bool done;

    if (!record_port_recovery(context->recovery_certificate, &recovery, err))
        return error_context(err, "[state] recovery_certificate %s", context->recovery_certificate);
    done = handout_sealed(context->store, thumbprint, &recovery, ret_sealed, err);
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

static enum write_result write_change(void *context, const struct facts *facts, const struct change *change,
                                      struct error *err) {
    const struct look_port *port = context;

    return directory_write(port->settings, port->now, facts, change, err);
}

struct writer_port write_port_of(struct look_port *look) {
    return (struct writer_port){.context = look, .write = write_change};
}
