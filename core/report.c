#include "core/report.h"

#include <stdlib.h>

void done_free(struct done *done) {
    free(done->detail);
    strings_free(&done->said);
}

void report_free(struct report *report) {
    if (report == NULL)
        return;
    remarks_free(&report->reasons);
    free(report->how_to_unblock);
    free(report->briefing.wrong);
    free(report->briefing.by_itself);
    free(report->briefing.command);
    strings_free(&report->incident.servers_left);
    for (size_t i = 0; i < SLOT_COUNT; i++)
        strings_free(&report->problems[i]);
    for (size_t i = 0; i < report->done_count; i++)
        done_free(&report->done[i]);
    free(report->done);
    *report = (struct report){0};
}

const char *row_name(enum row row) {
    switch (row) {
    case ROW_UNREADABLE:
        return "unreadable";
    case ROW_MALFORMED:
        return "malformed";
    case ROW_UNKNOWN_CERTIFICATE:
        return "unknown-certificate";
    case ROW_PROMOTE:
        return "promote";
    case ROW_RESTORE:
        return "restore";
    case ROW_REPLACE:
        return "replace";
    case ROW_ACTIVATE:
        return "activate";
    case ROW_RESCHEDULE:
        return "reschedule";
    case ROW_RESTAGE:
        return "restage";
    case ROW_STAGE:
        return "stage";
    case ROW_LEFTOVER:
        return "leftover";
    case ROW_DELIVER:
        return "deliver";
    case ROW_RETIRE:
        return "retire";
    case ROW_NONE:
        return "none";
    }
    return "none";
}

const char *act_name(enum act act) {
    switch (act) {
    case ACT_NONE:
        return "none";
    case ACT_MEND:
        return "mend";
    case ACT_STAGE:
        return "stage";
    case ACT_ACTIVATE:
        return "activate";
    case ACT_RETIRE:
        return "retire";
    case ACT_REPLACE:
        return "replace";
    case ACT_DELIVER:
        return "deliver";
    case ACT_RESCHEDULE:
        return "reschedule";
    case ACT_WITHDRAW:
        return "withdraw";
    case ACT_REFRESH:
        return "refresh";
    case ACT_ENTRA_ADD:
        return "entra-add";
    case ACT_ENTRA_REMOVE:
        return "entra-remove";
    }
    return "none";
}

const char *block_name(enum block block) {
    switch (block) {
    case BLOCK_NONE:
        return "none";
    case BLOCK_MODE:
        return "mode";
    case BLOCK_CLOCK:
        return "clock";
    case BLOCK_RIGHTS:
        return "rights";
    case BLOCK_UNREACHABLE:
        return "unreachable";
    case BLOCK_HYBRID:
        return "hybrid";
    case BLOCK_ENTRA:
        return "entra";
    case BLOCK_DELIVERY:
        return "delivery";
    }
    return "none";
}

const char *status_name(enum status status) {
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_WARNING:
        return "warning";
    case STATUS_CRITICAL:
        return "critical";
    case STATUS_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

const char *due_name(enum due_what what) {
    switch (what) {
    case DUE_STAGE:
        return "stage";
    case DUE_ACTIVATE:
        return "activate";
    case DUE_RETIRE:
        return "retire";
    case DUE_WARN:
        return "warn";
    case DUE_EXPIRE:
        return "expire";
    }
    return "unknown";
}

const char *incident_step_name(enum incident_step step) {
    static const char *const names[] = {[INCIDENT_NONE] = NULL,
                                        [INCIDENT_MADE] = "made",
                                        [INCIDENT_DELIVERED] = "delivered",
                                        [INCIDENT_WRITTEN] = "written",
                                        [INCIDENT_SERVED] = "served"};

    return names[step];
}

const char *told_result_name(enum told_result result) {
    switch (result) {
    case TOLD_SENT:
        return "sent";
    case TOLD_QUEUED:
        return "queued";
    case TOLD_UNKNOWN:
        return "unknown";
    case TOLD_FAILED:
        return "failed";
    }
    return "failed";
}

const char *told_result_words(enum told_result result) {
    return result == TOLD_UNKNOWN ? "not known to be taken" : told_result_name(result);
}

const char *mode_name(enum mode mode) {
    switch (mode) {
    case MODE_MONITOR:
        return "monitor";
    case MODE_RENEW:
        return "renew";
    }
    return "monitor";
}
