#include "monitor/run/tell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/decide/explain.h"
#include "tests/monitor/scene.h"

/* One agent on one host: what it remembers and what it was told to do. A night is what run() does about telling. */
struct agent {
    struct history history;
    struct policy policy;
    char thumbprint;           /* of current, forty times; 0 = as the scene has it */
    bool lossy;                /* the message can neither be sent nor kept */
    const char *failure;       /* why what was tried failed; NULL = nothing was tried, or it went well */
    const char *other_failure; /* of a second act */
    bool changed;              /* an act was done */
};

static void add_done(struct report *report, struct done *done, enum act act, const char *failure) {
    done[report->done_count++] = (struct done){.act = act, .ok = failure == NULL, .detail = (char *)failure};
    report->done = done;
}

static struct agent agent_new(void) {
    struct agent agent = {0};

    policy_default(&agent.policy);
    return agent;
}

/* Looks at the scene, whose times are relative to NOW, as it is `at` seconds after NOW. */
static struct occasion night(struct agent *agent, const struct scene *scene, int64_t at) {
    struct occasion occasion;
    struct stage stage;
    struct facts facts;
    struct report report;
    struct done done[3];

    scene_build(scene, &stage, &facts);
    if (agent->thumbprint != 0) {
        memset(facts.slots.thumbprint[SLOT_CURRENT], agent->thumbprint, THUMBPRINT_LENGTH);
        memset(stage.certificates[SLOT_CURRENT].thumbprint, agent->thumbprint, THUMBPRINT_LENGTH);
    }
    assert_true(explain_report(&facts, &agent->history, &agent->policy, NOW + at, &report, NULL));
    history_note_look(&agent->history, &facts, NOW + at);
    if (agent->failure != NULL)
        add_done(&report, done, ACT_STAGE, agent->failure);
    if (agent->other_failure != NULL)
        add_done(&report, done, ACT_DELIVER, agent->other_failure);
    if (agent->changed)
        add_done(&report, done, ACT_MEND, NULL);
    occasion = tell_choose(&report, &agent->history);
    if (!agent->lossy)
        tell_remember(&agent->history, &report, &occasion);
    report.done = NULL;
    report.done_count = 0;
    report_free(&report);
    return occasion;
}

static void expect(struct occasion occasion, enum occasion_kind kind, int threshold) {
    assert_int_equal(occasion.kind, kind);
    assert_int_equal(occasion.threshold_days, threshold);
}

#define EXPECT_NONE(occasion) expect(occasion, OCCASION_NONE, 0)

