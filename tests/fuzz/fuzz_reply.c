#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "windows/wire/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_id(const char *id) {
    must(strlen(id) < REPLY_ID_SIZE);
    must(strspn(id, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen(id));
}

/* Identifiers go back in requests, and the reason is shown: both are harmless. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct reply reply = {0};
    struct error err = {0};

    if (reply_read((const char *)data, size, &reply, &err)) {
        check_id(reply.shell);
        check_id(reply.command);
        for (const char *c = reply.reason; *c != '\0'; c++)
            must((unsigned char)*c >= 0x20 && *c != 0x7f);
        must(reply.out.length <= size && reply.errors.length <= size);
        reply_free(&reply);
    } else {
        must(err.kind == ERROR_DATA && err.text[0] != '\0' && reply.out.value == NULL);
    }
    return 0;
}
