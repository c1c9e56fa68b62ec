#include "notify/words/shell.h"

#include "base/time.h"
#include "notify/words/layout.h"
#include "notify/words/command_line.h"
#include "notify/words/servers.h"
#include "notify/words/partners.h"
#include "notify/words/calendar.h"

#define CLEAR_NEXT "Set-AuthConfig -NewCertificateThumbprint $null"
#define IMPORT_FILE "auth.cer" /* the name the texts use for a certificate on its way to `import` */

static void add_shell_note(struct layout *out) {
    layout_paragraph(out, "In the Exchange Management Shell, on a mailbox server:");
}

static void add_make(struct layout *out) {
    layout_command(out, "New-ExchangeCertificate -KeySize 2048 -PrivateKeyExportable $true -SubjectName "
                        "\"CN=Microsoft Exchange Server Auth Certificate\" -FriendlyName "
                        "\"Microsoft Exchange Server Auth Certificate\" -DomainName @()");
    layout_paragraph(out, "It begins at this moment, and Exchange holds local time against UTC: servers ahead of UTC "
                          "take it only as many hours later (Berlin 2, Tokyo 9, Auckland 13).");
    layout_paragraph(out, "Answer No when it asks whether to overwrite the default SMTP certificate. It shows the "
                          "new thumbprint, which goes in the place of NEW-THUMBPRINT:");
}

/* Stages `thumbprint` for `date`, 0 = at once. */
static void add_stage(struct layout *out, const char *thumbprint, time_t date) {
    char at[TIME_TEXT_SIZE];

    if (date == 0)
        layout_command(out, "Set-AuthConfig -NewCertificateThumbprint %s -NewCertificateEffectiveDate (Get-Date)",
                       thumbprint);
    else
        layout_command(out,
                       "Set-AuthConfig -NewCertificateThumbprint %s -NewCertificateEffectiveDate (Get-Date \"%s\")",
                       thumbprint, time_format_rfc3339(at, date));
}

static void add_publish(struct layout *out) {
    layout_command(out, "Set-AuthConfig -PublishCertificate");
}

static void add_staging(struct layout *out, const struct report *report) {
    const time_t date = report->decision.date;
    char minute[CALENDAR_MINUTE_SIZE];

    add_shell_note(out);
    add_make(out);
    add_stage(out, "NEW-THUMBPRINT", date);
    if (date == 0 || date <= report->checked_at) {
        add_publish(out);
        partners_add_commands(out);
        return;
    }
    layout_paragraph(out,
                     "Exchange copies it to the other servers, and makes it current by itself within 12 hours "
                     "after %s.",
                     calendar_minute(minute, date));
    if (date - report->checked_at < 48 * SECONDS_PER_HOUR)
        layout_paragraph(out, "The date is less than 48 hours away: Exchange asks to confirm that.");
}

static void add_replacing(struct layout *out) {
    add_shell_note(out);
    add_make(out);
    add_stage(out, "NEW-THUMBPRINT", 0);
    add_publish(out);
    partners_add_commands(out);
    layout_paragraph(out, "Where the shell answers with broken objects because of the ended certificate, read the "
                          "thumbprint on the same server with:");
    layout_command(out, "Get-ChildItem Cert:\\LocalMachine\\My | Sort-Object NotBefore | Format-List Subject, "
                        "Thumbprint, NotBefore, NotAfter");
}

static void add_activating(struct layout *out, const struct report *report) {
    const struct facts *facts = report->facts;
    enum slot slot = report->decision.promoted;

    add_shell_note(out);
    if (slot == SLOT_PREVIOUS && facts->slots.thumbprint[SLOT_PREVIOUS][0] != '\0')
        add_stage(out, facts->slots.thumbprint[SLOT_PREVIOUS], 0);
    add_publish(out);
    partners_add_commands(out);
}

static void add_malformed(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const struct slots *slots = &report->facts->slots;

    if (slots->malformed == MALFORMED_NEXT_WITHOUT_DATE) {
        add_shell_note(out);
        if (report->decision.act == ACT_MEND && report->decision.date == 0)
            layout_command(out, CLEAR_NEXT);
        else
            add_stage(out, slots->thumbprint[SLOT_NEXT], report->decision.date);
        return;
    }
    layout_paragraph(out, "The attribute msExchAuthCertificateThumbprint of the object CN=Auth Configuration must "
                          "hold one value 0:THUMBPRINT for current, at most one 1: for previous and one 2: for next "
                          "with its date. See what is there, and compare it with what Exchange says:");
    command_line_add(out, speaker, "check");
    layout_command(out, "Get-AuthConfig | Format-List");
    if (slots->malformed & (MALFORMED_TWO_VALUES | MALFORMED_THUMBPRINT | MALFORMED_PREFIX)) {
        layout_paragraph(out, "Take the wrong value out with an editor such as ADSI Edit: Exchange's own commands "
                              "fail on such an object.");
    } else if (slots->thumbprint[SLOT_CURRENT][0] != '\0') {
        layout_paragraph(out, "Where the Exchange Management Shell still works, this writes current again:");
        layout_command(out, "Set-AuthConfig -CertificateThumbprint %s", slots->thumbprint[SLOT_CURRENT]);
    } else {
        layout_paragraph(out, "If the values are there but this account cannot read them, it needs Read on the "
                              "organization's subtree:");
        command_line_add(out, speaker, "doctor");
    }
}

