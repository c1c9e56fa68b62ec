#include "entra/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include "base/base64.h"
#include "base/clock.h"
#include "core/anchors.h"
#include "entra/answer.h"
#include "entra/jwt.h"
#include "web/http.h"

#define BODY_MOST 65536
#define RETRY_MOST 60 /* seconds that Entra may ask for before it is asked once more */

struct entra_client {
    const struct entra_settings *settings;
    struct http_settings web;
    struct bytes anchors;
    struct http *http;
};

bool entra_open(const struct entra_settings *settings, struct entra_client **ret_client, struct error *err) {
    struct entra_client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        return error_memory(err);
    client->settings = settings;
    client->web =
        (struct http_settings){.proxy = settings->proxy, .timeout = settings->timeout, .body_most = BODY_MOST};
    if (settings->ca_file != NULL && !anchors_read_pem(settings->ca_file, &client->anchors, err)) {
        entra_close(client);
        return false;
    }
    client->web.anchors = settings->ca_file != NULL ? &client->anchors : NULL;
    if (!http_open(&client->web, &client->http, err)) {
        entra_close(client);
        return false;
    }
    *ret_client = client;
    return true;
}

void entra_close(struct entra_client *client) {
    if (client == NULL)
        return;
    http_close(client->http);
    bytes_free(&client->anchors);
    free(client);
}

/* One field of a form (application/x-www-form-urlencoded). */
static void add_field(struct text *form, const char *name, const char *value) {
    text_format(form, "%s%s=", form->length > 0 ? "&" : "", name);
    for (; *value != '\0'; value++) {
        const unsigned char byte = (unsigned char)*value;

        if (strchr("-._~", byte) != NULL || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
            (byte >= 'a' && byte <= 'z'))
            text_add_bytes(form, value, 1);
        else
            text_format(form, "%%%02X", byte);
    }
}

static char *login_url(const struct entra_settings *settings, const struct tenant *tenant) {
    struct text url = {0};

    text_format(&url, "%s/%s/oauth2/v2.0/token", settings->login, tenant->id);
    return text_take(&url);
}

static char *scope_of(const struct entra_settings *settings, const struct tenant *tenant) {
    static const char word[] = "{application}";
    const char *scope = settings->scope, *at = scope != NULL ? strstr(scope, word) : NULL;
    struct text text = {0};

    if (scope == NULL)
        text_format(&text, "%s/.default", settings->graph);
    else if (at == NULL)
        text_add(&text, scope);
    else
        text_format(&text, "%.*s%s%s", (int)(at - scope), scope, tenant->application, at + sizeof(word) - 1);
    return text_take(&text);
}

