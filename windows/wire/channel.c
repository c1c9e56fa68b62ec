#include "windows/wire/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "kerberos/context.h"
#include "windows/wire/challenge.h"
#include "windows/wire/frame.h"
#include "windows/wire/refusal.h"
#include "windows/wire/reply.h"

#define BODY_MOST (REPLY_MOST + 4096)
#define URL_SIZE 300
#define SCHEMES 2

/* Windows registers WSMAN itself, HOST is always there; HTTP may belong to somebody else. */
static const char *const services[] = {"WSMAN", "HOST", "HTTP"};
#define SERVICES (sizeof(services) / sizeof(services[0]))

/* Kerberos has no NTLM to fall back to; Negotiate is for servers that offer nothing else. */
static const struct {
    const char *name;
    const char *protocol;
} schemes[SCHEMES] = {{"Kerberos", "application/HTTP-Kerberos-session-encrypted"},
                      {"Negotiate", "application/HTTP-SPNEGO-session-encrypted"}};

enum sent { SENT_GREETING, SENT_LOGIN, SENT_MESSAGE };

struct channel {
    const struct channel_order *order;
    struct http_settings settings;
    struct http *http;
    char url[URL_SIZE];
    size_t service;
    int scheme;
    struct context *context;
    gss_buffer_desc token; /* ours, to be sent */
    bool greeted;          /* with TLS: the server's certificate is known */
    bool logged_in;        /* the server has proved who it is */
    bool alone;            /* the next request begins a connection */
    bool repeated;         /* the message went out again after a refusal, which happens once */
    unsigned char binding[CONTEXT_BINDING_SIZE];
    size_t binding_length;
    struct text message; /* as the caller gave it */
    struct text body;    /* as it goes out */
    int64_t patience;
    enum sent sent;
    bool arrived; /* the last message may have */
    bool broke;   /* see channel_may_try_again */
    bool reached;
    int trips;
};

bool channel_open(const struct channel_order *order, struct channel **ret_channel, struct error *err) {
    struct channel *channel = calloc(1, sizeof(*channel));

    if (!channel)
        return error_memory(err);
    channel->order = order;
    channel->alone = true;
    channel->settings = (struct http_settings){.timeout = 60, .body_most = BODY_MOST, .ca_file = order->ca_file};
    snprintf(channel->url, sizeof(channel->url), "http%s://%s:%d/wsman", order->tls ? "s" : "", order->host,
             order->port);
    if (!http_open(&channel->settings, &channel->http, err)) {
        channel_close(channel);
        return false;
    }
    *ret_channel = channel;
    return true;
}

static void forget_login(struct channel *channel) {
    OM_uint32 ignored;

    gss_release_buffer(&ignored, &channel->token);
    context_free(channel->context);
    channel->context = NULL;
    channel->logged_in = false;
}

void channel_renew(struct channel *channel) {
    forget_login(channel);
    channel->greeted = false;
    channel->alone = true;
    channel->repeated = false;
}

/* Our next token. */
static bool step(struct channel *channel, const gss_buffer_desc *in, struct error *err) {
    OM_uint32 ignored;

    gss_release_buffer(&ignored, &channel->token);
    return context_step(channel->context, in, &channel->token, &channel->logged_in, err);
}

/* A ticket for the first service from here on that the domain knows. */
static bool begin_login(struct channel *channel, struct error *err) {
    const struct channel_order *order = channel->order;
    const gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    struct ticket *ticket = NULL;
    bool unknown = true;

    for (; channel->service < SERVICES; channel->service++) {
        if (ticket_for(order->login, services[channel->service], order->host, &ticket, &unknown, err))
            break;
        if (!unknown)
            return false;
    }
    if (!ticket)
        return error_set(err, ERROR_CONFIG,
                         "Active Directory knows no service WSMAN, HOST or HTTP of this name: where the name is an "
                         "alias, the server's own name has to stand in the directory; else setspn -L shows what the "
                         "computer's account has, and setspn -S HOST/%s adds it",
                         order->host);
    if (!context_make(ticket, !order->tls, channel->binding, channel->binding_length, &channel->context, err))
        return false;
    if (channel->scheme > 0)
        context_negotiate(channel->context);
    return step(channel, &nothing, err);
}

/* The message as it goes over the wire: as it is within TLS, else sealed. */
static bool make_body(struct channel *channel, struct error *err) {
    gss_buffer_desc before = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc after = GSS_C_EMPTY_BUFFER;
    struct text copy = {0};
    gss_buffer_desc bytes;
    OM_uint32 ignored;
    bool ok;

    text_add_bytes(&copy, channel->message.value, channel->message.length);
    if (copy.failed)
        return error_memory(err);
    if (channel->order->tls) {
        channel->body = copy;
        return true;
    }
    bytes = (gss_buffer_desc){.length = copy.length, .value = copy.value};
    ok = context_seal_parts(channel->context, &bytes, &before, &after, err);
    if (ok)
        frame_add(&channel->body, schemes[channel->scheme].protocol, (struct frame_part){before.value, before.length},
                  (struct frame_part){copy.value, copy.length}, (struct frame_part){after.value, after.length});
    gss_release_buffer(&ignored, &before);
    gss_release_buffer(&ignored, &after);
    text_free(&copy);
    return ok && (!channel->body.failed || error_memory(err));
}

