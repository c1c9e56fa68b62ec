#include "notify/words/partners.h"

#include "notify/words/layout.h"
#include "notify/words/obstacle.h"
#include "notify/words/servers.h"

bool partners_made_current(const struct report *report) {
    for (size_t i = 0; i < report->done_count; i++)
        if (report->done[i].ok && (report->done[i].act == ACT_ACTIVATE || report->done[i].act == ACT_REPLACE))
            return true;
    return false;
}

void partners_add_commands(struct layout *out) {
    layout_paragraph(out, "It takes up to 12.5 hours to be felt everywhere. To make it immediate, on every Exchange "
                          "server, in an elevated PowerShell:");
    layout_command(out, "Restart-Service MSExchangeServiceHost");
    layout_command(out, "Restart-WebAppPool MSExchangeOWAAppPool");
    layout_command(out, "Restart-WebAppPool MSExchangeECPAppPool");
}

void partners_add_restart(struct layout *out, const struct report *report) {
    struct text names = {0};

    if (!partners_made_current(report))
        return;
    layout_paragraph(out, "Another certificate is current now.");
    partners_add_commands(out);
    if (report->facts && report->facts->read &&
        servers_add_names(&names, report->facts, SERVERS_ALL, SLOT_CURRENT, SERVERS_NAMES_MOST) > 0) {
        layout_paragraph(out, "These are the servers:");
        layout_indented(out, "%s", names.value ? names.value : "");
    }
    if (names.failed)
        out->failed = true;
    text_free(&names);
}

/* Does what was done, is decided or staged lead to another certificate? */
static bool rotates(const struct report *report) {
    if (partners_made_current(report))
        return true;
    switch (report->decision.row) {
    case ROW_PROMOTE:
    case ROW_RESTORE:
    case ROW_REPLACE:
    case ROW_ACTIVATE:
    case ROW_RESCHEDULE:
    case ROW_RESTAGE:
    case ROW_STAGE:
        return true;
    case ROW_UNREADABLE:
    case ROW_MALFORMED:
    case ROW_UNKNOWN_CERTIFICATE:
    case ROW_LEFTOVER:
    case ROW_DELIVER:
    case ROW_RETIRE:
    case ROW_NONE:
        break;
    }
    return report->facts && report->facts->slots.thumbprint[SLOT_NEXT][0] != '\0';
}

void partners_add_steps(struct layout *out, const struct facts *facts) {
    if (facts_hybrid_holds(facts))
        layout_item(out,
                    "%s" OBSTACLE_ENTRA ". The Hybrid Configuration Wizard is only a fallback, and puts the key where "
                    "it must not be: after it ConfigureExchangeHybridApplication.ps1 "
                    "-ResetFirstPartyServicePrincipalKeyCredentials.",
                    facts->hybrid == ANSWER_YES ? "Hybrid: " : "If the organization is hybrid (unknown): ");
    layout_item(out, "SharePoint and Skype for Business, where they are partners, must read the metadata again.");
}

void partners_add(struct layout *out, const struct report *report) {
    if (!report->facts || !report->facts->read || !rotates(report))
        return;
    layout_heading(out, "Partner steps that stay open");
    partners_add_steps(out, report->facts);
}
