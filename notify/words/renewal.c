#include "notify/words/renewal.h"

#include "notify/words/handover.h"
#include "notify/words/layout.h"
#include "notify/words/command_line.h"
#include "notify/words/obstacle.h"
#include "notify/words/servers.h"
#include "notify/words/partners.h"
#include "notify/words/shell.h"
#include "notify/words/calendar.h"

void renewal_add_recover(struct layout *out, const struct speaker *speaker) {
    layout_paragraph(out,
                     "The emergency command, which works in either mode of [policy] with an account that may write: it "
                     "makes a usable certificate current, one that the object names or a new one. The first line only "
                     "shows what it would do.");
    command_line_add(out, speaker, "recover --dry-run");
    command_line_add(out, speaker, "recover");
}

const char *renewal_does(const struct report *report) {
    switch (report->decision.act) {
    case ACT_MEND:
        return "repairs the auth configuration";
    case ACT_STAGE:
        return "stages a new certificate as next";
    case ACT_ACTIVATE:
        return report->decision.promoted == SLOT_PREVIOUS ? "makes the previous certificate current again"
                                                          : "makes the next certificate current";
    case ACT_RETIRE:
        return "clears previous";
    case ACT_REPLACE:
        return "makes a new certificate current";
    case ACT_DELIVER:
        return "brings certificates to the servers that lack them";
    case ACT_RESCHEDULE:
        return "gives the next certificate another date";
    case ACT_WITHDRAW:
        return "takes the next certificate out";
    case ACT_REFRESH:
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
    case ACT_NONE:
        break;
    }
    return "looks again";
}

static void add_goes_on(struct layout *out, const struct speaker *speaker) {
    layout_paragraph(out, "authcert tries again by itself in every run; at once with:");
    command_line_add(out, speaker, "run");
}

static void add_failed(struct layout *out, const struct speaker *speaker, const struct report *report) {
    for (size_t i = 0; i < report->done_count; i++) {
        if (report->done[i].ok)
            continue;
        layout_paragraph(out,
                         "Of what was tried something failed: \"What was done\" above says what and why. Repair the "
                         "cause; these commands help to find it:");
        command_line_add(out, speaker, "doctor");
        command_line_add(out, speaker, "history");
        return;
    }
}

/* The key of what servers lack is not here, or the delivery command failed. */
static void add_undelivered(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const struct slot_facts *slot = report->facts->slot;
    const bool kept = slot[SLOT_CURRENT].key_kept || slot[SLOT_NEXT].key_kept;

    if (report->decision.act == ACT_DELIVER && !kept) {
        layout_paragraph(out, "authcert cannot deliver what servers lack: the private key is not kept here.");
        shell_add(out, speaker, report);
        layout_paragraph(out, "Then confirm it:");
        command_line_add(out, speaker, "deliver --confirm %s",
                         report->facts->slots
                             .thumbprint[servers_first_name(report->facts, SERVERS_MISSING, SLOT_CURRENT) ? SLOT_CURRENT
                                                                                                          : SLOT_NEXT]);
        return;
    }
    if (report->how_to_unblock)
        layout_paragraph(out, "To unblock: %s", report->how_to_unblock);
    command_line_add(out, speaker, "history");
    command_line_add(out, speaker, report->decision.act == ACT_DELIVER ? "deliver" : "run");
}

static void add_hybrid(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const bool staged = report->facts->slots.thumbprint[SLOT_NEXT][0] != '\0';

    layout_paragraph(out, "%s",
                     report->facts->hybrid == ANSWER_YES
                         ? "This is a hybrid organization: " OBSTACLE_ENTRA
                           ", and only a person can see to that. When someone will, this once:"
                         : "Whether the organization is hybrid could not be seen. Let the account read the "
                           "organization's subtree; or, knowing that it is not hybrid or that someone will give Entra "
                           "the new certificate, this once:");
    command_line_add(out, speaker, staged ? "activate" : "renew");
    layout_paragraph(out, "For ever, in [policy] of %s:", command_line_config(speaker->config));
    layout_command(out, "hybrid = proceed");
    add_goes_on(out, speaker);
}

static void add_entra(struct layout *out, const struct speaker *speaker, const struct report *report) {
    if (report->how_to_unblock)
        layout_paragraph(out, "To unblock: %s", report->how_to_unblock);
    handover_add_upload(out, speaker, report);
    layout_paragraph(out, "authcert goes on by itself in the night in which Entra accepts the key; at once with:");
    command_line_add(out, speaker, "run");
}

