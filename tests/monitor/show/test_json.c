#include "monitor/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/time.h"
#include "tests/monitor/sample.h"

/* The answer, parsed: that it is JSON and that no key comes twice is asserted by that. */
static json_t *answer(void) {
    char *text = sample_shown(show_json);
    json_error_t where;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);

    assert_non_null(json);
    assert_int_equal(text[strlen(text) - 1], '\n');
    free(text);
    return json;
}

static void assert_text(const json_t *object, const char *key, const char *expected) {
    const char *value = json_string_value(json_object_get(object, key));

    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void assert_absent(const json_t *object, const char *key) {
    assert_true(json_is_null(json_object_get(object, key)));
}

/* The keys of an object, in order, with a space behind each. */
static void assert_keys(json_t *object, const char *expected) {
    char found[512] = "";
    size_t length = 0;

    assert_true(json_is_object(object));
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        length += (size_t)snprintf(found + length, sizeof(found) - length, "%s ", json_object_iter_key(at));
    assert_string_equal(found, expected);
}

static void add_done(void) {
    sample.report.done = calloc(1, sizeof(*sample.report.done));
    assert_non_null(sample.report.done);
    sample.report.done_count = 1;
    sample.report.done[0].act = ACT_STAGE;
    sample.report.done[0].ok = true;
    memcpy(sample.report.done[0].thumbprint, SAMPLE_NEXT, THUMBPRINT_SIZE);
    sample_text(&sample.report.done[0].detail, "effective from 2026-12-01T00:00:00Z");
}

static void every_key_is_there_in_the_order_of_the_contract(void **state) {
    json_t *json;

    (void)state;
    sample.report.decision.blocked = BLOCK_MODE;
    sample_text(&sample.report.how_to_unblock, "set mode = renew");
    sample.report.told[0] = (struct told){.channel = "mail", .result = TOLD_SENT, .to = 2};
    sample.report.told_count = 1;
    add_done();
    json = answer();
    assert_keys(
        json, "schema checked_at seen_at organization status summary briefing incident last_known mode directory realm "
              "service_name raw_values "
              "next_effective last_change candidate certificates servers hybrid hybrid_signs entra inventory decision "
              "due done told ");
    assert_keys(json_object_get(json, "directory"),
                "uri server dn clock_skew_seconds may_write read_only writer_down ");
    assert_keys(json_object_get(json, "certificates"), "current previous next ");
    assert_keys(json_object_get(json_object_get(json, "certificates"), "current"),
                "thumbprint source subject serial not_before not_after days_left key signature key_kept problems ");
    assert_keys(json_array_get(json_object_get(json, "servers"), 0),
                "fqdn site version counted current next candidate document proof ");
    assert_keys(json_object_get(json, "decision"), "id act reasons blocked ");
    assert_keys(json_object_get(json_object_get(json, "decision"), "blocked"), "by how_to_unblock ");
    assert_keys(json_array_get(json_object_get(json, "due"), 0), "what at ");
    assert_keys(json_array_get(json_object_get(json, "done"), 0), "act thumbprint result detail ");
    assert_keys(json_array_get(json_object_get(json, "told"), 0), "channel result to ");
    json_decref(json);
}

static void a_good_organization_is_shown_with_all_it_has(void **state) {
    json_t *json = answer();
    json_t *current = json_object_get(json_object_get(json, "certificates"), "current");
    json_t *server = json_array_get(json_object_get(json, "servers"), 1);

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(json, "schema")), 2);
    assert_text(json, "checked_at", "2026-11-21T02:00:00Z");
    assert_text(json, "organization", "Contoso");
    assert_text(json, "status", "warning");
    assert_text(json, "mode", "monitor");
    assert_text(json, "realm", "");
    assert_text(json, "hybrid", "no");
    assert_absent(json, "next_effective");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "directory"), "clock_skew_seconds")), 0);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "raw_values"), 0)), "0:" SAMPLE_CURRENT);
    assert_text(current, "thumbprint", SAMPLE_CURRENT);
    assert_text(current, "source", "store");
    assert_text(current, "not_after", "2026-12-12T02:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(current, "days_left")), 21);
    assert_true(json_is_false(json_object_get(current, "key_kept")));
    assert_absent(json_object_get(json, "certificates"), "previous");
    assert_absent(json_object_get(json, "certificates"), "next");
    assert_absent(json_object_get(json, "decision"), "blocked");
    assert_text(json_object_get(json, "decision"), "id", "none");
    assert_text(server, "fqdn", "ex2.contoso.test");
    assert_text(server, "site", "Paris");
    assert_text(server, "current", "present");
    assert_text(server, "next", "unknown");
    assert_int_equal(json_array_size(json_object_get(json, "done")), 0);
    assert_int_equal(json_array_size(json_object_get(json, "told")), 0);
    json_decref(json);
}

