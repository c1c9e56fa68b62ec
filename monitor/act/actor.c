#include "monitor/act/actor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void actor_note(struct actor *actor, enum act act, const char *thumbprint, bool ok, const char *format, ...) {
    struct report *report = actor->looker->report;
    struct done *done = reallocarray(report->done, report->done_count + 1, sizeof(*done));
    char raw[2 * ERROR_TEXT_SIZE], detail[ERROR_TEXT_SIZE], event[ERROR_TEXT_SIZE + 128];
    struct error err = {0};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    /* Where it is too long it must not be cut within a character, which JSON would not take. */
    text_printable(detail, sizeof(detail), raw, strlen(raw));
    snprintf(event, sizeof(event), "%s %s %s: %s", act_name(act), thumbprint, ok ? "done" : "failed", detail);
    if (!history_add(actor->looker->history, actor->looker->now, "done", event, &err))
        strings_add(actor->looker->troubles, "%s", err.text);
    if (act != ACT_RETIRE && act != ACT_REFRESH)
        actor->looker->history->act_failed = !ok;
    if (done == NULL) {
        strings_add(actor->looker->troubles, "out of memory: what was done is not reported: %s", event);
        return;
    }
    report->done = done;
    done[report->done_count] = (struct done){.act = act, .ok = ok, .detail = strdup(detail)};
    snprintf(done[report->done_count].thumbprint, THUMBPRINT_SIZE, "%s", thumbprint);
    report->done_count++;
}

bool actor_was_refused(struct actor *actor) {
    const struct facts *facts = actor->looker->facts;

    if (!actor->lost || !facts->read || !slots_same(&actor->seen, &facts->slots))
        return false;
    actor_note(actor, actor->tried, actor->about, false,
               "the directory refused it as if someone else had changed the object, but the object is as it was: %s",
               actor->refusal.text);
    actor->lost = false;
    return true;
}
