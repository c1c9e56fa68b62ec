#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "renew/plan.h"
#include "tests/core/make_certificate.h"

#define NOW ((time_t)1795226400) /* 2026-11-21T02:00:00Z */
#define DATE (NOW + 30 * 86400)

/* What is known of a slot: ? unknown bytes, u usable, s usable but not at DATE any more, x ended. */
struct stage {
    struct facts facts;
    struct certificate certificates[SLOT_COUNT];
};

static void fill(char out[THUMBPRINT_SIZE], char letter) {
    memset(out, letter, THUMBPRINT_LENGTH);
    out[THUMBPRINT_LENGTH] = '\0';
}

static void set_slot(struct stage *stage, enum slot slot, char letter, char known) {
    struct certificate *certificate = &stage->certificates[slot];

    if (letter == ' ')
        return;
    fill(stage->facts.slots.thumbprint[slot], letter);
    if (known == '?')
        return;
    fill(certificate->thumbprint, letter);
    certificate->rsa = true;
    certificate->key_bits = 2048;
    certificate->not_before = NOW - 100;
    certificate->not_after = known == 'u' ? DATE + 100 : known == 's' ? NOW + 100 : NOW;
    stage->facts.slot[slot].certificate = certificate;
}

/* `slots` is like "Au Bx C?" for current, previous and next, two blanks for an empty one. */
static void set_stage(struct stage *stage, const char *slots, time_t date) {
    *stage = (struct stage){.facts = {.read = true}};
    for (size_t slot = 0; slot < SLOT_COUNT; slot++)
        set_slot(stage, (enum slot)slot, slots[3 * slot], slots[3 * slot + 1]);
    stage->facts.slots.date = date;
    stage->facts.slots.date_set = date != 0;
}

/* `slots` is like "AB " here. */
static void expect(const char *name, const struct desired *desired, const char *slots, time_t date) {
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        char wanted[THUMBPRINT_SIZE] = "";

        if (slots[slot] != ' ')
            fill(wanted, slots[slot]);
        if (strcmp(desired->thumbprint[slot], wanted) != 0)
            fail_msg("%s: %s is \"%s\", not \"%s\"", name, slot_name((enum slot)slot), desired->thumbprint[slot],
                     wanted);
    }
    if (desired->date != date)
        fail_msg("%s: the date is %lld, not %lld", name, (long long)desired->date, (long long)date);
}

