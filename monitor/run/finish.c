#include "monitor/run/finish.h"

#include <string.h>

#include "monitor/act/begun_write.h"
#include "monitor/run/channels.h"
#include "monitor/run/tell.h"
#include "monitor/run/watch.h"

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

/* What there is to tell: of the auth certificate, with what is new of the others beside it, or of those alone.
 * `ret_own` is the first by itself. */
static bool choose(struct looker *looker, struct occasion *ret_own, struct occasion *ret_all, struct error *err) {
    struct watch *watch = looker->ports->watch;

    *ret_own = *ret_all = tell_choose(looker->report, looker->history);
    if (watch == NULL)
        return true;
    if (!watch_choose(watch, looker->now, &ret_all->inventory, err))
        return false;
    if (ret_all->inventory == NULL || ret_own->kind != OCCASION_NONE)
        return true;
    ret_all->kind = OCCASION_INVENTORY;
    ret_all->thread = ret_all->inventory->thread;
    return true;
}

/* The conversation that a message about the others alone began. */
static struct thread thread_of(const struct report *report, const struct occasion *all) {
    struct thread thread = {.id = ""};

    for (size_t i = 0; all->kind == OCCASION_INVENTORY && i < report->told_count && thread.id[0] == '\0'; i++)
        thread = report->told[i].thread;
    return thread;
}

bool finish_run(struct looker *looker, bool *ret_told, struct error *err) {
    struct report *report = looker->report;
    struct history *history = looker->history;
    struct telling telling;
    struct occasion own, all;
    bool kept;

    if (!note_look(looker, err))
        return false;
    deliveries_forget(&history->deliveries, looker->facts);
    if (!remember_organization(history, looker->facts, err) || !choose(looker, &own, &all, err))
        return false;
    if (!channels_tell(looker, &all, &telling, err))
        return false;
    /* What went nowhere is not remembered as told: a channel that works again, or is set up later, begins with it. */
    kept = telling.kept && looker->ports->channel_count > 0;
    if (own.kind == OCCASION_NONE || kept)
        tell_remember(history, report, &own);
    if (looker->ports->watch != NULL && (all.inventory == NULL || kept)) {
        const struct thread thread = thread_of(report, &all);

        if (!watch_remember(looker->ports->watch, &thread, looker->now, err))
            return false;
    }
    if (telling.kept)
        begun_write_told(history);
    *ret_told = telling.sent;
    return true;
}
