#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spawn.h"

#define PIECE 4096

/* What is polled. The first four are our ends of the program's descriptors 0 to 3. */
enum line { LINE_INPUT, LINE_ANSWERS, LINE_DIAGNOSTICS, LINE_PASSWORD, LINE_FAILURE, LINE_ENDED, LINE_STOP };
#define LINES 7

struct collected {
    struct child_output output;
    size_t most;
};

struct feed {
    const struct secret *what;
    size_t done;
};

struct talk {
    struct pollfd lines[LINES]; /* fd -1: closed */
    int theirs[SPAWN_DESCRIPTORS];
    struct feed input;
    struct feed password;
    struct collected answers;
    struct collected diagnostics;
    struct collected failure;
    struct spawn_failure why; /* what `failure` collects into */
    pid_t process;
    bool ended;
    bool stopped;  /* we were told to end */
    sigset_t mask; /* before ours */
};

static void close_file(int *file) {
    if (*file >= 0)
        close(*file);
    *file = -1;
}

/* A pipe of which only our end does not block, as the program's end is for the program to set. */
static bool make_pipe(struct talk *talk, enum line line, bool to_program) {
    int ends[2];
    int ours;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    ours = to_program ? 1 : 0;
    talk->lines[line] = (struct pollfd){.fd = ends[ours], .events = to_program ? POLLOUT : POLLIN};
    talk->theirs[line] = ends[1 - ours];
    return fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0;
}

static bool talk_open(struct talk *talk, const struct child_order *order, struct error *err) {
    for (int i = 0; i < LINES; i++)
        talk->lines[i].fd = -1;
    for (int i = 0; i < SPAWN_DESCRIPTORS; i++)
        talk->theirs[i] = -1;
    talk->input.what = order->input;
    talk->password.what = order->password;
    talk->answers.most = order->answers_most;
    talk->diagnostics.most = order->diagnostics_most;
    talk->answers.output.data = malloc(order->answers_most + 1);
    talk->diagnostics.output.data = malloc(order->diagnostics_most + 1);
    if (!talk->answers.output.data || !talk->diagnostics.output.data)
        return error_memory(err);
    talk->failure = (struct collected){.output = {.data = (char *)&talk->why}, .most = sizeof(talk->why)};
    if (!make_pipe(talk, LINE_INPUT, true) || !make_pipe(talk, LINE_ANSWERS, false) ||
        !make_pipe(talk, LINE_DIAGNOSTICS, false) || (order->password && !make_pipe(talk, LINE_PASSWORD, true)))
        return error_errno(err, errno, "cannot run %s: no pipe can be made", order->path);
    return true;
}

static void output_free(struct child_output *output) {
    if (output->data)
        explicit_bzero(output->data, output->length);
    free(output->data);
    *output = (struct child_output){0};
}

static void talk_close(struct talk *talk) {
    for (int i = 0; i < LINES; i++)
        close_file(&talk->lines[i].fd);
    for (int i = 0; i < SPAWN_DESCRIPTORS; i++)
        close_file(&talk->theirs[i]);
    output_free(&talk->answers.output);
    output_free(&talk->diagnostics.output);
}

/* Whatever is wrong with a pipe (EPIPE: nobody reads any more), the program is to blame and its answers will tell. */
static void serve_feed(int *file, struct feed *feed) {
    while (feed->what && feed->done < feed->what->length) {
        ssize_t sent = write(*file, feed->what->value + feed->done, feed->what->length - feed->done);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0)
            break;
        feed->done += (size_t)sent;
    }
    close_file(file);
}

/* One piece at a time, so that a flood on one line does not keep the others or the clock waiting. */
static void serve_output(int *file, struct collected *collected) {
    char piece[PIECE];
    struct child_output *output = &collected->output;
    size_t room = collected->most - output->length;
    ssize_t got = read(*file, piece, sizeof(piece));

    if (got > 0) {
        size_t kept = (size_t)got < room ? (size_t)got : room;

        memcpy(output->data + output->length, piece, kept);
        output->length += kept;
        output->cut = output->cut || kept < (size_t)got;
        explicit_bzero(piece, (size_t)got);
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        close_file(file);
    }
}

/* Waits until there is something to do, and does it. False at the time `until`. The wait is relative, and a wait that
 * lasted to its end counts whatever the clock says afterwards: a clock that stands still must not hang us. */
static bool attend(struct talk *talk, int64_t until) {
    int64_t left = until - clock_milliseconds();
    int count;

    if (left <= 0)
        return false;
    count = poll(talk->lines, LINES, left > INT_MAX ? INT_MAX : (int)left);
    if (count < 0)
        return errno == EINTR;
    if (count == 0)
        return left > INT_MAX;
    if (talk->lines[LINE_INPUT].revents != 0)
        serve_feed(&talk->lines[LINE_INPUT].fd, &talk->input);
    if (talk->lines[LINE_PASSWORD].revents != 0)
        serve_feed(&talk->lines[LINE_PASSWORD].fd, &talk->password);
    if (talk->lines[LINE_ANSWERS].revents != 0)
        serve_output(&talk->lines[LINE_ANSWERS].fd, &talk->answers);
    if (talk->lines[LINE_DIAGNOSTICS].revents != 0)
        serve_output(&talk->lines[LINE_DIAGNOSTICS].fd, &talk->diagnostics);
    if (talk->lines[LINE_FAILURE].revents != 0)
        serve_output(&talk->lines[LINE_FAILURE].fd, &talk->failure);
    if (talk->lines[LINE_ENDED].revents != 0) {
        talk->ended = true;
        close_file(&talk->lines[LINE_ENDED].fd);
    }
    if (talk->lines[LINE_STOP].revents != 0) {
        talk->stopped = true;
        close_file(&talk->lines[LINE_STOP].fd);
    }
    return true;
}

