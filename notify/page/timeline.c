#include "notify/page/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "notify/page/markup.h"

#define WIDE 880
#define NARROW 330
#define EDGE 6       /* free at both sides */
#define TODAY_ROW 24 /* heights */
#define BAR_ROW 42
#define BAR_TOP 18
#define BAR_HEIGHT 14
#define TICK_ROW 24
#define MARK_ROW 22
#define LETTER 8 /* the width of a wide one, to keep text within the drawing */
#define TICKS_MOST 12
#define BESIDE 10 /* between a point and its words */

struct drawing {
    struct text *out;
    const struct timeline *timeline;
    int width;
    int bars; /* where the bars end */
};

static int place(const struct drawing *drawing, time_t at) {
    return EDGE + timeline_place(drawing->timeline, at) * (drawing->width - 2 * EDGE) / 1000;
}

static const char *piece_class(enum timeline_piece_kind kind) {
    switch (kind) {
    case TIMELINE_IN_USE:
        return "in-use";
    case TIMELINE_SPARE:
        return "spare";
    case TIMELINE_GAP:
        break;
    }
    return "gap";
}

static int width_of(const char *words) {
    return (int)strlen(words) * LETTER;
}

/* Is there room for the words on one side of x? */
static bool fits_beside(const struct drawing *drawing, int x, int beside, const char *words) {
    const int length = beside + width_of(words);

    return x + length <= drawing->width - EDGE || x - length >= EDGE;
}

/* Text that begins, ends or lies at x, whichever keeps it inside. */
static void add_words(const struct drawing *drawing, const char *class, int x, int y, int beside, const char *words) {
    const int length = width_of(words);
    const char *anchor = "start";

    if (beside == 0) {
        anchor = "middle";
        if (x - length / 2 < EDGE) {
            anchor = "start";
            x = EDGE;
        } else if (x + length / 2 > drawing->width - EDGE) {
            anchor = "end";
            x = drawing->width - EDGE;
        }
    } else if (x + beside + length > drawing->width - EDGE) {
        anchor = "end";
        x = fits_beside(drawing, x, beside, words) ? x - beside : drawing->width - EDGE;
    } else {
        x += beside;
    }
    text_format(drawing->out, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">", class, x, y, anchor);
    markup_add(drawing->out, "%s</text>\n", words);
}

static void add_line(const struct drawing *drawing, const char *class, int x, int from, int to) {
    text_format(drawing->out, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class, x, from, x, to);
}

/* What lies wholly outside the drawn span has no row. */
static int count_rows(const struct timeline *timeline) {
    int rows = 0;

    for (size_t i = 0; i < timeline->bar_count; i++)
        rows += timeline->bars[i].piece_count > 0;
    return rows;
}

static void add_bars(const struct drawing *drawing) {
    const struct timeline *timeline = drawing->timeline;
    int top = TODAY_ROW + BAR_TOP;

    for (size_t i = 0; i < timeline->bar_count; i++) {
        const struct timeline_bar *bar = &timeline->bars[i];

        for (size_t j = 0; j < bar->piece_count; j++) {
            int from = place(drawing, bar->pieces[j].from);
            int to = place(drawing, bar->pieces[j].to);

            text_format(drawing->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>\n",
                        piece_class(bar->pieces[j].kind), from, top, to > from + 2 ? to - from : 3, BAR_HEIGHT);
        }
        top += bar->piece_count > 0 ? BAR_ROW : 0;
    }
}

/* Over each bar the name of its slot and how its thumbprint begins. */
static void add_names(const struct drawing *drawing, const char *const thumbprints[SLOT_COUNT]) {
    const struct timeline *timeline = drawing->timeline;
    int top = TODAY_ROW + BAR_TOP;

    for (size_t i = 0; i < timeline->bar_count; i++) {
        const struct timeline_bar *bar = &timeline->bars[i];
        const char *thumbprint = thumbprints[bar->slot];
        char name[64];

        if (bar->piece_count == 0)
            continue;
        (void)snprintf(name, sizeof name, "%s%s%.8s%s", timeline_slot_words(bar->slot),
                       thumbprint[0] != '\0' ? "  " : "", thumbprint, thumbprint[0] != '\0' ? "\xE2\x80\xA6" : "");
        add_words(drawing, "name", EDGE, top - 5, 1, name);
        top += BAR_ROW;
    }
}

/* The first of the month that is `months` after that of `at`. */
static time_t month_after(time_t at, int months) {
    struct tm calendar;

    if (gmtime_r(&at, &calendar) == NULL)
        return at;
    return timegm(&(struct tm){.tm_year = calendar.tm_year, .tm_mon = calendar.tm_mon + months, .tm_mday = 1});
}

