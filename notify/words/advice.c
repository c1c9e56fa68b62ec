#include "notify/words/advice.h"

#include "notify/words/handover.h"
#include "notify/words/layout.h"
#include "notify/words/command_line.h"
#include "notify/words/partners.h"
#include "notify/words/renewal.h"
#include "notify/words/shell.h"
#include "notify/words/calendar.h"

/* Where authcert only watches: by hand, or how to let it act. */
static void add_watching(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const enum row row = report->decision.row;

    if (report->facts && report->facts->read && handover_waits(report)) {
        handover_add(out, speaker, report);
        return;
    }
    /* A competing certificate is the last that a recovery under way needs. */
    if (report->incident.step == INCIDENT_MADE || report->incident.step == INCIDENT_DELIVERED) {
        if (report->how_to_unblock)
            layout_paragraph(out, "To unblock: %s", report->how_to_unblock);
        renewal_add_recover(out, speaker);
        return;
    }
    shell_add(out, speaker, report);
    if (row == ROW_PROMOTE || row == ROW_RESTORE || row == ROW_REPLACE || row == ROW_MALFORMED)
        renewal_add_recover(out, speaker);
    if (report->decision.act == ACT_NONE)
        return;
    layout_paragraph(
        out,
        "Or let authcert do this and all that comes after it, with mode = renew in [policy] of %s. Whether "
        "everything it needs for that is in place:",
        command_line_config(speaker->config));
    command_line_add(out, speaker, "doctor");
}

static void add_steps(struct layout *out, const struct speaker *speaker, const struct report *report) {
    partners_add_restart(out, report);
    if (report->policy && report->policy->mode == MODE_RENEW)
        renewal_add(out, speaker, report);
    else
        add_watching(out, speaker, report);
    layout_paragraph(out, report->decision.row == ROW_NONE ? "To look again:" : "Afterwards look again:");
    command_line_add(out, speaker, "check");
}

static void add_if_ignored(struct layout *out, const struct report *report, const struct occasion *occasion) {
    const struct certificate *current =
        report->facts && report->facts->read ? report->facts->slot[SLOT_CURRENT].certificate : NULL;
    char minute[CALENDAR_MINUTE_SIZE];

    if (report->decision.status == STATUS_OK && !report->decision.covered)
        return;
    layout_heading(out, "If nothing is done");
    if (report->decision.covered && current) {
        layout_paragraph(out, "The staged certificate takes over before the current one ends on %s.",
                         calendar_minute(minute, current->not_after));
        return;
    }
    if (report->decision.row == ROW_DELIVER)
        layout_paragraph(out, "Servers that lack a certificate cannot sign tokens with it: what OAuth does through "
                              "them fails while it is current.");
    if (!current && occasion->known_end != 0)
        layout_paragraph(out, "By what was last known the certificate %s on %s. From then on:",
                         occasion->known_end > report->checked_at ? "ends" : "ended",
                         calendar_minute(minute, occasion->known_end));
    else if (!current)
        layout_paragraph(out, "Nobody sees the end of the certificate coming. Once it has ended:");
    else if (current->not_after > report->checked_at)
        layout_paragraph(out, "The certificate ends on %s. From then on:", calendar_minute(minute, current->not_after));
    else
        layout_paragraph(
            out, "The certificate ended on %s. Until it is replaced:", calendar_minute(minute, current->not_after));
    layout_item(out, "signing in to Outlook on the web and the Exchange admin center loops or fails with HTTP 500;");
    layout_item(out, "the Exchange Management Shell returns broken objects;");
    layout_item(out, "hybrid free/busy, MailTips and archives stop, and cumulative updates fail to install;");
    layout_item(out, "mail through this Exchange may stop, and these messages with it.");
}

void advice_add(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                struct layout *out) {
    /* All is well, and the briefing says what happens by itself. */
    if (report->facts != NULL && report->facts->read && report->decision.status == STATUS_OK) {
        if (partners_made_current(report)) {
            layout_heading(out, "What to do");
            partners_add_restart(out, report);
        }
    } else {
        layout_heading(out, "What to do");
        add_steps(out, speaker, report);
        add_if_ignored(out, report, occasion);
    }
    partners_add(out, report);
}