static void days_left_are_rounded_down(void **state) {
    static const struct {
        time_t end;
        int days;
    } rows[] = {{SAMPLE_NOW + SECONDS_PER_DAY - 1, 0},
                {SAMPLE_NOW, 0},
                {SAMPLE_NOW - 1, -1},
                {SAMPLE_NOW - SECONDS_PER_DAY - 1, -2}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *json;

        sample.facts.slot[SLOT_CURRENT].certificate->not_after = rows[i].end;
        json = answer();
        assert_int_equal(json_integer_value(json_object_get(
                             json_object_get(json_object_get(json, "certificates"), "current"), "days_left")),
                         rows[i].days);
        json_decref(json);
    }
}

static void an_unknown_certificate_has_only_what_is_known_without_its_bytes(void **state) {
    static const char *const nulls[] = {"subject", "serial",    "not_before", "not_after",
                                        "key",     "signature", "days_left"};
    json_t *json;
    json_t *next;

    (void)state;
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, 0, 0);
    sample_date(&sample.facts, "20261201000000.0Z");
    sample.facts.slot[SLOT_NEXT].key_kept = true;
    sample.facts.slot[SLOT_NEXT].source = SOURCE_STORE; /* as read back from last.json */
    strings_add(&sample.report.problems[SLOT_NEXT], "nobody has its bytes");
    json = answer();
    next = json_object_get(json_object_get(json, "certificates"), "next");
    assert_text(next, "thumbprint", SAMPLE_NEXT);
    assert_text(next, "source", "unknown");
    assert_true(json_is_true(json_object_get(next, "key_kept")));
    assert_int_equal(json_array_size(json_object_get(next, "problems")), 1);
    for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
        assert_absent(next, nulls[i]);
    assert_text(json, "next_effective", "2026-12-01T00:00:00Z");
    json_decref(json);
}

static void a_date_that_cannot_be_read_is_null(void **state) {
    json_t *json;

    (void)state;
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, 0, 0);
    sample_date(&sample.facts, "20261201000000");
    json = answer();
    assert_absent(json, "next_effective");
    json_decref(json);
}

static void an_unreadable_directory_leaves_nothing_but_its_address(void **state) {
    json_t *json;

    (void)state;
    sample.facts.read = false; /* whatever else is left from the attempt stays out of the answer */
    sample.facts.directory.clock_known = false;
    sample.report.decision.row = ROW_UNREADABLE;
    sample.report.decision.status = STATUS_UNKNOWN;
    json = answer();
    assert_absent(json, "organization");
    assert_text(json_object_get(json, "directory"), "uri", "ldaps://dc1.contoso.test");
    assert_absent(json_object_get(json, "directory"), "server");
    assert_absent(json_object_get(json, "directory"), "dn");
    assert_absent(json_object_get(json, "directory"), "clock_skew_seconds");
    assert_text(json, "realm", "");
    assert_absent(json, "service_name");
    assert_int_equal(json_array_size(json_object_get(json, "raw_values")), 0);
    assert_absent(json_object_get(json, "certificates"), "current");
    assert_int_equal(json_array_size(json_object_get(json, "servers")), 0);
    assert_text(json, "hybrid", "unknown");
    assert_text(json_object_get(json, "decision"), "id", "unreadable");
    assert_text(json, "status", "unknown");
    json_decref(json);
}

