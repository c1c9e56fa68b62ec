#include "monitor/decide/unblock.h"

#include <stdbool.h>

#include "base/time.h"
#include "monitor/decide/sites.h"
#include "notify/words/entra/entra.h"
#include "notify/words/obstacle.h"
#include "notify/words/servers.h"

#define NAMES_MOST 10 /* servers in one text */
#define BEGINS_NOW "servers ahead of UTC take it only as many hours later as they are ahead"
#define SOON (48 * (int64_t)SECONDS_PER_HOUR)

/* The date to set. Exchange wants it ahead, and an explicit confirmation for less than 48 hours. */
static void add_date(const struct report *report, struct text *text) {
    const time_t at = report->decision.date;
    char date[TIME_TEXT_SIZE];

    text_format(text, "%s%s", at > report->checked_at ? time_format_rfc3339(date, at) : "(Get-Date)",
                at - report->checked_at < SOON ? " -Force" : "");
}

/* The act by hand, in Exchange's own management shell. */
static void by_hand(const struct report *report, struct text *text) {
    const char *next = report->facts->slots.thumbprint[SLOT_NEXT];
    const char *previous = report->facts->slots.thumbprint[SLOT_PREVIOUS];

    switch (report->decision.act) {
    case ACT_STAGE:
        text_add(text, "make a new auth certificate (New-ExchangeCertificate with the subject CN=Microsoft Exchange "
                       "Server Auth Certificate, without services; " BEGINS_NOW ") and stage it with Set-AuthConfig "
                       "-NewCertificateThumbprint <its thumbprint> -NewCertificateEffectiveDate ");
        add_date(report, text);
        return;
    case ACT_REPLACE:
        text_add(text,
                 "make a new auth certificate (New-ExchangeCertificate; " BEGINS_NOW "), stage it with Set-AuthConfig "
                 "-NewCertificateThumbprint <its thumbprint> -NewCertificateEffectiveDate (Get-Date) -Force, "
                 "then Set-AuthConfig -PublishCertificate and restart MSExchangeServiceHost on every server");
        return;
    case ACT_ACTIVATE:
        if (report->decision.promoted == SLOT_PREVIOUS)
            text_format(text,
                        "make the previous certificate current again with Set-AuthConfig -NewCertificateThumbprint %s "
                        "-NewCertificateEffectiveDate (Get-Date) -Force, then Set-AuthConfig -PublishCertificate",
                        previous);
        else
            text_format(text, "make the next certificate %s current with Set-AuthConfig -PublishCertificate", next);
        return;
    case ACT_RETIRE:
        text_add(text, "clear the previous certificate with Set-AuthConfig -ClearPreviousCertificate");
        return;
    case ACT_RESCHEDULE:
        text_format(text,
                    "give the next certificate a better date with Set-AuthConfig -NewCertificateThumbprint %s "
                    "-NewCertificateEffectiveDate ",
                    next);
        add_date(report, text);
        return;
    case ACT_WITHDRAW:
        text_format(text, "take the next certificate %s out of the auth configuration with its date", next);
        return;
    case ACT_MEND:
        if (report->decision.row == ROW_LEFTOVER)
            text_add(text, "wait, for Exchange clears it by itself, or clear it with Set-AuthConfig "
                           "-NewCertificateThumbprint $null");
        else if (report->facts->slots.hidden[SLOT_CURRENT])
            text_format(text, "write current anew with Set-AuthConfig -CertificateThumbprint %s",
                        report->facts->slots.thumbprint[SLOT_CURRENT]);
        else
            text_add(text, "mend the values of the auth configuration with Set-AuthConfig");
        return;
    case ACT_DELIVER:
        text_add(text, "export the certificate with its key from a server that has it and import it on those that "
                       "lack it (Export-ExchangeCertificate, Import-ExchangeCertificate)");
        return;
    case ACT_REFRESH:
    case ACT_NONE:
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
        return;
    }
}

/* What has to be brought to servers: the candidate, or what they lack of a slot. */
struct parcel {
    const char *thumbprint; /* "" = nothing that could be delivered from here */
    bool candidate;
    enum slot slot;
};

