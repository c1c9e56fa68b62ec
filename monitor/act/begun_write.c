#include "monitor/act/begun_write.h"

#include <string.h>

void begun_write_note(struct actor *actor, enum act act, const char *thumbprint, const struct desired *desired) {
    const struct keeper_port *keeper = &actor->looker->ports->keeper;
    struct history *history = actor->looker->history;
    struct error err = {0};
    struct begun_write *begun;

    if (keeper->save == NULL || history->begun.count == BEGUN_WRITES_MOST)
        return;
    begun = &history->begun.items[history->begun.count++];
    *begun = (struct begun_write){.act = act, .desired = *desired};
    memcpy(begun->thumbprint, thumbprint, strnlen(thumbprint, THUMBPRINT_LENGTH));
    if (!keeper->save(keeper->context, history, &err))
        strings_add(actor->looker->troubles, "the history could not be saved before the directory was written: %s",
                    err.text);
}

void begun_write_done(struct history *history) {
    if (history->begun.count > 0)
        history->begun.items[history->begun.count - 1].done = true;
}

void begun_write_lost(struct history *history) {
    if (history->begun.count > 0)
        history->begun.count--;
}

void begun_write_told(struct history *history) {
    size_t kept = 0;

    for (size_t i = 0; i < history->begun.count; i++)
        if (!history->begun.items[i].done)
            history->begun.items[kept++] = history->begun.items[i];
    history->begun.count = kept;
}

static bool shows(const struct slots *slots, const struct desired *desired) {
    time_t date = slots->date_set ? slots->date : 0;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(slots->thumbprint[slot], desired->thumbprint[slot]) != 0)
            return false;
    /* One second later than desired is what is written over the very date that was left behind. */
    return slots->malformed == 0 && slots->leftover == 0 && date - desired->date >= 0 && date - desired->date <= 1;
}

void begun_write_recollect(struct actor *actor) {
    struct history *history = actor->looker->history;
    size_t count = history->begun.count;

    if (!actor->looker->facts->read)
        return;
    history->begun.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct begun_write begun = history->begun.items[i];

        if (!begun.done && !shows(&actor->looker->facts->slots, &begun.desired))
            continue;
        begun.done = true;
        history->begun.items[history->begun.count++] = begun;
        actor_note(actor, begun.act, begun.thumbprint, true,
                   "written by an earlier run that ended before it could tell");
    }
}