static void without_a_policy_or_facts_the_shape_stays(void **state) {
    static const struct facts nothing;
    json_t *json;

    (void)state;
    sample.report.policy = NULL;
    sample.report.facts = &nothing;
    json = answer();
    assert_text(json, "mode", "monitor");
    assert_absent(json_object_get(json, "directory"), "uri");
    json_decref(json);
}

static void what_was_done_and_told_is_shown(void **state) {
    json_t *json;
    json_t *told;

    (void)state;
    add_done();
    sample.report.told[0] = (struct told){.channel = "mail", .result = TOLD_QUEUED, .to = 3};
    sample.report.told_count = 1;
    sample.policy.mode = MODE_RENEW;
    json = answer();
    told = json_array_get(json_object_get(json, "told"), 0);
    assert_text(json, "mode", "renew");
    assert_text(json_array_get(json_object_get(json, "done"), 0), "act", "stage");
    assert_text(json_array_get(json_object_get(json, "done"), 0), "thumbprint", SAMPLE_NEXT);
    assert_text(json_array_get(json_object_get(json, "done"), 0), "result", "ok");
    assert_text(told, "result", "queued");
    assert_int_equal(json_integer_value(json_object_get(told, "to")), 3);
    json_decref(json);
}

static void hostile_values_are_made_printable(void **state) {
    struct bytes *raw;
    json_t *json;
    json_t *values;

    (void)state;
    sample_value(&sample.facts, "3:\033[2J\r\n\xff\"");
    sample_value(&sample.facts, "0:AAAA");
    raw = &sample.facts.raw_values[2];
    raw->data[2] = '\0'; /* a value may hold any byte */
    sample_text(&sample.report.briefing.wrong, "not UTF-8: \xff, and \"quoted\"");
    json = answer();
    values = json_object_get(json, "raw_values");
    assert_string_equal(json_string_value(json_array_get(values, 1)), "3:\\x1b[2J\\x0d\\x0a\\xff\"");
    assert_string_equal(json_string_value(json_array_get(values, 2)), "0:\\x00AAA");
    assert_text(json, "summary", "not UTF-8: \\xff, and \"quoted\"");
    json_decref(json);
}

static void a_full_disk_is_noticed(void **state) {
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(show_json(&sample.report, full));
    fclose(full);
}

static int allocations_left;

static void *scarce_malloc(size_t size) {
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

static void out_of_memory_fails_the_answer_and_leaks_nothing(void **state) {
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    FILE *out = fopen("/dev/null", "w");
    int failures = 0;
    bool ok = false;

    (void)state;
    assert_non_null(out);
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    json_set_alloc_funcs(scarce_malloc, free);
    for (int given = 0; !ok && given < 10000; given++) {
        allocations_left = given;
        ok = show_json(&sample.report, out);
        failures += ok ? 0 : 1;
    }
    json_set_alloc_funcs(usual_malloc, usual_free);
    fclose(out);
    assert_true(ok);
    assert_true(failures > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_key_is_there_in_the_order_of_the_contract, sample_set_up,
                                        sample_tear_down),
        cmocka_unit_test_setup_teardown(a_good_organization_is_shown_with_all_it_has, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(days_left_are_rounded_down, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_certificate_has_only_what_is_known_without_its_bytes, sample_set_up,
                                        sample_tear_down),
        cmocka_unit_test_setup_teardown(a_date_that_cannot_be_read_is_null, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_directory_leaves_nothing_but_its_address, sample_set_up,
                                        sample_tear_down),
        cmocka_unit_test_setup_teardown(without_a_policy_or_facts_the_shape_stays, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(what_was_done_and_told_is_shown, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(hostile_values_are_made_printable, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_noticed, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(out_of_memory_fails_the_answer_and_leaks_nothing, sample_set_up,
                                        sample_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
