#include "monitor/commands/change/key_note.h"

#include "monitor/run/exit.h"
#include "monitor/session/typed.h"
#include "monitor/show/systemd/journal.h"
#include "monitor/state/history.h"

static bool add(const struct invocation *invocation, int state, const struct strings *sentences, struct error *err) {
    struct history history;
    struct error damage;
    bool ok = !sentences->failed || error_memory(err);

    if (!ok || !history_open(state, &invocation->author, false, invocation->now, &history, &damage, err))
        return false;
    if (damage.kind != ERROR_NONE)
        typed_say(EXIT_DONE, "%s; it was set aside and a new one begun", damage.text);
    for (size_t i = 0; i < sentences->count && ok; i++)
        ok = history_add(&history, invocation->now, "key", sentences->items[i], err);
    ok = ok && history_save(state, &history, err);
    if (ok)
        journal_audit(&history);
    history_free(&history);
    return ok;
}

bool key_note(const struct invocation *invocation, int state, const struct strings *sentences, struct error *err) {
    return add(invocation, state, sentences, err) || error_context(err, "it could not be noted in the history");
}
