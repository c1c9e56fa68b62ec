#include "ldap/connect/sasl.h"

#include "kerberos/context.h"
#include "ldap/connect/seal.h"
#include "ldap/connect/trouble.h"

#define LAYER_NONE 1 /* RFC 4752, 3.1 */
#define LAYER_SEAL 4
#define OFFER_SIZE 4 /* one byte of layers, three of a size */

/* One log-in on its way. */
struct login {
    struct connection *connection;
    struct context *context;
    const char *what; /* "log in as ..." */
    size_t most;      /* bytes of a sealed message that the server takes */
};

/* What the server's refusal means here, where no password was sent. */
static bool server_refused(struct login *login, int code, struct error *err) {
    const char *advice = NULL;

    trouble_set(login->connection->handle, connection_outcome(login->connection, code), login->what, err);
    if (code == LDAP_STRONG_AUTH_REQUIRED && login->connection->encrypted)
        advice =
            "the server takes no Kerberos log-in over TLS: write ldap:// in uri and tls = off, and Kerberos itself "
            "encrypts the connection";
    else if (code == LDAP_INVALID_CREDENTIALS)
        advice = "the domain controller does not take the ticket: compare this host's clock with its own, and see its "
                 "log (where it asks for a channel binding, something between breaks TLS open)";
    else if (code == LDAP_AUTH_METHOD_NOT_SUPPORTED)
        advice = "the server does not speak GSSAPI, so it is no domain controller: check uri";
    if (advice) {
        char said[TROUBLE_DIAGNOSTIC_SIZE];

        trouble_diagnostic(login->connection->handle, said);
        error_set(err, code == LDAP_INVALID_CREDENTIALS ? ERROR_CREDENTIALS : ERROR_CONFIG,
                  "cannot %s: %s%s%s (%d): %s", login->what, said, said[0] ? "; " : "", ldap_err2string(code), code,
                  advice);
    }
    return false;
}

/* One turn: our token to the server, its answer back. `ret_done` says whether the server is satisfied. */
static bool turn(struct login *login, const gss_buffer_desc *token, struct berval **ret_answer, bool *ret_done,
                 struct error *err) {
    struct berval credentials = {.bv_len = token->length, .bv_val = token->value ? token->value : (char *)(size_t) ""};
    struct berval *answer = NULL;
    int code = ldap_sasl_bind_s(login->connection->handle, NULL, "GSSAPI", &credentials, NULL, NULL, &answer);

    if (code != LDAP_SUCCESS && code != LDAP_SASL_BIND_IN_PROGRESS) {
        ber_bvfree(answer);
        return server_refused(login, code, err);
    }
    if (code == LDAP_SASL_BIND_IN_PROGRESS && answer && answer->bv_len > SEAL_TOKEN_MOST) {
        ber_bvfree(answer);
        return error_set(err, ERROR_DATA, "cannot %s: the server's answer is too large", login->what);
    }
    ber_bvfree(*ret_answer);
    *ret_answer = answer;
    *ret_done = code == LDAP_SUCCESS;
    return true;
}

/* What the server's certificate is called where there is TLS. */
static size_t bind_channel(const struct connection *connection, unsigned char out[CONTEXT_BINDING_SIZE]) {
    struct berval certificate = {0};
    size_t length;

    if (!connection->encrypted ||
        ldap_get_option(connection->handle, LDAP_OPT_X_TLS_PEERCERT, &certificate) != LDAP_OPT_SUCCESS ||
        !certificate.bv_val)
        return 0;
    length = context_binding(certificate.bv_val, certificate.bv_len, out);
    ldap_memfree(certificate.bv_val);
    return length;
}

/* Tokens go to and fro until the context stands; `ret_offer` is what the server says next. */
static bool establish(struct login *login, struct berval **ret_offer, struct error *err) {
    bool established = false;
    bool ended = false;
    bool ok = true;

    while (ok && !established && !ended) {
        gss_buffer_desc in = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
        OM_uint32 ignored;

        if (*ret_offer)
            in = (gss_buffer_desc){.length = (*ret_offer)->bv_len, .value = (*ret_offer)->bv_val};
        ok = context_step(login->context, &in, &out, &established, err) && turn(login, &out, ret_offer, &ended, err);
        gss_release_buffer(&ignored, &out);
    }
    if (ok && (ended || !*ret_offer))
        ok = error_set(err, ERROR_DATA, "cannot %s: the server ended the log-in before it was complete", login->what);
    return ok;
}

/* The server offers layers, and the largest message that it takes; we choose one. */
static bool read_offer(struct login *login, const struct berval *offer, bool seal, struct error *err) {
    const gss_buffer_desc in = {.length = offer->bv_len, .value = offer->bv_val};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    const unsigned char *bytes;
    OM_uint32 ignored;
    bool ok = false;

    if (!context_open(login->context, false, &in, &out, err))
        return false;
    bytes = out.value;
    if (out.length != OFFER_SIZE) {
        error_set(err, ERROR_DATA, "cannot %s: the server's offer makes no sense", login->what);
    } else if (!(bytes[0] & (seal ? LAYER_SEAL : LAYER_NONE))) {
        error_set(err, ERROR_CONFIG, "cannot %s: %s", login->what,
                  seal ? "the server does not seal the connection, and without TLS that is required: write ldaps:// in "
                         "uri"
                       : "the server wants to sign or seal although TLS is there already: write ldap:// in uri and tls "
                         "= off, and Kerberos itself encrypts the connection");
    } else {
        login->most = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
        ok = true;
    }
    gss_release_buffer(&ignored, &out);
    return ok;
}

static bool choose_layer(struct login *login, bool seal, struct berval **offer, struct error *err) {
    unsigned char none[OFFER_SIZE] = {LAYER_NONE, 0, 0, 0};
    unsigned char sealed[OFFER_SIZE] = {LAYER_SEAL, SEAL_TOKEN_MOST >> 16, SEAL_TOKEN_MOST >> 8 & 0xff,
                                        SEAL_TOKEN_MOST & 0xff};
    const gss_buffer_desc in = {.length = OFFER_SIZE, .value = seal ? sealed : none};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    bool done = false;
    bool ok = context_seal(login->context, false, &in, &out, err) && turn(login, &out, offer, &done, err);

    gss_release_buffer(&ignored, &out);
    if (ok && !done)
        ok = error_set(err, ERROR_DATA, "cannot %s: the server does not end the log-in", login->what);
    return ok;
}

static bool log_in(struct login *login, bool seal, struct error *err) {
    struct berval *offer = NULL;
    bool ok =
        establish(login, &offer, err) && read_offer(login, offer, seal, err) && choose_layer(login, seal, &offer, err);

    ber_bvfree(offer);
    if (ok && seal) {
        ok = seal_install(login->connection->handle, &login->context, login->most, err);
        login->connection->sealed = ok;
    }
    return ok;
}

bool sasl_bind(struct connection *connection, const struct directory_settings *settings, struct error *err) {
    struct login login = {.connection = connection};
    struct ticket *ticket = NULL;
    unsigned char binding[CONTEXT_BINDING_SIZE];
    bool seal = !connection->encrypted;
    bool ok;

    if (!ticket_open(&settings->keytab, settings->principal, "ldap", connection->uri.host, &ticket, err))
        return false;
    login.what = ticket->what;
    /* Key servers have a patience of their own; the log-in itself has the whole time. */
    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    ok = context_make(ticket, seal, binding, bind_channel(connection, binding), &login.context, err) &&
         log_in(&login, seal, err);
    context_free(login.context);
    return ok;
}