bool entra_form(const struct entra_settings *settings, const struct tenant *tenant, const struct signer *signer,
                time_t now, struct text *ret_form, struct error *err) {
    char *url = login_url(settings, tenant), *scope = scope_of(settings, tenant);
    struct text assertion = {0}, form = {0};
    bool done = false;

    if (url == NULL || scope == NULL)
        error_memory(err);
    else if (jwt_assertion(signer, settings->assertion, tenant->application, url, now, &assertion, err)) {
        add_field(&form, "client_id", tenant->application);
        add_field(&form, "scope", scope);
        add_field(&form, "grant_type", "client_credentials");
        add_field(&form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        add_field(&form, "client_assertion", assertion.value);
        done = !form.failed || error_memory(err);
    }
    text_free(&assertion);
    free(scope);
    free(url);
    if (done)
        *ret_form = form;
    else
        text_free(&form);
    return done;
}

/* Sends a request, once more where the other side asks for patience. False, with `said`, when nothing answered. */
static bool send_patiently(struct entra_client *client, const struct http_request *request,
                           struct http_answer *ret_answer, char *said, size_t size) {
    for (bool again = false;; again = true) {
        struct http_answer answer = {0};
        struct error err = {0};

        if (!http_send(client->http, request, &answer, &err)) {
            text_printable(said, size, err.text, strlen(err.text));
            return false;
        }
        if (again || (answer.status != 429 && answer.status != 503) || answer.retry_after <= 0 ||
            answer.retry_after > RETRY_MOST) {
            *ret_answer = answer;
            return true;
        }
        http_answer_free(&answer);
        clock_wait(1000 * answer.retry_after);
    }
}

/* `ret_token` may be NULL. */
static void log_in(struct entra_client *client, const struct tenant *tenant, const struct text *form,
                   struct secret *ret_token, struct entra_verdict *ret_verdict) {
    char *url = login_url(client->settings, tenant);
    struct strings headers = {0};
    struct http_answer answer = {0};

    *ret_verdict = (struct entra_verdict){.accepts = ANSWER_UNKNOWN};
    strings_add(&headers, "Content-Type: application/x-www-form-urlencoded");
    strings_add(&headers, "Accept: application/json");
    if (url == NULL || headers.failed)
        snprintf(ret_verdict->said, sizeof(ret_verdict->said), "there is no memory left on this host to ask it");
    else if (send_patiently(
                 client,
                 &(struct http_request){.url = url, .headers = &headers, .body = form->value, .length = form->length},
                 &answer, ret_verdict->said, sizeof(ret_verdict->said))) {
        /* What is cut is no answer; nothing of it is looked at. */
        if (answer.cut)
            answer.body.length = 0;
        answer_judge_login(answer.status, answer.body.value, answer.body.length, ret_token, ret_verdict);
    }
    http_answer_free(&answer);
    strings_free(&headers);
    free(url);
}

void entra_ask(struct entra_client *client, const struct tenant *tenant, const struct text *form,
               struct entra_verdict *ret_verdict) {
    log_in(client, tenant, form, NULL, ret_verdict);
}

static void refuse(struct entra_outcome *outcome, const char *why) {
    *outcome = (struct entra_outcome){.result = ENTRA_REFUSED};
    (void)text_printable(outcome->said, sizeof(outcome->said), why, strlen(why));
}

/* A token to change the application with; false, with the outcome, when there is none. */
static bool get_token(struct entra_client *client, const struct tenant *tenant, const struct signer *signer, time_t now,
                      struct secret *ret_token, struct entra_outcome *ret_outcome) {
    struct entra_verdict verdict = {0};
    struct text form = {0};
    struct error err = {0};

    if (!entra_form(client->settings, tenant, signer, now, &form, &err)) {
        refuse(ret_outcome, err.text);
        return false;
    }
    log_in(client, tenant, &form, ret_token, &verdict);
    text_free(&form);
    if (verdict.accepts != ANSWER_YES)
        refuse(ret_outcome, verdict.said);
    return verdict.accepts == ANSWER_YES;
}

/* Sends `body`, which may be NULL for want of memory and is freed. */
static void change(struct entra_client *client, const char *object, const char *action, const struct secret *token,
                   json_t *body, struct entra_outcome *ret_outcome) {
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct strings headers = {0};
    struct http_answer answer = {0};
    struct text url = {0};

    json_decref(body);
    text_format(&url, "%s/v1.0/applications/%s/%s", client->settings->graph, object, action);
    strings_add(&headers, "Content-Type: application/json");
    strings_add(&headers, "Accept: application/json");
    *ret_outcome = (struct entra_outcome){.result = ENTRA_UNCLEAR};
    if (text == NULL || headers.failed || url.failed)
        refuse(ret_outcome, "there is no memory left on this host to ask it");
    else if (send_patiently(
                 client,
                 &(struct http_request){
                     .url = url.value, .headers = &headers, .bearer = token, .body = text, .length = strlen(text)},
                 &answer, ret_outcome->said, sizeof(ret_outcome->said)))
        answer_judge_change(answer.status, answer.body.value, answer.cut ? 0 : answer.body.length,
                            strcmp(action, "addKey") == 0, ret_outcome);
    http_answer_free(&answer);
    text_free(&url);
    strings_free(&headers);
    free(text);
}

void entra_add(struct entra_client *client, const struct tenant *tenant, const char *object,
               const struct signer *signer, const struct certificate *certificate, time_t now,
               struct entra_outcome *ret_outcome) {
    struct secret token = {0};
    struct text proof = {0};
    struct error err = {0};
    struct text key = {0};

    base64_add(&key, certificate->der, certificate->der_length);
    if (key.failed)
        refuse(ret_outcome, "there is no memory left on this host to ask it");
    else if (!jwt_proof(signer, object, client->settings->proof_audience, now, &proof, &err))
        refuse(ret_outcome, err.text);
    else if (get_token(client, tenant, signer, now, &token, ret_outcome))
        change(client, object, "addKey", &token,
               json_pack("{s:{s:s, s:s, s:s}, s:n, s:s}", "keyCredential", "type", "AsymmetricX509Cert", "usage",
                         "Verify", "key", key.value, "passwordCredential", "proof", proof.value),
               ret_outcome);
    secret_free(&token);
    text_free(&proof);
    text_free(&key);
}

void entra_remove(struct entra_client *client, const struct tenant *tenant, const char *object,
                  const struct signer *signer, const char *key_id, time_t now, struct entra_outcome *ret_outcome) {
    struct secret token = {0};
    struct text proof = {0};
    struct error err = {0};

    if (!jwt_proof(signer, object, client->settings->proof_audience, now, &proof, &err))
        refuse(ret_outcome, err.text);
    else if (get_token(client, tenant, signer, now, &token, ret_outcome))
        change(client, object, "removeKey", &token, json_pack("{s:s, s:s}", "keyId", key_id, "proof", proof.value),
               ret_outcome);
    secret_free(&token);
    text_free(&proof);
}
