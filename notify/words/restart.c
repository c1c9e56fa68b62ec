#include "notify/words/restart.h"

#include "notify/words/server_names.h"

bool restart_helps(const struct report *report) {
    for (size_t i = 0; i < report->done_count; i++)
        if (report->done[i].ok && (report->done[i].act == ACT_ACTIVATE || report->done[i].act == ACT_REPLACE))
            return true;
    return false;
}

void restart_add(struct layout *out) {
    layout_paragraph(out, "It takes up to 12.5 hours to be felt everywhere. To make it immediate, on every Exchange "
                          "server, in an elevated PowerShell:");
    layout_command(out, "Restart-Service MSExchangeServiceHost");
    layout_command(out, "Restart-WebAppPool MSExchangeOWAAppPool");
    layout_command(out, "Restart-WebAppPool MSExchangeECPAppPool");
}

void restart_add_now(struct layout *out, const struct report *report) {
    struct text names = {0};

    if (!restart_helps(report))
        return;
    layout_paragraph(out, "Another certificate is current now.");
    restart_add(out);
    if (report->facts && report->facts->read &&
        server_names_add(&names, report->facts, SERVERS_ALL, SLOT_CURRENT, SERVER_NAMES_MOST) > 0) {
        layout_paragraph(out, "These are the servers:");
        layout_indented(out, "%s", names.value ? names.value : "");
    }
    if (names.failed)
        out->failed = true;
    text_free(&names);
}
