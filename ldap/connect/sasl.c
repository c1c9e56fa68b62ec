#include "ldap/connect/sasl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "kerberos/ticket.h"
#include "ldap/connect/seal.h"
#include "ldap/connect/trouble.h"

#define STEPS_MOST 8 /* Kerberos takes two */
#define WHAT_SIZE 400
#define LAYER_NONE 1 /* RFC 4752, 3.1 */
#define LAYER_SEAL 4
#define OFFER_SIZE 4 /* one byte of layers, three of a size */

static gss_OID_desc kerberos_mechanism = {9, (void *)(size_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_desc kerberos_name_type = {10, (void *)(size_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"};

/* One log-in on its way. */
struct login {
    struct connection *connection;
    struct kerberos *kerberos;
    struct libkrb5 *krb5;
    gss_cred_id_t credentials;
    gss_name_t service;
    gss_ctx_id_t context;
    OM_uint32 flags; /* that the context has */
    char what[WHAT_SIZE];
};

size_t gssapi_channel_binding(const void *certificate, size_t length, unsigned char out[GSSAPI_BINDING_SIZE]) {
    static const char type[] = "tls-server-end-point:";
    const unsigned char *at = certificate;
    const EVP_MD *digest = NULL;
    X509 *parsed = length > 0 && length <= SEAL_TOKEN_MOST ? d2i_X509(NULL, &at, (long)length) : NULL;
    unsigned int filled = 0;
    int kind = NID_undef;

    /* RFC 5929, 4.1: that of the certificate's signature, but never a weaker one than SHA-256. */
    if (parsed && X509_get_signature_info(parsed, &kind, NULL, NULL, NULL) == 1)
        digest = kind == NID_md5 || kind == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(kind);
    X509_free(parsed);
    if (!digest || sizeof(type) - 1 + EVP_MAX_MD_SIZE > GSSAPI_BINDING_SIZE ||
        EVP_Digest(certificate, length, out + sizeof(type) - 1, &filled, digest, NULL) != 1)
        return 0;
    memcpy(out, type, sizeof(type) - 1);
    return sizeof(type) - 1 + filled;
}

/* The minor status is a Kerberos error where there is one. */
static bool refused(struct login *login, OM_uint32 major, OM_uint32 minor, struct error *err) {
    gss_buffer_desc said = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 more = 0;
    char text[TROUBLE_DIAGNOSTIC_SIZE] = "no reason given";
    int type = minor != 0 ? GSS_C_MECH_CODE : GSS_C_GSS_CODE;

    if (login->krb5->gss_display_status(&ignored, minor != 0 ? minor : major, type, &kerberos_mechanism, &more,
                                        &said) == GSS_S_COMPLETE)
        snprintf(text, sizeof(text), "%.*s", (int)(said.length < sizeof(text) ? said.length : sizeof(text) - 1),
                 (const char *)said.value);
    login->krb5->gss_release_buffer(&ignored, &said);
    return kerberos_trouble((krb5_error_code)minor, text, login->what, err);
}

static bool prepare(struct login *login, const struct directory_settings *settings, struct error *err) {
    const char *host = login->connection->uri.host;
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    OM_uint32 major;
    char *service = NULL;

    if (!kerberos_open(&settings->keytab, settings->principal, &login->kerberos, err) ||
        !kerberos_ticket(login->kerberos, host, &service, err))
        return false;
    login->krb5 = &login->kerberos->library;
    snprintf(login->what, sizeof(login->what), "log in as %.150s at %.200s", login->kerberos->name, service);
    name = (gss_buffer_desc){.length = strlen(service), .value = service};
    major = login->krb5->gss_krb5_import_cred(&minor, login->kerberos->cache, NULL, NULL, &login->credentials);
    if (major == GSS_S_COMPLETE)
        major = login->krb5->gss_import_name(&minor, &name, &kerberos_name_type, &login->service);
    free(service);
    return major == GSS_S_COMPLETE || refused(login, major, minor, err);
}

/* What the server's refusal means here, where no password was sent. */
static bool server_refused(struct login *login, int code, struct error *err) {
    const char *advice = NULL;

    trouble_set(login->connection->handle, login->connection->guard.expired ? LDAP_TIMEOUT : code, login->what, err);
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

/* The type wants pointers that are not to const. */
static gss_channel_bindings_t bind_channel(struct login *login, struct gss_channel_bindings_struct *binding,
                                           unsigned char data[GSSAPI_BINDING_SIZE]) {
    struct berval certificate = {0};

    if (!login->connection->encrypted ||
        ldap_get_option(login->connection->handle, LDAP_OPT_X_TLS_PEERCERT, &certificate) != LDAP_OPT_SUCCESS ||
        !certificate.bv_val)
        return GSS_C_NO_CHANNEL_BINDINGS;
    binding->application_data.value = data;
    binding->application_data.length = gssapi_channel_binding(certificate.bv_val, certificate.bv_len, data);
    ldap_memfree(certificate.bv_val);
    return binding->application_data.length > 0 ? binding : GSS_C_NO_CHANNEL_BINDINGS;
}

/* Tokens go to and fro until the context stands; `ret_offer` is what the server says next. */
static bool establish(struct login *login, struct berval **ret_offer, struct error *err) {
    OM_uint32 wanted = GSS_C_MUTUAL_FLAG;
    struct gss_channel_bindings_struct binding = {0};
    unsigned char data[GSSAPI_BINDING_SIZE];
    gss_channel_bindings_t channel = bind_channel(login, &binding, data);
    OM_uint32 major = GSS_S_CONTINUE_NEEDED;
    bool done = false;
    bool ok = true;

    if (!login->connection->encrypted)
        wanted |= GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
    for (int i = 0; ok && !done && major == GSS_S_CONTINUE_NEEDED; i++) {
        gss_buffer_desc in = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor = 0;
        OM_uint32 ignored;

        if (*ret_offer)
            in = (gss_buffer_desc){.length = (*ret_offer)->bv_len, .value = (*ret_offer)->bv_val};
        major = login->krb5->gss_init_sec_context(&minor, login->credentials, &login->context, login->service,
                                                  &kerberos_mechanism, wanted, 0, channel, &in, NULL, &out,
                                                  &login->flags, NULL);
        if (GSS_ERROR(major) || i == STEPS_MOST)
            ok = refused(login, major, minor, err);
        else
            ok = turn(login, &out, ret_offer, &done, err);
        login->krb5->gss_release_buffer(&ignored, &out);
    }
    if (ok && (done || !*ret_offer))
        ok = error_set(err, ERROR_DATA, "cannot %s: the server ended the log-in before it was complete", login->what);
    return ok;
}

/* The server offers layers, and the largest message that it takes; we choose one. */
static bool read_offer(struct login *login, const struct berval *offer, bool seal, size_t *ret_most,
                       struct error *err) {
    gss_buffer_desc in = {.length = offer->bv_len, .value = offer->bv_val};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    OM_uint32 major = login->krb5->gss_unwrap(&minor, login->context, &in, &out, NULL, NULL);
    const unsigned char *bytes = out.value;
    bool ok = false;

    if (major != GSS_S_COMPLETE) {
        refused(login, major, minor, err);
    } else if (out.length != OFFER_SIZE) {
        error_set(err, ERROR_DATA, "cannot %s: the server's offer makes no sense", login->what);
    } else if (!(bytes[0] & (seal ? LAYER_SEAL : LAYER_NONE))) {
        error_set(err, ERROR_CONFIG, "cannot %s: %s", login->what,
                  seal ? "the server does not seal the connection, and without TLS that is required: write ldaps:// in "
                         "uri"
                       : "the server wants to sign or seal although TLS is there already: write ldap:// in uri and tls "
                         "= off, and Kerberos itself encrypts the connection");
    } else {
        *ret_most = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
        ok = true;
    }
    login->krb5->gss_release_buffer(&minor, &out);
    return ok;
}

static bool choose_layer(struct login *login, bool seal, struct berval **offer, struct error *err) {
    unsigned char choice[OFFER_SIZE] = {LAYER_NONE, 0, 0, 0};
    gss_buffer_desc in = {.length = sizeof(choice), .value = choice};
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    OM_uint32 major;
    bool done = false;
    bool ok;

    if (seal)
        memcpy(
            choice,
            (unsigned char[]){LAYER_SEAL, SEAL_TOKEN_MOST >> 16, (SEAL_TOKEN_MOST >> 8) & 0xff, SEAL_TOKEN_MOST & 0xff},
            sizeof(choice));
    major = login->krb5->gss_wrap(&minor, login->context, 0, GSS_C_QOP_DEFAULT, &in, NULL, &out);
    ok = major == GSS_S_COMPLETE ? turn(login, &out, offer, &done, err) : refused(login, major, minor, err);
    login->krb5->gss_release_buffer(&minor, &out);
    if (ok && !done)
        ok = error_set(err, ERROR_DATA, "cannot %s: the server does not end the log-in", login->what);
    return ok;
}

static bool log_in(struct login *login, struct error *err) {
    bool seal = !login->connection->encrypted;
    struct berval *offer = NULL;
    size_t most = 0;
    bool ok = establish(login, &offer, err);

    if (ok && seal && !(login->flags & GSS_C_CONF_FLAG))
        ok = error_set(err, ERROR_CONFIG, "cannot %s: Kerberos does not encrypt here, and without TLS that is required",
                       login->what);
    ok = ok && read_offer(login, offer, seal, &most, err) && choose_layer(login, seal, &offer, err);
    if (ok && seal) {
        ok = seal_install(login->connection->handle, login->krb5, &login->context, most, err);
        login->connection->sealed = ok;
    }
    ber_bvfree(offer);
    return ok;
}

bool gssapi_bind(struct connection *connection, const struct directory_settings *settings, struct error *err) {
    struct login login = {.connection = connection};
    OM_uint32 minor = 0;
    bool ok = prepare(&login, settings, err);

    if (ok) {
        /* Key servers have a patience of their own; the log-in itself has the whole time. */
        guard_allow(&connection->guard, connection->timeout);
        ok = log_in(&login, err);
    }
    if (login.context)
        login.krb5->gss_delete_sec_context(&minor, &login.context, GSS_C_NO_BUFFER);
    if (login.service)
        login.krb5->gss_release_name(&minor, &login.service);
    if (login.credentials)
        login.krb5->gss_release_cred(&minor, &login.credentials);
    kerberos_close(login.kerberos);
    return ok;
}
