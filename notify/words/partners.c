#include "notify/words/partners.h"

#include "notify/words/layout.h"
#include "notify/words/restart.h"

/* Does what was done, is decided or staged lead to another certificate? */
static bool rotates(const struct report *report) {
    if (restart_helps(report))
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
    case ROW_DELIVER:
    case ROW_RETIRE:
    case ROW_NONE:
        break;
    }
    return report->facts && report->facts->slots.thumbprint[SLOT_NEXT][0] != '\0';
}

void partners_add(struct layout *out, const struct report *report) {
    if (!report->facts || !report->facts->read || !rotates(report))
        return;
    layout_heading(out, "Partner steps that stay open");
    if (report->facts->hybrid != ANSWER_NO)
        layout_item(
            out,
            "%sEntra must be given the new certificate too, by the Hybrid Configuration Wizard or as a key of the "
            "dedicated hybrid application.",
            report->facts->hybrid == ANSWER_YES ? "Hybrid: " : "If the organization is hybrid (unknown): ");
    layout_item(out, "SharePoint and Skype for Business, where they are partners, must read the metadata again.");
}
