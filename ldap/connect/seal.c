#include "ldap/connect/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_SIZE 4

struct seal {
    struct context *context;
    size_t chunk; /* bytes that make one token which the server takes */
    gss_buffer_desc plain;
    size_t taken;  /* of plain */
    size_t filled; /* of token, length included */
    unsigned char token[LENGTH_SIZE + SEAL_TOKEN_MOST];
};

static size_t length_of(const unsigned char *bytes) {
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static ber_slen_t broken(void) {
    errno = EPROTO;
    return -1;
}

/* Reads until so many bytes of the token are there; what came stays for the next call. */
static ber_slen_t fill(Sockbuf_IO_Desc *layer, size_t wanted) {
    struct seal *seal = layer->sbiod_pvt;

    while (seal->filled < wanted) {
        ber_slen_t got = LBER_SBIOD_READ_NEXT(layer, seal->token + seal->filled, wanted - seal->filled);

        if (got <= 0)
            return got;
        seal->filled += (size_t)got;
    }
    return 1;
}

/* Makes the next token plain. */
static ber_slen_t open_token(Sockbuf_IO_Desc *layer) {
    struct seal *seal = layer->sbiod_pvt;
    gss_buffer_desc in;
    OM_uint32 ignored;
    ber_slen_t got = fill(layer, LENGTH_SIZE);

    if (got <= 0)
        return got;
    if (length_of(seal->token) == 0 || length_of(seal->token) > SEAL_TOKEN_MOST)
        return broken();
    got = fill(layer, LENGTH_SIZE + length_of(seal->token));
    if (got <= 0)
        return got;
    in = (gss_buffer_desc){.length = seal->filled - LENGTH_SIZE, .value = seal->token + LENGTH_SIZE};
    seal->filled = 0;
    seal->taken = 0;
    gss_release_buffer(&ignored, &seal->plain);
    return context_open(seal->context, true, &in, &seal->plain, NULL) ? 1 : broken();
}

static ber_slen_t sealed_read(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    struct seal *seal = layer->sbiod_pvt;

    while (seal->taken == seal->plain.length) {
        ber_slen_t got = open_token(layer);

        if (got <= 0)
            return got;
    }
    if (length > seal->plain.length - seal->taken)
        length = seal->plain.length - seal->taken;
    memcpy(data, (const unsigned char *)seal->plain.value + seal->taken, length);
    seal->taken += length;
    return (ber_slen_t)length;
}

static bool put(Sockbuf_IO_Desc *layer, unsigned char *data, size_t length) {
    while (length > 0) {
        ber_slen_t done = LBER_SBIOD_WRITE_NEXT(layer, data, length);

        if (done <= 0)
            return false;
        data += done;
        length -= (size_t)done;
    }
    return true;
}

static ber_slen_t sealed_write(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    struct seal *seal = layer->sbiod_pvt;
    gss_buffer_desc in = {.length = length < seal->chunk ? length : seal->chunk, .value = data};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    unsigned char head[LENGTH_SIZE];
    OM_uint32 ignored;
    bool ok = false;

    if (!context_seal(seal->context, true, &in, &out, NULL)) {
        broken();
    } else {
        for (size_t i = 0; i < LENGTH_SIZE; i++)
            head[i] = (unsigned char)(out.length >> 8 * (LENGTH_SIZE - 1 - i) & 0xff);
        ok = put(layer, head, sizeof(head)) && put(layer, out.value, out.length);
    }
    gss_release_buffer(&ignored, &out);
    return ok ? (ber_slen_t)in.length : -1;
}

static int sealed_setup(Sockbuf_IO_Desc *layer, void *seal) {
    layer->sbiod_pvt = seal;
    return 0;
}

static int sealed_remove(Sockbuf_IO_Desc *layer) {
    struct seal *seal = layer->sbiod_pvt;
    OM_uint32 ignored;

    gss_release_buffer(&ignored, &seal->plain);
    context_free(seal->context);
    free(seal);
    layer->sbiod_pvt = NULL;
    return 0;
}

/* libldap polls the socket unless it hears that there is something to read already. */
static int sealed_ctrl(Sockbuf_IO_Desc *layer, int option, void *value) {
    const struct seal *seal = layer->sbiod_pvt;

    if (option == LBER_SB_OPT_DATA_READY && seal->taken < seal->plain.length)
        return 1;
    return LBER_SBIOD_CTRL_NEXT(layer, option, value);
}

static int sealed_close(Sockbuf_IO_Desc *layer) {
    (void)layer;
    return 0;
}

bool seal_install(LDAP *handle, struct context **context, size_t most, struct error *err) {
    /* libldap wants it writable and writes nothing into it. */
    static Sockbuf_IO layer = {
        .sbi_setup = sealed_setup,
        .sbi_remove = sealed_remove,
        .sbi_ctrl = sealed_ctrl,
        .sbi_read = sealed_read,
        .sbi_write = sealed_write,
        .sbi_close = sealed_close,
    };
    struct seal *seal = calloc(1, sizeof(*seal));
    Sockbuf *buffer = NULL;

    if (!seal)
        return error_memory(err);
    seal->context = *context;
    seal->chunk = context_limit(seal->context, most);
    if (seal->chunk == 0) {
        free(seal);
        return error_set(err, ERROR_DATA, "the server takes sealed messages of only %zu bytes, which is too little",
                         most);
    }
    if (ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS || !buffer ||
        ber_sockbuf_add_io(buffer, &layer, LBER_SBIOD_LEVEL_APPLICATION, seal) != 0) {
        free(seal);
        return error_set(err, ERROR_LOCAL, "cannot seal the connection: libldap takes no layer");
    }
    *context = NULL;
    return true;
}
