#include "monitor/run.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/time.h"
#include "monitor/exit.h"
#include "monitor/explain.h"
#include "monitor/observe.h"
#include "monitor/tell.h"

bool run_same_organization(const struct history *history, struct facts *facts) {
    if (!facts->read || history->organization_dn == NULL ||
        strcasecmp(history->organization_dn, facts->directory.dn) == 0)
        return true;
    error_set(&facts->unreadable, ERROR_CONFIG,
              "the state folder belongs to another organization: it was made for %s, and the directory shows %s; give "
              "each organization a configuration file with a state folder of its own ([state] directory)",
              history->organization_dn, facts->directory.dn);
    facts->read = false;
    return false;
}

static bool remember_organization(struct history *history, const struct facts *facts, struct error *err) {
    if (!facts->read || history->organization_dn != NULL)
        return true;
    history->organization_dn = strdup(facts->directory.dn);
    return history->organization_dn != NULL || error_memory(err);
}

static bool add_event(struct history *history, const struct report *report, const struct occasion *occasion,
                      struct error *err) {
    const struct told *told = report->told_count > 0 ? &report->told[report->told_count - 1] : NULL;
    struct text text = {0};
    bool ok;

    if (occasion->kind == OCCASION_NONE &&
        (history->status_known ? history->told_status : STATUS_OK) == report->decision.status)
        return true;
    text_format(&text, "%s: %s", status_name(report->decision.status), report->summary);
    if (occasion->kind != OCCASION_NONE && told != NULL)
        text_format(&text, " (%s %s, %zu recipients)", told->channel, told_result_name(told->result), told->to);
    if (text.failed) {
        text_free(&text);
        return error_memory(err);
    }
    ok = history_add(history, report->checked_at, occasion->kind != OCCASION_NONE ? "told" : "seen", text.value, err);
    text_free(&text);
    return ok;
}

/* Tells what this look is worth. True when all that was due was told or nothing was. */
static bool tell(const struct run_ports *ports, struct history *history, struct report *report,
                 struct strings *troubles, struct error *err) {
    struct occasion occasion = tell_choose(report, history);
    struct error failure = {0};
    bool kept = true, sent = true;

    if (occasion.kind != OCCASION_NONE && ports->mail.tell != NULL) {
        size_t before = report->told_count;

        kept = ports->mail.tell(ports->mail.context, report, &occasion, &failure);
        if (failure.kind != ERROR_NONE)
            strings_add(troubles, "%s", failure.text);
        sent = kept && (report->told_count == before || report->told[before].result == TOLD_SENT);
    }
    if (!add_event(history, report, &occasion, err))
        return false;
    if (kept)
        tell_remember(history, report, &occasion);
    return sent;
}

bool run(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
         struct facts *ret_facts, struct report *ret_report, struct strings *troubles, int *ret_exit,
         struct error *err) {
    struct error failure = {0};
    bool told;

    if (ports->mail.flush != NULL && !ports->mail.flush(ports->mail.context, now, troubles, &failure))
        strings_add(troubles, "%s", failure.text);
    observe(&ports->directory, &ports->shelf, true, ret_facts, troubles);
    if (!run_same_organization(history, ret_facts)) {
        *ret_exit = EXIT_USAGE;
        return explain(ret_facts, history, policy, now, ret_report, err);
    }
    if (!explain(ret_facts, history, policy, now, ret_report, err))
        return false;
    history_note_look(history, ret_facts, now);
    if (!remember_organization(history, ret_facts, err))
        goto failed;
    failure = (struct error){0};
    told = tell(ports, history, ret_report, troubles, &failure);
    if (failure.kind != ERROR_NONE) {
        if (err != NULL)
            *err = failure;
        goto failed;
    }
    if (!ret_facts->read)
        *ret_exit = EXIT_UNREADABLE;
    else
        *ret_exit = told && troubles->count == 0 ? EXIT_DONE : EXIT_FAILED;
    return true;
failed:
    report_free(ret_report);
    return false;
}
