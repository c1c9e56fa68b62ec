#include "windows/orders.h"

#include <string.h>

#include "base/base64.h"
#include "windows/script.h"

#define CLOSING "done"

void orders_add_line(struct text *text) {
    struct text wide = {0};

    /* Windows reads it as UTF-16; the text is ASCII. */
    for (const char *at = script_bootstrap; *at != '\0'; at++) {
        text_add_bytes(&wide, at, 1);
        text_add_bytes(&wide, "\0", 1);
    }
    text_add(text, "%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoProfile -NonInteractive "
                   "-ExecutionPolicy Bypass -EncodedCommand ");
    base64_add(text, wide.value, wide.length);
    text->failed = text->failed || wide.failed;
    text_free(&wide);
}

/* An item as a line, which is never empty. */
static void add(struct text *text, const void *bytes, size_t length) {
    if (length > 0)
        base64_add(text, bytes, length);
    else
        text_add(text, "-");
    text_add(text, "\n");
}

void orders_add_script(struct text *text) {
    text_add(text, "authcert-1\n");
    add(text, script_import, script_import_length);
}

static void add_word(struct text *text, const char *word) {
    add(text, word, strlen(word));
}

static void add_secret(struct text *text, const struct secret *secret) {
    add(text, secret ? secret->value : NULL, secret ? secret->length : 0);
}

void orders_add(struct text *text, const struct script_order *order, const char *server, const struct secret *password,
                const struct secret *pfx, const char *named) {
    const struct certificate *certificate = order->certificate;

    add_word(text, order->operation);
    add_word(text, certificate ? certificate->thumbprint : "");
    add(text, certificate ? certificate->der : NULL, certificate ? certificate->der_length : 0);
    add(text, order->nonce, NONCE_SIZE);
    add_word(text, server);
    add_secret(text, password);
    add_secret(text, pfx);
    add_word(text, named ? named : "");
    add_word(text, CLOSING);
}