static void add_blocked(struct layout *out, const struct speaker *speaker, const struct report *report) {
    layout_paragraph(out, "authcert %s by itself as soon as nothing holds it back.", renewal_does(report));
    switch (report->decision.blocked) {
    case BLOCK_HYBRID:
        add_hybrid(out, speaker, report);
        return;
    case BLOCK_ENTRA:
        add_entra(out, speaker, report);
        return;
    case BLOCK_DELIVERY:
        if (handover_waits(report))
            handover_add(out, speaker, report);
        else
            add_undelivered(out, speaker, report);
        return;
    case BLOCK_MODE:
    case BLOCK_CLOCK:
    case BLOCK_RIGHTS:
    case BLOCK_UNREACHABLE:
        if (report->how_to_unblock)
            layout_paragraph(out, "To unblock: %s", report->how_to_unblock);
        add_goes_on(out, speaker);
        return;
    case BLOCK_NONE:
        return;
    }
}

/* What authcert does by itself on its dates. */
static void add_plan(struct layout *out, const struct report *report) {
    const struct policy *policy = report->policy;
    const bool held = facts_hybrid_waits(report->facts, report->policy);
    char minute[CALENDAR_MINUTE_SIZE];

    layout_paragraph(out, "Nothing %sneeds doing now. By itself, in its runs, authcert:",
                     partners_made_current(report) ? "else " : "");
    for (size_t i = 0; i < report->decision.due_count && i < DUE_MOST; i++) {
        const struct due *due = &report->decision.due[i];

        (void)calendar_minute(minute, due->at);
        if (due->what == DUE_STAGE && held)
            layout_item(out, "tells from %s on that a new certificate is due, and waits;", minute);
        else if (due->what == DUE_ACTIVATE && held)
            layout_item(out,
                        "leaves it to Exchange to make next current within 12 hours after %s, and does it itself at "
                        "once if current cannot be used before;",
                        minute);
        else if (due->what == DUE_STAGE)
            layout_item(out, "from %s on makes a key pair, %s, and stages it as next;", minute,
                        policy->method != DELIVERY_BY_HAND ? "has it delivered to the servers"
                                                           : "asks by mail to bring it to the servers");
        else if (due->what == DUE_ACTIVATE)
            layout_item(out, "makes next current from %s on, or at once if current cannot be used before;", minute);
        else if (due->what == DUE_RETIRE)
            layout_item(out, "clears previous from %s on;", minute);
    }
    layout_item(out, "watches, and tells when something goes wrong or is near.");
    if (held)
        layout_paragraph(out,
                         "%s: without hybrid = proceed in [policy] it will not stage or activate anything by itself.",
                         report->facts->hybrid == ANSWER_YES ? "The organization is hybrid"
                                                             : "Whether the organization is hybrid is not known");
}

static void add_unblocked(struct layout *out, const struct speaker *speaker, const struct report *report) {
    switch (report->decision.row) {
    case ROW_UNREADABLE:
        layout_paragraph(out, "authcert does not act on what it cannot read.");
        shell_add(out, speaker, report);
        return;
    case ROW_MALFORMED:
        if (report->decision.act == ACT_MEND)
            break;
        layout_paragraph(out, "authcert does not repair this by itself, because something could be lost by it.");
        renewal_add_recover(out, speaker);
        return;
    case ROW_UNKNOWN_CERTIFICATE:
        layout_paragraph(out, "authcert does not act on a certificate that it does not know.");
        shell_add(out, speaker, report);
        if (report->facts->slots.thumbprint[SLOT_CURRENT][0] != '\0') {
            layout_paragraph(out, "If the certificate can be found nowhere:");
            renewal_add_recover(out, speaker);
        }
        return;
    case ROW_NONE:
        add_plan(out, report);
        return;
    case ROW_PROMOTE:
    case ROW_RESTORE:
    case ROW_REPLACE:
    case ROW_ACTIVATE:
    case ROW_RESCHEDULE:
    case ROW_RESTAGE:
    case ROW_STAGE:
    case ROW_LEFTOVER:
    case ROW_DELIVER:
    case ROW_RETIRE:
        break;
    }
    layout_paragraph(out, "authcert %s by itself in its next run; at once with:", renewal_does(report));
    command_line_add(out, speaker, "run");
}

void renewal_add(struct layout *out, const struct speaker *speaker, const struct report *report) {
    /* Of a failed delivery more is said below. */
    if (report->decision.blocked != BLOCK_DELIVERY)
        add_failed(out, speaker, report);
    if (report->decision.blocked != BLOCK_NONE && report->facts && report->facts->read)
        add_blocked(out, speaker, report);
    else
        add_unblocked(out, speaker, report);
}
