/*
 * What every command gets, and the table of commands. A command prints its answer to standard output, diagnostics to
 * standard error, and returns the exit status.
 */
#ifndef MONITOR_SESSION_ANSWER_H
#define MONITOR_SESSION_ANSWER_H

#include "base/error.h"
#include "core/facts.h"
#include "base/progress.h"
#include "core/report.h"
#include "base/text.h"
#include "monitor/config/config.h"
#include "monitor/show/show.h"

#include <stdbool.h>
#include <time.h>

struct history;
struct state;

struct invocation {
    const char *config_path;
    enum format format;
    bool colour;                   /* standard output is a terminal that wants it */
    int verbosity;                 /* -1 quiet, 0, 1 verbose */
    time_t now;                    /* read once, at the start */
    const char *const *arguments;  /* after the command's options, NULL-terminated */
    bool last;                     /* check --last */
    bool yes;                      /* --yes: no question */
    bool again;                    /* renew --again */
    bool now_at_once;              /* --now */
    bool previous;                 /* activate --previous */
    const char *effective;         /* renew --effective */
    const char *confirm;           /* deliver --confirm */
    bool dry_run;                  /* acting commands: print what would be done */
    bool test;                     /* notify --test */
    const char *password_file;     /* import --password-file */
    bool try_delivery;             /* doctor --try-delivery */
    struct progress_port progress; /* who wants to know what takes long */
};

int command_check(const struct invocation *invocation);
int command_run(const struct invocation *invocation);
int command_renew(const struct invocation *invocation);
int command_activate(const struct invocation *invocation);
int command_retire(const struct invocation *invocation);
int command_recover(const struct invocation *invocation);
int command_deliver(const struct invocation *invocation);
int command_export(const struct invocation *invocation);
int command_import(const struct invocation *invocation);
int command_doctor(const struct invocation *invocation);
int command_history(const struct invocation *invocation);
int command_report(const struct invocation *invocation);
int command_notify(const struct invocation *invocation);
int command_config(const struct invocation *invocation);

/* Loads the configuration, its secrets too with `secrets`. On failure every error is on standard error and nothing is
 * to be freed; `ret_errors` (may be NULL) then holds them for an answer on standard output. */
bool command_load(const struct invocation *invocation, bool secrets, struct config *ret_config,
                  struct strings *ret_errors) __attribute__((warn_unused_result));

/* What `check` looks at: the directory, or with --last what the last run saw, and what this host knows beside it. The
 * history is empty where there is none. Complains of what went wrong. The caller frees both. */
void command_look(const struct invocation *invocation, const struct config *config, const struct state *state,
                  struct history *ret_history, struct facts *ret_facts);

/* Prints the sentences to standard error, each after "authcert: ". */
void command_complain(const struct strings *sentences);

/* The same for what is no error; in the journal they are warnings. */
void command_warn(const struct strings *sentences);

/* Prints the report in the format asked for. False, with a complaint, when it could not be written. */
bool command_answer(const struct invocation *invocation, const struct report *report);

/* Answers in the format asked for that nothing could be looked at, because of `err`. `policy` may be NULL. */
void command_answer_unreadable(const struct invocation *invocation, const struct policy *policy,
                               const struct error *err);

#endif
