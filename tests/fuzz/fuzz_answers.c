#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "renew/deliver/answers.h"
#include "renew/deliver/redact.h"

#define SERVERS 2
#define REMARKS_MOST (8 + 1 + SERVERS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_printable(const char *text, size_t most) {
    must(strlen(text) <= most);
    for (const char *c = text; *c != '\0'; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7f);
}

/* What a delivery command writes: the first byte tells whether it ended by itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct secret password = {.value = (char[]){"GEZDGNBVGY3TQOJQ"}, .length = 16};
    char *text = malloc(size + 1);
    struct delivery_outcome outcome = {.answers = calloc(SERVERS, sizeof(*outcome.answers)), .count = SERVERS};

    must(text && outcome.answers);
    outcome.answers[0].fqdn = strdup("ex1.contoso.test");
    outcome.answers[1].fqdn = strdup("ex2.contoso.test");
    for (size_t i = 0; i < SERVERS; i++)
        outcome.answers[i].text = calloc(1, 1);
    if (size > 0) {
        memcpy(text, data + 1, size - 1);
        redact_text(text, size - 1, &password);
        answers_read(text, size - 1, data[0] != 0, &outcome);
    }
    for (size_t i = 0; i < SERVERS; i++) {
        must(!outcome.answers[i].present || !outcome.answers[i].failed);
        must(!strcasestr(outcome.answers[i].text, password.value));
        check_printable(outcome.answers[i].text, DELIVERY_TEXT_MOST);
    }
    must(outcome.remarks.count <= REMARKS_MOST);
    for (size_t i = 0; i < outcome.remarks.count; i++) {
        must(!strcasestr(outcome.remarks.items[i], password.value));
        check_printable(outcome.remarks.items[i], DELIVERY_TEXT_MOST + 128);
    }
    delivery_outcome_free(&outcome);
    free(text);
    return 0;
}
