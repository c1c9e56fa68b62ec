#include "windows/answers.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "windows/clixml.h"

#define MARKER "authcert-1 "
#define LINE_MOST 8192
#define TEXT_MOST 400
#define PROOF "authcert-proof-1"

static const struct {
    const char *name;
    enum script_state state;
} states[] = {
    {"present", SCRIPT_PRESENT},
    {"refreshed", SCRIPT_REFRESHED},
    {"absent", SCRIPT_ABSENT},
    {"no-key", SCRIPT_NO_KEY},
    {"wrong-provider", SCRIPT_WRONG_PROVIDER},
    {"not-exportable", SCRIPT_NOT_EXPORTABLE},
    {"no-access", SCRIPT_NO_ACCESS},
    {"removed", SCRIPT_REMOVED},
    {"ready", SCRIPT_READY},
    {"failed", SCRIPT_FAILED},
};

/* All the answers to one server's orders on their way. */
struct reading {
    const char *server;
    const struct script_order *orders;
    size_t count;
    struct script_answer *answers;
};

static const char *text_of(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "";
}

static void copy_text(const json_t *object, const char *key, char *out, size_t size) {
    const char *value = text_of(object, key);

    text_printable(out, size, value, strlen(value));
}

static void say(struct script_answer *answer, const char *why) {
    *answer = (struct script_answer){.state = SCRIPT_SILENT};
    snprintf(answer->message, sizeof(answer->message), "%s", why);
}

/* The same words, each ended by a NUL but the nonce, are what the script signs. */
static void add_claim(struct text *text, const struct script_order *order, const char *server) {
    const char *const words[] = {PROOF, order->operation, server, order->certificate->thumbprint};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        text_add_bytes(text, words[i], strlen(words[i]) + 1);
    text_add_bytes(text, (const char *)order->nonce, NONCE_SIZE);
}

/* Is it the signature of the certificate's own key (RSA, PKCS #1 v1.5, SHA-256) over this very question? */
static bool is_proof(const char *base64, const struct script_order *order, const char *server) {
    struct text signature = {0};
    struct text claim = {0};
    const unsigned char *der = order->certificate->der;
    X509 *certificate = d2i_X509(NULL, &der, (long)order->certificate->der_length);
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = false;

    add_claim(&claim, order, server);
    if (key && context && EVP_PKEY_is_a(key, "RSA") == 1 && base64_read(base64, strlen(base64), &signature) &&
        !signature.failed && !claim.failed && signature.length > 0 &&
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1)
        good = EVP_DigestVerify(context, (const unsigned char *)signature.value, signature.length,
                                (const unsigned char *)claim.value, claim.length) == 1;
    EVP_MD_CTX_free(context);
    X509_free(certificate);
    text_free(&signature);
    text_free(&claim);
    return good;
}

static void take_host(const json_t *line, struct script_host *host) {
    const json_t *object = json_object_get(line, "host");

    copy_text(line, "computer", host->computer, sizeof(host->computer));
    copy_text(line, "os", host->os, sizeof(host->os));
    copy_text(line, "ps", host->powershell, sizeof(host->powershell));
    if (!json_is_object(object))
        return;
    host->known = true;
    copy_text(object, "language", host->language, sizeof(host->language));
    copy_text(object, "store", host->store, sizeof(host->store));
    copy_text(object, "service", host->service, sizeof(host->service));
    host->administrator = json_is_true(json_object_get(object, "administrator"));
    host->provider = (int)json_integer_value(json_object_get(object, "provider"));
    host->free_mb = json_is_integer(json_object_get(object, "free_mb"))
                        ? json_integer_value(json_object_get(object, "free_mb"))
                        : -1;
}

static void take_steps(const json_t *line, struct script_answer *answer) {
    json_t *steps = json_object_get(line, "steps");
    const char *name;
    const json_t *value;

    json_object_foreach(steps, name, value) {
        char raw[TEXT_MOST];

        if (answer->step_count == STEPS_MOST || !json_is_string(value))
            return;
        snprintf(raw, sizeof(raw), "%s: %s", name, json_string_value(value));
        text_printable(answer->steps[answer->step_count++], sizeof(answer->steps[0]), raw, strlen(raw));
    }
}

