#include "monitor/show/last_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/time.h"
#include "monitor/show/show.h"
#include "tests/monitor/sample.h"
#include "tests/scratch.h"

static struct scratch scratch;

/* All that a report can hold: three slots, a date, servers of every kind. */
static int set_up(void **state) {
    scratch_make(&scratch);
    sample_set_up(state);
    sample_slot(&sample.facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, 0, 0);
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, SAMPLE_NOW, SAMPLE_NOW + 1000 * (time_t)SECONDS_PER_DAY);
    sample_date(&sample.facts, "20261201000000.0Z");
    sample.facts.slot[SLOT_NEXT].key_kept = true;
    sample.facts.directory.clock_skew = -7;
    sample.facts.hybrid = ANSWER_YES;
    sample_server(&sample.facts, "ex3.contoso.test", "", PRESENCE_MISSING, PRESENCE_MISSING);
    sample_server(&sample.facts, "not a host name", "Paris", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample.facts.servers[3].counted = false;
    return 0;
}

static int tear_down(void **state) {
    scratch_remove(&scratch);
    return sample_tear_down(state);
}

static void put_text(const char *text) {
    scratch_put(&scratch, LAST_REPORT_NAME, 0644, text, strlen(text));
}

static void put_json(const json_t *json) {
    char *text = json_dumps(json, 0);

    assert_non_null(text);
    put_text(text);
    free(text);
}

static json_t *good_json(void) {
    char *text = sample_shown(show_json);
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    free(text);
    return json;
}

static void load_good(struct facts *ret_facts, time_t *ret_seen) {
    char *text = sample_shown(show_json);
    struct error err = {0};

    put_text(text);
    free(text);
    if (!last_report_load(scratch.folder, ret_facts, ret_seen, &err))
        fail_msg("%s", err.text);
}

/* What is there is refused as damaged, and nothing is handed out. */
static void assert_damaged(const char *what) {
    struct facts untouched = {.raw_count = 4711};
    time_t seen = 4711;
    struct error err = {0};

    if (last_report_load(scratch.folder, &untouched, &seen, &err))
        fail_msg("taken for whole: %s", what);
    if (err.kind != ERROR_DATA)
        fail_msg("%s: kind %d, %s", what, (int)err.kind, err.text);
    assert_int_equal(untouched.raw_count, 4711);
    assert_int_equal(seen, 4711);
    assert_non_null(strstr(err.text, LAST_REPORT_NAME));
}

static void what_was_shown_comes_back_as_facts(void **state) {
    struct facts back;
    time_t seen;

    (void)state;
    load_good(&back, &seen);
    assert_int_equal(seen, SAMPLE_NOW);
    assert_true(back.read);
    assert_string_equal(back.organization, sample.facts.organization);
    assert_string_equal(back.realm, sample.facts.realm);
    assert_string_equal(back.service_name, sample.facts.service_name);
    assert_string_equal(back.directory.uri, sample.facts.directory.uri);
    assert_string_equal(back.directory.server, sample.facts.directory.server);
    assert_string_equal(back.directory.dn, sample.facts.directory.dn);
    assert_true(back.directory.clock_known);
    assert_int_equal(back.directory.clock_skew, -7);
    assert_int_equal(back.raw_count, sample.facts.raw_count);
    for (size_t i = 0; i < sample.facts.raw_count; i++)
        assert_string_equal((const char *)back.raw_values[i].data, (const char *)sample.facts.raw_values[i].data);
    assert_string_equal((const char *)back.raw_date.data, (const char *)sample.facts.raw_date.data);
    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        assert_string_equal(back.slots.thumbprint[slot], sample.facts.slots.thumbprint[slot]);
        assert_int_equal(back.slot[slot].source, sample.facts.slot[slot].source);
        assert_int_equal(back.slot[slot].key_kept, sample.facts.slot[slot].key_kept);
        assert_null(back.slot[slot].certificate);
    }
    assert_true(back.slots.date_set);
    assert_int_equal(back.slots.date, sample.facts.slots.date);
    assert_int_equal(back.slots.malformed, 0);
    assert_int_equal(back.hybrid, ANSWER_YES);
    assert_int_equal(back.servers_read, ANSWER_YES);
    facts_free(&back);
}

static void servers_come_back(void **state) {
    struct facts back;
    time_t seen;

    (void)state;
    load_good(&back, &seen);
    assert_int_equal(back.server_count, sample.facts.server_count);
    for (size_t i = 0; i < sample.facts.server_count; i++) {
        assert_string_equal(back.servers[i].fqdn, sample.facts.servers[i].fqdn);
        assert_string_equal(back.servers[i].site, sample.facts.servers[i].site);
        assert_string_equal(back.servers[i].version, sample.facts.servers[i].version);
        assert_int_equal(back.servers[i].counted, sample.facts.servers[i].counted);
        assert_int_equal(back.servers[i].presence[SLOT_CURRENT], sample.facts.servers[i].presence[SLOT_CURRENT]);
        assert_int_equal(back.servers[i].presence[SLOT_NEXT], sample.facts.servers[i].presence[SLOT_NEXT]);
    }
    assert_false(back.probed);
    facts_free(&back);
}

