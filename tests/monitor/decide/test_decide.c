#include "monitor/decide/decide.h"
#include "monitor/decide/promoted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define CANDIDATE "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
#define RESTED (40 * HOUR) /* long enough since the last promotion to activate, too short to retire */

/* Two sites, all present. */
#define ALL_PRESENT                                                                                                    \
    .servers = {{.site = "A",                                                                                          \
                 .reached = ANSWER_YES,                                                                                \
                 .current = PRESENCE_PRESENT,                                                                          \
                 .previous = PRESENCE_PRESENT,                                                                         \
                 .next = PRESENCE_PRESENT},                                                                            \
                {.site = "B",                                                                                          \
                 .reached = ANSWER_YES,                                                                                \
                 .current = PRESENCE_PRESENT,                                                                          \
                 .previous = PRESENCE_PRESENT,                                                                         \
                 .next = PRESENCE_PRESENT}},                                                                           \
    .probed = true
/* next is held by none. */
#define NEXT_HELD_BY_NONE                                                                                              \
    .servers = {{.site = "A", .reached = ANSWER_YES, .current = PRESENCE_PRESENT, .next = PRESENCE_MISSING},           \
                {.site = "B", .reached = ANSWER_YES, .current = PRESENCE_PRESENT, .next = PRESENCE_MISSING}},          \
    .probed = true
#define SITE_B_CUT_OFF                                                                                                 \
    .servers = {{.site = "A", .reached = ANSWER_YES},                                                                  \
                {.site = "B", .reached = ANSWER_NO, .current = PRESENCE_UNREACHABLE, .next = PRESENCE_UNREACHABLE}},   \
    .probed = true
#define NOT_HYBRID .hybrid = ANSWER_NO, .may_write = ANSWER_YES
#define STAGED(ends_in, date_in) .next = ENDS(ends_in), .dated = true, .date = (date_in)

struct expected {
    enum row row;
    enum act act;
    enum block blocked;
    enum status status;
    int64_t date; /* of the act, seconds from now; 0 = none */
};