/* The order that has this nonce; NULL when none has. */
static struct script_answer *answer_to(const struct reading *reading, const char *nonce,
                                       const struct script_order **ret_order) {
    struct text bytes = {0};
    struct script_answer *found = NULL;

    if (base64_read(nonce, strlen(nonce), &bytes) && bytes.length == NONCE_SIZE && !bytes.failed)
        for (size_t i = 0; i < reading->count && !found; i++)
            if (memcmp(reading->orders[i].nonce, bytes.value, NONCE_SIZE) == 0) {
                found = &reading->answers[i];
                *ret_order = &reading->orders[i];
            }
    text_free(&bytes);
    return found;
}

static void judge(const json_t *line, const struct script_order *order, const char *server,
                  struct script_answer *answer) {
    const char *thumbprint = order->certificate ? order->certificate->thumbprint : "";
    const char *state = text_of(line, "state");

    if (answer->state != SCRIPT_SILENT || answer->message[0] != '\0') {
        say(answer, "it answered twice: neither answer counts");
        return;
    }
    if (strcmp(text_of(line, "operation"), order->operation) != 0 || strcmp(text_of(line, "server"), server) != 0 ||
        (order->certificate && strcmp(text_of(line, "thumbprint"), thumbprint) != 0)) {
        say(answer, "its answer is about something else than what it was asked");
        return;
    }
    copy_text(line, "message", answer->message, sizeof(answer->message));
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].name, state) == 0)
            answer->state = states[i].state;
    if (answer->state == SCRIPT_SILENT) {
        say(answer, "it answered with a word that this program does not know");
        return;
    }
    if ((answer->state == SCRIPT_PRESENT || answer->state == SCRIPT_REFRESHED) &&
        (!order->certificate || !is_proof(text_of(line, "signature"), order, server))) {
        say(answer, "it says that it has the certificate, but its signature does not prove it");
        return;
    }
    take_host(line, &answer->host);
    take_steps(line, answer);
}

/* What was said before any order was read. */
static void take_general(const json_t *line, const struct reading *reading) {
    char message[TEXT_MOST] = "";

    if (strcmp(text_of(line, "state"), "constrained") == 0)
        snprintf(
            message, sizeof(message),
            "PowerShell runs there in Constrained Language Mode, in which no key can be imported: let AppLocker or "
            "WDAC allow the script (docs/windows.md), or deliver by hand");
    else if (strcmp(text_of(line, "state"), "failed") == 0)
        copy_text(line, "message", message, sizeof(message));
    for (size_t i = 0; i < reading->count && message[0] != '\0'; i++)
        if (reading->answers[i].state == SCRIPT_SILENT && reading->answers[i].message[0] == '\0')
            say(&reading->answers[i], message);
}

static void take_line(const char *text, size_t length, const struct reading *reading) {
    json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const struct script_order *order = NULL;
    struct script_answer *answer;

    if (!json_is_object(line)) {
        json_decref(line);
        return;
    }
    answer = answer_to(reading, text_of(line, "nonce"), &order);
    if (answer)
        judge(line, order, reading->server, answer);
    else if (text_of(line, "nonce")[0] == '\0')
        take_general(line, reading);
    json_decref(line);
}

void answers_take(const char *output, size_t length, const char *errors, size_t errors_length, const char *server,
                  const struct script_order *orders, size_t count, struct script_answer *ret_answers) {
    struct reading reading = {.server = server, .orders = orders, .count = count, .answers = ret_answers};
    char said[TEXT_MOST - 60];

    for (size_t i = 0; i < count; i++)
        ret_answers[i] = (struct script_answer){0};
    for (size_t at = 0; at < length;) {
        const char *end = memchr(output + at, '\n', length - at);
        size_t size = (end ? (size_t)(end - output) : length) - at;

        if (size > strlen(MARKER) && size <= LINE_MOST && memcmp(output + at, MARKER, strlen(MARKER)) == 0)
            take_line(output + at + strlen(MARKER), size - strlen(MARKER), &reading);
        at += size + 1;
    }
    clixml_errors(errors, errors_length, said, sizeof(said));
    for (size_t i = 0; i < count; i++)
        if (ret_answers[i].state == SCRIPT_SILENT && ret_answers[i].message[0] == '\0')
            snprintf(ret_answers[i].message, sizeof(ret_answers[i].message), "%s%s",
                     said[0] != '\0' ? "PowerShell gave no answer there, but said: "
                                     : "PowerShell gave no answer there, and did not say why",
                     said);
}
