#include "renew/deliver/delivery.h"

#include <stdlib.h>
#include <string.h>

bool delivery_outcome_make(const struct strings *servers, struct delivery_outcome *ret_outcome, struct error *err) {
    struct delivery_outcome outcome = {.answers = calloc(servers->count + 1, sizeof(*outcome.answers))};
    bool done = outcome.answers || error_memory(err);

    for (size_t i = 0; done && i < servers->count; i++) {
        struct delivery_answer *answer = &outcome.answers[outcome.count++];

        answer->fqdn = strdup(servers->items[i]);
        answer->text = calloc(1, 1);
        if (!answer->fqdn || !answer->text)
            done = error_memory(err);
        else if (!text_is_server_name(answer->fqdn))
            done = error_set(err, ERROR_BUG, "a delivery was asked for a server whose name is no host name: %s",
                             answer->fqdn);
    }
    if (done)
        *ret_outcome = outcome;
    else
        delivery_outcome_free(&outcome);
    return done;
}

void delivery_outcome_free(struct delivery_outcome *outcome) {
    if (!outcome)
        return;
    for (size_t i = 0; i < outcome->count; i++) {
        free(outcome->answers[i].fqdn);
        free(outcome->answers[i].text);
    }
    free(outcome->answers);
    strings_free(&outcome->remarks);
    *outcome = (struct delivery_outcome){0};
}