static void test_make_current(void **state) {
    static const struct {
        const char *name;
        const char *slots;
        time_t date;
        char promoted;
        const char *expected;
        time_t expected_date;
    } cases[] = {
        {"activate", "Au    Bu", DATE, 'B', "BA ", 0},
        {"activate over a previous", "Au Cu Bu", DATE, 'B', "BA ", 0},
        {"promote over an unknown current", "A?    Bu", DATE, 'B', "BA ", 0},
        {"promote over an ended current", "Ax    Bu", DATE, 'B', "B  ", 0},
        {"promote over an ended current, previous usable", "Ax Cu Bu", DATE, 'B', "BC ", 0},
        {"promote over an ended current, previous ended", "Ax Cx Bu", DATE, 'B', "B  ", 0},
        {"promote over an ended current, previous unknown", "Ax C? Bu", DATE, 'B', "B  ", 0},
        {"restore", "Ax Cu   ", 0, 'C', "C  ", 0},
        {"restore, an unusable next goes", "Ax Cu Bx", DATE, 'C', "C  ", 0},
        {"restore beside an unknown next", "Ax Cu B?", DATE, 'C', "C B", DATE},
        {"go back by hand, next ends before its date", "Au Cu Bs", DATE, 'C', "CA ", 0},
        {"replace, an unusable next goes", "Ax    Bx", DATE, 'D', "D  ", 0},
        {"go back by hand", "Au Cu Bu", DATE, 'C', "CAB", DATE},
        {"replace an ended current", "Ax      ", 0, 'D', "D  ", 0},
        {"replace an unknown current", "A?      ", 0, 'D', "DA ", 0},
        {"replace, next stays", "Ax    B?", DATE, 'D', "D B", DATE},
        {"into nothing", "        ", 0, 'D', "D  ", 0},
        {"into nothing beside a usable previous", "   Cu   ", 0, 'D', "DC ", 0},
        {"into nothing beside an unknown previous", "   C?   ", 0, 'D', "D  ", 0},
        {"a lone previous", "   Cu   ", 0, 'C', "C  ", 0},
        {"a lone next", "      Bu", DATE, 'B', "B  ", 0},
        {"current stays", "Au C? Bu", DATE, 'A', "ACB", DATE},
        {"current stays and stood in previous too", "Au Au   ", 0, 'A', "A  ", 0},
        {"next was current", "Ax    Ax", DATE, 'D', "D  ", 0},
        {"a date without next", "Au      ", DATE, 'D', "DA ", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        struct desired desired;
        char promoted[THUMBPRINT_SIZE];

        set_stage(&stage, cases[i].slots, cases[i].date);
        fill(promoted, cases[i].promoted);
        desired = plan_make_current(&stage.facts, promoted, NOW);
        expect(cases[i].name, &desired, cases[i].expected, cases[i].expected_date);
    }
}

/* Exchange would make it current at its date, and no server has it. */
static void test_a_next_of_nobody(void **state) {
    struct server_facts server = {.counted = true, .presence = {[SLOT_NEXT] = PRESENCE_MISSING}};
    char promoted[THUMBPRINT_SIZE];
    struct desired desired;
    struct stage stage;

    (void)state;
    fill(promoted, 'D');
    set_stage(&stage, "Ax Cu Bu", DATE);
    stage.facts.servers = &server;
    stage.facts.server_count = 1;
    desired = plan_make_current(&stage.facts, promoted, NOW);
    expect("its key is nowhere", &desired, "DC ", 0);
    stage.facts.slot[SLOT_NEXT].key_kept = true;
    desired = plan_make_current(&stage.facts, promoted, NOW);
    expect("its key is kept", &desired, "DCB", DATE);
}

static void test_small_plans(void **state) {
    char staged[THUMBPRINT_SIZE];
    struct desired desired;
    struct stage stage;

    (void)state;
    fill(staged, 'D');
    set_stage(&stage, "Au C? Bx", DATE);
    desired = plan_present(&stage.facts);
    expect("present", &desired, "ACB", DATE);
    desired = plan_stage(&stage.facts, staged, DATE + 1);
    expect("stage", &desired, "ACD", DATE + 1);
    desired = plan_retire(&stage.facts);
    expect("retire", &desired, "A B", DATE);
    desired = plan_withdraw(&stage.facts);
    expect("withdraw", &desired, "AC ", 0);
    desired = plan_reschedule(&stage.facts, DATE + 2);
    expect("reschedule", &desired, "ACB", DATE + 2);
}

static void test_mend(void **state) {
    struct desired desired;
    struct stage stage;

    (void)state;
    set_stage(&stage, "Au C?   ", DATE);
    desired = plan_mend(&stage.facts, 0);
    expect("a date without next", &desired, "AC ", 0);

    set_stage(&stage, "Au    Bu", 0);
    desired = plan_mend(&stage.facts, DATE);
    expect("next without a date", &desired, "A B", DATE);
    set_stage(&stage, "Au    Bx", 0);
    stage.facts.slots.malformed = MALFORMED_NEXT_WITHOUT_DATE;
    desired = plan_mend(&stage.facts, 0);
    expect("next that has ended, without a date", &desired, "A  ", 0);

    set_stage(&stage, "Au    Bu", DATE);
    fill(stage.facts.slots.other_next, 'D');
    fill(stage.facts.candidate.thumbprint, 'D');
    desired = plan_mend(&stage.facts, 0);
    expect("two nexts, the second is ours", &desired, "A B", DATE);
    fill(stage.facts.candidate.thumbprint, 'B');
    desired = plan_mend(&stage.facts, 0);
    expect("two nexts, the first is ours", &desired, "A D", DATE);
    fill(stage.facts.slots.other_next, 'B');
    desired = plan_mend(&stage.facts, 0);
    expect("two nexts, both are ours", &desired, "A B", DATE);
}

/* `word` NULL: Exchange would take it. */
static void checks_at(const struct recipe *recipe, time_t date, time_t now, const char *word) {
    struct certificate *certificate = make_certificate(recipe);
    struct error err = {0};
    bool ok = plan_check_certificate(certificate, date, now, &err);

    if (!word && !ok)
        fail_msg("%s", err.text);
    if (word) {
        assert_false(ok);
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.text, word) || !strstr(err.text, certificate->thumbprint))
            fail_msg("\"%s\" does not say \"%s\"", err.text, word);
    }
    certificate_free(certificate);
}

static void checks(const struct recipe *recipe, const char *word) {
    checks_at(recipe, DATE, NOW, word);
}

#define CHECK_CHANGED(member, value, word)                                                                             \
    do {                                                                                                               \
        struct recipe recipe = recipe_good();                                                                          \
        recipe.member = (value);                                                                                       \
        checks(&recipe, word);                                                                                         \
    } while (0)

static void test_check_usage(void **state) {
    (void)state;
    CHECK_CHANGED(version, X509_VERSION_3, NULL);
    CHECK_CHANGED(key, "RSA-1024", "RSA 1024");
    CHECK_CHANGED(key, "EC-256", "EC");
    CHECK_CHANGED(key_usage, NULL, NULL);
    CHECK_CHANGED(key_usage, "critical,digitalSignature", NULL);
    CHECK_CHANGED(key_usage, "critical,keyEncipherment", "digitalSignature");
    CHECK_CHANGED(extended, NULL, NULL);
    CHECK_CHANGED(extended, "clientAuth,serverAuth", NULL);
    CHECK_CHANGED(extended, "clientAuth", "serverAuth");
    CHECK_CHANGED(repeated_nid, NID_ext_key_usage, "serverAuth");
    CHECK_CHANGED(repeated_nid, NID_key_usage, "digitalSignature");
}

static void test_check_dates(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate = make_certificate(&recipe);
    time_t begin = certificate->not_before, end = certificate->not_after;

    (void)state;
    certificate_free(certificate);
    checks_at(&recipe, NOW, NOW, NULL);
    checks_at(&recipe, NOW - 1, NOW, "past");
    checks_at(&recipe, begin, begin, NULL);
    checks_at(&recipe, begin, begin - 1, "not valid before 2024-01-01T12:00:00Z");
    checks_at(&recipe, end - 1, NOW, NULL);
    checks_at(&recipe, end, NOW, "it ends on 2029-01-01T12:00:00Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make_current), cmocka_unit_test(test_a_next_of_nobody),
        cmocka_unit_test(test_small_plans),  cmocka_unit_test(test_mend),
        cmocka_unit_test(test_check_usage),  cmocka_unit_test(test_check_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
