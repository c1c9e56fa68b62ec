#include "monitor/doctor/organization.h"

#include <stdlib.h>

#include "ldap/connect/discover.h"
#include "ldap/look.h"
#include "monitor/doctor/channels.h"
#include "monitor/doctor/drill.h"
#include "monitor/doctor/entra.h"
#include "monitor/doctor/keys.h"
#include "monitor/doctor/rights.h"
#include "monitor/doctor/servers.h"
#include "monitor/doctor/windows.h"
#include "monitor/session/glance.h"
#include "notify/words/obstacle.h"

bool doctor_connections(struct doctor *doctor) {
    const struct directory_settings *settings = &doctor->config->directory;
    const struct progress_port *progress = &doctor->invocation->progress;
    struct strings uris = {0};
    struct error none = {0};
    bool any = false, found;

    if (settings->domain != NULL)
        progress_begin(progress, "finding the domain controllers of %s", settings->domain);
    found = discover_servers(settings, &uris, &none);
    progress_end(progress);
    if (!found)
        finding_say(doctor, FINDING_FAILED, "domain controllers", "%s", none.text);
    for (size_t i = 0; i < uris.count; i++) {
        struct error err = {0};
        char *summary = NULL;
        bool answers;

        progress_begin(progress, "trying %s", uris.items[i]);
        answers = directory_probe(settings, uris.items[i], doctor->invocation->now, &summary, &err);
        progress_end(progress);
        finding_say_outcome(doctor, answers, uris.items[i], summary, &err);
        any = any || answers;
        free(summary);
    }
    strings_free(&uris);
    return any;
}

/* The one writer, and the other domain controllers that a change has to reach. */
static void examine_controllers(struct doctor *doctor, const struct directory_port *directory, struct facts *facts) {
    struct error err = {0};
    bool compared;

    drill_writer(doctor, &facts->directory);
    progress_begin(&doctor->invocation->progress, "asking the other domain controllers");
    compared = directory->compare(directory->context, facts, &err);
    progress_end(&doctor->invocation->progress);
    if (!compared) {
        finding_say(doctor, FINDING_WARNING, "domain controllers", "%s", err.text);
        return;
    }
    for (size_t i = 0; i < facts->controller_count; i++) {
        const struct controller_facts *controller = &facts->controllers[i];

        if (controller->agrees == ANSWER_YES)
            finding_say(doctor, FINDING_OK, controller->server, "has the same auth configuration");
        else if (controller->agrees == ANSWER_NO)
            finding_say(
                doctor, FINDING_WARNING, controller->server,
                "has another auth configuration: wait for replication, or see why there is none (repadmin /showrepl, "
                "samba-tool drs showrepl)");
        else
            finding_say(doctor, FINDING_WARNING, controller->server, "could not be asked: %s",
                        controller->trouble != NULL ? controller->trouble : "no reason is known");
    }
}

/* What the answer rests on, so that what is left over can be found and removed. */
static void examine_hybrid(struct doctor *doctor, const struct facts *facts) {
    const bool held = facts_hybrid_holds(facts) && !doctor->config->policy.hybrid_proceed;
    struct text signs = {0};

    obstacle_add_signs(&signs, facts);
    if (signs.failed || facts->hybrid == ANSWER_UNKNOWN)
        finding_say(doctor, FINDING_WARNING, "hybrid", "unknown, for no Exchange server that counts could be seen");
    else if (facts->hybrid == ANSWER_NO)
        finding_say(doctor, FINDING_OK, "hybrid", "no");
    else
        finding_say(doctor, held ? FINDING_WARNING : FINDING_OK, "hybrid", "yes, shown by %s%s", signs.value,
                    !held ? ""
                          : "; renewals wait for a person (hybrid = block). What is left over from a "
                            "hybrid of the past can be removed");
    text_free(&signs);
}

/* What `check` says, and as grave. */
static void examine_state(struct doctor *doctor, const struct report *report) {
    static const enum finding gravity[] = {[STATUS_OK] = FINDING_OK,
                                           [STATUS_WARNING] = FINDING_WARNING,
                                           [STATUS_CRITICAL] = FINDING_FAILED,
                                           [STATUS_UNKNOWN] = FINDING_FAILED};
    const struct briefing *briefing = &report->briefing;

    finding_say(doctor, gravity[report->decision.status], "state", "%s%s%s", briefing->wrong,
                briefing->command != NULL ? "; type: " : "", briefing->command != NULL ? briefing->command : "");
}

/* What current lacks is the state's. */
static void examine_certificates(struct doctor *doctor, const struct facts *facts) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct slot_facts *found = &facts->slot[slot];
        const char *name = slot_name((enum slot)slot);
        const enum slot_state state = facts_slot_state(facts, (enum slot)slot, doctor->invocation->now);

        if (state == SLOT_EMPTY || (slot == SLOT_CURRENT && state != SLOT_USABLE))
            continue;
        if (slot == SLOT_NEXT && state == SLOT_UNUSABLE)
            finding_say(doctor, FINDING_WARNING, name, "%s cannot be used", facts->slots.thumbprint[slot]);
        else if (state != SLOT_UNKNOWN)
            finding_say(doctor, FINDING_OK, name, "%s, source %s", found->certificate->thumbprint,
                        source_name(found->source));
        else
            finding_say(
                doctor, FINDING_WARNING, name,
                "no source has the bytes of %s: export the certificate (without key) on an Exchange server and run "
                "authcert import FILE",
                facts->slots.thumbprint[slot]);
    }
    for (size_t i = 0; i < facts->remarks.count; i++)
        finding_say(doctor, FINDING_WARNING, "remark", "%s", facts->remarks.items[i].text);
}

bool doctor_organization(struct doctor *doctor, int state, bool reached) {
    const char *organization = "organization";
    struct glance glance;
    struct error err = {0};
    struct facts *facts = &glance.facts;
    bool read;

    if (!glance_take(&glance, doctor->invocation, doctor->config, state, GLANCE_LOOK, &err))
        facts->unreadable = err;
    read = facts->read;
    if (!read && !reached) {
        finding_say(doctor, FINDING_FAILED, organization, "not looked at, because no directory server can be used");
    } else if (!read) {
        finding_say(doctor, FINDING_FAILED, organization, "%s", facts->unreadable.text);
        (void)doctor_rights(doctor, facts);
    } else {
        finding_say(doctor, FINDING_OK, organization, "%s (%s)", facts->organization, facts->directory.dn);
        examine_state(doctor, &glance.report);
        (void)doctor_rights(doctor, facts);
        drill_clock(doctor, facts, &glance.history);
        doctor_servers(doctor, &glance);
        examine_hybrid(doctor, facts);
        doctor->counting = true;
        doctor_windows(doctor, facts);
        doctor->counting = false;
        doctor_entra(doctor, &glance, state);
        examine_certificates(doctor, facts);
        doctor_unused_keys(doctor, state, facts);
        examine_controllers(doctor, &glance.ports.directory, facts);
        doctor_relays_of_exchange(doctor, facts);
        drill_beside(doctor, facts, &glance.history);
    }
    glance_free(&glance);
    return read;
}
