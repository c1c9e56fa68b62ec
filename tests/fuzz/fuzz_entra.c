/* Answers of Entra: whatever they are, a yes needs a token, and what is shown is printable. The first two bytes choose
 * the status and the question. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "entra/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_printable(const char *said) {
    char shown[2 * TENANT_SAID_SIZE];

    if (strcmp(text_printable(shown, sizeof(shown), said, strlen(said)), said) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int statuses[] = {200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503};
    struct entra_verdict verdict;
    struct entra_outcome outcome;
    struct secret token = {0};
    int status;
    char *body;

    if (size < 2)
        return 0;
    status = statuses[data[0] % (sizeof(statuses) / sizeof(statuses[0]))];
    body = malloc(size - 1);
    if (body == NULL)
        return 0;
    memcpy(body, data + 2, size - 2);
    body[size - 2] = '\0';
    answer_judge_change(status, body, size - 2, data[1] % 2 == 0, &outcome);
    assert_printable(outcome.said);
    answer_judge_login(status, body, size - 2, &token, &verdict);
    assert_printable(verdict.said);
    if ((verdict.accepts == ANSWER_YES) != (token.value != NULL) || (verdict.accepts == ANSWER_YES && status != 200))
        abort();
    secret_free(&token);
    free(body);
    return 0;
}
