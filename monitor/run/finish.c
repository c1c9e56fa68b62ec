#include "monitor/run/finish.h"

#include <string.h>

#include "monitor/act/begun_write.h"
#include "monitor/run/channels.h"
#include "monitor/run/tell.h"

static bool remember_organization(struct history *history, const struct facts *facts, struct error *err) {
    if (!facts->read || history->organization_dn != NULL)
        return true;
    history->organization_dn = strdup(facts->directory.dn);
    return history->organization_dn != NULL || error_memory(err);
}

/* A time told by a clock that is known to be wrong is not remembered: it would make the right time look wrong later, or
 * a promotion older than it is. */
static bool note_look(struct looker *looker, struct error *err) {
    struct history *history = looker->history;
    const struct history before = *history;

    history_note_look(history, looker->facts, looker->now);
    if (!looker->report->decision.clock_wrong)
        return silence_note(&history->silence, looker->facts, looker->now, err);
    /* Unless it is the last run's that was wrong, which the directory could not tell: once past, it is right again. */
    history->last_run = before.last_run < looker->now ? before.last_run : looker->now;
    history->pair = before.pair;
    return true;
}

bool finish_run(struct looker *looker, bool *ret_told, struct error *err) {
    struct report *report = looker->report;
    struct history *history = looker->history;
    struct telling telling;
    struct occasion occasion;

    if (!note_look(looker, err))
        return false;
    deliveries_forget(&history->deliveries, looker->facts);
    if (!remember_organization(history, looker->facts, err))
        return false;
    occasion = tell_choose(report, history);
    if (!channels_tell(looker, &occasion, &telling, err))
        return false;
    /* What went nowhere is not remembered as told: a channel that works again, or is set up later, begins with it. */
    if (occasion.kind == OCCASION_NONE || (telling.kept && looker->ports->channel_count > 0))
        tell_remember(history, report, &occasion);
    if (telling.kept)
        begun_write_told(history);
    *ret_told = telling.sent;
    return true;
}