static void an_unreachable_server_shows_that_all_were_asked(void **state) {
    struct facts back;
    time_t seen;

    (void)state;
    sample.facts.servers[1].presence[SLOT_CURRENT] = PRESENCE_UNREACHABLE;
    load_good(&back, &seen);
    assert_true(back.probed);
    assert_int_equal(back.servers[0].reached, ANSWER_YES);
    assert_int_equal(back.servers[1].reached, ANSWER_NO);
    facts_free(&back);
}

static void absent_things_come_back_absent(void **state) {
    struct facts plain;
    struct facts back;
    time_t seen;

    (void)state;
    sample_facts(&plain, SAMPLE_NOW, 21);
    free(plain.service_name);
    plain.service_name = NULL;
    free(plain.directory.server);
    plain.directory.server = NULL;
    plain.directory.clock_known = false;
    sample.report.facts = &plain;
    load_good(&back, &seen);
    assert_null(back.service_name);
    assert_null(back.directory.server);
    assert_false(back.directory.clock_known);
    assert_false(back.slots.date_set);
    assert_string_equal(back.slots.thumbprint[SLOT_NEXT], "");
    facts_free(&back);
    facts_free(&plain);
}

static void an_unreadable_look_comes_back_with_its_reason(void **state) {
    struct facts back;
    time_t seen;

    (void)state;
    sample.facts.read = false;
    sample.facts.directory.clock_known = false;
    sample.report.decision.row = ROW_UNREADABLE;
    remarks_free(&sample.report.reasons);
    remarks_add(&sample.report.reasons, "test", "dc1.contoso.test refused the password");
    load_good(&back, &seen);
    assert_false(back.read);
    assert_int_equal(back.unreadable.kind, ERROR_DIRECTORY);
    assert_string_equal(back.unreadable.text, "dc1.contoso.test refused the password");
    assert_string_equal(back.directory.uri, sample.facts.directory.uri);
    facts_free(&back);
    remarks_free(&sample.report.reasons);
    load_good(&back, &seen);
    assert_string_equal(back.unreadable.text, sample.report.briefing.wrong);
    facts_free(&back);
}

static void malformed_values_stay_malformed(void **state) {
    static const char *const values[] = {"0:ZZ", "3:" SAMPLE_NEXT, "0:" SAMPLE_NEXT, "0:\033\xff", "2:" SAMPLE_CURRENT};
    struct facts back;
    time_t seen;

    (void)state;
    sample.report.decision.row = ROW_MALFORMED;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        sample_value(&sample.facts, values[i]);
        load_good(&back, &seen);
        assert_int_equal(back.slots.malformed, sample.facts.slots.malformed);
        facts_free(&back);
    }
}

static void a_date_that_nobody_could_read_stays_unreadable(void **state) {
    struct facts plain;
    struct facts back;
    time_t seen;

    (void)state;
    sample_facts(&plain, SAMPLE_NOW, 21);
    sample_value(&plain, "2:" SAMPLE_NEXT);
    sample_date(&plain, "tomorrow");
    remarks_add(&sample.report.reasons, "not-a-date", "The next effective date is none that can be.");
    sample.report.facts = &plain;
    sample.report.decision.row = ROW_MALFORMED;
    load_good(&back, &seen);
    assert_int_equal(back.slots.malformed, plain.slots.malformed);
    facts_free(&back);
    facts_free(&plain);
}

static void what_the_file_says_is_made_printable(void **state) {
    json_t *json = good_json();
    struct error err = {0};
    struct facts back;
    time_t seen;

    (void)state;
    assert_int_equal(json_object_set_new(json, "organization", json_string("\033[2JContoso")), 0);
    put_json(json);
    assert_true(last_report_load(scratch.folder, &back, &seen, &err));
    assert_string_equal(back.organization, "\\x1b[2JContoso");
    facts_free(&back);
    json_decref(json);
}

