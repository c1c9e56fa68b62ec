#include "notify/mail/timeline.h"

#include "base/time.h"

#define TABLE "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\""
#define FIXED " style=\"width:100%;table-layout:fixed;border-collapse:collapse\""
#define LABELS " width=\"64\" class=\"soft\" style=\"width:64px;color:#57606a;font-size:13px;vertical-align:middle\""
#define THOUSAND 1000
#define MIDDLE 500 /* a label right of it stands left of its mark */
#define IN_USE "#1f6feb"
#define SPARE "#9ec5fe"
#define GAP "#cf222e"
#define TODAY "#1f2328"

/* A bar being drawn, from left to right, in thousandths. */
struct drawing {
    struct text *out;
    int at;
    int now;
    bool now_drawn;
};

static const char *piece_colour(enum timeline_piece_kind kind) {
    switch (kind) {
    case TIMELINE_IN_USE:
        return IN_USE;
    case TIMELINE_SPARE:
        return SPARE;
    case TIMELINE_GAP:
        break;
    }
    return GAP;
}

static const char *mark_colour(enum timeline_what what) {
    switch (what) {
    case TIMELINE_END:
        return GAP;
    case TIMELINE_TODAY:
        return TODAY;
    case TIMELINE_STAGE:
    case TIMELINE_RETIRE:
    case TIMELINE_ACTIVATE:
        break;
    }
    return IN_USE;
}

static void add_cell(struct text *out, int width, const char *colour) {
    if (width <= 0)
        return;
    text_format(out, "<td width=\"%d%%\"", width >= 10 ? width / 10 : 1);
    if (colour)
        text_format(out, " bgcolor=\"%s\"", colour);
    text_format(out, " style=\"width:%d.%d%%;height:14px;font-size:1px;line-height:14px%s%s\">&nbsp;</td>", width / 10,
                width % 10, colour ? ";background:" : "", colour ? colour : "");
}

static void add_now(struct drawing *drawing) {
    text_add(drawing->out, "<td width=\"4\" bgcolor=\"" TODAY "\" class=\"now\" style=\"width:2px;height:14px;"
                           "font-size:1px;line-height:14px;background:" TODAY ";border-left:1px solid #ffffff;"
                           "border-right:1px solid #ffffff\">&nbsp;</td>");
    drawing->now_drawn = true;
}

/* Draws on up to `to`, the line for today where it is passed. */
static void draw(struct drawing *drawing, int to, const char *colour) {
    if (!drawing->now_drawn && drawing->now >= drawing->at && drawing->now < to) {
        add_cell(drawing->out, drawing->now - drawing->at, colour);
        add_now(drawing);
        drawing->at = drawing->now;
    }
    add_cell(drawing->out, to - drawing->at, colour);
    if (to > drawing->at)
        drawing->at = to;
}

static void add_bar(struct text *out, const struct timeline *timeline, const struct timeline_bar *bar) {
    struct drawing drawing = {.out = out, .now = timeline_place(timeline, timeline->now)};

    text_format(out, "<tr><td" LABELS ">%s</td>\n", timeline_slot_words(bar->slot));
    text_add(out, "<td style=\"padding:3px 0\">" TABLE FIXED "><tr>");
    for (size_t i = 0; i < bar->piece_count; i++) {
        draw(&drawing, timeline_place(timeline, bar->pieces[i].from), NULL);
        draw(&drawing, timeline_place(timeline, bar->pieces[i].to), piece_colour(bar->pieces[i].kind));
    }
    draw(&drawing, THOUSAND, NULL);
    text_add(out, "</tr></table></td></tr>\n");
}

/* A label beside its mark, on the side that has more room. */
static void add_mark(struct text *out, const struct timeline *timeline, const struct timeline_mark *mark) {
    const int place = timeline_place(timeline, mark->at);
    const bool right = place > MIDDLE;
    const char *strong = mark->what == TIMELINE_TODAY ? ";font-weight:bold" : "";
    char date[TIME_TEXT_SIZE];

    text_add(out, "<tr><td" LABELS ">&nbsp;</td>\n<td>" TABLE FIXED "><tr>");
    if (!right)
        add_cell(out, place, NULL);
    text_format(out, "<td%s width=\"%d%%\" class=\"%s\" style=\"width:%d.%d%%;border-%s:2px solid %s;padding:1px 6px;",
                right ? " align=\"right\"" : "", (right ? place : THOUSAND - place) / 10,
                mark->what == TIMELINE_TODAY ? "text now-edge" : "text", (right ? place : THOUSAND - place) / 10,
                (right ? place : THOUSAND - place) % 10, right ? "right" : "left", mark_colour(mark->what));
    text_format(out, "color:#1f2328;font-size:13px;line-height:17px%s\">%s %s</td>", strong,
                time_format_date(date, mark->at), timeline_words(timeline, mark));
    if (right)
        add_cell(out, THOUSAND - place, NULL);
    text_add(out, "</tr></table></td></tr>\n");
}

static bool has_kind(const struct timeline *timeline, enum timeline_piece_kind kind) {
    for (size_t i = 0; i < timeline->bar_count; i++)
        for (size_t j = 0; j < timeline->bars[i].piece_count; j++)
            if (timeline->bars[i].pieces[j].kind == kind)
                return true;
    return false;
}

static void add_legend(struct text *out, const struct timeline *timeline) {
    text_add(out, "<tr><td" LABELS ">&nbsp;</td>\n"
                  "<td class=\"soft\" style=\"color:#57606a;font-size:12px;line-height:18px;padding-top:6px\">");
    for (int kind = TIMELINE_IN_USE; kind <= TIMELINE_GAP; kind++)
        if (has_kind(timeline, (enum timeline_piece_kind)kind))
            text_format(out, "<span style=\"background:%s\">&nbsp;&nbsp;&nbsp;</span>&nbsp;%s &nbsp; ",
                        piece_colour((enum timeline_piece_kind)kind),
                        timeline_piece_words((enum timeline_piece_kind)kind));
    text_add(out, "</td></tr>\n");
}

void html_timeline_add(struct text *out, const struct timeline *timeline) {
    text_add(out, TABLE " style=\"margin:0 0 8px\">\n");
    for (size_t i = 0; i < timeline->bar_count; i++)
        add_bar(out, timeline, &timeline->bars[i]);
    for (size_t i = 0; i < timeline->mark_count; i++)
        add_mark(out, timeline, &timeline->marks[i]);
    add_legend(out, timeline);
    text_add(out, "</table>\n");
}