static void add_headers(const struct channel *channel, struct strings *headers) {
    struct text type = {0};
    struct text proof = {0};

    text_add(&type, "Content-Type: ");
    if (channel->sent == SENT_MESSAGE && !channel->order->tls)
        frame_add_type(&type, schemes[channel->scheme].protocol);
    else
        text_add(&type, "application/soap+xml;charset=UTF-8");
    text_format(&proof, "Authorization: %s ", schemes[channel->scheme].name);
    base64_add(&proof, channel->token.value, channel->token.length);
    if (type.failed || proof.failed) {
        headers->failed = true;
    } else {
        strings_add(headers, "%s", type.value);
        if (channel->token.length > 0)
            strings_add(headers, "%s", proof.value);
        strings_add(headers, "Accept-Encoding: identity");
        strings_add(headers, "Expect:");
    }
    text_free(&type);
    text_free(&proof);
}

/* What has to go out next: a greeting that shows the server's certificate, our tokens, or the message itself. With TLS
 * the first token and the message travel together. */
static bool send_next(struct channel *channel, CURL **ret_curl, struct error *err) {
    struct http_request request = {.url = channel->url, .body = "", .patience = channel->patience};
    struct strings headers = {0};
    OM_uint32 ignored;
    bool ok = true;

    text_free(&channel->body);
    if (channel->order->tls && !channel->greeted)
        channel->sent = SENT_GREETING;
    else if (!channel->context && !begin_login(channel, err))
        return false;
    else
        channel->sent = channel->logged_in || channel->order->tls ? SENT_MESSAGE : SENT_LOGIN;
    if (channel->sent == SENT_MESSAGE) {
        ok = make_body(channel, err);
        request.body = channel->body.value;
        request.length = channel->body.length;
    }
    request.alone = channel->alone;
    channel->alone = false;
    add_headers(channel, &headers);
    request.headers = &headers;
    if (ok && headers.failed)
        ok = error_memory(err);
    ok = ok && http_begin(channel->http, &request, ret_curl, err);
    strings_free(&headers);
    gss_release_buffer(&ignored, &channel->token);
    channel->trips += ok;
    return ok;
}

bool channel_send(struct channel *channel, const struct text *message, int64_t patience, CURL **ret_curl,
                  struct error *err) {
    text_free(&channel->message);
    text_add_bytes(&channel->message, message->value, message->length);
    if (channel->message.failed)
        return error_memory(err);
    channel->patience = patience;
    channel->arrived = false;
    channel->broke = false;
    channel->repeated = false;
    return send_next(channel, ret_curl, err);
}

/* Takes the server's token, where it sent one. */
static bool take_token(struct channel *channel, const struct http_answer *answer, struct error *err) {
    struct text token = {0};
    bool ok = true;

    if (channel->context && !channel->logged_in &&
        challenge_token(&answer->challenges, schemes[channel->scheme].name, &token)) {
        const gss_buffer_desc in = {.length = token.length, .value = token.value};

        ok = token.failed ? error_memory(err) : step(channel, &in, err);
    }
    text_free(&token);
    return ok;
}

/* A 401 says that nothing of the message was done. The next name, or the other scheme, may do; and a server that has
 * forgotten us is told once more who we are. */
static bool take_refusal(struct channel *channel, const struct http_answer *answer, bool known,
                         const struct error *said, CURL **ret_curl, struct error *err) {
    bool kerberos = challenge_offers(&answer->challenges, schemes[0].name);
    bool negotiate = challenge_offers(&answer->challenges, schemes[1].name);

    if (channel->token.length > 0) /* the log-in takes another turn */
        return send_next(channel, ret_curl, err);
    if (channel->sent == SENT_GREETING && (kerberos || negotiate)) {
        channel->scheme = kerberos ? 0 : 1;
        return send_next(channel, ret_curl, err);
    }
    forget_login(channel);
    if (known && !channel->repeated && !answer->fresh) {
        channel->repeated = true;
        return send_next(channel, ret_curl, err);
    }
    if (known) {
        channel->arrived = answer->fresh;
        channel->broke = true;
        return refusal_lost(err);
    }
    if (!kerberos && !negotiate)
        return refusal_offers_nothing(&answer->challenges, err);
    channel->alone = true;
    if (channel->scheme == 0 && !kerberos)
        channel->scheme = 1;
    else
        channel->service++;
    if (channel->service < SERVICES)
        return send_next(channel, ret_curl, err);
    channel->service = SERVICES - 1;
    if (said->kind != ERROR_NONE)
        return error_set(err, said->kind, "%s", said->text);
    return refusal_by_all(channel->order->host, channel->order->tls, err);
}

