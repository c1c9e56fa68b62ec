#include "kerberos/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define STEPS_MOST 8 /* Kerberos takes two */
#define SAID_SIZE 384
#define CERTIFICATE_LENGTH_MOST 0xffff

struct context {
    struct ticket *ticket;
    gss_cred_id_t credentials;
    gss_name_t service;
    gss_ctx_id_t handle;
    gss_OID mechanism;
    bool seal;
    int steps;
    unsigned char binding[CONTEXT_BINDING_SIZE];
    size_t binding_length;
};

size_t context_binding(const void *certificate, size_t length, unsigned char out[CONTEXT_BINDING_SIZE]) {
    static const char type[] = "tls-server-end-point:";
    const unsigned char *at = certificate;
    const EVP_MD *digest = NULL;
    X509 *parsed = length > 0 && length <= CERTIFICATE_LENGTH_MOST ? d2i_X509(NULL, &at, (long)length) : NULL;
    unsigned int filled = 0;
    int kind = NID_undef;

    /* RFC 5929, 4.1: that of the certificate's signature, but never a weaker one than SHA-256. */
    if (parsed && X509_get_signature_info(parsed, &kind, NULL, NULL, NULL) == 1)
        digest = kind == NID_md5 || kind == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(kind);
    X509_free(parsed);
    if (!digest || sizeof(type) - 1 + EVP_MAX_MD_SIZE > CONTEXT_BINDING_SIZE ||
        EVP_Digest(certificate, length, out + sizeof(type) - 1, &filled, digest, NULL) != 1)
        return 0;
    memcpy(out, type, sizeof(type) - 1);
    return sizeof(type) - 1 + filled;
}

/* The minor status is a Kerberos error where there is one. */
static bool refused(struct context *context, OM_uint32 major, OM_uint32 minor, struct error *err) {
    gss_buffer_desc said = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 more = 0;
    char text[SAID_SIZE] = "no reason given";
    int type = minor != 0 ? GSS_C_MECH_CODE : GSS_C_GSS_CODE;

    if (gss_display_status(&ignored, minor != 0 ? minor : major, type, gss_mech_krb5, &more, &said) == GSS_S_COMPLETE)
        snprintf(text, sizeof(text), "%.*s", (int)(said.length < sizeof(text) ? said.length : sizeof(text) - 1),
                 (const char *)said.value);
    gss_release_buffer(&ignored, &said);
    return kerberos_trouble((krb5_error_code)minor, text, context->ticket->what, err);
}

bool context_make(struct ticket *ticket, bool seal, const void *binding, size_t length, struct context **ret_context,
                  struct error *err) {
    gss_buffer_desc name = {.length = strlen(ticket->service), .value = ticket->service};
    struct context *context = calloc(1, sizeof(*context));
    OM_uint32 minor = 0;
    OM_uint32 major;

    if (!context || length > sizeof(context->binding)) {
        free(context);
        ticket_close(ticket);
        return error_memory(err);
    }
    context->ticket = ticket;
    context->seal = seal;
    context->mechanism = gss_mech_krb5;
    if (length > 0)
        memcpy(context->binding, binding, length);
    context->binding_length = length;
    major = gss_krb5_import_cred(&minor, ticket->cache, NULL, NULL, &context->credentials);
    if (major == GSS_S_COMPLETE)
        major = gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &context->service);
    if (major != GSS_S_COMPLETE) {
        refused(context, major, minor, err);
        context_free(context);
        return false;
    }
    *ret_context = context;
    return true;
}

void context_negotiate(struct context *context) {
    /* { iso(1) identified-organization(3) dod(6) internet(1) security(5) mechanisms(5) snego(2) } */
    static gss_OID_desc spnego = {6, (void *)(size_t) "\x2b\x06\x01\x05\x05\x02"};

    context->mechanism = &spnego;
}

