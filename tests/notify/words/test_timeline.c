/*
 * The time line as data: what each bar is good for when, which points are marked, and that any dates give one that can
 * be drawn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "notify/words/timeline.h"
#include "tests/notify/sample.h"

static void stage(struct sample *sample, time_t date, time_t end) {
    sample_slot(sample, SLOT_NEXT, end);
    sample->facts.slots.date_set = sample->facts.slots.date_readable = true;
    sample->facts.slots.date = date;
    sample->report.decision.due_count = 0;
    sample_due(sample, DUE_ACTIVATE, date);
}

/* "current:use-10..21" of each piece, in days from now; ends of the drawn span are "<" and ">". */
static const char *bars(const struct timeline *timeline) {
    static const char *const kinds[] = {"use", "spare", "gap"};
    static char out[400];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < timeline->bar_count; i++) {
        const struct timeline_bar *bar = &timeline->bars[i];

        for (size_t j = 0; j < bar->piece_count; j++) {
            const struct timeline_piece *piece = &bar->pieces[j];
            char from[24] = "<", to[24] = ">";

            if (piece->from != timeline->from)
                (void)snprintf(from, sizeof from, "%jd", (intmax_t)((piece->from - SAMPLE_NOW) / SAMPLE_DAY));
            if (piece->to != timeline->to)
                (void)snprintf(to, sizeof to, "%jd", (intmax_t)((piece->to - SAMPLE_NOW) / SAMPLE_DAY));
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%s:%s %s..%s", used > 0 ? ", " : "",
                                     slot_name(bar->slot), kinds[piece->kind], from, to);
        }
    }
    return out;
}

static const char *marks(const struct timeline *timeline) {
    static char out[400];
    size_t used = 0;

    for (size_t i = 0; i < timeline->mark_count; i++)
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%jd %s", i > 0 ? ", " : "",
                                 (intmax_t)((timeline->marks[i].at - SAMPLE_NOW) / SAMPLE_DAY),
                                 timeline_words(timeline, &timeline->marks[i]));
    return out;
}

static void nothing_staged(void **unused) {
    struct timeline timeline;
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    timeline_make(&sample.report, NULL, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..21");
    assert_string_equal(marks(&timeline), "0 staging a new one was due, 0 today, 21 current ends");
    assert_int_equal(timeline_place(&timeline, timeline.from), 0);
    assert_int_equal(timeline_place(&timeline, timeline.to), 1000);
    assert_in_range(timeline_place(&timeline, SAMPLE_NOW), 1, 999);
    assert_true(timeline_place(&timeline, SAMPLE_NOW) < timeline_place(&timeline, SAMPLE_NOW + 21 * SAMPLE_DAY));
    sample_free(&sample);
}

static void staged(void **unused) {
    struct timeline timeline;
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    stage(&sample, SAMPLE_NOW + 14 * SAMPLE_DAY, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample_slot(&sample, SLOT_PREVIOUS, SAMPLE_NOW + 9 * SAMPLE_DAY);
    timeline_make(&sample.report, NULL, &timeline);
    assert_string_equal(bars(&timeline), "previous:spare <..9, current:use <..14, current:spare 14..21, "
                                         "next:spare 0..14, next:use 14..>");
    assert_string_equal(marks(&timeline), "0 today, 14 next takes over, 21 current ends");
    /* Its date has passed: it should have taken over, and still can. */
    stage(&sample, SAMPLE_NOW - 3 * SAMPLE_DAY, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample_slot(&sample, SLOT_PREVIOUS, SAMPLE_NOW - 90 * SAMPLE_DAY);
    timeline_make(&sample.report, NULL, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..0, current:spare 0..21, next:use 0..>");
    assert_string_equal(marks(&timeline), "-3 next was due to take over, 0 today, 21 current ends");
    sample_free(&sample);
}

static void gaps(void **unused) {
    struct timeline timeline;
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW - 3 * SAMPLE_DAY);
    timeline_make(&sample.report, NULL, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..-3, current:gap -3..0");
    /* Next takes over too late. */
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW + 3 * SAMPLE_DAY);
    stage(&sample, SAMPLE_NOW + 10 * SAMPLE_DAY, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    timeline_make(&sample.report, NULL, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..3, current:gap 3..10, next:spare 0..10, next:use 10..>");
    sample_free(&sample);
}

static void last_known(void **unused) {
    struct occasion occasion = {.kind = OCCASION_BLIND, .known_end = SAMPLE_NOW + 5 * SAMPLE_DAY};
    struct timeline timeline;
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample.facts.read = false;
    sample.report.decision.due_count = 0;
    timeline_make(&sample.report, &occasion, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..5");
    assert_string_equal(marks(&timeline), "0 today, 5 current ends (last known)");
    occasion.known_end = SAMPLE_NOW - 5 * SAMPLE_DAY;
    timeline_make(&sample.report, &occasion, &timeline);
    assert_string_equal(bars(&timeline), "current:use <..-5, current:gap -5..0");
    occasion.known_end = 0;
    timeline_make(&sample.report, &occasion, &timeline);
    assert_int_equal(timeline.bar_count, 0);
    sample_free(&sample);
}

/* Whatever the dates are, pieces lie in the span, in order, and have a length. */
static void any_dates(void **unused) {
    static const time_t dates[] = {-11644473600, 0, SAMPLE_NOW - 1, SAMPLE_NOW, SAMPLE_NOW + 1, 253402300799};
    const size_t count = sizeof dates / sizeof dates[0];

    (void)unused;
    for (size_t n = 0; n < count * count * count; n++) {
        struct timeline timeline;
        struct sample sample;

        sample_make(&sample);
        sample_slot(&sample, SLOT_CURRENT, dates[n % count]);
        stage(&sample, dates[n / count % count], dates[n / count / count]);
        timeline_make(&sample.report, NULL, &timeline);
        for (size_t i = 0; i < timeline.bar_count; i++) {
            time_t at = timeline.from;

            assert_true(timeline.bars[i].piece_count > 0 || timeline.bars[i].slot == SLOT_CURRENT);
            for (size_t j = 0; j < timeline.bars[i].piece_count; j++) {
                const struct timeline_piece *piece = &timeline.bars[i].pieces[j];

                assert_true(piece->from >= at && piece->to > piece->from && piece->to <= timeline.to);
                at = piece->to;
            }
        }
        for (size_t i = 0; i + 1 < timeline.mark_count; i++)
            assert_true(timeline.marks[i].at <= timeline.marks[i + 1].at);
        sample_free(&sample);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_staged), cmocka_unit_test(staged),    cmocka_unit_test(gaps),
        cmocka_unit_test(last_known),     cmocka_unit_test(any_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
