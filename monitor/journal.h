/*
 * Tells systemd's journal what a run saw, did and told, one entry an event with fields to search by (AUTHCERT_*) and a
 * MESSAGE_ID whose cause and remedy stand in the catalog (systemd/authcert.catalog). Only when standard error goes to
 * the journal; libsystemd is loaded then and not before, so a package of this program suggests it (Debian:
 * libsystemd0).
 */
#ifndef MONITOR_JOURNAL_H
#define MONITOR_JOURNAL_H

#include "core/report.h"
#include "core/text.h"

#include <stdbool.h>
#include <sys/uio.h>

struct journal {
    int (*send)(const struct iovec *fields, int count); /* NULL = not the journal */
};

/* Looks whether standard error is the journal (JOURNAL_STREAM names its device and inode). */
void journal_open(struct journal *ret_journal);

/* One entry for what the run saw, one for each act, each message told, and each trouble. False when not everything
 * could be sent: the caller then says it on standard error, as it does without the journal. */
bool journal_tell(const struct journal *journal, const struct report *report, const struct strings *troubles)
    __attribute__((warn_unused_result));

#endif