static void no_file_is_no_error(void **state) {
    struct facts back = {.raw_count = 4711};
    time_t seen = 4711;
    struct error err = {.kind = ERROR_BUG};

    (void)state;
    assert_false(last_report_load(scratch.folder, &back, &seen, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    assert_int_equal(back.raw_count, 4711);
}

/* Earlier versions did not write it. */
static bool is_new(const char *key) {
    static const char *const keys[] = {"inventory",   "seen_at",   "may_write", "read_only",
                                       "writer_down", "candidate", "document",  "last_change"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* Takes each member of `object`, and of the objects and lists of objects in it, once away and once for another type. */
static size_t break_members(json_t *root, json_t *object, const char *path) {
    size_t broken = 0;
    const char *keys[32];
    size_t count = 0;

    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        keys[count++] = strdup(json_object_iter_key(at));
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_incref(json_object_get(object, keys[i]));
        char where[256];

        snprintf(where, sizeof(where), "%s.%s", path, keys[i]);
        assert_int_equal(json_object_del(object, keys[i]), 0);
        put_json(root);
        if (!is_new(keys[i]))
            assert_damaged(where);
        assert_int_equal(json_object_set_new(object, keys[i], json_real(0.5)), 0);
        put_json(root);
        assert_damaged(where);
        assert_int_equal(json_object_set(object, keys[i], value), 0);
        broken += 2;
        if (json_is_object(value))
            broken += break_members(root, value, where);
        else if (strcmp(keys[i], "servers") == 0)
            broken += break_members(root, json_array_get(value, 0), where);
        json_decref(value);
        free((void *)(uintptr_t)keys[i]);
    }
    return broken;
}

static void every_member_is_needed_and_has_its_type(void **state) {
    json_t *json = good_json();

    (void)state;
    assert_true(break_members(json, json, "") > 100);
    json_decref(json);
}

/* Replaces in the text of a good file, and expects it to be refused. */
static void assert_refuses(const char *what, const char *with) {
    char *text = sample_shown(show_json);
    char *at = strstr(text, what);
    size_t size = strlen(text) + strlen(with) + 1;
    char *changed = malloc(size);

    assert_non_null(at);
    assert_non_null(changed);
    snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
    put_text(changed);
    assert_damaged(with);
    free(changed);
    free(text);
}

static void values_that_cannot_be_are_refused(void **state) {
    (void)state;
    assert_refuses("\"schema\": 2", "\"schema\": 1");
    assert_refuses("\"schema\": 2", "\"schema\": 2, \"schema\": 1");
    assert_refuses("\"checked_at\": \"2026-11-21T02:00:00Z\"", "\"checked_at\": \"2026-11-21\"");
    assert_refuses("\"checked_at\": \"2026-11-21T02:00:00Z\"", "\"checked_at\": null");
    assert_refuses("\"organization\": \"Contoso\"", "\"organization\": null");
    assert_refuses("\"next_effective\": \"2026-12-01T00:00:00Z\"", "\"next_effective\": \"2026-13-01T00:00:00Z\"");
    assert_refuses("\"source\": \"store\"", "\"source\": \"hearsay\"");
    assert_refuses("\"current\": \"present\"", "\"current\": \"here\"");
    assert_refuses("\"hybrid\": \"yes\"", "\"hybrid\": \"maybe\"");
    assert_refuses("\"id\": \"none\"", "\"id\": \"nothing\"");
    assert_refuses("\"fqdn\": \"ex1.contoso.test\"", "\"fqdn\": \"ex1;reboot\"");
    assert_refuses("\"thumbprint\": \"" SAMPLE_CURRENT, "\"thumbprint\": \"" SAMPLE_NEXT);
    assert_refuses("\"0:" SAMPLE_CURRENT "\"", "17");
    assert_refuses("\"fqdn\": \"ex1.contoso.test\"", "\"fqdn\": \"\\u0000\"");
}

static void a_slot_is_there_exactly_when_its_value_is(void **state) {
    json_t *json = good_json();

    (void)state;
    assert_int_equal(json_object_set_new(json_object_get(json, "certificates"), "previous", json_null()), 0);
    put_json(json);
    assert_damaged("previous is null");
    json_decref(json);
    json = good_json();
    assert_int_equal(json_array_remove(json_object_get(json, "raw_values"), 1), 0);
    put_json(json);
    assert_damaged("no value for previous");
    json_decref(json);
}

static void what_is_no_json_is_refused(void **state) {
    char *text = sample_shown(show_json);
    size_t length = strlen(text);

    (void)state;
    for (size_t cut = 0; cut < length - 2; cut += 37) {
        scratch_put(&scratch, LAST_REPORT_NAME, 0644, text, cut);
        assert_damaged("cut short");
    }
    put_text("[]\n");
    assert_damaged("a list");
    put_text("{} {}\n");
    assert_damaged("more than one");
    text[length / 2] = '\xff';
    put_text(text);
    assert_damaged("no UTF-8");
    free(text);
}

static void a_huge_file_is_refused(void **state) {
    size_t size = 17 * 1024 * 1024;
    char *spaces = malloc(size);

    (void)state;
    assert_non_null(spaces);
    memset(spaces, ' ', size);
    scratch_put(&scratch, LAST_REPORT_NAME, 0644, spaces, size);
    free(spaces);
    assert_damaged("17 MiB");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_shown_comes_back_as_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(servers_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unreachable_server_shows_that_all_were_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(absent_things_come_back_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_look_comes_back_with_its_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malformed_values_stay_malformed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_date_that_nobody_could_read_stays_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_file_says_is_made_printable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_file_is_no_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_member_is_needed_and_has_its_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_that_cannot_be_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slot_is_there_exactly_when_its_value_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_huge_file_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
