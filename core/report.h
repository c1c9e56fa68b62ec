/*
 * What one look led to: the decision, what is due next, what was done and told. Plain data between the room that
 * decides and everything that shows it. Facts and policy are borrowed, strings lists are owned; free with report_free.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "core/facts.h"
#include "core/policy.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The rows of the lifecycle table, in the order in which they are judged. */
enum row {
    ROW_UNREADABLE,
    ROW_MALFORMED,
    ROW_UNKNOWN_CERTIFICATE,
    ROW_PROMOTE,
    ROW_RESTORE,
    ROW_REPLACE,
    ROW_ACTIVATE,
    ROW_RESCHEDULE,
    ROW_RESTAGE,
    ROW_STAGE,
    ROW_DELIVER,
    ROW_RETIRE,
    ROW_NONE
};
#define ROW_COUNT 13

enum act {
    ACT_NONE,
    ACT_MEND,
    ACT_STAGE,
    ACT_ACTIVATE,
    ACT_RETIRE,
    ACT_REPLACE,
    ACT_DELIVER,
    ACT_RESCHEDULE,
    ACT_WITHDRAW
};

/* What holds an act back, in the order in which it is told. */
enum block { BLOCK_NONE, BLOCK_MODE, BLOCK_CLOCK, BLOCK_RIGHTS, BLOCK_UNREACHABLE, BLOCK_HYBRID, BLOCK_DELIVERY };

enum status { STATUS_OK, STATUS_WARNING, STATUS_CRITICAL, STATUS_UNKNOWN };

enum due_what { DUE_STAGE, DUE_ACTIVATE, DUE_RETIRE, DUE_WARN, DUE_EXPIRE };
#define DUE_MOST 5

struct due {
    enum due_what what;
    time_t at;
};

struct decision {
    enum row row;
    enum act act;
    bool applies[ROW_COUNT]; /* every row whose condition holds, not only the first */
    enum slot promoted;      /* activate: the slot that becomes current */
    time_t date;             /* stage, reschedule, mend: the new next effective date; else 0 */
    enum block blocked;      /* the first block, BLOCK_NONE when the act may be done */
    bool clock_wrong;
    bool clock_disputed;   /* it is, by the word of servers alone: no emergency act is held back by that */
    bool covered;          /* a rotation is under control */
    bool unblocked_remark; /* monitor: a due retire or fresh activate, which is no reason to warn */
    enum status status;
    struct due due[DUE_MOST]; /* by time, earliest first */
    size_t due_count;
};

struct done {
    enum act act;
    char thumbprint[THUMBPRINT_SIZE];
    bool ok;
    char *detail;
};

enum told_result {
    TOLD_SENT,
    TOLD_QUEUED,
    TOLD_UNKNOWN, /* handed over whole, and the other side did not say whether it took it */
    TOLD_FAILED
};

#define THREAD_ID_SIZE 256
#define THREAD_TOPIC_SIZE 256

/* What makes the messages about one incident one thread in a mail reader: the first one's. Both "" when there is none.
 */
struct thread {
    char id[THREAD_ID_SIZE];       /* its Message-ID, with the angle brackets */
    char topic[THREAD_TOPIC_SIZE]; /* its subject, printable */
};

struct told {
    const char *channel; /* static: "mail", "webhook" */
    enum told_result result;
    size_t to;            /* recipients */
    struct thread thread; /* of a new message where the channel knows threads: what later ones reply to */
};

#define TOLD_MOST 8

struct report {
    time_t checked_at;
    const struct facts *facts;   /* borrowed */
    const struct policy *policy; /* borrowed */
    struct decision decision;
    struct remarks reasons;              /* why this decision */
    char *how_to_unblock;                /* NULL when nothing blocks */
    char *summary;                       /* one sentence without the organization's name */
    struct strings problems[SLOT_COUNT]; /* of the certificates, as of checked_at */
    struct done *done;
    size_t done_count;
    struct told told[TOLD_MOST];
    size_t told_count;
};

void report_free(struct report *report);

const char *row_name(enum row row);          /* decision.id in the JSON */
const char *act_name(enum act act);          /* decision.act */
const char *block_name(enum block block);    /* decision.blocked.by */
const char *status_name(enum status status); /* "ok", ... */
const char *due_name(enum due_what what);
const char *told_result_name(enum told_result result);
const char *told_result_words(enum told_result result); /* for people */
const char *mode_name(enum mode mode);

#endif