/* What the server says unread by others: sealed, or within TLS from a server that has proved who it is. */
static bool open_answer(struct channel *channel, const struct http_answer *answer, struct text *ret_answer,
                        struct error *err) {
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    struct error ignored_words = {0}; /* Kerberos' own are about tickets */
    struct frame_part sealed;
    OM_uint32 ignored;
    size_t length = 0;

    if (channel->order->tls) {
        text_add_bytes(ret_answer, answer->body.value ? answer->body.value : "", answer->body.length);
        return !ret_answer->failed || error_memory(err);
    }
    if (!frame_is_type(answer->type) || answer->body.length == 0)
        return refusal_of_status(answer, err);
    if (!frame_read(answer->body.value, answer->body.length, &sealed, &length))
        return error_set(err, ERROR_DATA, "its sealed answer is damaged, or cut");
    token = (gss_buffer_desc){.length = sealed.length, .value = (void *)(size_t)sealed.bytes};
    if (!context_open(channel->context, true, &token, &plain, &ignored_words))
        return error_set(err, ERROR_DATA,
                         "its sealed answer cannot be opened: it was changed on the way, or comes from another server");
    if (plain.length > length)
        error_set(err, ERROR_DATA, "its sealed answer is damaged, or cut");
    else
        text_add_bytes(ret_answer, plain.value, plain.length);
    gss_release_buffer(&ignored, &plain);
    return length >= plain.length && (!ret_answer->failed || error_memory(err));
}

/* What an answer other than a 401 leads to. */
static bool take_answer(struct channel *channel, const struct http_answer *answer, bool *ret_more,
                        struct text *ret_answer, CURL **ret_curl, struct error *err) {
    bool ours = answer->status == 200 || answer->status == 500;

    *ret_more = false;
    if (channel->sent == SENT_GREETING && answer->status != 200)
        return refusal_of_status(answer, err);
    if (channel->sent == SENT_GREETING)
        return error_set(err, ERROR_CONFIG,
                         "what answers at this port asks for no log-in, so it is no WinRM: check port in [windows]");
    if (channel->sent == SENT_LOGIN && answer->status == 200 && channel->logged_in) {
        *ret_more = true;
        return send_next(channel, ret_curl, err);
    }
    if (!ours || (channel->sent == SENT_LOGIN && !channel->logged_in && answer->status != 200)) {
        channel->broke = answer->status == 400 || answer->status == 411;
        channel->arrived = false;
        return refusal_of_status(answer, err);
    }
    if (!channel->logged_in)
        return error_set(err, ERROR_CREDENTIALS,
                         "what answers there does not prove by Kerberos that it is the server: nothing was sent to it");
    if (answer->cut)
        return error_set(err, ERROR_DATA, "its answer is longer than any of Windows");
    return open_answer(channel, answer, ret_answer, err);
}

bool channel_step(struct channel *channel, CURLcode result, bool *ret_more, struct text *ret_answer,
                  struct error *err) {
    struct http_answer answer = {0};
    bool known = channel->logged_in;
    struct error said = {0};
    CURL *curl = NULL;
    bool ok;

    text_free(&channel->body);
    if (!http_end(channel->http, result, &answer, err)) {
        channel->broke = http_failure(channel->http) == HTTP_FAILURE_BROKEN;
        channel->arrived =
            channel->sent == SENT_MESSAGE && (channel->broke || http_failure(channel->http) == HTTP_FAILURE_LATE);
        return refusal_no_answer(channel->http, channel->order->port, channel->reached, err);
    }
    channel->reached = true;
    channel->arrived = channel->sent == SENT_MESSAGE;
    if (answer.certificate.length > 0) {
        channel->greeted = true;
        channel->binding_length = context_binding(answer.certificate.data, answer.certificate.length, channel->binding);
    }
    ok = take_token(channel, &answer, &said);
    if (answer.status == 401) {
        channel->arrived = false;
        *ret_more = true;
        ok = take_refusal(channel, &answer, known, &said, &curl, err);
    } else if (ok) {
        ok = take_answer(channel, &answer, ret_more, ret_answer, &curl, err);
    } else {
        error_set(err, said.kind, "%s", said.text);
    }
    http_answer_free(&answer);
    return ok;
}

bool channel_may_have_arrived(const struct channel *channel) {
    return channel->arrived;
}
bool channel_may_try_again(const struct channel *channel) {
    return channel->broke;
}
bool channel_reached(const struct channel *channel) {
    return channel->reached;
}
const char *channel_service(const struct channel *channel) {
    return services[channel->service % SERVICES];
}
int channel_trips(const struct channel *channel) {
    return channel->trips;
}
bool channel_bound(const struct channel *channel) {
    return channel->binding_length > 0;
}

void channel_close(struct channel *channel) {
    if (!channel)
        return;
    forget_login(channel);
    http_close(channel->http);
    text_free(&channel->message);
    text_free(&channel->body);
    free(channel);
}