bool context_step(struct context *context, const gss_buffer_desc *in, gss_buffer_desc *ret_out, bool *ret_done,
                  struct error *err) {
    struct gss_channel_bindings_struct channel = {
        .application_data = {.length = context->binding_length, .value = context->binding}};
    gss_buffer_desc taken = *in; /* the library's types know no const */
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 wanted = GSS_C_MUTUAL_FLAG;
    OM_uint32 flags = 0;
    OM_uint32 minor = 0;
    OM_uint32 major;
    OM_uint32 ignored;
    bool ok = true;

    if (context->seal)
        wanted |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
    major = gss_init_sec_context(&minor, context->credentials, &context->handle, context->service, context->mechanism,
                                 wanted, 0, context->binding_length > 0 ? &channel : GSS_C_NO_CHANNEL_BINDINGS, &taken,
                                 NULL, &out, &flags, NULL);
    if (GSS_ERROR(major) || (major & ~(OM_uint32)GSS_S_CONTINUE_NEEDED) || ++context->steps > STEPS_MOST)
        ok = refused(context, major, minor, err);
    else if (major == GSS_S_COMPLETE && context->seal && !(flags & GSS_C_CONF_FLAG))
        ok = error_set(err, ERROR_CONFIG, "cannot %s: Kerberos does not encrypt here, and without TLS that is required",
                       context->ticket->what);
    if (!ok) {
        gss_release_buffer(&ignored, &out);
        return false;
    }
    *ret_out = out;
    *ret_done = major == GSS_S_COMPLETE;
    return true;
}

/* A token that is not what it has to be is given to nobody. */
static bool finish(struct context *context, OM_uint32 major, OM_uint32 minor, bool good, gss_buffer_desc *made,
                   gss_buffer_desc *ret_made, struct error *err) {
    OM_uint32 ignored;

    if (major == GSS_S_COMPLETE && good) {
        *ret_made = *made;
        return true;
    }
    gss_release_buffer(&ignored, made);
    if (major != GSS_S_COMPLETE)
        return refused(context, major, minor, err);
    return error_set(err, ERROR_DATA, "cannot %s: a message is not encrypted", context->ticket->what);
}

bool context_seal(struct context *context, bool secret, const gss_buffer_desc *plain, gss_buffer_desc *ret_token,
                  struct error *err) {
    gss_buffer_desc in = *plain;
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    int sealed = 0;
    OM_uint32 major = gss_wrap(&minor, context->handle, secret, GSS_C_QOP_DEFAULT, &in, &sealed, &out);

    return finish(context, major, minor, sealed || !secret, &out, ret_token, err);
}

bool context_seal_parts(struct context *context, const gss_buffer_desc *bytes, gss_buffer_desc *ret_before,
                        gss_buffer_desc *ret_after, struct error *err) {
    gss_iov_buffer_desc parts[3] = {{.type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE},
                                    {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = *bytes},
                                    {.type = GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE}};
    OM_uint32 minor = 0;
    int sealed = 0;
    OM_uint32 major = gss_wrap_iov(&minor, context->handle, 1, GSS_C_QOP_DEFAULT, &sealed, parts, 3);
    OM_uint32 ignored;

    if (major == GSS_S_COMPLETE && sealed) {
        *ret_before = parts[0].buffer;
        *ret_after = parts[2].buffer;
        return true;
    }
    gss_release_iov_buffer(&ignored, parts, 3);
    return major != GSS_S_COMPLETE
               ? refused(context, major, minor, err)
               : error_set(err, ERROR_DATA, "cannot %s: a message is not encrypted", context->ticket->what);
}

bool context_open(struct context *context, bool secret, const gss_buffer_desc *token, gss_buffer_desc *ret_plain,
                  struct error *err) {
    gss_buffer_desc in = *token;
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    int sealed = 0;
    OM_uint32 major = gss_unwrap(&minor, context->handle, &in, &out, &sealed, NULL);

    return finish(context, major, minor, sealed || !secret, &out, ret_plain, err);
}

size_t context_limit(struct context *context, size_t most) {
    OM_uint32 minor = 0;
    OM_uint32 limit = 0;

    return gss_wrap_size_limit(&minor, context->handle, 1, GSS_C_QOP_DEFAULT, (OM_uint32)most, &limit) == GSS_S_COMPLETE
               ? limit
               : 0;
}

void context_free(struct context *context) {
    OM_uint32 minor = 0;

    if (!context)
        return;
    gss_delete_sec_context(&minor, &context->handle, GSS_C_NO_BUFFER);
    gss_release_name(&minor, &context->service);
    gss_release_cred(&minor, &context->credentials);
    ticket_close(context->ticket);
    free(context);
}