static const struct {
    const char *name;
    struct scene scene;
    struct expected expected; /* in mode renew */
} table[] = {
    {"unreadable", {.unreadable = true}, {ROW_UNREADABLE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN, 0}},

    {"malformed: no value", {.malformed = MALFORMED_NO_VALUE}, {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: two currents",
     {.current = ENDS(YEAR), .malformed = MALFORMED_TWO_VALUES, NOT_HYBRID},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: lone previous",
     {.previous = ENDS(YEAR), .malformed = MALFORMED_LONE_PREVIOUS},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: lone next",
     {.next = ENDS(YEAR), .malformed = MALFORMED_LONE_NEXT | MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: prefix",
     {.current = ENDS(YEAR), .malformed = MALFORMED_PREFIX},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: thumbprint",
     {.current = ENDS(YEAR), .malformed = MALFORMED_THUMBPRINT},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed: date that is none",
     {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true, .malformed = MALFORMED_DATE},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"leftover: a date without next is nothing to Exchange",
     {.current = ENDS(YEAR), .dated = true, .date = 3 * DAY, .leftover = LEFTOVER_DATE, NOT_HYBRID},
     {ROW_LEFTOVER, ACT_MEND, 0, STATUS_OK, 0}},
    {"leftover: next is current",
     {.current = ENDS(YEAR), .dated = true, .leftover = LEFTOVER_NEXT_IS_CURRENT | LEFTOVER_DATE, NOT_HYBRID},
     {ROW_LEFTOVER, ACT_MEND, 0, STATUS_OK, 0}},
    {"leftover: that the account may not write is no warning",
     {.current = ENDS(YEAR), .leftover = LEFTOVER_NEXT_IS_CURRENT, .may_write = ANSWER_NO},
     {ROW_LEFTOVER, ACT_MEND, BLOCK_RIGHTS, STATUS_OK, 0}},
    {"leftover: a stage takes it along",
     {.current = ENDS(60 * DAY), .dated = true, .date = 3 * DAY, .leftover = LEFTOVER_DATE, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"leftover: a value that Exchange does not see beside one that it does is no row",
     {.current = ENDS(YEAR), .leftover = LEFTOVER_VALUE, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"malformed, mended: a current that Exchange does not see",
     {.current = ENDS(YEAR),
      .previous = ENDS(DAY),
      .malformed = MALFORMED_HIDDEN,
      .hidden = true,
      .bare = true,
      NOT_HYBRID},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 0}},
    {"malformed, mended: one of unknown bytes, for no key is needed",
     {.current = {.set = true, .known = IS_UNKNOWN}, .malformed = MALFORMED_HIDDEN, .hidden = true, NOT_HYBRID},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 0}},
    {"malformed, mended: with a next that lacks its date",
     {.current = ENDS(YEAR),
      .next = ENDS(2 * YEAR),
      .malformed = MALFORMED_HIDDEN | MALFORMED_NEXT_WITHOUT_DATE,
      .hidden = true,
      NOT_HYBRID},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 30 * DAY}},
    {"malformed, not mended: hidden beside what could be lost",
     {.current = ENDS(YEAR), .malformed = MALFORMED_HIDDEN | MALFORMED_PREFIX, .hidden = true},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"west of Greenwich current may have ended: next",
     {.current = ENDS(12 * HOUR), STAGED(5 * YEAR, 20 * DAY), .hybrid = ANSWER_YES, .may_write = ANSWER_YES},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"west of Greenwich current may have ended: previous",
     {.current = ENDS(12 * HOUR), .previous = ENDS(YEAR), NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"west of Greenwich current may have ended: not a previous that ends before",
     {.current = ENDS(12 * HOUR), .previous = ENDS(11 * HOUR), NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"a second more, and it is current everywhere",
     {.current = ENDS(12 * HOUR + 1), .hybrid = ANSWER_YES, .may_write = ANSWER_YES},
     {ROW_STAGE, ACT_STAGE, BLOCK_HYBRID, STATUS_CRITICAL, 0}},
    {"activate: not while servers ahead of UTC would refuse next",
     {.current = ENDS(60 * DAY),
      .next = {.set = true, .starts = -14 * HOUR + 1, .ends = 5 * YEAR},
      .dated = true,
      .date = -HOUR,
      NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"activate: begun everywhere",
     {.current = ENDS(60 * DAY),
      .next = {.set = true, .starts = -14 * HOUR, .ends = 5 * YEAR},
      .dated = true,
      .date = -HOUR,
      NOT_HYBRID},
     {ROW_ACTIVATE, ACT_ACTIVATE, 0, STATUS_OK, 0}},
    {"restore: previous is taken everywhere, a next of this morning is not",
     {.current = ENDS(-1),
      .previous = ENDS(YEAR),
      .next = {.set = true, .starts = -HOUR, .ends = 5 * YEAR},
      .dated = true,
      .date = 20 * DAY,
      NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: with nothing else even a next of this morning",
     {.current = ENDS(-1),
      .next = {.set = true, .starts = -HOUR, .ends = 5 * YEAR},
      .dated = true,
      .date = 20 * DAY,
      NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"malformed, mended: usable next without date gets one",
     {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .malformed = MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 30 * DAY}},
    {"malformed, mended: ended next without date goes",
     {.current = ENDS(YEAR), .next = ENDS(0), .malformed = MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 0}},
    {"malformed, mended: beside an ended current too",
     {.current = ENDS(-DAY), .next = ENDS(-1), .malformed = MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 0}},
    {"malformed, not mended: next without date that has not begun",
     {.current = ENDS(YEAR),
      .next = {.set = true, .starts = 1, .ends = 2 * YEAR},
      .malformed = MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed, not mended: ended next without date beside an unknown prefix",
     {.current = ENDS(YEAR), .next = ENDS(-1), .malformed = MALFORMED_NEXT_WITHOUT_DATE | MALFORMED_PREFIX},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed, not mended: unknown next without date",
     {.current = ENDS(YEAR), .next = {.set = true, .known = IS_UNKNOWN}, .malformed = MALFORMED_NEXT_WITHOUT_DATE},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed, mended: two nexts of which one is ours",
     {.current = ENDS(YEAR),
      STAGED(2 * YEAR, DAY),
      .malformed = MALFORMED_TWO_VALUES,
      .candidate = CANDIDATE,
      .other_next_is_candidate = true},
     {ROW_MALFORMED, ACT_MEND, 0, STATUS_CRITICAL, 0}},
    {"malformed, not mended: two nexts of others",
     {.current = ENDS(YEAR), STAGED(2 * YEAR, DAY), .malformed = MALFORMED_TWO_VALUES, .candidate = CANDIDATE},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"malformed, not mended: a mendable fault beside another",
     {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .malformed = MALFORMED_NEXT_WITHOUT_DATE | MALFORMED_PREFIX},
     {ROW_MALFORMED, ACT_NONE, 0, STATUS_CRITICAL, 0}},

    {"unknown-certificate: current",
     {.current = {.set = true, .known = IS_UNKNOWN}, NOT_HYBRID},
     {ROW_UNKNOWN_CERTIFICATE, ACT_NONE, 0, STATUS_UNKNOWN, 0}},
    {"unknown-certificate: current ended, next unknown",
     {.current = ENDS(-1), .next = {.set = true, .known = IS_UNKNOWN}, .dated = true, .date = DAY},
     {ROW_UNKNOWN_CERTIFICATE, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"unknown current with a next that breaks soon is critical",
     {.current = {.set = true, .known = IS_UNKNOWN}, STAGED(DAY, 2 * DAY)},
     {ROW_UNKNOWN_CERTIFICATE, ACT_NONE, 0, STATUS_CRITICAL, 0}},

    {"promote: current ended this second",
     {.current = ENDS(0), STAGED(YEAR, 20 * DAY), NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: in a hybrid organization too",
     {.current = ENDS(-DAY), STAGED(YEAR, 20 * DAY), .hybrid = ANSWER_YES},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: with a site cut off too",
     {.current = ENDS(-DAY), STAGED(YEAR, 20 * DAY), SITE_B_CUT_OFF, NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: with the writer down too",
     {.current = ENDS(-DAY), STAGED(YEAR, 20 * DAY), .writer_down = true, NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: current has too short a key",
     {.current = {.set = true, .ends = YEAR, .bits = 1024}, STAGED(YEAR, 20 * DAY), NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: current is not RSA",
     {.current = {.set = true, .ends = YEAR, .not_rsa = true}, STAGED(YEAR, 20 * DAY), NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: current is not valid yet",
     {.current = {.set = true, .starts = 1, .ends = YEAR}, STAGED(YEAR, 20 * DAY), NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"replace: next is held by none, and its key is not kept",
     {.current = ENDS(-DAY), STAGED(YEAR, 20 * DAY), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"promote: held by none and its key kept is delivered first",
     {.current = ENDS(-DAY),
      .next = {.set = true, .ends = YEAR, .key_kept = true},
      .dated = true,
      .date = 20 * DAY,
      NEXT_HELD_BY_NONE,
      NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: held by none, delivery failed",
     {.current = ENDS(-DAY),
      .next = {.set = true, .ends = YEAR, .key_kept = true, .delivery = DELIVERY_FAILED},
      .dated = true,
      .date = 20 * DAY,
      NEXT_HELD_BY_NONE,
      NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, BLOCK_DELIVERY, STATUS_CRITICAL, 0}},

    {"restore: rather than wait with an ended current for a next that cannot be brought to any server",
     {.current = ENDS(-DAY),
      .previous = ENDS(DAY),
      STAGED(YEAR, 20 * DAY),
      .servers = {{.site = "A", .reached = ANSWER_YES, .previous = PRESENCE_PRESENT, .next = PRESENCE_MISSING}},
      NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"restore: next not there",
     {.current = ENDS(-1), .previous = ENDS(1), NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"restore: next not valid yet",
     {.current = ENDS(-1),
      .previous = ENDS(DAY),
      .next = {.set = true, .starts = 1, .ends = YEAR},
      .dated = true,
      .date = DAY,
      NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"replace rather than restore what no server holds",
     {.current = ENDS(-1),
      .previous = ENDS(YEAR),
      .servers = {{.site = "A", .previous = PRESENCE_MISSING}},
      NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"replace: nothing else", {.current = ENDS(-1), NOT_HYBRID}, {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"replace: everything ended, hybrid unknown, site cut off",
     {.current = ENDS(-1), .previous = ENDS(-1), STAGED(-1, -DAY), SITE_B_CUT_OFF},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"replace: an unknown previous holds nothing back",
     {.current = ENDS(-1), .previous = {.set = true, .known = IS_UNKNOWN}, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"replace: waits for the admin to deliver the candidate",
     {.current = ENDS(-1), .candidate = CANDIDATE, .candidate_delivery = DELIVERY_WAITING, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, BLOCK_DELIVERY, STATUS_CRITICAL, 0}},

    {"activate: the date has come this second",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 0), .changed = RESTED, NOT_HYBRID},
     {ROW_ACTIVATE, ACT_ACTIVATE, 0, STATUS_OK, 0}},
    {"not activated: a second before the date",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 1), .changed = RESTED, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"activate: 37 h after the last promotion",
     {.current = ENDS(60 * DAY), .previous = ENDS(DAY), STAGED(4 * YEAR, 0), .changed = 37 * HOUR, NOT_HYBRID},
     {ROW_ACTIVATE, ACT_ACTIVATE, 0, STATUS_OK, 0}},
    {"not activated: a second less than 37 h after the last promotion",
     {.current = ENDS(60 * DAY), .previous = ENDS(DAY), STAGED(4 * YEAR, 0), .changed = 37 * HOUR - 1, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"not activated: a previous is there and nothing says since when",
     {.current = ENDS(60 * DAY), .previous = ENDS(DAY), STAGED(4 * YEAR, 0), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"activate: nothing says when, but there is no previous to push out",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 0), NOT_HYBRID},
     {ROW_ACTIVATE, ACT_ACTIVATE, 0, STATUS_OK, 0}},
    {"activate: held back in a hybrid organization",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 0), .changed = RESTED, .hybrid = ANSWER_YES},
     {ROW_ACTIVATE, ACT_ACTIVATE, BLOCK_HYBRID, STATUS_WARNING, 0}},
    {"activate: overdue by more than 36 h is no rotation under control",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, -36 * HOUR - 1), .changed = RESTED, NOT_HYBRID},
     {ROW_ACTIVATE, ACT_ACTIVATE, 0, STATUS_WARNING, 0}},
    {"not activated: held by none, and its date is put off",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 0), .changed = RESTED, NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_CRITICAL, 30 * DAY}},
    {"not activated: next is unknown",
     {.current = ENDS(60 * DAY), .next = {.set = true, .known = IS_UNKNOWN}, .dated = true, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_WARNING, 0}},

    {"a foreign record of our candidate is a warning",
     {.current = ENDS(3 * YEAR), .record_foreign = true, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_WARNING, 0}},

    {"reschedule: date after current's end - 36 h comes forward",
     {.current = ENDS(40 * DAY), STAGED(4 * YEAR, 40 * DAY), NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_WARNING, 30 * DAY}},
    {"not rescheduled: exactly at current's end - 36 h",
     {.current = ENDS(40 * DAY), STAGED(4 * YEAR, 40 * DAY - 36 * HOUR), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"reschedule: a second later than that",
     {.current = ENDS(40 * DAY), STAGED(4 * YEAR, 40 * DAY - 36 * HOUR + 1), NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_WARNING, 30 * DAY}},
    {"not rescheduled: less than a day would be won",
     {.current = ENDS(30 * HOUR), STAGED(4 * YEAR, DAY - 1), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_CRITICAL, 0}},
    {"reschedule: a day is won",
     {.current = ENDS(30 * HOUR), STAGED(4 * YEAR, DAY), NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_CRITICAL, 0}},
    {"reschedule: held by none and nearer than min_lead",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 49 * HOUR - 1), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_CRITICAL, 30 * DAY}},
    {"not rescheduled: held by none, min_lead away",
     {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 49 * HOUR), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_CRITICAL, 30 * DAY}},
    {"not rescheduled: held by none, and it would become current before it can be there",
     {.current = ENDS(30 * HOUR), STAGED(4 * YEAR, 60 * HOUR), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_CRITICAL, 0}},
    {"not restaged: held by none, but its key is kept",
     {.current = ENDS(60 * DAY),
      .next = {.set = true, .ends = 4 * YEAR, .key_kept = true},
      .dated = true,
      .date = 49 * HOUR,
      NEXT_HELD_BY_NONE,
      NOT_HYBRID},
     {ROW_DELIVER, ACT_DELIVER, 0, STATUS_CRITICAL, 0}},
    {"not restaged: held by none, but nothing is due",
     {.current = ENDS(90 * DAY + 1), STAGED(4 * YEAR, 49 * HOUR), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_DELIVER, ACT_DELIVER, BLOCK_DELIVERY, STATUS_CRITICAL, 0}},
    {"not restaged: held by none, but the candidate would end before current",
     {.current = ENDS(60 * DAY),
      STAGED(4 * YEAR, 49 * HOUR),
      NEXT_HELD_BY_NONE,
      .candidate = CANDIDATE,
      .candidate_ends = 60 * DAY,
      NOT_HYBRID},
     {ROW_DELIVER, ACT_DELIVER, BLOCK_DELIVERY, STATUS_CRITICAL, 0}},
    {"reschedule: held by none, and there is time to bring it there",
     {.current = ENDS(40 * DAY), STAGED(4 * YEAR, 40 * DAY), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_WARNING, 30 * DAY}},
    {"reschedule: put off no later than current's end - 36 h",
     {.current = ENDS(20 * DAY), STAGED(4 * YEAR, 0), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_CRITICAL, 20 * DAY - 36 * HOUR}},
    {"not rescheduled: it cannot be put off any more",
     {.current = ENDS(3 * DAY), STAGED(4 * YEAR, 3 * DAY - 36 * HOUR), NEXT_HELD_BY_NONE, NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_CRITICAL, 0}},

    {"reschedule: another domain controller differs",
     {.current = ENDS(40 * DAY),
      STAGED(4 * YEAR, 40 * DAY),
      .controllers_agree = 1,
      .controllers_differ = 1,
      NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, BLOCK_UNREACHABLE, STATUS_WARNING, 30 * DAY}},
    {"reschedule: the others agree or cannot be asked",
     {.current = ENDS(40 * DAY),
      STAGED(4 * YEAR, 40 * DAY),
      .controllers_agree = 1,
      .controllers_unknown = 2,
      NOT_HYBRID},
     {ROW_RESCHEDULE, ACT_RESCHEDULE, 0, STATUS_WARNING, 30 * DAY}},
    {"restage: another domain controller differs",
     {.current = ENDS(60 * DAY), STAGED(20 * DAY, 30 * DAY), .controllers_differ = 1, NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, BLOCK_UNREACHABLE, STATUS_WARNING, 30 * DAY}},
    {"stage: another domain controller differs",
     {.current = ENDS(60 * DAY), .controllers_differ = 1, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"replace: another domain controller differs",
     {.current = ENDS(-DAY), .controllers_differ = 1, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"retire: another domain controller differs",
     {.current = ENDS(YEAR), .previous = ENDS(20 * DAY), .changed = 8 * DAY, .controllers_differ = 1, NOT_HYBRID},
     {ROW_RETIRE, ACT_RETIRE, BLOCK_UNREACHABLE, STATUS_OK, 0}},
    {"promote: never where no writes are taken",
     {.current = ENDS(-DAY), STAGED(YEAR, 20 * DAY), .writer_down = true, .read_only = true, NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, BLOCK_UNREACHABLE, STATUS_CRITICAL, 0}},
    {"restage: next ends before its date, current near its end",
     {.current = ENDS(60 * DAY), STAGED(20 * DAY, 30 * DAY), NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"restage: next ends at its date",
     {.current = ENDS(2 * YEAR), STAGED(30 * DAY, 30 * DAY), NOT_HYBRID},
     {ROW_RESTAGE, ACT_WITHDRAW, 0, STATUS_OK, 0}},
    {"restage: too short a key is useless whenever it ends",
     {.current = ENDS(2 * YEAR),
      .next = {.set = true, .ends = 20 * YEAR, .bits = 2047},
      .dated = true,
      .date = 30 * DAY,
      NOT_HYBRID},
     {ROW_RESTAGE, ACT_WITHDRAW, 0, STATUS_OK, 0}},
    {"restage: not valid before its date",
     {.current = ENDS(60 * DAY),
      .next = {.set = true, .starts = 40 * DAY, .ends = 4 * YEAR},
      .dated = true,
      .date = 30 * DAY,
      NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"restage: unusable with its date within 14 days is critical",
     {.current = ENDS(2 * YEAR), STAGED(13 * DAY, 14 * DAY), NOT_HYBRID},
     {ROW_RESTAGE, ACT_WITHDRAW, 0, STATUS_CRITICAL, 0}},
    {"restage: unusable with its date a second beyond 14 days",
     {.current = ENDS(2 * YEAR), STAGED(13 * DAY, 14 * DAY + 1), NOT_HYBRID},
     {ROW_RESTAGE, ACT_WITHDRAW, 0, STATUS_OK, 0}},
    {"restage: ends less than renew_before after its date",
     {.current = ENDS(60 * DAY), STAGED(120 * DAY - 1, 30 * DAY), NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_OK, 30 * DAY}},
    {"not restaged: ends renew_before after its date",
     {.current = ENDS(60 * DAY), STAGED(120 * DAY, 30 * DAY), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"not restaged: the candidate ends no later than next",
     {.current = ENDS(60 * DAY),
      STAGED(120 * DAY - 1, 30 * DAY),
      .candidate = CANDIDATE,
      .candidate_ends = 120 * DAY - 1,
      NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"not restaged: the candidate ends no later than current",
     {.current = ENDS(2 * YEAR),
      STAGED(YEAR, 300 * DAY),
      .candidate = CANDIDATE,
      .candidate_ends = 2 * YEAR,
      NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"restage: the candidate ends later than next",
     {.current = ENDS(60 * DAY),
      STAGED(120 * DAY - 1, 30 * DAY),
      .candidate = CANDIDATE,
      .candidate_ends = 120 * DAY,
      NOT_HYBRID},
     {ROW_RESTAGE, ACT_STAGE, 0, STATUS_OK, 30 * DAY}},
    {"restage: ends with current",
     {.current = ENDS(2 * YEAR), STAGED(2 * YEAR, 30 * DAY), NOT_HYBRID},
     {ROW_RESTAGE, ACT_WITHDRAW, 0, STATUS_OK, 0}},
    {"not restaged: a new one would not end later than current either",
     {.current = ENDS(9 * YEAR), STAGED(4 * YEAR, 30 * DAY), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"not restaged: next is unknown",
     {.current = ENDS(20 * DAY), .next = {.set = true, .known = IS_UNKNOWN}, .dated = true, .date = DAY, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_WARNING, 0}},

    {"stage: exactly renew_before before the end",
     {.current = ENDS(90 * DAY), NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_OK, 30 * DAY}},
    {"stage: the next run but one has not come yet",
     {.current = ENDS(90 * DAY - 36 * HOUR), NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_OK, 30 * DAY}},
    {"stage: 36 hours late",
     {.current = ENDS(90 * DAY - 36 * HOUR - 1), NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: due tonight, and held back",
     {.current = ENDS(90 * DAY), .may_write = ANSWER_NO, .hybrid = ANSWER_NO},
     {ROW_STAGE, ACT_STAGE, BLOCK_RIGHTS, STATUS_WARNING, 30 * DAY}},
    {"not staged: a second earlier",
     {.current = ENDS(90 * DAY + 1), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"stage: the last second in which current is sure to be current",
     {.current = ENDS(12 * HOUR + 1), NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_CRITICAL, 0}},
    {"replace: the last second of current",
     {.current = ENDS(1), NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"stage: hybrid blocks",
     {.current = ENDS(60 * DAY), .hybrid = ANSWER_YES},
     {ROW_STAGE, ACT_STAGE, BLOCK_HYBRID, STATUS_WARNING, 30 * DAY}},
    {"stage: unknown hybrid blocks like yes",
     {.current = ENDS(60 * DAY), .hybrid = ANSWER_UNKNOWN},
     {ROW_STAGE, ACT_STAGE, BLOCK_HYBRID, STATUS_WARNING, 30 * DAY}},
    {"stage: a site cut off blocks before hybrid",
     {.current = ENDS(60 * DAY), SITE_B_CUT_OFF, .hybrid = ANSWER_YES},
     {ROW_STAGE, ACT_STAGE, BLOCK_UNREACHABLE, STATUS_WARNING, 30 * DAY}},
    {"stage: no pair is made that could be brought nowhere",
     {.current = ENDS(60 * DAY), .no_servers = true, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, BLOCK_DELIVERY, STATUS_WARNING, 30 * DAY}},
    {"replace: likewise, of servers that may hold one",
     {.current = ENDS(-DAY), .servers = {{.site = "A", .not_counted = true}}, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, BLOCK_DELIVERY, STATUS_CRITICAL, 0}},
    {"none: no server uses it",
     {.current = ENDS(-DAY), .servers = {{.site = "A", .not_counted = true, .holds = ANSWER_NO}}, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"none: no server uses what is malformed",
     {.malformed = MALFORMED_TWO_VALUES, .servers = {{.site = "A", .not_counted = true, .holds = ANSWER_NO}}},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"stage: a site without counted servers is not cut off",
     {.current = ENDS(60 * DAY),
      .servers = {{.site = "A", .reached = ANSWER_YES}, {.site = "B", .reached = ANSWER_NO, .not_counted = true}},
      .probed = true,
      NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: servers that are not probed are not cut off",
     {.current = ENDS(60 * DAY), .servers = {{.site = "A"}}, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: the writer is down",
     {.current = ENDS(60 * DAY), .writer_down = true, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, BLOCK_UNREACHABLE, STATUS_WARNING, 30 * DAY}},
    {"stage: missing rights block before unreachable",
     {.current = ENDS(60 * DAY), .may_write = ANSWER_NO, SITE_B_CUT_OFF, .hybrid = ANSWER_NO},
     {ROW_STAGE, ACT_STAGE, BLOCK_RIGHTS, STATUS_WARNING, 30 * DAY}},
    {"stage: unknown rights do not block",
     {.current = ENDS(60 * DAY), .hybrid = ANSWER_NO},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: a clock five minutes off is good",
     {.current = ENDS(60 * DAY), .skew = 5 * MINUTE, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: a clock a second more off blocks before rights",
     {.current = ENDS(60 * DAY), .skew = -5 * MINUTE - 1, .may_write = ANSWER_NO},
     {ROW_STAGE, ACT_STAGE, BLOCK_CLOCK, STATUS_WARNING, 30 * DAY}},
    {"stage: a directory without a clock is no block",
     {.current = ENDS(60 * DAY), .no_clock = true, .skew = YEAR, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"stage: the servers' clocks block where the directory tells no time",
     {.current = ENDS(60 * DAY), .no_clock = true, .servers_clocks_off = true, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, BLOCK_CLOCK, STATUS_WARNING, 30 * DAY}},
    {"stage: the domain controller's time outranks the servers'",
     {.current = ENDS(60 * DAY), .servers_clocks_off = true, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},
    {"promote: servers' clocks hold nothing back",
     {.current = ENDS(-DAY),
      .next = ENDS(YEAR),
      .dated = true,
      .date = DAY,
      .no_clock = true,
      .servers_clocks_off = true,
      NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"promote: the domain controller's clock does",
     {.current = ENDS(-DAY),
      .next = ENDS(YEAR),
      .dated = true,
      .date = DAY,
      .skew = HOUR,
      .servers_clocks_off = true,
      NOT_HYBRID},
     {ROW_PROMOTE, ACT_ACTIVATE, BLOCK_CLOCK, STATUS_CRITICAL, 0}},
    {"restore: servers' clocks hold nothing back",
     {.current = ENDS(-DAY), .previous = ENDS(YEAR), .no_clock = true, .servers_clocks_off = true, NOT_HYBRID},
     {ROW_RESTORE, ACT_ACTIVATE, 0, STATUS_CRITICAL, 0}},
    {"replace: servers' clocks hold nothing back",
     {.current = ENDS(-DAY), .no_clock = true, .servers_clocks_off = true, NOT_HYBRID},
     {ROW_REPLACE, ACT_REPLACE, 0, STATUS_CRITICAL, 0}},
    {"stage: waits for the admin to deliver",
     {.current = ENDS(60 * DAY), .candidate = CANDIDATE, .candidate_delivery = DELIVERY_WAITING, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, BLOCK_DELIVERY, STATUS_WARNING, 30 * DAY}},
    {"stage: the candidate is delivered",
     {.current = ENDS(60 * DAY), .candidate = CANDIDATE, .candidate_delivery = DELIVERY_ENOUGH, NOT_HYBRID},
     {ROW_STAGE, ACT_STAGE, 0, STATUS_WARNING, 30 * DAY}},

    {"deliver: one server lacks current, whose key is kept",
     {.current = {.set = true, .ends = YEAR, .key_kept = true},
      .servers = {{.site = "A", .current = PRESENCE_MISSING}, {.site = "A", .current = PRESENCE_PRESENT}},
      NOT_HYBRID},
     {ROW_DELIVER, ACT_DELIVER, 0, STATUS_WARNING, 0}},
    {"deliver: no key here",
     {.current = ENDS(YEAR),
      .servers = {{.site = "A", .current = PRESENCE_MISSING}, {.site = "A", .current = PRESENCE_PRESENT}},
      NOT_HYBRID},
     {ROW_DELIVER, ACT_DELIVER, BLOCK_DELIVERY, STATUS_WARNING, 0}},
    {"deliver: needs no write right",
     {.current = {.set = true, .ends = YEAR, .key_kept = true},
      .servers = {{.site = "A", .current = PRESENCE_MISSING}, {.site = "A", .current = PRESENCE_PRESENT}},
      .may_write = ANSWER_NO},
     {ROW_DELIVER, ACT_DELIVER, 0, STATUS_WARNING, 0}},
    {"not delivered: an ignored server lacks it",
     {.current = ENDS(YEAR), .servers = {{.site = "A", .not_counted = true, .current = PRESENCE_MISSING}}, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},

    {"retire: retire_after since the promotion",
     {.current = ENDS(YEAR), .previous = ENDS(DAY), .changed = 7 * DAY, NOT_HYBRID},
     {ROW_RETIRE, ACT_RETIRE, 0, STATUS_OK, 0}},
    {"not retired: a second less",
     {.current = ENDS(YEAR), .previous = ENDS(DAY), .changed = 7 * DAY - 1, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"not retired: nothing says since when",
     {.current = ENDS(YEAR), .previous = ENDS(DAY), NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"retire: an unknown previous as well",
     {.current = ENDS(YEAR), .previous = {.set = true, .known = IS_UNKNOWN}, .changed = 8 * DAY, NOT_HYBRID},
     {ROW_RETIRE, ACT_RETIRE, 0, STATUS_OK, 0}},
    {"retire: held back by rights is no warning",
     {.current = ENDS(YEAR), .previous = ENDS(DAY), .changed = 8 * DAY, .may_write = ANSWER_NO},
     {ROW_RETIRE, ACT_RETIRE, BLOCK_RIGHTS, STATUS_OK, 0}},

    {"none: all is well", {.current = ENDS(YEAR), ALL_PRESENT, NOT_HYBRID}, {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"none: a rotation under control raises no alarm to the end",
     {.current = ENDS(2 * DAY), STAGED(4 * YEAR, 12 * HOUR), ALL_PRESENT, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
    {"a bare current alone is well",
     {.current = ENDS(YEAR), .bare = true, NOT_HYBRID},
     {ROW_NONE, ACT_NONE, 0, STATUS_OK, 0}},
};

static struct policy policy_of(enum mode mode) {
    struct policy policy;

    policy_default(&policy);
    policy.mode = mode;
    return policy;
}

static struct decision judge(const struct scene *scene, enum mode mode, const struct history *history) {
    struct policy policy = policy_of(mode);
    struct stage stage;
    struct facts facts;

    scene_build(scene, &stage, &facts);
    return decide(&facts, history, &policy, NOW);
}

static void test_table(void **state) {
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct decision got = judge(&table[i].scene, MODE_RENEW, NULL);
        const struct expected *want = &table[i].expected;
        time_t date = want->date != 0 ? NOW + want->date : 0;
        /* "now" is a date too: a row that expects 0 for an act with a date means now. */
        bool date_right = got.date == date || (want->date == 0 && got.date == NOW);

        if (got.row == want->row && got.act == want->act && got.blocked == want->blocked &&
            got.status == want->status && date_right)
            continue;
        wrong++;
        print_error("%s: got %s, %s, blocked %s, %s, date %+lld\n", table[i].name, row_name(got.row), act_name(got.act),
                    block_name(got.blocked), status_name(got.status), got.date != 0 ? (long long)(got.date - NOW) : 0);
    }
    assert_int_equal(wrong, 0);
}

/* In mode monitor every act is held back by the mode, and the row is the same. */
static void test_monitor_blocks_every_act(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct decision got = judge(&table[i].scene, MODE_MONITOR, NULL);

        assert_int_equal(got.row, table[i].expected.row);
        assert_int_equal(got.blocked, got.act != ACT_NONE ? BLOCK_MODE : BLOCK_NONE);
    }
}

static void test_monitor_remarks(void **state) {
    struct scene retire = {.current = ENDS(YEAR), .previous = ENDS(DAY), .changed = 8 * DAY};
    struct scene fresh = {.current = ENDS(60 * DAY), STAGED(4 * YEAR, -36 * HOUR + 1), .changed = RESTED};
    struct scene old = {.current = ENDS(200 * DAY), STAGED(4 * YEAR, -36 * HOUR), .changed = RESTED};

    (void)state;
    assert_int_equal(judge(&retire, MODE_MONITOR, NULL).status, STATUS_OK);
    assert_int_equal(judge(&fresh, MODE_MONITOR, NULL).status, STATUS_OK);
    assert_int_equal(judge(&old, MODE_MONITOR, NULL).status, STATUS_WARNING);
}

static void test_severity_at_thresholds(void **state) {
    static const struct {
        int64_t ends;
        enum status status;
        bool staged_tonight; /* in mode renew, which makes it ok */
    } cases[] = {{90 * DAY + 1, STATUS_OK, false},   {90 * DAY, STATUS_WARNING, true},
                 {88 * DAY, STATUS_WARNING, false},  {14 * DAY + 1, STATUS_WARNING, false},
                 {14 * DAY, STATUS_CRITICAL, false}, {1, STATUS_CRITICAL, false},
                 {0, STATUS_CRITICAL, false},        {-1, STATUS_CRITICAL, false}};
    const struct history failed = {.act_failed = true};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene = {.current = ENDS(cases[i].ends), NOT_HYBRID};

        assert_int_equal(judge(&scene, MODE_MONITOR, NULL).status, cases[i].status);
        assert_int_equal(judge(&scene, MODE_RENEW, NULL).status, cases[i].staged_tonight ? STATUS_OK : cases[i].status);
        assert_int_equal(judge(&scene, MODE_RENEW, &failed).status, cases[i].status);
    }
}

static void test_hybrid_proceed(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY), .hybrid = ANSWER_YES};
    struct policy policy = policy_of(MODE_RENEW);
    struct stage stage;
    struct facts facts;

    (void)state;
    policy.hybrid_proceed = true;
    scene_build(&scene, &stage, &facts);
    assert_int_equal(decide(&facts, NULL, &policy, NOW).blocked, BLOCK_NONE);
}

static void test_clock_of_history_and_program(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY), NOT_HYBRID};
    struct policy policy = policy_of(MODE_RENEW);
    struct history history = {.last_run = NOW};
    struct stage stage;
    struct facts facts;

    (void)state;
    assert_int_equal(judge(&scene, MODE_RENEW, &history).blocked, BLOCK_NONE);
    history.last_run = NOW + 1;
    assert_int_equal(judge(&scene, MODE_RENEW, &history).blocked, BLOCK_CLOCK);
    scene_build(&scene, &stage, &facts);
    policy.built = NOW;
    assert_int_equal(decide(&facts, NULL, &policy, NOW).blocked, BLOCK_NONE);
    policy.built = NOW + 1;
    assert_int_equal(decide(&facts, NULL, &policy, NOW).blocked, BLOCK_CLOCK);
}

static void test_failed_act_warns(void **state) {
    struct scene due = {.current = ENDS(60 * DAY), STAGED(4 * YEAR, 0), .changed = RESTED, NOT_HYBRID};
    struct scene nothing_due = {.current = ENDS(YEAR), NOT_HYBRID};
    struct history history = {.act_failed = true};

    (void)state;
    assert_int_equal(judge(&due, MODE_RENEW, NULL).status, STATUS_OK);
    assert_int_equal(judge(&due, MODE_RENEW, &history).status, STATUS_WARNING);
    assert_int_equal(judge(&nothing_due, MODE_RENEW, &history).status, STATUS_OK);
}

/* Each source of the promotion errs only late, so the earliest counts; the history only while the pair is the same. */
static void test_promoted_at(void **state) {
    struct scene scene = {.current = ENDS(YEAR), .previous = ENDS(DAY), .changed = 2 * DAY};
    struct history history = {.pair.since = NOW - 9 * DAY};
    struct stage stage;
    struct facts facts;

    (void)state;
    scene_build(&scene, &stage, &facts);
    assert_int_equal(promoted_at(&facts, NULL), NOW - 2 * DAY);
    facts.object_changed = NOW - 3 * DAY;
    assert_int_equal(promoted_at(&facts, NULL), NOW - 3 * DAY);
    assert_int_equal(promoted_at(&facts, &history), NOW - 3 * DAY);
    memcpy(history.pair.current, facts.slots.thumbprint[SLOT_CURRENT], THUMBPRINT_SIZE);
    assert_int_equal(promoted_at(&facts, &history), NOW - 3 * DAY);
    memcpy(history.pair.previous, facts.slots.thumbprint[SLOT_PREVIOUS], THUMBPRINT_SIZE);
    assert_int_equal(promoted_at(&facts, &history), NOW - 9 * DAY);
    facts.attribute_changed = facts.object_changed = 0;
    assert_int_equal(promoted_at(&facts, NULL), 0);
    assert_int_equal(promoted_at(&facts, &history), NOW - 9 * DAY);

    /* A directory whose times stand still cannot put a promotion before a look that saw another pair. */
    facts.object_changed = NOW - 100 * DAY;
    history.pair.after = NOW - 5 * DAY;
    assert_int_equal(promoted_at(&facts, &history), NOW - 5 * DAY);
    history.pair.seen = NOW - HOUR;
    history.pair.current[0] = 'F';
    assert_int_equal(promoted_at(&facts, &history), NOW - HOUR);
}

static void test_date(void **state) {
    struct policy policy = policy_of(MODE_RENEW);

    (void)state;
    assert_int_equal(decide_date(NOW + 37 * DAY, &policy, NOW), NOW + 30 * DAY);
    assert_int_equal(decide_date(NOW + 37 * DAY - 1, &policy, NOW), NOW + 30 * DAY - 1);
    assert_int_equal(decide_date(NOW + 7 * DAY + 49 * HOUR, &policy, NOW), NOW + 49 * HOUR);
    assert_int_equal(decide_date(NOW + 7 * DAY + 49 * HOUR - 1, &policy, NOW), NOW + 49 * HOUR);
    assert_int_equal(decide_date(NOW + 85 * HOUR, &policy, NOW), NOW + 49 * HOUR);
    assert_int_equal(decide_date(NOW + 85 * HOUR - 1, &policy, NOW), NOW);
    assert_int_equal(decide_date(NOW - DAY, &policy, NOW), NOW);
}

static void test_other_rows_are_told(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY),
                          .previous = ENDS(DAY),
                          .changed = 8 * DAY,
                          .servers = {{.site = "A", .current = PRESENCE_MISSING}, {.site = "A"}},
                          NOT_HYBRID};
    struct decision decision = judge(&scene, MODE_RENEW, NULL);

    (void)state;
    assert_int_equal(decision.row, ROW_STAGE);
    assert_true(decision.applies[ROW_STAGE] && decision.applies[ROW_DELIVER] && decision.applies[ROW_RETIRE]);
    assert_false(decision.applies[ROW_NONE] || decision.applies[ROW_ACTIVATE] || decision.applies[ROW_RESTAGE]);
}

/* What comes next never speaks of an act that the decision has overtaken. */
static void test_nothing_is_due_beside_an_emergency(void **state) {
    const struct scene scenes[] = {
        {.current = ENDS(-DAY), NOT_HYBRID},
        {.current = ENDS(-DAY), .next = ENDS(YEAR), .dated = true, .date = DAY, NOT_HYBRID},
        {.current = ENDS(-DAY), .previous = ENDS(YEAR), .changed = DAY, NOT_HYBRID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        struct decision decision = judge(&scenes[i], MODE_RENEW, NULL);

        for (size_t d = 0; d < decision.due_count; d++)
            assert_true(decision.due[d].what == DUE_WARN || decision.due[d].what == DUE_EXPIRE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_due_beside_an_emergency),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_monitor_blocks_every_act),
        cmocka_unit_test(test_monitor_remarks),
        cmocka_unit_test(test_severity_at_thresholds),
        cmocka_unit_test(test_hybrid_proceed),
        cmocka_unit_test(test_clock_of_history_and_program),
        cmocka_unit_test(test_failed_act_warns),
        cmocka_unit_test(test_promoted_at),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_other_rows_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
