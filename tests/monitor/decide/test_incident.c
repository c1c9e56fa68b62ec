#include "monitor/decide/incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define MADE "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD" /* for the emergency */
#define CURRENT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static struct stage stage;
static struct facts facts;
static struct history history;

/* An organization of two counted servers whose current has ended, and an emergency that began an hour ago. A server
 * more stands behind the last one, which lacks everything. */
static int set_up(void **state) {
    static const struct scene scene = {
        .current = ENDS(-1),
        .candidate = MADE,
        .candidate_delivery = DELIVERY_WAITING,
        .servers = {{.site = "A", .reached = ANSWER_YES}, {.site = "B", .reached = ANSWER_YES}, {.site = "C"}},
        .probed = true};

    (void)state;
    scene_build(&scene, &stage, &facts);
    facts.server_count = 2;
    stage.servers[0].fqdn = (char *)"ex1.contoso.test";
    stage.servers[1].fqdn = (char *)"ex2.contoso.test";
    history = (struct history){.emergency = {.since = NOW - HOUR, .thumbprint = MADE}};
    return 0;
}

/* Written `ago` seconds ago, and current. */
static void written(int64_t ago) {
    history.emergency.written_at = NOW - ago;
    memcpy(history.emergency.thumbprint, CURRENT, THUMBPRINT_SIZE);
    stage.certificates[SLOT_CURRENT].not_after = NOW + YEAR;
}

static void assert_step(enum incident_step step, const char *left) {
    struct incident_report incident = incident_of(&facts, &history, NOW);
    char names[100] = "";

    for (size_t i = 0; i < incident.servers_left.count; i++)
        strncat(strncat(names, i > 0 ? " " : "", 1), incident.servers_left.items[i], 40);
    assert_int_equal(incident.step, step);
    assert_int_equal(incident_step_of(&facts, &history, NOW), step);
    assert_string_equal(names, left);
    assert_int_equal(incident.since, step != INCIDENT_NONE ? history.emergency.since : 0);
    assert_string_equal(incident.thumbprint, step != INCIDENT_NONE ? history.emergency.thumbprint : "");
    strings_free(&incident.servers_left);
}

static void test_none(void **state) {
    (void)state;
    assert_int_equal(incident_step_of(&facts, NULL, NOW), INCIDENT_NONE);
    facts.read = false;
    assert_step(INCIDENT_NONE, "");
    facts.read = true;
    history.emergency.since = 0;
    assert_step(INCIDENT_NONE, "");
    written(60); /* what is left of an earlier one */
    assert_step(INCIDENT_NONE, "");
}

static void test_made(void **state) {
    (void)state;
    assert_step(INCIDENT_MADE, "ex1.contoso.test ex2.contoso.test");
    stage.servers[0].candidate = PRESENCE_PRESENT;
    assert_step(INCIDENT_MADE, "ex2.contoso.test");
    stage.servers[1].counted = false;
    assert_step(INCIDENT_MADE, "");
    stage.servers[1].counted = true;
    facts.candidate.delivery = DELIVERY_ENOUGH;
    assert_step(INCIDENT_DELIVERED, "ex2.contoso.test");
    history.emergency.thumbprint[0] = 'E'; /* its key pair is no more */
    assert_step(INCIDENT_NONE, "");
}

/* Somebody else mended it meanwhile. */
static void test_ended_by_someone(void **state) {
    (void)state;
    stage.certificates[SLOT_CURRENT].not_after = NOW + YEAR;
    assert_step(INCIDENT_NONE, "");
    facts.slots.malformed = MALFORMED_PREFIX;
    assert_step(INCIDENT_MADE, "ex1.contoso.test ex2.contoso.test");
    written(60); /* and that the object is malformed is another matter than what was written */
    assert_step(INCIDENT_WRITTEN, "ex1.contoso.test ex2.contoso.test");
}

/* A write that did not happen, or was undone: what stands is not what was written. */
static void test_not_written(void **state) {
    (void)state;
    history.emergency.written_at = NOW - MINUTE;
    assert_step(INCIDENT_MADE, "ex1.contoso.test ex2.contoso.test");
    memcpy(history.emergency.thumbprint, CURRENT, THUMBPRINT_SIZE);
    history.emergency.written_at = 0;
    stage.certificates[SLOT_CURRENT].not_after = NOW - 1;
    assert_step(INCIDENT_NONE, "");
}

static void test_written(void **state) {
    (void)state;
    written(0);
    assert_step(INCIDENT_WRITTEN, "ex1.contoso.test ex2.contoso.test");
    stage.servers[0].serves[SLOT_CURRENT] = true;
    assert_step(INCIDENT_WRITTEN, "ex2.contoso.test");
    stage.servers[1].serves[SLOT_CURRENT] = true;
    assert_step(INCIDENT_SERVED, "");
    facts.probed = false;
    assert_step(INCIDENT_WRITTEN, "");
    facts.probed = true;
    stage.servers[0].counted = stage.servers[1].counted = false;
    assert_step(INCIDENT_WRITTEN, "");
}

/* After the time that Exchange needs it is over, seen or not; and so it is where the clock went back. */
static void test_over(void **state) {
    (void)state;
    written(EMERGENCY_SETTLES - 1);
    assert_step(INCIDENT_WRITTEN, "ex1.contoso.test ex2.contoso.test");
    written(EMERGENCY_SETTLES);
    assert_step(INCIDENT_NONE, "");
    written(-1);
    assert_step(INCIDENT_NONE, "");
}

#define CASE(test) cmocka_unit_test_setup(test, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_none),        CASE(test_made),    CASE(test_ended_by_someone),
        CASE(test_not_written), CASE(test_written), CASE(test_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
