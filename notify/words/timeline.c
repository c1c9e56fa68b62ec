#include "notify/words/timeline.h"

#include <stdint.h>
#include <string.h>

#include "base/time.h"

#define SPAN_LEAST ((int64_t)20 * SECONDS_PER_DAY)
#define THOUSAND 1000

/* What is drawn of a certificate, before the span is known. */
struct life {
    bool known;
    time_t begin;
    time_t end;
};

static struct life life_of(const struct report *report, enum slot slot) {
    const struct certificate *certificate =
        report->facts && report->facts->read ? report->facts->slot[slot].certificate : NULL;

    return certificate != NULL
               ? (struct life){.known = true, .begin = certificate->not_before, .end = certificate->not_after}
               : (struct life){0};
}

/* Keeps the marks in order of time; on one instant in the order of the enumeration. */
static void add_mark(struct timeline *timeline, enum timeline_what what, time_t at) {
    size_t place = timeline->mark_count;

    if (place == TIMELINE_MARKS_MOST)
        return;
    timeline->mark_count++;
    while (place > 0 && (timeline->marks[place - 1].at > at ||
                         (timeline->marks[place - 1].at == at && timeline->marks[place - 1].what > what))) {
        timeline->marks[place] = timeline->marks[place - 1];
        place--;
    }
    timeline->marks[place] = (struct timeline_mark){.what = what, .at = at};
}

static void add_due_marks(struct timeline *timeline, const struct report *report) {
    for (size_t i = 0; i < report->decision.due_count && i < DUE_MOST; i++) {
        const struct due *due = &report->decision.due[i];

        if (due->what == DUE_STAGE)
            add_mark(timeline, TIMELINE_STAGE, due->at);
        else if (due->what == DUE_ACTIVATE)
            add_mark(timeline, TIMELINE_ACTIVATE, due->at);
        else if (due->what == DUE_RETIRE)
            add_mark(timeline, TIMELINE_RETIRE, due->at);
    }
}

/* From the first mark to the last with some room on both sides. */
static void set_span(struct timeline *timeline) {
    int64_t first = timeline->marks[0].at;
    int64_t length = (int64_t)timeline->marks[timeline->mark_count - 1].at - first;

    if (length < SPAN_LEAST) {
        first -= (SPAN_LEAST - length) / 2;
        length = SPAN_LEAST;
    }
    timeline->from = (time_t)(first - length / 8);
    timeline->to = (time_t)(first + length + length / 6);
}

/* A piece as far as it lies in the drawn span. */
static void add_piece(const struct timeline *timeline, struct timeline_bar *bar, enum timeline_piece_kind kind,
                      time_t from, time_t to) {
    if (from < timeline->from)
        from = timeline->from;
    if (to > timeline->to)
        to = timeline->to;
    if (from < to && bar->piece_count < TIMELINE_PIECES_MOST)
        bar->pieces[bar->piece_count++] = (struct timeline_piece){.kind = kind, .from = from, .to = to};
}

static time_t earlier(time_t a, time_t b) {
    return a < b ? a : b;
}

static time_t later(time_t a, time_t b) {
    return a > b ? a : b;
}

/* When next takes over by plan, not before now; 0 when nothing does. */
static time_t takeover(const struct report *report, const struct life *next) {
    const struct slots *slots = report->facts && report->facts->read ? &report->facts->slots : NULL;

    if (!next->known || slots == NULL || !slots->date_readable)
        return 0;
    return later(slots->date, report->checked_at);
}

static void add_current(struct timeline *timeline, const struct life *life, time_t hand_over) {
    struct timeline_bar *bar = &timeline->bars[timeline->bar_count];
    const time_t used = hand_over != 0 ? earlier(hand_over, life->end) : life->end;
    const time_t ends = hand_over != 0 ? hand_over : timeline->now;

    *bar = (struct timeline_bar){.slot = SLOT_CURRENT};
    add_piece(timeline, bar, TIMELINE_IN_USE, life->begin, used);
    add_piece(timeline, bar, TIMELINE_SPARE, used, life->end);
    add_piece(timeline, bar, TIMELINE_GAP, life->end, ends);
    timeline->bar_count++;
}

/* `used` from this instant on; 0 = not yet planned, and no more where it is previous. */
static void add_other(struct timeline *timeline, enum slot slot, const struct life *life, time_t used) {
    struct timeline_bar *bar = &timeline->bars[timeline->bar_count];

    if (!life->known)
        return;
    *bar = (struct timeline_bar){.slot = slot};
    add_piece(timeline, bar, TIMELINE_SPARE, life->begin, used != 0 ? earlier(used, life->end) : life->end);
    if (used != 0)
        add_piece(timeline, bar, TIMELINE_IN_USE, later(used, life->begin), life->end);
    if (bar->piece_count > 0)
        timeline->bar_count++;
}

void timeline_make(const struct report *report, const struct occasion *occasion, struct timeline *ret_timeline) {
    struct timeline timeline = {.now = report->checked_at};
    struct life current = life_of(report, SLOT_CURRENT);
    const struct life previous = life_of(report, SLOT_PREVIOUS);
    const struct life next = life_of(report, SLOT_NEXT);

    if (!current.known && occasion != NULL && occasion->known_end != 0) {
        current = (struct life){.known = true, .end = occasion->known_end};
        timeline.last_known = true;
    }
    if (current.known || next.known) {
        add_mark(&timeline, TIMELINE_TODAY, timeline.now);
        if (current.known)
            add_mark(&timeline, TIMELINE_END, current.end);
        add_due_marks(&timeline, report);
        set_span(&timeline);
        if (timeline.last_known)
            current.begin = earlier(timeline.from, current.end);
        add_other(&timeline, SLOT_PREVIOUS, &previous, 0);
        if (current.known)
            add_current(&timeline, &current, takeover(report, &next));
        add_other(&timeline, SLOT_NEXT, &next, takeover(report, &next));
    }
    *ret_timeline = timeline;
}

int timeline_place(const struct timeline *timeline, time_t at) {
    if (at <= timeline->from)
        return 0;
    if (at >= timeline->to)
        return THOUSAND;
    return (int)(((int64_t)at - timeline->from) * THOUSAND / ((int64_t)timeline->to - timeline->from));
}

const char *timeline_words(const struct timeline *timeline, const struct timeline_mark *mark) {
    const bool past = mark->at <= timeline->now;

    switch (mark->what) {
    case TIMELINE_STAGE:
        return past ? "staging a new one was due" : "staging a new one is due";
    case TIMELINE_RETIRE:
        return past ? "clearing previous was due" : "previous can be cleared";
    case TIMELINE_ACTIVATE:
        return past ? "next was due to take over" : "next takes over";
    case TIMELINE_END:
        if (timeline->last_known)
            return past ? "current ended (last known)" : "current ends (last known)";
        return past ? "current ended" : "current ends";
    case TIMELINE_TODAY:
        break;
    }
    return "today";
}

const char *timeline_piece_words(enum timeline_piece_kind kind) {
    switch (kind) {
    case TIMELINE_IN_USE:
        return "current";
    case TIMELINE_SPARE:
        return "valid, not current";
    case TIMELINE_GAP:
        break;
    }
    return "no valid certificate";
}

const char *timeline_slot_words(enum slot slot) {
    static const char *const words[SLOT_COUNT] = {"Current", "Previous", "Next"};

    return words[slot];
}
