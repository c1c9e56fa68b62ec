/*
 * A message in few words, as plain data: what a chat room is told. The forms (Teams, Slack, JSON) are made of it. Every
 * string is printable and limited, none is escaped. Owns what it holds; free with webhook_note_free.
 */
#ifndef NOTIFY_WEBHOOK_NOTE_H
#define NOTIFY_WEBHOOK_NOTE_H

#include "core/occasion.h"
#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

#include <stdbool.h>

#define WEBHOOK_NOTE_MOST 6000 /* bytes of values in a note */

struct webhook_note {
    char *subject;        /* as a mail's: "WARNING authcert Contoso: ..." */
    struct layout layout; /* facts as fields, then what was done, what comes, what to do; cut when it is too long */
    char *origin;         /* who speaks: host, version, run */
};

bool webhook_note_make(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                       struct webhook_note *ret_note, struct error *err) MUST_CHECK;

/* The subject, and where to look for the rest. Of the same subject it is always the same. */
bool webhook_note_short(const struct speaker *speaker, const char *subject, struct webhook_note *ret_note,
                        struct error *err) MUST_CHECK;

void webhook_note_free(struct webhook_note *note);

#endif
