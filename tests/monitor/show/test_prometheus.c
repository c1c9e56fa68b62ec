#include "monitor/show/show.h"

#include <errno.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/monitor/sample.h"

#define DAY ((time_t)SECONDS_PER_DAY)

extern char **environ;

static struct ran run;
static bool was_run;

static bool show(const struct report *report, FILE *out) {
    return show_prometheus(report, was_run ? &run : NULL, out);
}

static char *shown(int success, size_t pending) {
    was_run = success >= 0;
    run = (struct ran){.success = success > 0, .last_success = success > 0 ? SAMPLE_NOW : 0, .pending = pending};
    return sample_shown(show);
}

static void assert_line(const char *text, const char *line) {
    const char *at = strstr(text, line);

    if (at == NULL || (at != text && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("no line \"%s\" in:\n%s", line, text);
}

/* What Prometheus' own checker says of it: 0 = nothing to complain about. Frees it and skips where that is missing. */
static int promtool(char *text) {
    char *const arguments[] = {(char[]){"promtool"}, (char[]){"check"}, (char[]){"metrics"}, NULL};
    posix_spawn_file_actions_t actions;
    FILE *file = tmpfile();
    int status = -1;
    pid_t pid;
    int result;

    assert_non_null(file);
    assert_true(fputs(text, file) != EOF && fflush(file) == 0);
    rewind(file);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, fileno(file), STDIN_FILENO), 0);
    result = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (result == ENOENT) {
        fclose(file);
        free(text);
        print_message("promtool (package prometheus) is not installed\n");
        skip();
    }
    assert_int_equal(result, 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void stage_next(void) {
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, SAMPLE_NOW, SAMPLE_NOW + 1800 * DAY);
    sample_date(&sample.facts, "20261201000000.0Z");
}

static void a_run_shows_all_it_knows(void **state) {
    char *text;

    (void)state;
    stage_next();
    sample_server(&sample.facts, "ex3.contoso.test", "Paris", PRESENCE_MISSING, PRESENCE_MISSING);
    sample_server(&sample.facts, "ex4.contoso.test", "Paris", PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN);
    text = shown(1, 2);
    assert_line(text, "authcert_status{organization=\"Contoso\",status=\"ok\"} 0");
    assert_line(text, "authcert_status{organization=\"Contoso\",status=\"warning\"} 1");
    assert_line(text, "authcert_certificate_not_after_timestamp_seconds{organization=\"Contoso\",slot=\"current\","
                      "thumbprint=\"" SAMPLE_CURRENT "\"} 1797040800");
    assert_line(text, "authcert_certificate_not_after_timestamp_seconds{organization=\"Contoso\",slot=\"next\","
                      "thumbprint=\"" SAMPLE_NEXT "\"} 1950746400");
    assert_line(text, "authcert_next_effective_timestamp_seconds{organization=\"Contoso\"} 1796083200");
    assert_line(text, "authcert_servers{organization=\"Contoso\",slot=\"current\",presence=\"present\"} 2");
    assert_line(text, "authcert_servers{organization=\"Contoso\",slot=\"current\",presence=\"unreachable\"} 1");
    assert_line(text, "authcert_server_certificate_present{organization=\"Contoso\",server=\"ex1.contoso.test\","
                      "slot=\"current\"} 1");
    assert_line(text, "authcert_server_certificate_present{organization=\"Contoso\",server=\"ex3.contoso.test\","
                      "slot=\"next\"} 0");
    assert_null(strstr(text, "server=\"ex4.contoso.test\"")); /* it could not be asked: neither 0 nor 1 */
    assert_null(strstr(text, "authcert_server_reached"));
    assert_line(text, "authcert_last_run_timestamp_seconds{organization=\"Contoso\"} 1795226400");
    assert_line(text, "authcert_last_run_success{organization=\"Contoso\"} 1");
    assert_line(text, "authcert_last_success_timestamp_seconds{organization=\"Contoso\"} 1795226400");
    assert_line(text, "authcert_notifications_pending{organization=\"Contoso\"} 2");
    assert_non_null(strstr(text, "authcert_build_info{organization=\"Contoso\",version=\""));
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void servers_that_were_asked_were_reached_or_not(void **state) {
    char *text;

    (void)state;
    sample.facts.probed = true;
    sample.facts.servers[0].reached = ANSWER_YES;
    sample.facts.servers[1].reached = ANSWER_NO;
    sample_server(&sample.facts, "ex3.contoso.test", "Paris", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    text = shown(-1, 0);
    assert_line(text, "authcert_server_reached{organization=\"Contoso\",server=\"ex1.contoso.test\"} 1");
    assert_line(text, "authcert_server_reached{organization=\"Contoso\",server=\"ex2.contoso.test\"} 0");
    assert_null(strstr(text, "authcert_server_reached{organization=\"Contoso\",server=\"ex3"));
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void help_and_type_stand_once_before_each_name(void **state) {
    char *text;
    char seen[64][128];
    size_t count = 0;
    char *rest;

    (void)state;
    stage_next();
    text = shown(0, 0);
    rest = text;
    for (char *line = strsep(&rest, "\n"); rest != NULL; line = strsep(&rest, "\n")) {
        char name[128];

        if (sscanf(line, "# HELP %127s ", name) == 1) {
            for (size_t i = 0; i < count; i++)
                assert_string_not_equal(seen[i], name);
            memcpy(seen[count++], name, sizeof(name));
        } else if (sscanf(line, "# TYPE %127s ", name) == 1) {
            bool counts = strstr(name, "_total") != NULL;

            assert_string_equal(seen[count - 1], name);
            assert_non_null(strstr(line, counts ? " counter" : " gauge"));
        } else {
            assert_int_equal(sscanf(line, "%127[a-z_]{", name), 1);
            assert_string_equal(seen[count - 1], name);
        }
    }
    assert_true(count > 8);
    free(text);
}

static void a_run_that_failed_shows_no_success(void **state) {
    char *text = shown(0, 0);

    (void)state;
    assert_line(text, "authcert_last_run_success{organization=\"Contoso\"} 0");
    assert_null(strstr(text, "authcert_last_success"));
    free(text);
}

/* When it last worked is what an alarm needs just then. */
static void a_run_that_failed_still_shows_the_last_success(void **state) {
    char *text;

    (void)state;
    was_run = true;
    run = (struct ran){.last_success = SAMPLE_NOW - DAY, .pending = 1, .given_up = 3};
    text = sample_shown(show);
    assert_line(text, "authcert_last_run_success{organization=\"Contoso\"} 0");
    assert_line(text, "authcert_last_success_timestamp_seconds{organization=\"Contoso\"} 1795140000");
    assert_line(text, "authcert_notifications_given_up_total{organization=\"Contoso\"} 3");
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void a_check_says_nothing_of_runs(void **state) {
    char *text = shown(-1, 0);

    (void)state;
    assert_null(strstr(text, "authcert_last_"));
    assert_null(strstr(text, "authcert_notifications_pending"));
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void an_unreadable_directory_leaves_nothing_stale(void **state) {
    char *text;

    (void)state;
    sample.facts.read = false;
    free(sample.facts.organization);
    sample.facts.organization = NULL;
    sample.report.decision.row = ROW_UNREADABLE;
    sample.report.decision.status = STATUS_UNKNOWN;
    text = shown(0, 1);
    assert_line(text, "authcert_status{organization=\"\",status=\"unknown\"} 1");
    assert_null(strstr(text, "authcert_certificate"));
    assert_null(strstr(text, "authcert_server"));
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void labels_are_escaped(void **state) {
    char *text;

    (void)state;
    sample_text(&sample.facts.organization, "back\\slash \"quote\" line\nfeed Z\xc3\xbcrich");
    text = shown(1, 0);
    assert_line(text, "authcert_last_run_success{organization=\"back\\\\slash \\\"quote\\\" line\\nfeed "
                      "Z\xc3\xbcrich\"} 1");
    assert_int_equal(promtool(text), 0);
    free(text);
}

static void a_full_disk_is_noticed(void **state) {
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(show_prometheus(&sample.report, &run, full));
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_shows_all_it_knows, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(servers_that_were_asked_were_reached_or_not, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(help_and_type_stand_once_before_each_name, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_failed_shows_no_success, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_failed_still_shows_the_last_success, sample_set_up,
                                        sample_tear_down),
        cmocka_unit_test_setup_teardown(a_check_says_nothing_of_runs, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_directory_leaves_nothing_stale, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(labels_are_escaped, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_noticed, sample_set_up, sample_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