/* Whoever ends us (Ctrl-C, a terminal that goes away, systemd) means the program too, which has a session of its own:
 * the signals come as a line like the others. Those that whoever started us wants ignored stay so. */
static void stop_open(struct talk *talk) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, numbers[i]);
    (void)sigprocmask(SIG_BLOCK, &set, &talk->mask);
    talk->lines[LINE_STOP] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
}

/* What has come is taken: the caller is told, and ends in order. */
static void stop_close(struct talk *talk) {
    const struct timespec now = {0};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    while (talk->stopped && sigtimedwait(&set, NULL, &now) > 0)
        ;
    (void)sigprocmask(SIG_SETMASK, &talk->mask, NULL);
}

static bool output_open(const struct talk *talk) {
    return talk->lines[LINE_ANSWERS].fd >= 0 || talk->lines[LINE_DIAGNOSTICS].fd >= 0 ||
           talk->lines[LINE_FAILURE].fd >= 0;
}

/* Until the process is waited for, its number and its group's belong to it: no other process can be hit. */
static void signal_group(const struct talk *talk, int number) {
    (void)kill(-talk->process, number);
    (void)kill(talk->process, number);
}

/* Attends to the program until it has ended and said all, or its time is over. */
static void talk_through(struct talk *talk, const struct child_order *order, struct child_result *result) {
    int64_t until = clock_milliseconds() + (int64_t)order->timeout * 1000;
    int64_t grace = 0;

    while (!talk->ended && !talk->stopped && !(order->flood_ends && talk->answers.output.cut) && attend(talk, until))
        ;
    grace = clock_milliseconds() + CHILD_GRACE * 1000;
    if (talk->ended) {
        while (output_open(talk) && attend(talk, grace))
            ;
        result->held_open = output_open(talk);
    } else {
        result->end = talk->stopped ? CHILD_STOPPED : CHILD_LATE;
        signal_group(talk, SIGTERM);
        while (!talk->ended && attend(talk, grace))
            ;
    }
    signal_group(talk, SIGKILL);
    /* Bounded too: a process that waits for a dead network file system ends when that answers. */
    grace = clock_milliseconds() + CHILD_GRACE * 1000;
    while (!talk->ended && attend(talk, grace))
        ;
}

static void reap(const struct talk *talk, struct child_result *result) {
    int status = 0;
    pid_t reaped;

    while ((reaped = waitpid(talk->process, &status, WNOHANG)) < 0 && errno == EINTR)
        ;
    if (result->end == CHILD_LATE || result->end == CHILD_STOPPED)
        return;
    if (reaped == talk->process && WIFEXITED(status)) {
        result->end = CHILD_EXITED;
        result->number = WEXITSTATUS(status);
    } else {
        result->end = CHILD_KILLED;
        result->number = reaped == talk->process ? WTERMSIG(status) : SIGKILL;
    }
}

static bool start(struct talk *talk, const struct child_order *order, struct error *err) {
    char *const arguments[] = {(char *)order->path, NULL};
    struct spawn_order what = {.path = order->path,
                               .arguments = order->arguments ? order->arguments : arguments,
                               .environment = order->environment};
    struct spawned spawned;

    memcpy(what.descriptors, talk->theirs, sizeof(what.descriptors));
    if (!spawn_start(&what, &spawned, err))
        return false;
    talk->process = spawned.process;
    talk->lines[LINE_FAILURE] = (struct pollfd){.fd = spawned.failure, .events = POLLIN};
    talk->lines[LINE_ENDED] = (struct pollfd){.fd = spawned.ended, .events = POLLIN};
    for (int i = 0; i < SPAWN_DESCRIPTORS; i++)
        close_file(&talk->theirs[i]);
    return true;
}

bool child_run(const struct child_order *order, struct child_result *ret_result, struct error *err) {
    /* An inherited SIG_IGN would have the system reap the child, and its number could go to another process. */
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    struct sigaction child_before;
    struct talk talk = {0};
    struct child_result result = {0};
    bool done = false;

    if (!talk_open(&talk, order, err))
        goto out;
    sigaction(SIGCHLD, &usual, &child_before);
    stop_open(&talk);
    if (start(&talk, order, err)) {
        talk_through(&talk, order, &result);
        reap(&talk, &result);
        done = true;
    }
    stop_close(&talk);
    sigaction(SIGCHLD, &child_before, NULL);
    if (done && talk.failure.output.length == sizeof(talk.why))
        done = spawn_explain(order->path, talk.why, err);
    if (!done)
        goto out;
    result.answers = talk.answers.output;
    result.diagnostics = talk.diagnostics.output;
    talk.answers.output = talk.diagnostics.output = (struct child_output){0};
    *ret_result = result;

out:
    talk_close(&talk);
    return done;
}

void child_result_free(struct child_result *result) {
    if (!result)
        return;
    output_free(&result->answers);
    output_free(&result->diagnostics);
}
