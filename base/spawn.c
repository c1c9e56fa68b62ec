#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "base/limits.h"

/* From here on to spawn_start everything runs between fork and exec: only calls that are safe in a signal handler. */

/* One byte, not zero: a kernel that pipes core dumps into a program ignores a limit of 0, and takes 1 for "none"
 * (core(5), do_coredump in fs/coredump.c). Where the limit is 0 already it stays so. A sandbox that forbids the call is
 * no reason to deliver nothing. */
static void forbid_core_dumps(void) {
    const struct rlimit one = {1, 1};
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &one) != 0)
        (void)setrlimit(RLIMIT_CORE, &none);
}

/* All signals are blocked when this begins, so no handler of ours ever runs here. */
static bool reset_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &action, NULL); /* those that cannot be changed are what they should be */
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* Brings the four to their places, whatever numbers they have now, and lets everything else close at exec. `report` is
 * moved out of the way too. */
static bool place_descriptors(const int descriptors[SPAWN_DESCRIPTORS], int *report) {
    int high[SPAWN_DESCRIPTORS];

    if ((*report = fcntl(*report, F_DUPFD_CLOEXEC, SPAWN_DESCRIPTORS)) < 0)
        return false;
    for (int i = 0; i < SPAWN_DESCRIPTORS; i++)
        if ((high[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, SPAWN_DESCRIPTORS)) < 0 && descriptors[i] >= 0)
            return false;
    for (int i = 0; i < SPAWN_DESCRIPTORS; i++)
        if (high[i] < 0 ? close(i) != 0 && errno != EBADF : dup2(high[i], i) < 0)
            return false;
    return close_range(SPAWN_DESCRIPTORS, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0;
}

static bool prepare(const struct spawn_order *order, pid_t parent, int *report) {
    umask(077);
    forbid_core_dumps();
    limits_lift();
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return false;
    if (getppid() != parent) /* it died before that took hold */
        _exit(127);
    return setsid() >= 0 && chdir("/") == 0 && place_descriptors(order->descriptors, report) && reset_signals();
}

static _Noreturn void become(const struct spawn_order *order, pid_t parent, int report) {
    struct spawn_failure failure = {0};
    ssize_t written;

    failure.prepared = prepare(order, parent, &report);
    if (failure.prepared)
        execve(order->path, order->arguments, order->environment);
    failure.number = errno;
    written = write(report, &failure, sizeof(failure));
    (void)written; /* the exit status tells then */
    _exit(127);
}

/* Here the parent goes on. */

static pid_t fork_it(const struct spawn_order *order, int report) {
    pid_t parent = getpid();
    sigset_t all;
    sigset_t before;
    pid_t process;
    int number;

    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    process = fork();
    if (process == 0)
        become(order, parent, report);
    number = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return process;
}

bool spawn_start(const struct spawn_order *order, struct spawned *ret_spawned, struct error *err) {
    int report[2];
    pid_t process;
    int ended;
    int number;

    if (pipe2(report, O_CLOEXEC) != 0)
        return error_errno(err, errno, "cannot run %s: no pipe can be made", order->path);
    process = fork_it(order, report[1]);
    number = errno;
    close(report[1]);
    if (process < 0) {
        close(report[0]);
        return error_errno(err, number, "cannot run %s: no process can be made", order->path);
    }
    ended = pidfd_open(process, 0);
    if (ended < 0) {
        number = errno;
        kill(process, SIGKILL);
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR)
            ;
        close(report[0]);
        return error_errno(err, number, "cannot run %s: its process cannot be watched", order->path);
    }
    *ret_spawned = (struct spawned){.process = process, .ended = ended, .failure = report[0]};
    return true;
}

bool spawn_explain(const char *path, struct spawn_failure failure, struct error *err) {
    if (!failure.prepared)
        return error_errno(err, failure.number, "cannot run %s: its process cannot be set up", path);
    switch (failure.number) {
    case ENOENT:
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: the interpreter that it needs is not there; repair its first line (a carriage "
                         "return at its end is part of the name), or install that program",
                         path);
    case ENOEXEC:
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: it is no program of this machine, and no script that begins with #! and the "
                         "path of an interpreter, as #!/bin/sh does",
                         path);
    case EACCES:
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: the system does not allow to execute it or its interpreter; see their modes, "
                         "and whether their file system is mounted noexec",
                         path);
    case E2BIG:
        return error_set(err, ERROR_LOCAL, "cannot run %s: there are more servers than one environment variable holds",
                         path);
    default:
        return error_errno(err, failure.number, "cannot run %s", path);
    }
}
