#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "windows/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_printable(const char *text, size_t most) {
    must(strlen(text) < most);
    for (const char *c = text; *c != '\0'; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7f);
}

/* What a server writes: without a certificate nothing of it can be a proof, and all of it may be shown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct script_order order = {.operation = "look"};
    struct script_answer answer;
    size_t half = size / 2;

    answers_take((const char *)data, size, (const char *)data + half, size - half, "ex1.contoso.test", &order, 1,
                 &answer);
    must(answer.state != SCRIPT_PRESENT && answer.state != SCRIPT_REFRESHED);
    must(answer.state != SCRIPT_SILENT || answer.message[0] != '\0');
    check_printable(answer.message, sizeof(answer.message));
    check_printable(answer.host.computer, sizeof(answer.host.computer));
    check_printable(answer.host.store, sizeof(answer.host.store));
    for (size_t i = 0; i < answer.step_count; i++)
        check_printable(answer.steps[i], sizeof(answer.steps[i]));
    return 0;
}
