/*
 * Exit statuses, as the manual lists them. `check` ends with the status of the organization instead, in the manner of
 * monitoring plug-ins: 0 ok, 1 warning, 2 critical, 3 unknown.
 */
#ifndef MONITOR_RUN_EXIT_H
#define MONITOR_RUN_EXIT_H

enum exit_status {
    EXIT_DONE = 0,      /* done, or nothing to do */
    EXIT_FAILED = 1,    /* failed or blocked; a later run can go on */
    EXIT_USAGE = 2,     /* usage or configuration error; nothing was tried */
    EXIT_UNREADABLE = 3 /* the directory could not be read; for `check` also a configuration error */
};

#endif
