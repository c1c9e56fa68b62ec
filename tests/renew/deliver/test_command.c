#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/child.h"
#include "renew/deliver/command.h"
#include "tests/scratch.h"

#define THUMBPRINT "0123456789ABCDEF0123456789ABCDEF01234567"
#define PASSWORD "GEZDGNBVGY3TQOJQGEZDGNBVGY"
#define EX1 "ex1.contoso.test"
#define EX2 "ex2.contoso.test"
#define PFX_SIZE 200000 /* more than a pipe holds */

static struct scratch scratch;
static char command[SCRATCH_PATH_SIZE + 16];
static unsigned char pfx[PFX_SIZE];
static struct delivery_outcome outcome;
static struct error err;

static int make(void **state) {
    (void)state;
    scratch_make(&scratch);
    snprintf(command, sizeof(command), "%s/deliver", scratch.path);
    for (size_t i = 0; i < sizeof(pfx); i++)
        pfx[i] = (unsigned char)(i * 7 + i / 251);
    return 0;
}

/* Whatever the test did, no child and no outcome is left. */
static int clear(void **state) {
    (void)state;
    delivery_outcome_free(&outcome);
    scratch_remove(&scratch);
    if (waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD)
        return 0;
    print_error("a child was left behind\n");
    return 1;
}

/* The command must belong to root, which only root can arrange. */
static void needs_root(void) {
    if (geteuid() != 0)
        skip();
}

static void put_script(mode_t mode, const char *body) {
    char script[4096];
    int length = snprintf(script, sizeof(script), "#!/bin/sh\nscratch=%s\n%s", scratch.path, body);

    assert_in_range(length, 1, sizeof(script) - 1);
    scratch_put(&scratch, "deliver", mode, script, (size_t)length);
}

static bool deliver(const char *path, int timeout) {
    char *names[] = {(char[]){EX1}, (char[]){EX2}};
    const struct strings servers = {.items = names, .count = 2};
    const struct secret content = {.value = (char *)pfx, .length = sizeof(pfx)};
    const struct secret password = {.value = (char[]){PASSWORD}, .length = sizeof(PASSWORD) - 1};
    const struct delivery_settings settings = {.command = path, .timeout = timeout};
    const struct delivery_order order = {
        .thumbprint = THUMBPRINT, .slot = SLOT_NEXT, .servers = &servers, .pfx = &content, .password = &password};

    delivery_outcome_free(&outcome);
    err = (struct error){0};
    return delivery_command_run(&settings, &order, &outcome, &err);
}

