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
    ROW_LEFTOVER,
    ROW_DELIVER,
    ROW_RETIRE,
    ROW_NONE
};
#define ROW_COUNT 14

enum act {
    ACT_NONE,
    ACT_MEND,
    ACT_STAGE,
    ACT_ACTIVATE,
    ACT_RETIRE,
    ACT_REPLACE,
    ACT_DELIVER,
    ACT_RESCHEDULE,
    ACT_WITHDRAW,
    ACT_REFRESH,   /* no act of a decision: what follows one that made something current */
    ACT_ENTRA_ADD, /* never decided: done beside the others, like the next */
    ACT_ENTRA_REMOVE
};

/* What holds an act back, in the order in which it is told. */
enum block {
    BLOCK_NONE,
    BLOCK_MODE,
    BLOCK_CLOCK,
    BLOCK_RIGHTS,
    BLOCK_UNREACHABLE,
    BLOCK_HYBRID,
    BLOCK_ENTRA,
    BLOCK_DELIVERY
};

enum status { STATUS_OK, STATUS_WARNING, STATUS_CRITICAL, STATUS_UNKNOWN };

enum due_what { DUE_STAGE, DUE_ACTIVATE, DUE_RETIRE, DUE_WARN, DUE_EXPIRE };
#define DUE_MOST 5

struct due {
    enum due_what what;
    time_t at;
};

/* Why it is told that nothing is learned from the Exchange servers. */
enum silence_kind {
    SILENCE_NONE,
    SILENCE_NIGHTS,  /* no counted server gave a good document for three nights */
    SILENCE_REFUSING /* all that answer do so with HTTP 500, after good documents */
};

struct decision {
    enum row row;
    enum act act;
    bool applies[ROW_COUNT]; /* every row whose condition holds, not only the first */
    enum slot promoted;      /* activate: the slot that becomes current */
    time_t date;             /* stage, reschedule, mend: the new next effective date; else 0 */
    enum block blocked;      /* the first block, BLOCK_NONE when the act may be done */
    bool clock_wrong;
    bool clock_disputed; /* it is, by the word of servers alone: no emergency act is held back by that */
    enum silence_kind silence;
    int silent_nights;     /* with this one */
    bool covered;          /* a rotation is under control */
    bool unserved;         /* an emergency act was written, and some server does not show that it uses it */
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
    struct strings said; /* for messages: of a delivery that failed, what is known of each server's reason */
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

/*
 * What every surface says first, in the same words: what is wrong, or that all is well; what happens by itself, and
 * when; the one command that helps, NULL when there is nothing to do. Sentences without a full stop, printable.
 */
struct briefing {
    char *wrong;
    char *by_itself;
    char *command;
};

#define BRIEFING_NO_COMMAND "nothing to do" /* in the place of the command */

/* How far the recovery of an organization got whose certificate could not be used. */
enum incident_step { INCIDENT_NONE, INCIDENT_MADE, INCIDENT_DELIVERED, INCIDENT_WRITTEN, INCIDENT_SERVED };

struct incident_report {
    enum incident_step step; /* INCIDENT_NONE = no recovery is under way, and the rest means nothing */
    time_t since;
    char thumbprint[THUMBPRINT_SIZE]; /* of what is to become, or became, current */
    struct strings servers_left;      /* valid host names: those that lack it, or do not serve it yet */
};

/* Current's end as an earlier look knew it, where this one does not. */
struct last_known {
    time_t end; /* NotAfter; 0 = this look knows it, or nobody ever did */
    char thumbprint[THUMBPRINT_SIZE];
};

struct inventory;

struct report {
    time_t checked_at;
    time_t seen_at;                    /* by an earlier run, whose facts these are; 0 = by this look */
    const struct facts *facts;         /* borrowed */
    const struct policy *policy;       /* borrowed */
    const struct inventory *inventory; /* the other certificates, borrowed; NULL = they were not looked at */
    struct decision decision;
    struct remarks reasons; /* why this decision */
    char *how_to_unblock;   /* NULL when nothing blocks */
    struct briefing briefing;
    struct incident_report incident;
    struct last_known known;
    struct strings problems[SLOT_COUNT]; /* of the certificates, as of checked_at */
    struct done *done;
    size_t done_count;
    struct told told[TOLD_MOST];
    size_t told_count;
};

void report_free(struct report *report);

/* What one of its acts owns. */
void done_free(struct done *done);

const char *row_name(enum row row);                      /* decision.id in the JSON */
const char *act_name(enum act act);                      /* decision.act */
const char *block_name(enum block block);                /* decision.blocked.by */
const char *status_name(enum status status);             /* "ok", ... */
const char *incident_step_name(enum incident_step step); /* NULL for none */
const char *due_name(enum due_what what);
const char *told_result_name(enum told_result result);
const char *told_result_words(enum told_result result); /* for people */
const char *mode_name(enum mode mode);

#endif
