#include "monitor/doctor/entra.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "entra/cloud.h"
#include "monitor/act/enrolment.h"
#include "monitor/ports/entra.h"

/* The log-in that the directory has against the one that is asked. */
static void examine_cloud(struct doctor *doctor, const struct tenant_facts *tenant, const char *what) {
    const char *login = doctor->config->entra.login + strlen("https://");
    const enum cloud there = cloud_of_login(tenant->login), here = cloud_of_login(login);

    if (tenant->login[0] != '\0' && there != CLOUD_CUSTOM && here != CLOUD_CUSTOM && there != here)
        finding_say(doctor, FINDING_WARNING, what,
                    "Exchange logs in at %s, and [entra] asks %s: set cloud = %s if that is where the tenant is",
                    tenant->login, login, cloud_name(there));
}

/* The object identifier, and why the last key could not be given. */
static void examine_giving(struct doctor *doctor, const struct glance *glance, const struct tenant_facts *tenant,
                           const char *what) {
    const struct entra_notes *notes = &glance->history.entra;

    if (doctor->config->entra.mode != ENTRA_ADD)
        return;
    if (!tenant->object_known)
        finding_say(doctor, FINDING_FAILED, what,
                    "object_id in [entra] is not set for it, so no key can be added; this prints it: az ad app show "
                    "--id %s --query id -o tsv; then object_id = %s:GUID",
                    tenant->tenant.application, tenant->tenant.id);
    for (size_t i = 0; i < notes->count; i++)
        if (strcmp(notes->items[i].tenant.id, tenant->tenant.id) == 0 && notes->items[i].refused[0] != '\0')
            finding_say(doctor, FINDING_WARNING, what, "%s could not be given to it: %s", notes->items[i].thumbprint,
                        notes->items[i].refused);
}

/* What one tenant says to a key that it should know and to one that it cannot know. */
static void say_calibrated(struct doctor *doctor, const char *what, const struct entra_verdict *known,
                           const struct entra_verdict *stranger) {
    if (stranger->accepts == ANSWER_YES)
        finding_say(
            doctor, FINDING_FAILED, what,
            "it accepts a key that nobody ever gave it: what answers is not Entra; look for what is in between");
    else if (stranger->accepts == ANSWER_UNKNOWN)
        finding_say(doctor, FINDING_FAILED, what, "it does not say whether it accepts a key: %s", stranger->said);
    else if (known == NULL)
        finding_say(doctor, FINDING_WARNING, what,
                    "it knows the application, and refuses a key that it cannot know; whether it accepts current's was "
                    "not tried, for that key is not kept here: authcert import takes it in, authcert entra enroll "
                    "makes another");
    else if (known->accepts == ANSWER_YES)
        finding_say(doctor, FINDING_OK, what, "it accepts the key of current, and not one that it cannot know");
    else if (known->accepts == ANSWER_NO)
        finding_say(doctor, FINDING_FAILED, what,
                    "it does not have the key of current, so what Exchange asks of Exchange Online fails, or the "
                    "application is another one: upload the certificate (docs/hybrid.md)");
    else
        finding_say(doctor, FINDING_FAILED, what, "it does not say whether it accepts current's key: %s", known->said);
}

static void examine_tenant(struct doctor *doctor, const struct glance *glance, const struct entra_port *entra,
                           size_t index) {
    const struct facts *facts = &glance->facts;
    const struct tenant_facts *tenant = &facts->tenants[index];
    const char *current = facts->slots.thumbprint[SLOT_CURRENT];
    struct entra_verdict verdicts[TENANTS_MOST] = {0}, stranger = {0};
    bool wanted[TENANTS_MOST] = {false}, asked = false;
    struct error err = {0};
    char what[TENANT_ID_SIZE + 16];

    snprintf(what, sizeof(what), "tenant %s", tenant->tenant.id[0] != '\0' ? tenant->tenant.id : "unknown");
    if (!facts_is_named(&tenant->tenant)) {
        finding_say(doctor, FINDING_FAILED, what,
                    "the auth server names no tenant or no application that Entra could be asked about: compare Realm "
                    "and ApplicationIdentifier of Get-AuthServer");
        return;
    }
    examine_cloud(doctor, tenant, what);
    examine_giving(doctor, glance, tenant, what);
    wanted[index] = true;
    progress_begin(&doctor->invocation->progress, "asking Entra about tenant %s", tenant->tenant.id);
    if (entra_port_try_stranger(entra->context, &tenant->tenant, &stranger, &err) &&
        facts->slot[SLOT_CURRENT].key_kept && stranger.accepts == ANSWER_NO)
        asked = entra->ask(entra->context, current, facts->tenants, wanted, facts->tenant_count, verdicts, &err);
    progress_end(&doctor->invocation->progress);
    if (err.kind != ERROR_NONE)
        finding_say(doctor, FINDING_FAILED, what, "%s", err.text);
    else
        say_calibrated(doctor, what, asked ? &verdicts[index] : NULL, &stranger);
}

static void examine_own(struct doctor *doctor, const struct entra_port *entra) {
    struct entra_own own[ENTRA_OWN_MOST];
    struct error err = {0};
    char date[TIME_TEXT_SIZE];
    size_t count = 0;

    if (!enrolment_list(entra, own, &count, &err))
        finding_say(doctor, FINDING_FAILED, "keys for Entra", "%s", err.text);
    for (size_t i = 0; i < count; i++)
        finding_say(doctor, own[i].not_after > doctor->invocation->now ? FINDING_OK : FINDING_WARNING, "key for Entra",
                    "%s, kept here for Entra alone, %s on %s", own[i].thumbprint,
                    own[i].not_after > doctor->invocation->now ? "ends" : "ended",
                    time_format_date(date, own[i].not_after));
}

void doctor_entra(struct doctor *doctor, const struct glance *glance, int state) {
    const struct facts *facts = &glance->facts;
    struct entra_port_context context;
    struct entra_port entra;

    if (doctor->config->entra.mode == ENTRA_OFF) {
        if (facts->tenant_count > 0)
            finding_say(
                doctor, FINDING_OK, "Entra",
                "%zu tenant%s need%s the key of each new certificate, and nobody is asked: mode = off in [entra]",
                facts->tenant_count, facts->tenant_count == 1 ? "" : "s", facts->tenant_count == 1 ? "s" : "");
        return;
    }
    if (facts->tenant_count == 0) {
        finding_say(doctor, FINDING_WARNING, "Entra",
                    "[entra] is without effect: no enabled auth server of the directory names a tenant and a dedicated "
                    "hybrid application");
        return;
    }
    entra = entra_port_of(&context, doctor->config, state, doctor->invocation->now, true);
    examine_own(doctor, &entra);
    for (size_t i = 0; i < facts->tenant_count; i++)
        examine_tenant(doctor, glance, &entra, i);
    entra_port_end(&context);
}
