/*
 * What every command gets from the command line.
 */
#ifndef MONITOR_SESSION_INVOCATION_H
#define MONITOR_SESSION_INVOCATION_H

#include "base/progress.h"
#include "monitor/config/config.h"
#include "monitor/show/show.h"
#include "monitor/state/author.h"

#include <stdbool.h>
#include <time.h>

struct invocation {
    struct author author; /* who typed or started it */
    const char *config_path;
    enum format format;
    bool colour;                   /* standard output is a terminal that wants it */
    bool journal;                  /* standard output is the journal */
    int verbosity;                 /* -1 quiet, 0, 1 verbose */
    time_t now;                    /* read once, at the start */
    bool dry_run;                  /* --dry-run: print what would be done */
    bool yes;                      /* --yes: no question */
    const char *const *arguments;  /* after the options, NULL-terminated */
    const void *options;           /* the command's own, in its own struct */
    struct progress_port progress; /* who wants to know what takes long */
};

#endif
