#include "entra/answer.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* Reads one object, whatever else it holds; NULL for anything else. */
static json_t *parse(const char *body, size_t length) {
    json_t *root = length > 0 ? json_loadb(body, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL) : NULL;

    if (root != NULL && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static const char *member(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

/* The token is looked for in the text, so that the parser never copies it: what stands there afterwards is checked to
 * have been the member itself. */
static bool take_token(char *body, size_t length, struct secret *ret_token) {
    static const char name[] = "\"access_token\"";
    char *at = memmem(body, length, name, sizeof(name) - 1), *end = body + length, *begin;
    json_t *root;
    size_t size;
    bool found;

    if (at == NULL)
        return false;
    for (at += sizeof(name) - 1; at < end && (isspace((unsigned char)*at) || *at == ':'); at++)
        continue;
    if (at == end || *at != '"')
        return false;
    begin = ++at;
    while (at < end && (isalnum((unsigned char)*at) || strchr("-._~+/=", *at) != NULL) && *at != '\0')
        at++;
    size = (size_t)(at - begin);
    if (size == 0 || at == end || *at != '"' || !secret_copy(begin, size, ret_token, NULL))
        return false;
    memset(begin, 'x', size);
    root = parse(body, length);
    found = json_string_length(json_object_get(root, "access_token")) == size &&
            strspn(member(root, "access_token"), "x") == size;
    json_decref(root);
    if (!found)
        secret_free(ret_token);
    return found;
}

/* Whatever of the other numbers Entra has, they are for reading; decided is by one alone. */
static const struct {
    int code;
    const char *said;
} known[] = {
    {ANSWER_NO_KEY, "this key is not one of the application's"},
    {700016, "it knows no such application in this tenant: compare the application's identifier in the directory, and "
             "the setting cloud, with the tenant"},
    {7000229, "the application has no service principal in this tenant: have an administrator consent to it"},
    {7000112, "the application is disabled in this tenant"},
    {90002, "it knows no such tenant: compare the tenant's identifier in the directory, and the setting cloud"},
    {900023, "it knows no such tenant: compare the tenant's identifier in the directory, and the setting cloud"},
    {700024, "the assertion is outside of its time: set this host's clock right"},
    {50027, "it does not take the form of the assertion: try the other word of the setting assertion"},
    {700030, "it does not take this certificate"},
    {53003, "Conditional Access keeps this host out; the key itself was very likely accepted, which this does not "
            "prove: let this host's address in, or vouch with authcert entra confirm"},
    {70011, "it does not know the setting scope"},
    {500011, "it does not know the resource of the setting scope"},
    {50196, "it was asked too often"},
};

static const char *known_words(int code) {
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].code == code)
            return known[i].said;
    return NULL;
}

/* The number of an error: the first of its list that is known, else the first, else the one in the description. */
static int code_of(const json_t *root) {
    const json_t *list = json_object_get(root, "error_codes");
    const char *text = strstr(member(root, "error_description"), "AADSTS");
    int first = 0;

    for (size_t i = 0; i < json_array_size(list) && i < 16; i++) {
        json_int_t code = json_integer_value(json_array_get(list, i));

        if (code <= 0 || code > INT_MAX)
            continue;
        if (known_words((int)code) != NULL)
            return (int)code;
        if (first == 0)
            first = (int)code;
    }
    if (first == 0 && text != NULL) {
        long code = strtol(text + strlen("AADSTS"), NULL, 10);

        first = code > 0 && code < INT_MAX ? (int)code : 0;
    }
    return first;
}

static void judge_error(int status, const json_t *root, struct entra_verdict *ret) {
    const char *words;

    ret->code = code_of(root);
    words = known_words(ret->code);
    if (ret->code == ANSWER_NO_KEY && (status == 400 || status == 401)) {
        ret->accepts = ANSWER_NO;
        snprintf(ret->said, sizeof(ret->said), "%s (%d)", words, ret->code);
    } else if (words != NULL && ret->code != ANSWER_NO_KEY) {
        snprintf(ret->said, sizeof(ret->said), "%s (%d)", words, ret->code);
    } else if (ret->code != 0) {
        snprintf(ret->said, sizeof(ret->said), "it refuses for a reason that authcert does not know: look up AADSTS%d",
                 ret->code);
    } else {
        snprintf(ret->said, sizeof(ret->said), "it refuses with HTTP status %d and no number that says why", status);
    }
}

/* What tells nothing: busy, broken, or not Entra at all. */
static void say_status(int status, char *said, size_t size) {
    if (status == 429)
        snprintf(said, size, "it is asked too often, and wants to be left alone for a while (HTTP 429)");
    else if (status >= 500)
        snprintf(said, size, "it is out of order (HTTP %d)", status);
    else if (status == 407)
        snprintf(said, size, "the proxy wants a log-in (HTTP 407); authcert has none to give");
    else if (status >= 300 && status < 400)
        snprintf(said, size, "what answers sends on to somewhere else (HTTP %d), which is not followed", status);
    else
        snprintf(said, size,
                 "what answers is not Entra (HTTP %d with something else than its JSON): look for a proxy or portal in "
                 "between",
                 status);
}

void answer_judge_login(int status, char *body, size_t length, struct secret *ret_token,
                        struct entra_verdict *ret_verdict) {
    struct entra_verdict verdict = {.accepts = ANSWER_UNKNOWN};
    struct secret token = {0};
    bool has_token = body != NULL && take_token(body, length, &token);
    json_t *root = NULL;

    if (status == 200 && has_token) {
        verdict.accepts = ANSWER_YES;
    } else if (status != 429 && status < 500 && body != NULL) {
        root = parse(body, length);
        if (json_object_get(root, "error") != NULL && status >= 400)
            judge_error(status, root, &verdict);
    }
    if (verdict.accepts == ANSWER_UNKNOWN && verdict.said[0] == '\0')
        say_status(status, verdict.said, sizeof(verdict.said));
    json_decref(root);
    if (ret_token != NULL && verdict.accepts == ANSWER_YES)
        *ret_token = token;
    else
        secret_free(&token);
    *ret_verdict = verdict;
}

/* An identifier of Entra's by which its support finds the request; "" when there is none. */
static void request_of(const json_t *error, char ret_guid[GUID_STRING_SIZE]) {
    const char *text = member(json_object_get(error, "innerError"), "request-id");

    ret_guid[0] = '\0';
    (void)guid_parse(text, strlen(text), ret_guid);
}

/* Of an error the message is now and then an object with the text inside. */
static const char *message_of(const json_t *error) {
    const json_t *message = json_object_get(error, "message");

    return json_is_object(message) ? member(message, "value") : member(error, "message");
}

static void judge_refusal(int status, const json_t *error, struct entra_outcome *ret) {
    const char *message = message_of(error);
    const char *words;
    char request[GUID_STRING_SIZE];

    ret->result = ENTRA_REFUSED;
    if (status == 403) {
        ret->result = ENTRA_FORBIDDEN;
        words = "the application may not change its own keys in this tenant";
    } else if (status == 400 && strcasestr(message, "policy") != NULL) {
        ret->result = ENTRA_POLICY;
        words = "the tenant's application management policy does not allow such a certificate: compare its longest "
                "lifetime with lifetime in [policy], or except this application from it";
    } else if (status == 401) {
        words = "it did not take the token or the proof that came with it: compare object_id with the application, and "
                "this host's clock with the time";
    } else if (status == 404) {
        words = "it knows no application with the configured object_id in this tenant";
    } else if (status == 429) {
        words = "it is asked too often";
    } else {
        words = "it refuses for a reason that authcert does not know";
    }
    request_of(error, request);
    snprintf(ret->said, sizeof(ret->said), "%s (HTTP %d%s%s)", words, status, request[0] != '\0' ? ", request " : "",
             request);
}

void answer_judge_change(int status, const char *body, size_t length, bool adds, struct entra_outcome *ret_outcome) {
    struct entra_outcome outcome = {.result = ENTRA_UNCLEAR};
    json_t *root = body != NULL ? parse(body, length) : NULL;
    const json_t *error = json_object_get(root, "error");

    if (json_is_object(error) && status >= 400 && status < 500) {
        judge_refusal(status, error, &outcome);
    } else if (error == NULL && (adds ? (status == 200 || status == 201) && root != NULL : status == 204)) {
        const char *id = member(root, "keyId");

        outcome.result = ENTRA_DONE;
        if (adds)
            (void)guid_parse(id, strlen(id), outcome.key_id);
    } else {
        say_status(status, outcome.said, sizeof(outcome.said));
    }
    json_decref(root);
    *ret_outcome = outcome;
}