/* So many months lie between two ticks; 0 = weeks do. */
static int tick_step(const struct drawing *drawing) {
    const int64_t days = ((int64_t)drawing->timeline->to - drawing->timeline->from) / SECONDS_PER_DAY;
    const int64_t room = drawing->width / 75;
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60};

    if (days / 7 <= room)
        return 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (days / (30 * steps[i]) <= room)
            return steps[i];
    return 240;
}

/* The lines of the calendar first, and its words once no other line can cross them; so with the marks below. */
static void add_ticks(const struct drawing *drawing, bool words) {
    const struct timeline *timeline = drawing->timeline;
    const int step = tick_step(drawing);
    time_t at = step == 0 ? timeline->from - timeline->from % SECONDS_PER_DAY + SECONDS_PER_DAY
                          : month_after(timeline->from, 1);
    int count = 0;

    while (at < timeline->to && count < TICKS_MOST) {
        char date[TIME_TEXT_SIZE];
        int x = place(drawing, at);

        (void)time_format_date(date, at);
        if (step != 0 && strlen(date) == 10)
            date[7] = '\0';
        if (x > EDGE + 30 && x < drawing->width - EDGE - 30) {
            if (words)
                add_words(drawing, "tick", x, drawing->bars + 18, 0, date);
            else
                add_line(drawing, "grid", x, TODAY_ROW, drawing->bars + 6);
            count++;
        }
        at = step == 0 ? at + 7 * SECONDS_PER_DAY : month_after(at, step);
    }
}

/* The dated points, each in a row of its own, so that none covers another, and its words in the next one where neither
 * side of the point has room for them. Nothing is drawn without `draws`. Returns the end of the last row. */
static int add_marks(const struct drawing *drawing, bool draws, bool spelled) {
    const struct timeline *timeline = drawing->timeline;
    int y = drawing->bars + TICK_ROW;

    for (size_t i = 0; i < timeline->mark_count; i++) {
        const struct timeline_mark *mark = &timeline->marks[i];
        const int x = place(drawing, mark->at);
        char date[TIME_TEXT_SIZE];
        char words[128];
        int below;

        if (mark->what == TIMELINE_TODAY)
            continue;
        (void)snprintf(words, sizeof words, "%s  %s", time_format_date(date, mark->at), timeline_words(timeline, mark));
        below = fits_beside(drawing, x, BESIDE, words) ? 0 : MARK_ROW - 4;
        if (draws && !spelled)
            add_line(drawing, "mark", x, TODAY_ROW, y + MARK_ROW / 2);
        if (draws && spelled) {
            text_format(drawing->out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n",
                        mark->what == TIMELINE_END ? "end" : "plan", x, y + MARK_ROW / 2);
            add_words(drawing, "event", x, y + MARK_ROW / 2 + 4 + below, BESIDE, words);
        }
        y += MARK_ROW + below;
    }
    return y;
}

static void draw(struct text *out, const struct timeline *timeline, const char *class, int width,
                 const char *const thumbprints[SLOT_COUNT]) {
    struct drawing drawing = {.out = out, .timeline = timeline, .width = width};
    char date[TIME_TEXT_SIZE];
    char today[64];

    drawing.bars = TODAY_ROW + count_rows(timeline) * BAR_ROW;
    text_format(out, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", class, width,
                add_marks(&drawing, false, false) + 4);
    text_add(out, "The certificates by time; the same dates stand in the tables below\">\n");
    add_ticks(&drawing, false);
    add_bars(&drawing);
    (void)add_marks(&drawing, true, false);
    add_line(&drawing, "now", place(&drawing, timeline->now), TODAY_ROW - 6, drawing.bars + 4);
    add_ticks(&drawing, true);
    add_names(&drawing, thumbprints);
    (void)add_marks(&drawing, true, true);
    (void)snprintf(today, sizeof today, "today, %s", time_format_date(date, timeline->now));
    add_words(&drawing, "now", place(&drawing, timeline->now), TODAY_ROW - 11, 0, today);
    text_add(out, "</svg>\n");
}

void page_timeline_add(struct text *out, const struct timeline *timeline, const char *const thumbprints[SLOT_COUNT]) {
    bool used[3] = {false, false, false};

    if (timeline->bar_count == 0)
        return;
    text_add(out, "<figure>\n");
    draw(out, timeline, "wide", WIDE, thumbprints);
    draw(out, timeline, "narrow", NARROW, thumbprints);
    text_add(out, "<figcaption>");
    for (size_t i = 0; i < timeline->bar_count; i++)
        for (size_t j = 0; j < timeline->bars[i].piece_count; j++)
            used[timeline->bars[i].pieces[j].kind] = true;
    for (int kind = TIMELINE_IN_USE; kind <= TIMELINE_GAP; kind++)
        if (used[kind])
            markup_add(out, "<span class=\"%s\">%s</span>", piece_class((enum timeline_piece_kind)kind),
                       timeline_piece_words((enum timeline_piece_kind)kind));
    text_add(out, "</figcaption>\n</figure>\n");
}