static double seconds(void) {
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void run_script(const char *body, int timeout) {
    needs_root();
    put_script(0755, body);
    if (!deliver(command, timeout))
        fail_msg("%s", err.text);
    assert_int_equal(outcome.count, 2);
    assert_string_equal(outcome.answers[0].fqdn, EX1);
    assert_string_equal(outcome.answers[1].fqdn, EX2);
}

static bool remarked(const char *part) {
    for (size_t i = 0; i < outcome.remarks.count; i++)
        if (strstr(outcome.remarks.items[i], part))
            return true;
    return false;
}

static void expect_remark(const char *part) {
    if (remarked(part))
        return;
    for (size_t i = 0; i < outcome.remarks.count; i++)
        print_error("remark: %s\n", outcome.remarks.items[i]);
    fail_msg("no remark says \"%s\"", part);
}

/* Nothing that is kept of the run contains it, in either case. */
static void expect_hidden(const char *part) {
    for (size_t i = 0; i < outcome.remarks.count; i++)
        assert_null(strcasestr(outcome.remarks.items[i], part));
    for (size_t i = 0; i < outcome.count; i++)
        assert_null(strcasestr(outcome.answers[i].text, part));
}

/* 'p' present, 'f' failed, '-' neither, for each server. */
static void expect_answers(const char *expected, bool completed) {
    for (size_t i = 0; i < outcome.count; i++) {
        assert_int_equal(outcome.answers[i].present, expected[i] == 'p');
        assert_int_equal(outcome.answers[i].failed, expected[i] == 'f');
    }
    assert_int_equal(outcome.completed, completed);
}

static char *content_of(const char *name) {
    static char content[4096];
    FILE *file = fopen(scratch_path(&scratch, name), "r");
    size_t length;

    assert_non_null(file);
    length = fread(content, 1, sizeof(content) - 1, file);
    fclose(file);
    content[length] = '\0';
    return content;
}

static void expect_line(const char *content, const char *line) {
    size_t length = strlen(line);

    for (const char *at = content; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0'))
            return;
    fail_msg("\"%s\" is no line of: %s", line, content);
}

/* Nobody waits for a grandchild but init: dead is enough. A deadline, as a signal takes its time. */
static void expect_gone(const char *name) {
    long process = strtol(content_of(name), NULL, 10);
    char path[64];
    double until = seconds() + 10;

    assert_true(process > 1);
    snprintf(path, sizeof(path), "/proc/%ld/stat", process);
    while (seconds() < until) {
        char line[512] = "";
        FILE *file = fopen(path, "r");
        const char *state;

        if (!file)
            return;
        state = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
        fclose(file);
        if (!state || state[2] == 'Z' || state[2] == 'X')
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    kill((pid_t)process, SIGKILL);
    fail_msg("the process in %s still runs", name);
}

static void gets_the_secrets_and_answers(void **state) {
    struct stat status;
    FILE *file;
    static unsigned char got[PFX_SIZE];

    (void)state;
    run_script("cat > $scratch/pfx\ncat <&$AUTHCERT_PASSWORD_FD > $scratch/password\ncat <&3 > $scratch/again\n"
               "echo '" EX1 " present'\necho '" EX2 " failed the disk is full'\n",
               30);
    expect_answers("pf", true);
    assert_string_equal(outcome.answers[0].text, "");
    assert_string_equal(outcome.answers[1].text, "the disk is full");
    assert_int_equal(outcome.remarks.count, 0);
    assert_string_equal(content_of("password"), PASSWORD);
    assert_string_equal(content_of("again"), "");
    file = fopen(scratch_path(&scratch, "pfx"), "r");
    assert_non_null(file);
    assert_int_equal(fread(got, 1, sizeof(got), file), sizeof(got));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    assert_memory_equal(got, pfx, sizeof(pfx));
    assert_int_equal(stat(scratch_path(&scratch, "pfx"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600); /* umask 077 */
}

static void sees_only_what_is_meant_for_it(void **state) {
    int leak;

    (void)state;
    needs_root();
    assert_int_equal(setenv("AUTHCERT_TEST_LEAK", "yes", 1), 0);
    leak = fcntl(scratch.folder, F_DUPFD, 100);
    assert_true(leak >= 100);
    put_script(0755, "tr '\\0' '\\n' < /proc/$$/environ > $scratch/environment\npwd > $scratch/where\n"
                     "exec /bin/ls /proc/self/fd > $scratch/descriptors\n");
    if (!deliver(command, 30))
        fail_msg("%s", err.text);
    close(leak);
    unsetenv("AUTHCERT_TEST_LEAK");
    expect_answers("--", true);
    expect_remark("no answer for 2 of 2 servers");
    assert_string_equal(
        content_of("environment"),
        "AUTHCERT_THUMBPRINT=" THUMBPRINT "\nAUTHCERT_SLOT=next\nAUTHCERT_SERVERS=" EX1 " " EX2
        "\nAUTHCERT_PASSWORD_FD=3\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    assert_string_equal(content_of("where"), "/\n");
    /* The fifth is the folder that ls reads. */
    assert_string_equal(content_of("descriptors"), "0\n1\n2\n3\n4\n");
}

/* Linux takes no string of an environment above 128 KiB, and only the first 64 KiB of answers count. */
static void thousands_of_servers_go_in_batches(void **state) {
    enum { COUNT = 6000 };
    char *names[COUNT] = {NULL};
    const struct secret content = {.value = (char *)pfx, .length = sizeof(pfx)};
    const struct secret password = {.value = (char[]){PASSWORD}, .length = sizeof(PASSWORD) - 1};
    const struct delivery_settings settings = {.command = command, .timeout = 60};
    const struct strings servers = {.items = names, .count = COUNT};
    const struct delivery_order order = {
        .thumbprint = THUMBPRINT, .slot = SLOT_NEXT, .servers = &servers, .pfx = &content, .password = &password};
    size_t runs;

    (void)state;
    needs_root();
    for (size_t i = 0; i < COUNT; i++)
        assert_true(asprintf(&names[i], "exchange-%05zu.branch.contoso.test", i) > 0);
    put_script(0755, "cat >> $scratch/pfx\necho run >> $scratch/runs\ncat <&3 >/dev/null\n"
                     "for server in $AUTHCERT_SERVERS; do echo $server present; done\n");
    delivery_outcome_free(&outcome);
    if (!delivery_command_run(&settings, &order, &outcome, &err))
        fail_msg("%s", err.text);
    assert_int_equal(outcome.count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(outcome.answers[i].present && strcmp(outcome.answers[i].fqdn, names[i]) == 0);
    assert_true(outcome.completed);
    assert_int_equal(outcome.remarks.count, 0);
    runs = strlen(content_of("runs")) / strlen("run\n");
    assert_in_range(runs, 2, 12);

    /* What came of the first batches is kept when a later one fails, and all that follow are tried. */
    put_script(0755, "cat >/dev/null\nfor server in $AUTHCERT_SERVERS; do echo $server present; done\n"
                     "case $AUTHCERT_SERVERS in *-00000.*) exit 3;; esac\n");
    delivery_outcome_free(&outcome);
    assert_true(delivery_command_run(&settings, &order, &outcome, &err));
    assert_true(outcome.answers[0].present && outcome.answers[COUNT - 1].present);
    assert_false(outcome.completed);
    expect_remark("status 3");

    /* After one that hung the others are not asked to hang as well. */
    put_script(0755, "echo run >> $scratch/hung\nsleep 60\n");
    delivery_outcome_free(&outcome);
    assert_true(
        delivery_command_run(&(struct delivery_settings){.command = command, .timeout = 1}, &order, &outcome, &err));
    assert_false(outcome.completed);
    expect_remark("no answer for 6000 of 6000 servers");
    assert_string_equal(content_of("hung"), "run\n");
    for (size_t i = 0; i < COUNT; i++)
        free(names[i]);
}

static void starts_with_default_signals_in_a_group_of_its_own(void **state) {
    struct sigaction before;
    struct sigaction after;
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t blocked;
    sigset_t mask;
    const char *status;
    unsigned long core = 99;

    (void)state;
    needs_root();
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    sigaction(SIGQUIT, &ignore, &before);
    sigaction(SIGCHLD, &ignore, NULL);
    /* The shell itself has signals blocked while it starts another program: it reads its status without one. */
    run_script("while read -r line; do echo \"$line\"; done < /proc/$$/status > $scratch/status\n"
               "cat /proc/$$/limits > $scratch/limits\n"
               "read -r line < /proc/$$/stat\nset -- ${line##*) }\n"
               "test $3 = $$ && test $4 = $$ && echo '" EX1 " present'\n",
               30);
    sigaction(SIGQUIT, &before, NULL);
    sigaction(SIGCHLD, NULL, &after);
    assert_true(after.sa_handler == SIG_IGN);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigprocmask(SIG_UNBLOCK, &blocked, &mask);
    assert_true(sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGTERM) == 0);
    expect_answers("p-", true);
    status = content_of("status");
    expect_line(status, "SigBlk:\t0000000000000000");
    expect_line(status, "SigIgn:\t0000000000000000");
    status = strstr(content_of("limits"), "Max core file size");
    assert_non_null(status);
    assert_int_equal(sscanf(status, "Max core file size %lu", &core), 1);
    assert_in_range(core, 0, 1); /* a byte is no core either */
}

/* A program that was started without standard input, output and error has pipes there. */
static void works_where_the_low_descriptors_are_closed(void **state) {
    int status = -1;
    pid_t process;

    (void)state;
    needs_root();
    put_script(0755, "test \"$(wc -c)\" = 200000 && test $(cat <&3) = " PASSWORD " && echo '" EX1 " present'\n");
    process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        for (int file = 0; file < 3; file++)
            close(file);
        _exit(deliver(command, 30) && outcome.completed && outcome.answers[0].present ? 0 : 1);
    }
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

struct behaviour {
    const char *script;
    const char *answers;
    bool completed;
    const char *remark; /* NULL = none at all */
};

static void every_way_to_answer_badly(void **state) {
    static const struct behaviour behaviours[] = {
        {"echo 'EX1.Contoso.TEST present'\necho ' " EX2 "\tpresent '", "pp", true, NULL},
        {"printf '" EX1 " present\\r\\n\\n" EX2 " present'", "pp", true, NULL},
        {"echo '" EX1 " failed'; echo '" EX2 " present'", "fp", true, NULL},
        {"exit 0", "--", true, "no answer for 2 of 2"},
        {"echo '" EX1 " present'", "p-", true, "no answer for " EX2},
        {"echo '" EX1 " present'; echo '" EX2 " present'; exit 1", "pp", false, "ended with status 1"},
        {"echo '" EX1 " present'; kill -9 $$", "p-", false, "ended by signal 9 (KILL)"},
        {"printf '" EX1 " present\\n" EX2 " present'; kill -SEGV $$", "p-", false, "ended by signal 11 (SEGV)"},
        {"echo 'ex9.contoso.test present'", "--", true, "not asked about: ex9.contoso.test present"},
        {"echo '" EX1 ".evil.test present'", "--", true, "not asked about"},
        {"echo '" EX1 " present'; echo '" EX1 " failed no'", "--", true, "both present and failed of " EX1},
        {"echo '" EX1 " failed no'; echo '" EX1 " present'", "--", true, "both present and failed of " EX1},
        {"echo '" EX1 " present'; echo '" EX1 " present'; echo '" EX2 " present'", "pp", true, NULL},
        {"echo '" EX1 " present but unusable'", "--", true, "neither present nor failed of a server: " EX1},
        {"echo '" EX1 "'", "--", true, "neither present nor failed of a server: " EX1},
        {"printf '" EX1 "\\0 present\\n'", "--", true, "not asked about: " EX1 "\\x00 present"},
        {"echo present", "--", true, "a line that is no answer: present"},
        {"for i in 1 2 3 4 5 6 7 8 9 10; do echo hello $i; done", "--", true, "2 more lines"},
        {"echo '" EX1 " present'; echo oops >&2; exit 3", "p-", false, "standard error of the delivery command: oops"},
        {"exec <&-; exec 3<&-; echo '" EX1 " present'; echo '" EX2 " present'", "pp", true, NULL},
        {"exec >&- 2>&- <&-; exit 0", "--", true, "no answer"},
        {"head -c 10 > /dev/null; echo '" EX1 " present'; echo '" EX2 " failed x'", "pf", true, NULL},
        {"yes '" EX1 " present' | head -c 300000; echo '" EX2 " present'", "p-", true, "more than 65536 bytes"},
        {"yes oops | head -c 3000000 >&2; echo '" EX1 " present'; echo '" EX2 " present'", "pp", true,
         "more than 16384 bytes to standard error"},
        {"head -c 300000 /dev/zero; echo; echo '" EX1 " present'", "--", true, "more than 65536 bytes"},
    };
    const size_t count = sizeof(behaviours) / sizeof(behaviours[0]);
    double begin = seconds();

    (void)state;
    for (size_t i = 0; i < count; i++) {
        run_script(behaviours[i].script, 30);
        for (size_t server = 0; server < 2; server++) {
            const struct delivery_answer *answer = &outcome.answers[server];

            if (answer->present != (behaviours[i].answers[server] == 'p') ||
                answer->failed != (behaviours[i].answers[server] == 'f'))
                fail_msg("%s: %s is present %d, failed %d", behaviours[i].script, answer->fqdn, answer->present,
                         answer->failed);
        }
        if (outcome.completed != behaviours[i].completed)
            fail_msg("%s: completed is %d", behaviours[i].script, outcome.completed);
        if (behaviours[i].remark)
            expect_remark(behaviours[i].remark);
        else if (outcome.remarks.count > 0)
            fail_msg("%s: %s", behaviours[i].script, outcome.remarks.items[0]);
    }
    assert_true(seconds() - begin < (double)count * CHILD_GRACE); /* the grace is for those that leave something */
}

static void never_tells_the_secrets_it_is_told(void **state) {
    (void)state;
    run_script("p=$(cat <&3)\necho \"" EX1 " failed cannot log on with $p there\"\necho \"$p present\"\n"
               "echo \"" EX2 " present\"\necho \"my password is $p\" | tr A-Z a-z >&2\nprintf '%.9s' $p >&2\n",
               30);
    expect_answers("fp", true);
    assert_string_equal(outcome.answers[0].text, "cannot log on with ************************** there");
    expect_remark("my password is ***");
    expect_hidden(PASSWORD);
    expect_hidden("GEZDGNBVG");

    run_script("key() { printf -- '-----BEGIN %s KEY-----\\nc2VjcmV0IGtleQ==\\n-----END %s KEY-----\\n' "
               "PRIVATE PRIVATE; }\nkey\nkey >&2\necho '" EX1 " present'\n"
               "head -c 48 /dev/zero | tr '\\0' Q | base64 -w0\n",
               30);
    expect_answers("p-", true);
    expect_hidden("c2VjcmV0");
    expect_hidden("UVFRUVFR");
}

static void makes_hostile_text_harmless_and_short(void **state) {
    (void)state;
    run_script("printf '" EX1 " failed \\033[31mred\\n'\nprintf '" EX2
               " failed '\nyes long | head -c 5000 | tr '\\n' .\n"
               "printf '\\n\\033]0;title\\007\\n'; printf '\\033[2J\\n' >&2\n",
               30);
    assert_string_equal(outcome.answers[0].text, "\\x1b[31mred");
    assert_in_range(strlen(outcome.answers[1].text), 100, DELIVERY_TEXT_MOST);
    expect_remark("\\x1b]0;title\\x07");
    expect_remark("\\x1b[2J");
}

static void a_command_that_hangs_is_ended_with_its_group(void **state) {
    static const char *const scripts[] = {
        /* It and its child ignore SIGTERM, and nobody reads the PFX. */
        "trap '' TERM\n(echo $$ > /dev/null; exec sleep 1000) &\necho $! > $scratch/child\n"
        "echo $$ > $scratch/leader\necho '" EX1 " present'\nprintf '" EX2 " present'\nwhile :; do sleep 1000; done\n",
        /* It ends at SIGTERM, its child does not. */
        "(trap '' TERM; exec sleep 1000) &\necho $! > $scratch/child\necho $$ > $scratch/leader\n"
        "echo '" EX1 " present'\nwait\n",
        /* It floods both for ever. */
        "echo '" EX1 " present'\nyes >&2 & echo $! > $scratch/child\necho $$ > $scratch/leader\nexec yes\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        double begin = seconds();

        run_script(scripts[i], 1);
        assert_in_range((uintmax_t)((seconds() - begin) * 1000), 900, 8000);
        expect_answers("p-", false);
        expect_remark("had not ended after 1 s");
        expect_gone("leader");
        expect_gone("child");
    }
}

static void a_child_that_keeps_the_pipe_open_holds_nobody_up(void **state) {
    double begin = seconds();

    (void)state;
    run_script("(trap '' TERM; exec sleep 1000) &\necho $! > $scratch/child\necho '" EX1 " present'\n"
               "echo '" EX2 " present'\n",
               60);
    assert_true(seconds() - begin < 20);
    expect_answers("pp", true);
    expect_remark("kept its output open");
    expect_gone("child");

    /* One that left the group lives on, but holds nobody up either. */
    run_script("setsid sh -c \"echo \\$\\$ > $scratch/away; exec sleep 1000\" &\n"
               "while ! test -s $scratch/away; do :; done\necho '" EX1 " present'\n",
               60);
    assert_true(seconds() - begin < 40);
    expect_answers("p-", true);
    expect_remark("kept its output open");
    kill((pid_t)strtol(content_of("away"), NULL, 10), SIGKILL);
    expect_gone("away");

    /* One that holds nothing open is ended all the same, without a wait. */
    run_script("sleep 1000 > /dev/null 2>&1 < /dev/null 3<&- &\necho $! > $scratch/quiet\necho '" EX1 " present'\n",
               60);
    expect_answers("p-", true);
    expect_gone("quiet");
}

static void refused(const char *path, const char *part) {
    if (deliver(path, 5))
        fail_msg("%s was run", path);
    if (err.kind != ERROR_CONFIG || !strstr(err.text, part))
        fail_msg("\"%s\" is not in: %s (kind %d)", part, err.text, (int)err.kind);
    assert_null(outcome.answers);
}

static void only_root_can_have_written_it(void **state) {
    char path[SCRATCH_PATH_SIZE + 64];

    (void)state;
    needs_root();
    put_script(0644, "touch $scratch/ran\n");
    refused(command, "may not execute it");
    chmod(command, 0775);
    refused(command, "others than root can change it");
    chmod(command, 0757);
    refused(command, "others than root can change it");
    chmod(command, 0755);
    assert_int_equal(chown(command, 65534, 0), 0);
    refused(command, "it belongs to user 65534");
    assert_int_equal(chown(command, 0, 0), 0);
    chmod(scratch.path, 0770);
    refused(command, "could put another program there");
    chmod(scratch.path, 0755);
    assert_int_equal(chown(scratch.path, 65534, 0), 0);
    refused(command, "belongs to user 65534, who could put another program there");
    assert_int_equal(chown(scratch.path, 0, 0), 0);

    assert_int_equal(symlinkat(command, scratch.folder, "link"), 0);
    refused(scratch_path(&scratch, "link"), "a symbolic link is on its way; configure ");
    assert_int_equal(symlinkat(".", scratch.folder, "here"), 0);
    snprintf(path, sizeof(path), "%s/here/deliver", scratch.path);
    refused(path, "a symbolic link is on its way; configure ");
    snprintf(path, sizeof(path), "%s/./deliver", scratch.path);
    refused(path, "without . and ..");
    snprintf(path, sizeof(path), "%s//deliver", scratch.path);
    refused(path, "empty");
    snprintf(path, sizeof(path), "%s/deliver/x", scratch.path);
    refused(path, "is not a folder");
    refused(scratch.path, "not a regular file");
    refused(scratch_path(&scratch, "absent"), "there is no ");
    refused("deliver", "an absolute path");
    assert_int_equal(access(scratch_path(&scratch, "ran"), F_OK), -1);
    if (!deliver(command, 5))
        fail_msg("%s", err.text);
    assert_int_equal(access(scratch_path(&scratch, "ran"), F_OK), 0);
}

static void what_cannot_be_executed_says_why(void **state) {
    (void)state;
    needs_root();
    scratch_put(&scratch, "deliver", 0755, "#!/nowhere/sh\n", 14);
    refused(command, "the interpreter that it needs is not there");
    scratch_put(&scratch, "deliver", 0755, "#!/bin/sh\r\nexit 0\r\n", 19);
    refused(command, "the interpreter that it needs is not there");
    scratch_put(&scratch, "deliver", 0755, "exit 0\n", 7);
    refused(command, "no script that begins with #!");
    scratch_put(&scratch, "deliver", 0755, "#!/etc/passwd\n", 14);
    refused(command, "does not allow to execute");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gets_the_secrets_and_answers, make, clear),
        cmocka_unit_test_setup_teardown(sees_only_what_is_meant_for_it, make, clear),
        cmocka_unit_test_setup_teardown(starts_with_default_signals_in_a_group_of_its_own, make, clear),
        cmocka_unit_test_setup_teardown(works_where_the_low_descriptors_are_closed, make, clear),
        cmocka_unit_test_setup_teardown(every_way_to_answer_badly, make, clear),
        cmocka_unit_test_setup_teardown(never_tells_the_secrets_it_is_told, make, clear),
        cmocka_unit_test_setup_teardown(makes_hostile_text_harmless_and_short, make, clear),
        cmocka_unit_test_setup_teardown(thousands_of_servers_go_in_batches, make, clear),
        cmocka_unit_test_setup_teardown(a_command_that_hangs_is_ended_with_its_group, make, clear),
        cmocka_unit_test_setup_teardown(a_child_that_keeps_the_pipe_open_holds_nobody_up, make, clear),
        cmocka_unit_test_setup_teardown(only_root_can_have_written_it, make, clear),
        cmocka_unit_test_setup_teardown(what_cannot_be_executed_says_why, make, clear),
    };

    /* As the program does; a child that inherited it would have it in SigIgn. */
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
