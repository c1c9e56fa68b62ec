/*
 * Tells systemd's journal what a run saw, did and told, one entry an event with fields to search by (AUTHCERT_*) and a
 * MESSAGE_ID whose cause and remedy stand in the catalog (systemd/authcert.catalog). Only when standard error goes to
 * the journal (monitor/show/systemd/libsystemd.h).
 */
#ifndef MONITOR_SHOW_SYSTEMD_JOURNAL_H
#define MONITOR_SHOW_SYSTEMD_JOURNAL_H

#include "core/report.h"
#include "base/text.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <sys/uio.h>

struct journal {
    int (*send)(const struct iovec *fields, int count); /* NULL = not the journal */
};

/* Is standard error the journal? JOURNAL_STREAM names its device and inode. */
bool journal_is_stderr(void);

/* Is standard output the same stream? To be asked before journal_take_stderr. */
bool journal_is_stdout(void);

/* Where standard error is the journal, a line written there counts as an error from here on, and not as information as
 * what a service prints does; one that begins with JOURNAL_WARNING counts as a warning. Without libsystemd nothing
 * changes. */
void journal_take_stderr(void);

#define JOURNAL_WARNING "<4>"

/* Opens it when standard error is the journal. */
void journal_open(struct journal *ret_journal);

/* One entry for what the run saw, one for each act (with its author), each message told, and each trouble. False when
 * not everything could be sent: the caller then says it on standard error, as it does without the journal. */
bool journal_tell(const struct journal *journal, const struct report *report, const struct author *author,
                  const struct strings *troubles) MUST_CHECK;

/* What this process did with keys, and as a command typed on a terminal with the directory too, goes to the journal
 * wherever standard error goes: who did it is to be found later, beside what else that person did. The history has it
 * all the same; without a journal nothing is lost. */
void journal_audit(const struct history *history);

#endif