static struct parcel parcel_of(const struct report *report) {
    const struct facts *facts = report->facts;
    const enum act act = report->decision.act;

    if (act == ACT_STAGE || act == ACT_REPLACE)
        return (struct parcel){.thumbprint = facts->candidate.thumbprint, .candidate = true};
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].key_kept &&
            facts_count_presence(facts, (enum slot)slot, PRESENCE_MISSING) > 0)
            return (struct parcel){.thumbprint = facts->slots.thumbprint[slot], .slot = (enum slot)slot};
    return (struct parcel){.thumbprint = ""};
}

/* The first of the servers that lack it, and how many more there are. */
static void add_lacking(const struct facts *facts, const struct parcel *parcel, struct text *text) {
    const enum server_pick lacking = parcel->candidate ? SERVERS_WITHOUT_CANDIDATE : SERVERS_MISSING;

    if (servers_add_names(text, facts, lacking, parcel->slot, NAMES_MOST) == 0)
        text_add(text, "the Exchange servers");
}

static void deliver(const struct report *report, struct text *text) {
    const struct parcel parcel = parcel_of(report);

    if (parcel.candidate && facts_counted(report->facts) == 0) {
        obstacle_add_no_server(text, report->facts);
        text_add(text, ".");
    } else if (parcel.thumbprint[0] == '\0') {
        text_add(text, "the servers do not have the certificate yet, and its private key is not kept on this host: ");
        by_hand(report, text);
        text_add(text, ".");
    } else if (report->policy->method != DELIVERY_BY_HAND) {
        text_add(text, report->policy->method == DELIVERY_BY_WINRM ? "the delivery failed on: "
                                                                   : "the delivery command failed on: ");
        add_lacking(report->facts, &parcel, text);
        text_format(text, "; see authcert history for what it said, mend the cause, and run authcert %s.",
                    parcel.candidate ? "run" : "deliver");
    } else {
        text_format(text,
                    "the servers do not have the certificate yet: write a PFX with authcert export %s FILE.pfx, import "
                    "it (Import-PfxCertificate into LocalMachine\\My, exportable, into a CSP and not CNG, NETWORK "
                    "SERVICE allowed to read the key) on: ",
                    parcel.thumbprint);
        add_lacking(report->facts, &parcel, text);
        text_format(text, "; then authcert deliver --confirm %s.", parcel.thumbprint);
    }
}

static void reach(const struct facts *facts, struct text *text) {
    const struct directory_facts *directory = &facts->directory;
    struct text sites = {0};

    if (directory->writer_down) {
        obstacle_add_writer(text, directory);
    } else if (directory->read_only) {
        obstacle_add_read_only(text, directory);
        return;
    } else if (obstacle_add_disagreeing(text, facts)) {
        return;
    }
    if (directory->writer_down && !sites_cut_off(facts))
        return;
    sites_add_cut_off(facts, &sites);
    text_add(text, text->length > 0 ? " Also, " : "");
    obstacle_add_sites(text, &sites);
    text_free(&sites);
}

char *unblock_text(const struct report *report) {
    struct text text = {0};

    switch (report->decision.blocked) {
    case BLOCK_NONE:
        break;
    case BLOCK_MODE:
        text_add(&text, "mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand "
                        "in Exchange's management shell: ");
        by_hand(report, &text);
        text_add(&text, ".");
        if (report->decision.row == ROW_PROMOTE || report->decision.row == ROW_RESTORE ||
            report->decision.row == ROW_REPLACE)
            text_add(&text, " In an emergency, in either mode: authcert recover.");
        break;
    case BLOCK_CLOCK:
        obstacle_add_clock(&text, report->facts);
        break;
    case BLOCK_RIGHTS:
        obstacle_add_rights(&text);
        break;
    case BLOCK_UNREACHABLE:
        reach(report->facts, &text);
        break;
    case BLOCK_HYBRID:
        obstacle_add_hybrid(&text, report->facts);
        break;
    case BLOCK_ENTRA:
        entra_add_obstacle(&text, report);
        break;
    case BLOCK_DELIVERY:
        deliver(report, &text);
        break;
    }
    return text_take(&text);
}
