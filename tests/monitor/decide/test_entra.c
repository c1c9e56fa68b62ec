/*
 * What Entra says against what is decided: yes alone lets go on, no moves a date, unknown moves none, and nothing of it
 * holds back an emergency.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "monitor/decide/decide.h"
#include "tests/monitor/scene.h"

enum said { YES = ANSWER_YES, NO = ANSWER_NO, UNKNOWN = ANSWER_UNKNOWN, UNASKED = 10, NOT_YET, SILENT_2, SILENT_3 };

static struct tenant_key key_of(enum said said) {
    switch (said) {
    case YES:
    case NO:
    case UNKNOWN:
        return (struct tenant_key){.accepts = (enum answer)said, .asked = true};
    case UNASKED:
        return (struct tenant_key){.accepts = ANSWER_UNKNOWN};
    case NOT_YET:
        return (struct tenant_key){.accepts = ANSWER_NO, .asked = true, .not_yet = true};
    case SILENT_2:
    case SILENT_3:
        return (struct tenant_key){.accepts = ANSWER_YES, .asked = true, .silent = said == SILENT_2 ? 2 : 3};
    }
    return (struct tenant_key){0};
}

#define NEXT_IN(seconds)                                                                                               \
    { .current = ENDS(60 * DAY), .next = ENDS(1800 * DAY), .dated = true, .date = (seconds) }

static const struct {
    const char *name;
    struct scene scene;
    enum entra_mode mode;
    enum said current, next, candidate; /* of the second tenant; the first accepts all */
    bool proceed;
    enum row row;
    enum block block;
    enum status status;
} cases[] = {
    {"not asked, hybrid",
     {.current = ENDS(60 * DAY)},
     ENTRA_OFF,
     YES,
     YES,
     NO,
     false,
     ROW_STAGE,
     BLOCK_HYBRID,
     STATUS_WARNING},
    {"to be asked",
     {.current = ENDS(60 * DAY)},
     ENTRA_CONFIRM,
     YES,
     YES,
     UNASKED,
     false,
     ROW_STAGE,
     BLOCK_NONE,
     STATUS_WARNING},
    {"a no", {.current = ENDS(60 * DAY)}, ENTRA_CONFIRM, YES, YES, NO, false, ROW_STAGE, BLOCK_ENTRA, STATUS_WARNING},
    {"a no, and proceed",
     {.current = ENDS(60 * DAY)},
     ENTRA_ADD,
     YES,
     YES,
     NO,
     true,
     ROW_STAGE,
     BLOCK_ENTRA,
     STATUS_WARNING},
    {"not known",
     {.current = ENDS(60 * DAY)},
     ENTRA_ADD,
     YES,
     YES,
     UNKNOWN,
     false,
     ROW_STAGE,
     BLOCK_ENTRA,
     STATUS_WARNING},
    {"not yet",
     {.current = ENDS(60 * DAY)},
     ENTRA_ADD,
     YES,
     YES,
     NOT_YET,
     false,
     ROW_STAGE,
     BLOCK_ENTRA,
     STATUS_WARNING},
    {"a yes", {.current = ENDS(60 * DAY)}, ENTRA_ADD, YES, YES, YES, false, ROW_STAGE, BLOCK_NONE, STATUS_WARNING},
    {"next waits", NEXT_IN(20 * DAY), ENTRA_ADD, YES, YES, YES, false, ROW_NONE, BLOCK_NONE, STATUS_OK},
    {"next is lost", NEXT_IN(20 * DAY), ENTRA_ADD, YES, NO, YES, false, ROW_NONE, BLOCK_NONE, STATUS_WARNING},
    {"next was given just now", NEXT_IN(20 * DAY), ENTRA_ADD, YES, NOT_YET, YES, false, ROW_NONE, BLOCK_NONE,
     STATUS_OK},
    {"silent twice", NEXT_IN(20 * DAY), ENTRA_ADD, YES, SILENT_2, YES, false, ROW_NONE, BLOCK_NONE, STATUS_OK},
    {"silent three times", NEXT_IN(20 * DAY), ENTRA_ADD, YES, SILENT_3, YES, false, ROW_NONE, BLOCK_NONE,
     STATUS_WARNING},
    {"lost and near", NEXT_IN(2 * DAY), ENTRA_ADD, YES, NO, YES, false, ROW_RESCHEDULE, BLOCK_NONE, STATUS_WARNING},
    {"lost and near, not asked", NEXT_IN(2 * DAY), ENTRA_OFF, YES, NO, YES, true, ROW_NONE, BLOCK_NONE, STATUS_OK},
    {"unknown and near", NEXT_IN(2 * DAY), ENTRA_ADD, YES, UNKNOWN, YES, false, ROW_NONE, BLOCK_NONE, STATUS_OK},
    {"its date has come", NEXT_IN(-HOUR), ENTRA_ADD, YES, YES, YES, false, ROW_ACTIVATE, BLOCK_NONE, STATUS_OK},
    {"its date has come, unknown", NEXT_IN(-HOUR), ENTRA_ADD, YES, UNKNOWN, YES, false, ROW_ACTIVATE, BLOCK_ENTRA,
     STATUS_WARNING},
    {"its date has come, lost", NEXT_IN(-HOUR), ENTRA_ADD, YES, NO, YES, false, ROW_RESCHEDULE, BLOCK_NONE,
     STATUS_WARNING},
    {"current is lost",
     {.current = ENDS(800 * DAY)},
     ENTRA_ADD,
     NO,
     YES,
     YES,
     false,
     ROW_NONE,
     BLOCK_NONE,
     STATUS_WARNING},
    {"current is unknown",
     {.current = ENDS(800 * DAY)},
     ENTRA_ADD,
     UNKNOWN,
     YES,
     YES,
     false,
     ROW_NONE,
     BLOCK_NONE,
     STATUS_OK},
    {"expired, next is lost",
     {.current = ENDS(-DAY), .next = ENDS(800 * DAY), .dated = true, .date = 20 * DAY},
     ENTRA_ADD,
     YES,
     NO,
     NO,
     false,
     ROW_PROMOTE,
     BLOCK_NONE,
     STATUS_CRITICAL},
    {"expired, nothing accepted",
     {.current = ENDS(-DAY)},
     ENTRA_ADD,
     NO,
     NO,
     NO,
     false,
     ROW_REPLACE,
     BLOCK_NONE,
     STATUS_CRITICAL},
};

static void each_case(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tenant_facts tenants[2] = {0};
        struct scene scene = cases[i].scene;
        struct policy policy;
        struct stage stage;
        struct facts facts;
        struct decision decision;

        scene.hybrid = ANSWER_YES;
        scene.may_write = ANSWER_YES;
        scene.changed = 100 * DAY;
        scene_build(&scene, &stage, &facts);
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            tenants[0].slot[slot] = key_of(YES);
        tenants[0].candidate = key_of(YES);
        tenants[1].slot[SLOT_CURRENT] = key_of(cases[i].current);
        tenants[1].slot[SLOT_NEXT] = key_of(cases[i].next);
        tenants[1].candidate = key_of(cases[i].candidate);
        facts.tenants = tenants;
        facts.tenant_count = 2;
        policy_default(&policy);
        policy.mode = MODE_RENEW;
        policy.entra = cases[i].mode;
        policy.hybrid_proceed = cases[i].proceed;
        decision = decide(&facts, NULL, &policy, NOW);
        if (decision.row != cases[i].row || decision.blocked != cases[i].block || decision.status != cases[i].status)
            fail_msg("%s: %s, blocked by %s, %s", cases[i].name, row_name(decision.row), block_name(decision.blocked),
                     status_name(decision.status));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_case)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