static void add_unknown_certificate(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const struct slots *slots = &report->facts->slots;
    enum slot slot = report->facts->slot[SLOT_CURRENT].certificate ? SLOT_NEXT : SLOT_CURRENT;

    layout_paragraph(out, "Take the certificate (without its key) from an Exchange server's store, copy the file "
                          "here and import it:");
    layout_command(out, "Get-Item Cert:\\LocalMachine\\My\\%s | Export-Certificate -FilePath " IMPORT_FILE,
                   slots->thumbprint[slot]);
    command_line_add(out, speaker, "import " IMPORT_FILE);
}

static void add_delivering(struct layout *out, const struct report *report) {
    const struct facts *facts = report->facts;
    enum slot slot = servers_first_name(facts, SERVERS_MISSING, SLOT_CURRENT) ? SLOT_CURRENT : SLOT_NEXT;
    const char *from = servers_first_name(facts, SERVERS_PRESENT, slot);
    const char *to = servers_first_name(facts, SERVERS_MISSING, slot);

    add_shell_note(out);
    layout_command(out, "$p = Read-Host -AsSecureString \"Password\"");
    layout_command(out, "$c = Export-ExchangeCertificate -Server %s -Thumbprint %s -BinaryEncoded -Password $p",
                   from ? from : "SERVER-THAT-HAS-IT", facts->slots.thumbprint[slot]);
    layout_command(out,
                   "Import-ExchangeCertificate -Server %s -FileData $c.FileData -Password $p "
                   "-PrivateKeyExportable $true",
                   to ? to : "SERVER-THAT-LACKS-IT");
    layout_paragraph(out, "Repeat the last command for each server that lacks it.");
}

/* No command of Exchange takes next out alone. */
static void add_withdrawing(struct layout *out, const struct report *report) {
    layout_paragraph(out,
                     "The certificate staged as next would not do. With an editor such as ADSI Edit, on the object "
                     "CN=Auth Configuration, take the value 2:%s out of msExchAuthCertificateThumbprint and clear "
                     "msExchAuthNextEffectiveDate.",
                     report->facts->slots.thumbprint[SLOT_NEXT]);
}

void shell_add(struct layout *out, const struct speaker *speaker, const struct report *report) {
    const struct decision *decision = &report->decision;

    switch (decision->row) {
    case ROW_UNREADABLE:
        layout_paragraph(out, "Find out what is wrong and how to repair it:");
        command_line_add(out, speaker, "doctor");
        break;
    case ROW_MALFORMED:
        add_malformed(out, speaker, report);
        break;
    case ROW_UNKNOWN_CERTIFICATE:
        add_unknown_certificate(out, speaker, report);
        break;
    case ROW_PROMOTE:
    case ROW_RESTORE:
    case ROW_ACTIVATE:
        add_activating(out, report);
        break;
    case ROW_REPLACE:
        add_replacing(out);
        break;
    case ROW_RESCHEDULE:
        add_shell_note(out);
        add_stage(out, report->facts->slots.thumbprint[SLOT_NEXT], decision->date);
        break;
    case ROW_RESTAGE:
        if (decision->act == ACT_WITHDRAW) {
            add_withdrawing(out, report);
            break;
        }
        layout_paragraph(out, "A new certificate has to take the place of the one staged as next.");
        add_staging(out, report);
        break;
    case ROW_STAGE:
        add_staging(out, report);
        break;
    case ROW_LEFTOVER:
        layout_paragraph(out, "Nothing has to be done: Exchange clears this by itself. To clear it now:");
        add_shell_note(out);
        layout_command(out, CLEAR_NEXT);
        break;
    case ROW_DELIVER:
        add_delivering(out, report);
        break;
    case ROW_RETIRE:
        add_shell_note(out);
        layout_command(out, "Set-AuthConfig -ClearPreviousCertificate");
        break;
    case ROW_NONE:
        layout_paragraph(out, "Nothing %sneeds doing now.", partners_made_current(report) ? "else " : "");
        break;
    }
}
