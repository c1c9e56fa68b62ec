#include "notify/words/handover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "notify/words/entra/entra.h"
#include "notify/words/layout.h"
#include "notify/words/command_line.h"
#include "notify/words/servers.h"

#define PROVIDER "Microsoft Enhanced RSA and AES Cryptographic Provider"

/* What has to be brought to servers, and to which. */
struct parcel {
    const char *thumbprint;
    enum server_pick lacking;
    enum slot slot;
};

static bool slot_waits(const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;

    if (slot == SLOT_PREVIOUS || facts->slots.thumbprint[slot][0] == '\0' || !facts->slot[slot].key_kept)
        return false;
    if (report->decision.act == ACT_DELIVER)
        return facts_count_presence(facts, slot, PRESENCE_MISSING) > 0;
    return report->decision.act == ACT_ACTIVATE && report->decision.promoted == slot &&
           facts_held(facts, slot) == ANSWER_NO;
}

/* The key pair that the decision waits for; false when there is none of which the key is kept here. */
static bool find_parcel(const struct report *report, struct parcel *ret_parcel) {
    const struct facts *facts = report->facts;
    const enum act act = report->decision.act;

    if (act == ACT_STAGE || act == ACT_REPLACE) {
        *ret_parcel = (struct parcel){.thumbprint = facts->candidate.thumbprint, .lacking = SERVERS_WITHOUT_CANDIDATE};
        return facts->candidate.thumbprint[0] != '\0' && facts->candidate.delivery == DELIVERY_WAITING;
    }
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        if (!slot_waits(report, (enum slot)slot))
            continue;
        *ret_parcel = (struct parcel){
            .thumbprint = facts->slots.thumbprint[slot], .lacking = SERVERS_MISSING, .slot = (enum slot)slot};
        return true;
    }
    return false;
}

static bool by_hand(const struct report *report) {
    const enum block blocked = report->decision.blocked;

    return report->policy && report->policy->method == DELIVERY_BY_HAND && report->facts && report->facts->read &&
           (blocked == BLOCK_DELIVERY || blocked == BLOCK_MODE);
}

bool handover_waits(const struct report *report) {
    struct parcel parcel;

    return by_hand(report) && find_parcel(report, &parcel);
}

static void add_import(struct layout *out, const char *thumbprint) {
    layout_paragraph(out,
                     "2. Copy it to each of them, and there, in an elevated Windows PowerShell, import it into the "
                     "machine's store, exportable:");
    layout_command(out, "$p = Read-Host -AsSecureString \"Password\"");
    layout_command(out, "Import-PfxCertificate -FilePath .\\" HANDOVER_FILE
                        " -CertStoreLocation Cert:\\LocalMachine\\My -Password $p -Exportable");
    layout_command(out, "$k = (Get-Item Cert:\\LocalMachine\\My\\%s).PrivateKey.CspKeyContainerInfo", thumbprint);
    layout_command(out, "$k.ProviderName");
    layout_paragraph(out,
                     "The last line must name a CSP, \"" PROVIDER "\". If it names none, the key went into CNG, which "
                     "breaks Outlook on the web: import it again, then repeat the last two lines:");
    layout_command(out, "Remove-Item Cert:\\LocalMachine\\My\\%s -DeleteKey", thumbprint);
    layout_command(out, "certutil -csp \"" PROVIDER "\" -importpfx My " HANDOVER_FILE);
    layout_paragraph(out, "Let NETWORK SERVICE (S-1-5-20) read the key, and remove the PFX:");
    layout_command(out, "icacls \"$env:ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\$($k.UniqueKeyContainerName)\""
                        " /grant \"*S-1-5-20:R\"");
    layout_command(out, "Remove-Item .\\" HANDOVER_FILE);
}

/* Why not every server needs it by hand. */
static const char *enough_words(const struct report *report) {
    if (report->decision.act != ACT_STAGE && report->decision.act != ACT_REPLACE)
        return "Without server names this means all of them; name those that have it if they are fewer:";
    switch (report->policy->confirm) {
    case CONFIRM_ONE_PER_SITE:
        return "Without server names this means all of them. One in each site is enough (confirm in [delivery]), "
               "Exchange copies it to the others; then name those that have it:";
    case CONFIRM_ALL:
        return "This means all of them, and all are needed (confirm in [delivery]). If only some have it, name them:";
    case CONFIRM_ANY:
        return "Without server names this means all of them. One is enough (confirm in [delivery]); then name it:";
    }
    return "";
}

static void add_going_on(struct layout *out, const struct speaker *speaker, const struct report *report) {
    if (report->policy->mode == MODE_RENEW) {
        layout_paragraph(out, "authcert goes on by itself in its next run after that; at once with:");
        command_line_add(out, speaker, "run");
        return;
    }
    layout_paragraph(out, "Then the command that made the key pair goes on:");
    switch (report->decision.act) {
    case ACT_STAGE:
        command_line_add(out, speaker, "renew");
        return;
    case ACT_DELIVER:
        command_line_add(out, speaker, "deliver");
        return;
    case ACT_REPLACE:
    case ACT_ACTIVATE:
    case ACT_MEND:
    case ACT_RETIRE:
    case ACT_RESCHEDULE:
    case ACT_WITHDRAW:
    case ACT_REFRESH:
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
    case ACT_NONE:
        command_line_add(out, speaker, "recover");
        return;
    }
}

