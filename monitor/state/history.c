#include "monitor/state/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define KIND_MOST 16 /* bytes, like the next */
#define TEXT_MOST 1024

static void event_free(struct event *event) {
    free(event->kind);
    free(event->text);
    free(event->by);
    free(event->command);
}

void history_free(struct history *history) {
    free(history->organization_dn);
    for (size_t i = 0; i < history->event_count; i++)
        event_free(&history->events[i]);
    free(history->events);
    deliveries_free(&history->deliveries);
    silence_free(&history->silence);
    entra_notes_free(&history->entra);
    strings_free(&history->told.failed);
    strings_free(&history->missed);
    strings_free(&history->rehearsed.lacking);
    strings_free(&history->refreshed.names);
    *history = (struct history){0};
}

bool history_add(struct history *history, time_t at, const char *kind, const char *text, struct error *err) {
    const bool authored = history->author != NULL && (strcmp(kind, "done") == 0 || strcmp(kind, "key") == 0);
    struct event event = {.at = at,
                          .fresh = history->author != NULL,
                          .by = authored ? strdup(history->author->by) : NULL,
                          .command = authored ? strdup(history->author->command) : NULL,
                          .kind = text_printable_copy(kind, strlen(kind), KIND_MOST),
                          .text = text_printable_copy(text, strlen(text), TEXT_MOST)};
    struct event *events;

    if (event.kind == NULL || event.text == NULL || (authored && (event.by == NULL || event.command == NULL)))
        goto memory;
    if (history->event_count >= HISTORY_EVENTS_MOST) {
        event_free(&history->events[0]);
        memmove(history->events, history->events + 1, (history->event_count - 1) * sizeof(event));
        history->event_count--;
    }
    events = reallocarray(history->events, history->event_count + 1, sizeof(event));
    if (events == NULL)
        goto memory;
    history->events = events;
    history->events[history->event_count++] = event;
    return true;
memory:
    event_free(&event);
    return error_memory(err);
}

void history_note_look(struct history *history, const struct facts *facts, time_t now) {
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;

    history->last_run = now;
    if (!facts->read) {
        if (history->blind.since == 0)
            history->blind.since = now;
        return;
    }
    /* A spell that was told is over only when its end is told too. */
    if (history->blind.told == 0)
        history->blind.since = 0;
    pair_note(&history->pair, &facts->slots, now, now);
    if (current != NULL) {
        history->known.end = current->not_after;
        memcpy(history->known.thumbprint, current->thumbprint, THUMBPRINT_SIZE);
    }
}