/* Two runs per threshold: a second before it and on it. The agent remembers the thresholds before. */
static void test_both_sides_of_each_threshold(void **state) {
    const struct scene scene = {.current = ENDS(100 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    for (size_t i = 0; i < agent.policy.warn_count; i++) {
        int days = agent.policy.warn_days[i];

        EXPECT_NONE(night(&agent, &scene, (100 - days) * DAY - 1));
        expect(night(&agent, &scene, (100 - days) * DAY), OCCASION_EXPIRY, days);
        EXPECT_NONE(night(&agent, &scene, (100 - days) * DAY + 1));
    }
}

static void test_first_look_is_beyond_a_threshold(void **state) {
    const struct scene scene = {.current = ENDS(21 * DAY)};
    struct agent agent = agent_new();
    struct occasion occasion = night(&agent, &scene, 0);

    (void)state;
    expect(occasion, OCCASION_EXPIRY, 30);
    assert_false(occasion.escalate);
    EXPECT_NONE(night(&agent, &scene, DAY));
    EXPECT_NONE(night(&agent, &scene, 7 * DAY - 1));
    expect(night(&agent, &scene, 7 * DAY), OCCASION_EXPIRY, 14);
}

static void test_missed_nights_lose_nothing(void **state) {
    const struct scene scene = {.current = ENDS(100 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 10 * DAY), OCCASION_EXPIRY, 90);
    /* 60 and 45 were crossed while the host was off: one message, for the nearer one. */
    expect(night(&agent, &scene, 56 * DAY), OCCASION_EXPIRY, 45);
    EXPECT_NONE(night(&agent, &scene, 57 * DAY));
    expect(night(&agent, &scene, 71 * DAY), OCCASION_EXPIRY, 30);
    /* Off until well after the end. */
    expect(night(&agent, &scene, 130 * DAY), OCCASION_EXPIRY, 1);
}

/* NOW is 02:00 UTC, so a date ends 22 hours later. */
static void test_daily_is_once_per_utc_date(void **state) {
    const struct scene scene = {.current = ENDS(DAY + HOUR)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 3);
    /* The threshold of one day is crossed on the same date: a threshold is told, whatever the date. */
    expect(night(&agent, &scene, HOUR), OCCASION_EXPIRY, 1);
    /* It counts as that date's. */
    EXPECT_NONE(night(&agent, &scene, 22 * HOUR - 1));
    expect(night(&agent, &scene, 22 * HOUR), OCCASION_EXPIRY, 0);
    EXPECT_NONE(night(&agent, &scene, 22 * HOUR + 1));
    EXPECT_NONE(night(&agent, &scene, 46 * HOUR - 1));
    /* Ended: it goes on. */
    expect(night(&agent, &scene, 46 * HOUR), OCCASION_EXPIRY, 0);
    expect(night(&agent, &scene, 70 * HOUR), OCCASION_EXPIRY, 0);
    EXPECT_NONE(night(&agent, &scene, 70 * HOUR + 1));
}

/* Just after 23:59:59 comes another date, however little time went by. */
static void test_two_dates_within_a_second(void **state) {
    const struct scene scene = {.current = ENDS(-DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 22 * HOUR - 1), OCCASION_EXPIRY, 1);
    expect(night(&agent, &scene, 22 * HOUR), OCCASION_EXPIRY, 0);
}

static void test_other_warn_days(void **state) {
    const struct scene scene = {.current = ENDS(40 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    agent.policy.warn_count = 1;
    agent.policy.warn_days[0] = 30;
    /* Something else warns before the only threshold: staging is due and held back by the mode. */
    EXPECT_NONE(night(&agent, &(struct scene){.current = ENDS(91 * DAY)}, 0));
    expect(night(&agent, &scene, 0), OCCASION_STATUS, 0);
    EXPECT_NONE(night(&agent, &scene, 10 * DAY - 1));
    expect(night(&agent, &scene, 10 * DAY), OCCASION_EXPIRY, 30);
    expect(night(&agent, &scene, 11 * DAY), OCCASION_EXPIRY, 0);
}

static void test_covered_tells_no_threshold(void **state) {
    struct scene scene = {.current = ENDS(70 * DAY), .next = ENDS(5 * YEAR), .dated = true, .date = 68 * DAY};
    struct agent agent = agent_new();

    (void)state;
    for (int day = 0; day < 68; day++)
        EXPECT_NONE(night(&agent, &scene, day * DAY));
    /* For 36 hours Exchange is given time to do it by itself; after that it is under control no longer. */
    EXPECT_NONE(night(&agent, &scene, 68 * DAY + 36 * HOUR - 1));
    expect(night(&agent, &scene, 68 * DAY + 36 * HOUR), OCCASION_STATUS, 0);
    expect(night(&agent, &scene, 68 * DAY + 36 * HOUR + 1), OCCASION_EXPIRY, 1);
}

static void test_uncovered_again(void **state) {
    const struct scene bare = {.current = ENDS(58 * DAY)};
    const struct scene covered = {.current = ENDS(58 * DAY), .next = ENDS(5 * YEAR), .dated = true, .date = 20 * DAY};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    expect(night(&agent, &bare, 0), OCCASION_EXPIRY, 60);
    occasion = night(&agent, &covered, DAY);
    expect(occasion, OCCASION_RECOVERED, 0);
    assert_int_equal(occasion.before, STATUS_WARNING);
    EXPECT_NONE(night(&agent, &covered, 14 * DAY));
    /* Someone took next away, 45 days and less before the end. */
    expect(night(&agent, &bare, 15 * DAY), OCCASION_EXPIRY, 45);
}

/* A message about something else, sent while a rotation is under control, tells no threshold. */
static void test_uncovered_after_another_message(void **state) {
    struct scene bare = {.current = ENDS(44 * DAY), .servers = {{.site = "A", .current = PRESENCE_MISSING}}};
    struct scene covered = bare;
    struct agent agent = agent_new();

    (void)state;
    covered.next = (struct scene_slot)ENDS(5 * YEAR);
    covered.dated = true;
    covered.date = 20 * DAY;
    expect(night(&agent, &covered, 0), OCCASION_STATUS, 0);
    expect(night(&agent, &bare, DAY), OCCASION_EXPIRY, 45);
}

static void test_another_certificate_starts_anew(void **state) {
    const struct scene scene = {.current = ENDS(40 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 45);
    agent.thumbprint = '7';
    expect(night(&agent, &scene, DAY), OCCASION_EXPIRY, 45);
    EXPECT_NONE(night(&agent, &scene, 2 * DAY));
    expect(night(&agent, &scene, 10 * DAY), OCCASION_EXPIRY, 30);
}

static void test_rotation_to_a_long_lived_certificate(void **state) {
    const struct scene old = {.current = ENDS(2 * DAY)};
    const struct scene young = {.current = ENDS(95 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &old, 0), OCCASION_EXPIRY, 3);
    agent.thumbprint = '7';
    expect(night(&agent, &young, DAY), OCCASION_RECOVERED, 0);
    EXPECT_NONE(night(&agent, &young, 4 * DAY));
    expect(night(&agent, &young, 5 * DAY), OCCASION_EXPIRY, 90);
}

/* A year away from its end, told only for its status. */
static const struct scene calm = {.current = ENDS(YEAR)};
static const struct scene worried = {.current = ENDS(YEAR), .servers = {{.site = "A", .current = PRESENCE_MISSING}}};
static const struct scene broken = {.current = ENDS(YEAR), .malformed = MALFORMED_PREFIX};
static const struct scene puzzled = {.current = {.set = true, .known = IS_UNKNOWN}};
static const struct scene blind = {.unreadable = true};

static void test_status_up_and_down(void **state) {
    static const struct {
        const struct scene *scene;
        enum occasion_kind kind;
        enum status before;
    } nights[] = {
        {&calm, OCCASION_NONE, 0},
        {&worried, OCCASION_STATUS, STATUS_OK},
        {&worried, OCCASION_NONE, 0},
        {&broken, OCCASION_STATUS, STATUS_WARNING},
        {&broken, OCCASION_NONE, 0},
        {&worried, OCCASION_STATUS, STATUS_CRITICAL},
        {&puzzled, OCCASION_STATUS, STATUS_WARNING},
        {&puzzled, OCCASION_NONE, 0},
        {&broken, OCCASION_STATUS, STATUS_UNKNOWN},
        {&calm, OCCASION_RECOVERED, STATUS_CRITICAL},
        {&calm, OCCASION_NONE, 0},
        {&puzzled, OCCASION_STATUS, STATUS_OK},
        {&calm, OCCASION_RECOVERED, STATUS_UNKNOWN},
        {&calm, OCCASION_NONE, 0},
    };
    struct agent agent = agent_new();

    (void)state;
    for (size_t i = 0; i < sizeof(nights) / sizeof(nights[0]); i++) {
        struct occasion occasion = night(&agent, nights[i].scene, (int64_t)i * HOUR);

        if (occasion.kind != nights[i].kind)
            fail_msg("run %zu: occasion %d instead of %d", i, (int)occasion.kind, (int)nights[i].kind);
        if (occasion.kind != OCCASION_NONE)
            assert_int_equal(occasion.before, nights[i].before);
    }
}

static void test_first_run(void **state) {
    struct agent agent = agent_new();

    (void)state;
    EXPECT_NONE(night(&agent, &calm, 0));
    agent = agent_new();
    expect(night(&agent, &worried, 0), OCCASION_STATUS, 0);
    agent = agent_new();
    expect(night(&agent, &broken, 0), OCCASION_STATUS, 0);
    agent = agent_new();
    expect(night(&agent, &puzzled, 0), OCCASION_STATUS, 0);
}

/* Crossing a threshold, a change of status and the end of blindness come in one message. */
static void test_one_message_for_everything(void **state) {
    const struct scene scene = {.current = ENDS(20 * DAY)};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 30);
    EXPECT_NONE(night(&agent, &blind, DAY));
    expect(night(&agent, &blind, 2 * DAY), OCCASION_BLIND, 0);
    occasion = night(&agent, &scene, 6 * DAY);
    expect(occasion, OCCASION_EXPIRY, 14);
    assert_int_equal(occasion.before, STATUS_WARNING);
    assert_int_equal(occasion.blind_since, NOW + DAY);
    assert_true(occasion.escalate);
    EXPECT_NONE(night(&agent, &scene, 6 * DAY + 1));
}

static void test_nothing_is_remembered_of_what_was_lost(void **state) {
    const struct scene scene = {.current = ENDS(20 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    agent.lossy = true;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 30);
    expect(night(&agent, &scene, DAY), OCCASION_EXPIRY, 30);
    agent.lossy = false;
    expect(night(&agent, &scene, 2 * DAY), OCCASION_EXPIRY, 30);
    EXPECT_NONE(night(&agent, &scene, 3 * DAY));
}

static void test_escalation(void **state) {
    const struct scene scene = {.current = ENDS(14 * DAY)};
    const struct scene covered = {.current = ENDS(14 * DAY), .next = ENDS(5 * YEAR), .dated = true, .date = 7 * DAY};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    occasion = night(&agent, &scene, -1);
    expect(occasion, OCCASION_EXPIRY, 30);
    assert_false(occasion.escalate);
    occasion = night(&agent, &scene, 0);
    expect(occasion, OCCASION_EXPIRY, 14);
    assert_true(occasion.escalate);
    /* Who was alarmed hears that it is over, and nobody else is troubled with good news. */
    occasion = night(&agent, &covered, 1);
    expect(occasion, OCCASION_RECOVERED, 0);
    assert_true(occasion.escalate);
    agent = agent_new();
    assert_false(night(&agent, &scene, -1).escalate);
    assert_false(night(&agent, &covered, 1).escalate);
}

static void forget(struct agent *agent) {
    history_free(&agent->history);
}

/* At once, after a week, at a threshold; another failure at once; and never silently over. */
static void test_failures_that_repeat(void **state) {
    static const int64_t told[] = {0, 7, 14, 20, 27};
    const struct scene scene = {.current = ENDS(80 * DAY), .may_write = ANSWER_YES, .hybrid = ANSWER_NO};
    struct agent agent = agent_new();
    size_t next = 0;

    (void)state;
    agent.policy.mode = MODE_RENEW;
    agent.failure = "no space";
    for (int64_t day = 0; day < 30; day++) {
        const bool due = next < sizeof(told) / sizeof(told[0]) && told[next] == day;
        struct occasion occasion = night(&agent, &scene, day * DAY);

        next += due ? 1 : 0;
        expect(occasion, due ? OCCASION_FAILED : OCCASION_NONE, day == 0 ? 90 : day == 20 ? 60 : 0);
        /* Again within the hour is no news. */
        EXPECT_NONE(night(&agent, &scene, day * DAY + HOUR));
    }
    agent.failure = "no route";
    expect(night(&agent, &scene, 30 * DAY), OCCASION_FAILED, 0);
    EXPECT_NONE(night(&agent, &scene, 31 * DAY));
    /* A second one beside it is news, one less is none. */
    agent.other_failure = "refused";
    expect(night(&agent, &scene, 32 * DAY), OCCASION_FAILED, 0);
    agent.other_failure = NULL;
    EXPECT_NONE(night(&agent, &scene, 33 * DAY));
    /* A night without a failure, and the old one is a new one. */
    agent.failure = NULL;
    EXPECT_NONE(night(&agent, &scene, 34 * DAY));
    agent.failure = "no route";
    expect(night(&agent, &scene, 34 * DAY + HOUR), OCCASION_FAILED, 0);
    forget(&agent);
}

static void test_a_failure_that_was_not_told_is_told_again(void **state) {
    const struct scene scene = {.current = ENDS(80 * DAY), .may_write = ANSWER_YES, .hybrid = ANSWER_NO};
    struct agent agent = agent_new();

    (void)state;
    agent.policy.mode = MODE_RENEW;
    EXPECT_NONE(night(&agent, &calm, -DAY));
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 90);
    agent.failure = "no space";
    agent.lossy = true;
    expect(night(&agent, &scene, DAY), OCCASION_FAILED, 0);
    agent.lossy = false;
    expect(night(&agent, &scene, 2 * DAY), OCCASION_FAILED, 0);
    EXPECT_NONE(night(&agent, &scene, 3 * DAY));
    forget(&agent);
}

/* What was done beside a failure is told with it, and what was done is told every time. */
static void test_failed_before_done(void **state) {
    const struct scene scene = {.current = ENDS(80 * DAY), .may_write = ANSWER_YES, .hybrid = ANSWER_NO};
    struct agent agent = agent_new();

    (void)state;
    agent.policy.mode = MODE_RENEW;
    agent.failure = "no space";
    agent.changed = true;
    expect(night(&agent, &scene, 0), OCCASION_FAILED, 90);
    expect(night(&agent, &scene, DAY), OCCASION_DONE, 0);
    agent.failure = NULL;
    expect(night(&agent, &scene, 2 * DAY), OCCASION_DONE, 0);
    forget(&agent);
}

/* Held back far from the end: told once; another reason or another act is news. */
static void test_blocks(void **state) {
    struct scene scene = {.current = ENDS(150 * DAY), .may_write = ANSWER_YES, .hybrid = ANSWER_YES};
    struct agent agent = agent_new();

    (void)state;
    agent.policy.mode = MODE_RENEW;
    agent.policy.renew_before = 200 * DAY;
    expect(night(&agent, &scene, 0), OCCASION_STATUS, 0);
    EXPECT_NONE(night(&agent, &scene, DAY));
    scene.may_write = ANSWER_NO;
    expect(night(&agent, &scene, 2 * DAY), OCCASION_BLOCKED, 0);
    EXPECT_NONE(night(&agent, &scene, 3 * DAY));
    scene.may_write = ANSWER_YES;
    expect(night(&agent, &scene, 4 * DAY), OCCASION_BLOCKED, 0);
    for (int64_t day = 5; day < 60; day++)
        EXPECT_NONE(night(&agent, &scene, day * DAY));
    expect(night(&agent, &scene, 60 * DAY), OCCASION_EXPIRY, 90);
    /* Free for a night, and held back again. */
    scene.hybrid = ANSWER_NO;
    EXPECT_NONE(night(&agent, &scene, 61 * DAY));
    scene.hybrid = ANSWER_YES;
    expect(night(&agent, &scene, 62 * DAY), OCCASION_BLOCKED, 0);
    forget(&agent);
}

/* In the middle of a trouble of the same status comes another one. */
static void test_another_trouble(void **state) {
    struct scene scene = {.current = ENDS(13 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 14);
    EXPECT_NONE(night(&agent, &scene, DAY));
    scene.malformed = MALFORMED_PREFIX;
    agent.lossy = true;
    expect(night(&agent, &scene, 2 * DAY), OCCASION_STATUS, 0);
    agent.lossy = false;
    expect(night(&agent, &scene, 3 * DAY), OCCASION_STATUS, 0);
    EXPECT_NONE(night(&agent, &scene, 4 * DAY));
    expect(night(&agent, &scene, 6 * DAY), OCCASION_EXPIRY, 7);
    EXPECT_NONE(night(&agent, &scene, 7 * DAY));
    /* Mended, and once more. */
    scene.malformed = 0;
    EXPECT_NONE(night(&agent, &scene, 8 * DAY));
    scene.malformed = MALFORMED_PREFIX;
    expect(night(&agent, &scene, 8 * DAY + HOUR), OCCASION_STATUS, 0);
    forget(&agent);
}

/* A rotation under control tells no threshold, but what is held back is told again at each. */
static void test_a_block_while_covered(void **state) {
    static const int64_t told[] = {0, 3, 18};
    const struct scene scene = {
        .current = ENDS(62 * DAY + 3 * HOUR),
        .next = {.set = true, .ends = 5 * YEAR, .key_kept = true},
        .dated = true,
        .date = 31 * DAY,
        .may_write = ANSWER_YES,
        .hybrid = ANSWER_NO,
        .skew = 400,
        .probed = true,
        .servers = {{.site = "A", .reached = ANSWER_YES, .current = PRESENCE_PRESENT, .next = PRESENCE_PRESENT},
                    {.site = "A", .reached = ANSWER_YES, .current = PRESENCE_PRESENT, .next = PRESENCE_MISSING}}};
    struct agent agent = agent_new();
    size_t next = 0;

    (void)state;
    agent.policy.mode = MODE_RENEW;
    for (int64_t day = 0; day < 30; day++) {
        const bool due = next < sizeof(told) / sizeof(told[0]) && told[next] == day;
        struct occasion occasion = night(&agent, &scene, day * DAY + 2 * HOUR);

        next += due ? 1 : 0;
        assert_int_equal(occasion.kind, !due ? OCCASION_NONE : day == 0 ? OCCASION_STATUS : OCCASION_BLOCKED);
    }
    forget(&agent);
}

/* The second night is one with a later UTC date. */
static void test_blind_far_from_the_end(void **state) {
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    EXPECT_NONE(night(&agent, &calm, -DAY));
    EXPECT_NONE(night(&agent, &blind, 0));
    EXPECT_NONE(night(&agent, &blind, HOUR));
    EXPECT_NONE(night(&agent, &blind, 22 * HOUR - 1));
    occasion = night(&agent, &blind, 22 * HOUR);
    expect(occasion, OCCASION_BLIND, 0);
    assert_int_equal(occasion.blind_since, NOW);
    assert_int_equal(occasion.known_end, NOW + YEAR);
    assert_string_equal(occasion.known_thumbprint, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_false(occasion.escalate);
    for (int day = 1; day < 7; day++)
        EXPECT_NONE(night(&agent, &blind, 22 * HOUR + day * DAY));
    EXPECT_NONE(night(&agent, &blind, 22 * HOUR + 7 * DAY - 1));
    expect(night(&agent, &blind, 22 * HOUR + 7 * DAY), OCCASION_BLIND, 0);
    EXPECT_NONE(night(&agent, &blind, 22 * HOUR + 8 * DAY));
    expect(night(&agent, &blind, 22 * HOUR + 14 * DAY), OCCASION_BLIND, 0);
}

static void test_blind_near_the_end(void **state) {
    const struct scene scene = {.current = ENDS(15 * DAY)};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 30);
    EXPECT_NONE(night(&agent, &blind, DAY - 1));
    agent = agent_new();
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 30);
    occasion = night(&agent, &blind, DAY);
    expect(occasion, OCCASION_BLIND, 14);
    assert_true(occasion.escalate);
    /* One message told both. */
    EXPECT_NONE(night(&agent, &blind, 2 * DAY));
    expect(night(&agent, &blind, 8 * DAY), OCCASION_BLIND, 7);
    expect(night(&agent, &blind, 12 * DAY), OCCASION_EXPIRY, 3);
    expect(night(&agent, &blind, 14 * DAY), OCCASION_EXPIRY, 1);
    expect(night(&agent, &blind, 15 * DAY), OCCASION_BLIND, 0);
    EXPECT_NONE(night(&agent, &blind, 15 * DAY + 1));
    expect(night(&agent, &blind, 16 * DAY), OCCASION_EXPIRY, 0);
}

/* Near the end the first night counts, even when its thresholds were told already. */
static void test_blind_near_the_end_and_thresholds_told(void **state) {
    const struct scene scene = {.current = ENDS(13 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 14);
    expect(night(&agent, &blind, DAY), OCCASION_BLIND, 0);
}

static void test_blind_and_never_seen(void **state) {
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    EXPECT_NONE(night(&agent, &blind, 0));
    occasion = night(&agent, &blind, DAY);
    expect(occasion, OCCASION_BLIND, 0);
    assert_int_equal(occasion.known_end, 0);
    assert_string_equal(occasion.known_thumbprint, "");
    assert_false(occasion.escalate);
    EXPECT_NONE(night(&agent, &blind, 7 * DAY));
    expect(night(&agent, &blind, 8 * DAY), OCCASION_BLIND, 0);
}

static void test_thresholds_go_on_while_blind(void **state) {
    const struct scene scene = {.current = ENDS(63 * DAY)};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 90);
    EXPECT_NONE(night(&agent, &blind, DAY));
    expect(night(&agent, &blind, 2 * DAY), OCCASION_BLIND, 0);
    EXPECT_NONE(night(&agent, &blind, 3 * DAY - 1));
    occasion = night(&agent, &blind, 3 * DAY);
    expect(occasion, OCCASION_EXPIRY, 60);
    assert_int_equal(occasion.known_end, NOW + 63 * DAY);
    assert_int_equal(occasion.blind_since, NOW + DAY);
    EXPECT_NONE(night(&agent, &blind, 4 * DAY));
    /* What was told blind is not told again with open eyes, only that it can see again. */
    occasion = night(&agent, &scene, 5 * DAY);
    assert_true(occasion.kind == OCCASION_STATUS || occasion.kind == OCCASION_RECOVERED);
    EXPECT_NONE(night(&agent, &scene, 6 * DAY));
}

/* The directory can be read, but current's bytes are lost: its last known end is told as such. */
static void test_last_known_end_with_open_eyes(void **state) {
    const struct scene scene = {.current = ENDS(63 * DAY)};
    const struct scene lost = {.current = {.set = true, .known = IS_UNKNOWN}};
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    occasion = night(&agent, &scene, 0);
    expect(occasion, OCCASION_EXPIRY, 90);
    assert_int_equal(occasion.known_end, 0);
    occasion = night(&agent, &lost, 3 * DAY);
    expect(occasion, OCCASION_EXPIRY, 60);
    assert_int_equal(occasion.known_end, NOW + 63 * DAY);
    assert_string_equal(occasion.known_thumbprint, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static void test_recovery_is_told_once(void **state) {
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    EXPECT_NONE(night(&agent, &calm, 0));
    EXPECT_NONE(night(&agent, &blind, DAY));
    /* One bad night that nobody heard of. */
    EXPECT_NONE(night(&agent, &calm, 2 * DAY));
    EXPECT_NONE(night(&agent, &blind, 3 * DAY));
    expect(night(&agent, &blind, 4 * DAY), OCCASION_BLIND, 0);
    occasion = night(&agent, &calm, 5 * DAY);
    expect(occasion, OCCASION_RECOVERED, 0);
    assert_int_equal(occasion.blind_since, NOW + 3 * DAY);
    EXPECT_NONE(night(&agent, &calm, 6 * DAY));
    /* Each spell is a story of its own. */
    EXPECT_NONE(night(&agent, &blind, 7 * DAY));
    expect(night(&agent, &blind, 8 * DAY), OCCASION_BLIND, 0);
}

/* To see again is no recovery while the certificate is in trouble. */
static void test_seeing_trouble_again_is_no_recovery(void **state) {
    struct agent agent = agent_new();
    struct occasion occasion;

    (void)state;
    expect(night(&agent, &broken, 0), OCCASION_STATUS, 0);
    EXPECT_NONE(night(&agent, &blind, DAY));
    expect(night(&agent, &blind, 2 * DAY), OCCASION_BLIND, 0);
    occasion = night(&agent, &broken, 3 * DAY);
    expect(occasion, OCCASION_STATUS, 0);
    assert_int_equal(occasion.before, STATUS_CRITICAL);
    assert_int_equal(occasion.blind_since, NOW + DAY);
    EXPECT_NONE(night(&agent, &broken, 4 * DAY));
    expect(night(&agent, &calm, 5 * DAY), OCCASION_RECOVERED, 0);
}

/* A run under a clock that was years ahead told the last threshold. Put right, nothing may stay untold. */
static void test_clock_that_was_ahead(void **state) {
    const struct scene scene = {.current = ENDS(10 * DAY)};
    struct agent agent = agent_new();

    (void)state;
    expect(night(&agent, &scene, YEAR), OCCASION_EXPIRY, 1);
    expect(night(&agent, &scene, 0), OCCASION_EXPIRY, 14);
    EXPECT_NONE(night(&agent, &scene, DAY));
    expect(night(&agent, &scene, 3 * DAY), OCCASION_EXPIRY, 7);

    agent = agent_new();
    EXPECT_NONE(night(&agent, &calm, -2 * DAY));
    EXPECT_NONE(night(&agent, &blind, -DAY));
    expect(night(&agent, &blind, 10 * YEAR), OCCASION_BLIND, 1);
    assert_int_equal(night(&agent, &blind, 0).kind, OCCASION_BLIND);
    EXPECT_NONE(night(&agent, &blind, DAY));
}

#define NIGHTS 120
#define END (100 * DAY + 5 * HOUR)
#define SEEDS 300

/* xorshift: the same nights in every run. */
static uint64_t seed;

static unsigned random_below(unsigned below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % below);
}

/* A timer's nights: at two, some time within the hour, and now and then a person who runs it by day. */
struct nights {
    int64_t at[2 * NIGHTS];
    size_t count;
};

static struct nights make_nights(unsigned percent_missed) {
    struct nights nights = {0};

    for (int day = 0; day < NIGHTS; day++) {
        if (random_below(100) < percent_missed)
            continue;
        nights.at[nights.count++] = day * DAY + random_below((unsigned)HOUR);
        if (random_below(10) == 0)
            nights.at[nights.count++] = day * DAY + 8 * HOUR + random_below((unsigned)HOUR);
    }
    return nights;
}

/* How many runs fall in [from, until), and on how many dates. */
static void count_runs(const struct nights *nights, int64_t from, int64_t until, size_t *ret_runs, size_t *ret_dates) {
    int64_t last = -1;

    *ret_runs = *ret_dates = 0;
    for (size_t i = 0; i < nights->count; i++) {
        int64_t date = time_utc_date(NOW + nights->at[i]);

        if (nights->at[i] < from || nights->at[i] >= until)
            continue;
        ++*ret_runs;
        *ret_dates += date != last ? 1 : 0;
        last = date;
    }
}

/* Lets the nights go by, blind in those between the two instants, and forgets everything before night `lost`. Counts
 * messages by threshold (0 = all others) and returns how many there were. */
static size_t let_go_by(const struct nights *nights, int64_t blind_from, int64_t blind_until, size_t lost,
                        size_t counted[91]) {
    const struct scene scene = {.current = ENDS(END)};
    struct agent agent = agent_new();
    size_t messages = 0;

    memset(counted, 0, 91 * sizeof(*counted));
    for (size_t i = 0; i < nights->count; i++) {
        bool sees = nights->at[i] < blind_from || nights->at[i] >= blind_until;
        struct occasion occasion;

        if (i == lost)
            agent = agent_new();
        occasion = night(&agent, sees ? &scene : &blind, nights->at[i]);
        if (occasion.kind == OCCASION_NONE)
            continue;
        messages++;
        counted[occasion.threshold_days]++;
    }
    return messages;
}

static void check_nights(const struct nights *nights) {
    const struct agent agent = agent_new();
    size_t counted[91], runs, dates, expected = 0;
    size_t messages = let_go_by(nights, 0, 0, SIZE_MAX, counted);

    for (size_t i = 0; i + 1 < agent.policy.warn_count; i++) {
        int days = agent.policy.warn_days[i];

        count_runs(nights, END - days * DAY, END - agent.policy.warn_days[i + 1] * DAY, &runs, &dates);
        assert_int_equal(counted[days], runs > 0 ? 1 : 0);
        expected += counted[days];
    }
    count_runs(nights, END - DAY, INT64_MAX, &runs, &dates);
    assert_int_equal(counted[1], 1);
    assert_int_equal(counted[0], dates - 1);
    assert_int_equal(messages, expected + dates);
}

static void test_120_nights(void **state) {
    struct nights nights;

    (void)state;
    seed = 1;
    nights = make_nights(0);
    check_nights(&nights);
    for (unsigned i = 1; i <= SEEDS; i++) {
        seed = i * 0x9e3779b97f4a7c15u;
        nights = make_nights(i % 80);
        check_nights(&nights);
    }
}

/* Whether the directory could be read or not, each threshold is told once, by the last known end. */
static void test_120_nights_with_a_blind_spell(void **state) {
    const struct agent agent = agent_new();

    (void)state;
    for (unsigned i = 1; i <= SEEDS; i++) {
        int64_t from, until;
        struct nights nights;
        size_t counted[91], runs, dates;

        seed = i * 0x9e3779b97f4a7c15u;
        nights = make_nights(i % 50);
        from = nights.at[0] + 1 + random_below(100 * (unsigned)DAY);
        until = from + random_below(30 * (unsigned)DAY);
        (void)let_go_by(&nights, from, until, SIZE_MAX, counted);
        for (size_t j = 0; j + 1 < agent.policy.warn_count; j++) {
            int days = agent.policy.warn_days[j];

            count_runs(&nights, END - days * DAY, END - agent.policy.warn_days[j + 1] * DAY, &runs, &dates);
            if (counted[days] != (runs > 0 ? 1 : 0))
                fail_msg("seed %u: threshold %d told %zu times in %zu runs", i, days, counted[days], runs);
        }
    }
}

/* Lost while blind, the last known end goes with it, so there may be fewer messages, but no more than one more. */
static void test_a_lost_history_costs_one_message(void **state) {
    (void)state;
    for (unsigned i = 1; i <= 20; i++) {
        int64_t blind_from = i % 4 < 2 ? 0 : 40 * DAY, blind_until = i % 4 < 2 ? 0 : 60 * DAY;
        struct nights nights;
        size_t counted[91], usual;

        seed = i * 0x9e3779b97f4a7c15u;
        nights = make_nights(i % 2 == 0 ? 0 : 30);
        usual = let_go_by(&nights, blind_from, blind_until, SIZE_MAX, counted);
        for (size_t lost = 0; lost < nights.count; lost++) {
            size_t messages = let_go_by(&nights, blind_from, blind_until, lost, counted);

            if ((messages < usual && blind_until == 0) || messages > usual + 1)
                fail_msg("seed %u, lost before run %zu: %zu messages instead of %zu", i, lost, messages, usual);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_sides_of_each_threshold),
        cmocka_unit_test(test_first_look_is_beyond_a_threshold),
        cmocka_unit_test(test_missed_nights_lose_nothing),
        cmocka_unit_test(test_daily_is_once_per_utc_date),
        cmocka_unit_test(test_two_dates_within_a_second),
        cmocka_unit_test(test_other_warn_days),
        cmocka_unit_test(test_covered_tells_no_threshold),
        cmocka_unit_test(test_uncovered_again),
        cmocka_unit_test(test_uncovered_after_another_message),
        cmocka_unit_test(test_another_certificate_starts_anew),
        cmocka_unit_test(test_rotation_to_a_long_lived_certificate),
        cmocka_unit_test(test_status_up_and_down),
        cmocka_unit_test(test_first_run),
        cmocka_unit_test(test_one_message_for_everything),
        cmocka_unit_test(test_nothing_is_remembered_of_what_was_lost),
        cmocka_unit_test(test_escalation),
        cmocka_unit_test(test_failures_that_repeat),
        cmocka_unit_test(test_a_failure_that_was_not_told_is_told_again),
        cmocka_unit_test(test_failed_before_done),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_another_trouble),
        cmocka_unit_test(test_a_block_while_covered),
        cmocka_unit_test(test_blind_far_from_the_end),
        cmocka_unit_test(test_blind_near_the_end),
        cmocka_unit_test(test_blind_near_the_end_and_thresholds_told),
        cmocka_unit_test(test_blind_and_never_seen),
        cmocka_unit_test(test_thresholds_go_on_while_blind),
        cmocka_unit_test(test_last_known_end_with_open_eyes),
        cmocka_unit_test(test_recovery_is_told_once),
        cmocka_unit_test(test_seeing_trouble_again_is_no_recovery),
        cmocka_unit_test(test_clock_that_was_ahead),
        cmocka_unit_test(test_120_nights),
        cmocka_unit_test(test_120_nights_with_a_blind_spell),
        cmocka_unit_test(test_a_lost_history_costs_one_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
