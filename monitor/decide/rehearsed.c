#include "monitor/decide/rehearsed.h"

#include <stdio.h>

#include "base/time.h"
#include "monitor/decide/recovery.h"

#define EVERY ((time_t)30 * SECONDS_PER_DAY)

bool rehearsed_is_due(const struct facts *facts, const struct history *history, const struct policy *policy,
                      time_t now) {
    const struct rehearsed *last = &history->rehearsed;

    if (policy->mode != MODE_RENEW || !facts->read || facts_used(facts) == ANSWER_NO || recovery_is_needed(facts, now))
        return false;
    /* A time ahead was noted by a clock that was wrong. */
    return last->lacking.count > 0 || last->passed_at == 0 || last->at > now || now - last->at >= EVERY;
}

char *rehearsed_phrase(char out[REHEARSED_PHRASE_SIZE], const struct rehearsed *rehearsed) {
    char at[TIME_TEXT_SIZE], passed[TIME_TEXT_SIZE];

    if (rehearsed->at == 0)
        snprintf(out, REHEARSED_PHRASE_SIZE, "emergency not rehearsed yet");
    else if (rehearsed->lacking.count == 0)
        snprintf(out, REHEARSED_PHRASE_SIZE, "emergency rehearsed %s: passed", time_format_date(at, rehearsed->at));
    else
        snprintf(out, REHEARSED_PHRASE_SIZE, "emergency rehearsed %s: failed, last passed %s",
                 time_format_date(at, rehearsed->at),
                 rehearsed->passed_at != 0 ? time_format_date(passed, rehearsed->passed_at) : "never");
    return out;
}

void rehearsed_add(struct text *out, const struct rehearsed *rehearsed) {
    if (rehearsed->lacking.count == 0) {
        text_add(out, "the emergency was rehearsed: authcert recover would find all that it needs");
        return;
    }
    text_add(out, "the emergency was rehearsed, and authcert recover would fail; see: authcert recover --rehearse");
    for (size_t i = 0; i < rehearsed->lacking.count; i++)
        text_format(out, "%s%s", i == 0 ? ". " : "; ", rehearsed->lacking.items[i]);
}