void handover_add(struct layout *out, const struct speaker *speaker, const struct report *report) {
    struct parcel parcel;
    struct text names = {0};

    if (!by_hand(report) || !find_parcel(report, &parcel))
        return;
    if (servers_add_names(&names, report->facts, parcel.lacking, parcel.slot, SERVERS_NAMES_MOST) == 0)
        text_add(&names, "none was seen in the directory");
    if (names.failed) {
        out->failed = true;
        text_free(&names);
        return;
    }
    layout_paragraph(out,
                     "authcert keeps the key pair %s. Before it is used, Exchange servers must have it, and with "
                     "method = manual in [delivery] an admin brings it there. No PFX lies waiting. Servers that are "
                     "not known to have it:",
                     parcel.thumbprint);
    layout_indented(out, "%s", names.value);
    text_free(&names);
    layout_paragraph(out, "1. On %s write a PFX; its password is shown once:", speaker->host);
    command_line_add(out, speaker, "export %s " HANDOVER_FILE, parcel.thumbprint);
    add_import(out, parcel.thumbprint);
    layout_paragraph(out, "3. Remove the PFX on %s too, and confirm. %s", speaker->host, enough_words(report));
    command_line_add(out, speaker, "deliver --confirm %s", parcel.thumbprint);
    command_line_add(out, speaker, "deliver --confirm %s SERVER ...", parcel.thumbprint);
    add_going_on(out, speaker, report);
}

#define FOLDER "certificates" /* of the state folder, where certificates are kept as THUMBPRINT.der */

/* A path that no shell takes apart. */
static bool is_harmless(const char *path) {
    for (; *path != '\0'; path++)
        if (!isalnum((unsigned char)*path) && strchr("/._-+@", *path) == NULL)
            return false;
    return true;
}

void handover_add_ways(struct layout *out, const struct tenant *tenant, const char *file) {
    const char *application = tenant->application;

    if (file != NULL) {
        layout_paragraph(out, "The certificate, public and without its key, in the two forms that the tools want:");
        layout_command(out, "openssl x509 -inform der -in %s -out next.pem", file);
        layout_command(out, "openssl x509 -in next.pem -outform der -out next.cer");
    }
    layout_paragraph(out, "One of these, as an administrator of the application:");
    layout_item(out,
                "in the portal: App registrations, All applications, %s, Certificates & secrets, Certificates, Upload "
                "certificate: next.cer;",
                application);
    layout_item(out, "on Windows, with Microsoft's script for the hybrid application:");
    layout_command(out, "ConfigureExchangeHybridApplication.ps1 -UpdateCertificate -CertificateMethod File "
                        "-CertificateInformation C:\\next.cer");
    layout_item(out, "anywhere with one of the two command lines:");
    layout_command(out, "az ad app credential reset --id %s --cert @next.pem --append", application);
    layout_command(out, "m365 entra app set --appId %s --certificateFile next.pem --certificateDisplayName authcert",
                   application);
    layout_paragraph(out, "ATTENTION: az ad app credential reset without --append, and Update-MgApplication with "
                          "-KeyCredentials, DELETE the key with which Exchange works now.");
}

/* Where the certificate's bytes lie; NULL where no path can be given. */
static char *file_of(const struct speaker *speaker, const char *thumbprint) {
    struct text path = {0};

    if (speaker->state == NULL || !is_harmless(speaker->state) || thumbprint[0] == '\0')
        return NULL;
    text_format(&path, "%s/" FOLDER "/%s.der", speaker->state, thumbprint);
    return text_take(&path);
}

static void add_tenant(struct layout *out, const struct report *report, const struct tenant_facts *tenant,
                       const char *file) {
    const char *application = tenant->tenant.application;
    struct text name = {0};

    entra_add_name(&name, &tenant->tenant);
    out->failed = out->failed || name.failed;
    layout_paragraph(out, "Give the certificate to %s, once:", name.value != NULL ? name.value : "");
    text_free(&name);
    handover_add_ways(out, &tenant->tenant, file);
    if (report->policy->entra == ENTRA_ADD && !tenant->object_known) {
        layout_paragraph(out, "So that authcert can give Entra the following certificates by itself it needs the "
                              "application's object identifier, which this prints:");
        layout_command(out, "az ad app show --id %s --query id -o tsv", application);
        layout_paragraph(out, "In the portal it is the Object ID of the App registration, not the one under Enterprise "
                              "applications. In [entra] of the configuration:");
        layout_command(out, "object_id = %s:OBJECT-ID", tenant->tenant.id);
    }
}

void handover_add_upload(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const struct facts *facts = report->facts;
    char *file = file_of(speaker, entra_thumbprint(report));

    for (size_t i = 0; i < facts->tenant_count; i++) {
        const struct tenant_facts *tenant = &facts->tenants[i];
        const struct tenant_key *key = entra_key(report, tenant);

        if (key->accepts != ANSWER_YES && !key->not_yet && facts_is_named(&tenant->tenant))
            add_tenant(out, report, tenant, file);
    }
    free(file);
}
