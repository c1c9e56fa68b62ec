/*
 * What every command gets from the command line, and the first that each does with it: the configuration is loaded.
 */
#ifndef MONITOR_SESSION_INVOCATION_H
#define MONITOR_SESSION_INVOCATION_H

#include "base/error.h"
#include "base/progress.h"
#include "monitor/config/config.h"
#include "monitor/show/show.h"

#include <stdbool.h>
#include <time.h>

struct invocation {
    const char *config_path;
    enum format format;
    bool colour;                   /* standard output is a terminal that wants it */
    int verbosity;                 /* -1 quiet, 0, 1 verbose */
    time_t now;                    /* read once, at the start */
    bool dry_run;                  /* --dry-run: print what would be done */
    bool yes;                      /* --yes: no question */
    const char *const *arguments;  /* after the options, NULL-terminated */
    const void *options;           /* the command's own, in its own struct */
    struct progress_port progress; /* who wants to know what takes long */
};

/* What is loaded beside the plain settings. */
enum { LOAD_SECRETS = 1, LOAD_KEY_PASSWORD = 2, LOAD_KEY_PASSWORD_TO_RENEW = 4 /* where the mode is renew */ };

/* Loads the configuration and warns of what is odd in it when the admin wants to hear more. On failure every error is
 * on standard error, nothing is to be freed, and `err` (may be NULL) sums up for an answer on standard output. */
bool invocation_load(const struct invocation *invocation, int what, struct config *ret_config, struct error *err)
    __attribute__((warn_unused_result));

#endif
