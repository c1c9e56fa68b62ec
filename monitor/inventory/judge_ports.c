#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/inventory/where.h"
#include "monitor/inventory/judge.h"
#include "monitor/inventory/remedy.h"

static const char *const old_versions[] = {"TLS 1.0", "TLS 1.1"};

/* The first enabled connector of this port that is to offer TLS; NULL = none is. */
static const struct connector *wants_tls(const struct inventory *inventory, const struct place *place) {
    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];

        if (connector->kind != CONNECTOR_RECEIVE || !connector->enabled || !connector->tls ||
            connector->server == NULL || strcasecmp(connector->server, place->server) != 0)
            continue;
        for (size_t j = 0; j < sizeof(connector->ports) / sizeof(connector->ports[0]); j++)
            if (connector->ports[j] == place->port)
                return connector;
    }
    return NULL;
}

static bool add_no_starttls(struct judging *judging, const struct place *place, struct error *err) {
    const struct connector *connector = place->kind == PLACE_SMTP ? wants_tls(judging->inventory, place) : NULL;
    struct inventory_finding *finding;
    struct text text = {0};
    struct text quoted = {0};

    if (connector == NULL)
        return true;
    text_format(&text, "%s offers no STARTTLS, though the receive connector \"%s\" is set to", place->name,
                connector->name);
    if (connector->fqdn != NULL)
        text_format(&text, ": no certificate with the name %s is enabled for SMTP there (event 12014)",
                    connector->fqdn);
    finding = judging_add(judging, FINDING_NO_STARTTLS, FINDING_WARNING, place->name, place->name, &text, err);
    if (finding == NULL)
        return false;
    remedy_server(&quoted, judging->inventory, place->server);
    if (quoted.failed || quoted.value == NULL) {
        text_free(&quoted);
        return error_memory(err);
    }
    strings_add(&finding->commands,
                "Get-ExchangeCertificate -Server %s | Format-List Thumbprint,Services,CertificateDomains",
                quoted.value);
    strings_add(&finding->commands, "Enable-ExchangeCertificate -Server %s -Thumbprint THUMBPRINT -Services SMTP",
                quoted.value);
    text_free(&quoted);
    remedy_quote(&quoted, connector->name);
    if (quoted.failed) {
        text_free(&quoted);
        return error_memory(err);
    }
    strings_add(&finding->commands, "# or, where the name is wrong: Set-ReceiveConnector %s -Fqdn RIGHT-NAME",
                quoted.value);
    text_free(&quoted);
    finding->then = strdup(REMEDY_ANSWER_NO);
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

/* A habit of years is told once; it is a remark afterwards. */
static bool was_told(const struct judging *judging) {
    for (size_t i = 0; i < judging->memory->told_count; i++)
        if (judging->memory->told[i].id == FINDING_OLD_TLS)
            return true;
    return false;
}

static bool add_commands(const bool old[2], bool ours, struct inventory_finding *finding, struct error *err) {
    for (int i = 0; i < 2 && ours; i++)
        if (old[i])
            strings_add(&finding->commands,
                        "New-ItemProperty -Force -PropertyType DWord -Name Enabled -Value 0 -Path "
                        "(New-Item -Force \"HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\"
                        "Protocols\\%s\\Server\").PSPath",
                        old_versions[i]);
    finding->then =
        strdup("This is typed on each of them, and the machine restarted. Old clients and devices that send "
               "mail may need them: Microsoft's page on TLS for Exchange Server says how to find out.");
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

/* One finding for all: who cares has done it everywhere, and nobody else wants to read it for each server. */
static bool add_old_tls(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    struct inventory_finding *finding;
    struct place_set set;
    struct text where = {0};
    struct text text = {0};
    bool old[2] = {false, false};
    bool ours = false;
    bool ok;

    if (!place_set_open(judging, &set, err))
        return false;
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];

        if (place->old_tls[0] != ANSWER_YES && place->old_tls[1] != ANSWER_YES)
            continue;
        for (int version = 0; version < 2; version++)
            old[version] = old[version] || place->old_tls[version] == ANSWER_YES;
        ours = ours || place->server != NULL;
        set.items[set.count++] = place;
    }
    if (set.count == 0) {
        free(set.items);
        return true;
    }
    where_add(&where, set.items, set.count, JUDGING_NAMED);
    text_format(&text, "%s%s%s is still taken, though given up since 2021: %s", old[0] ? old_versions[0] : "",
                old[0] && old[1] ? " or " : "", old[1] ? old_versions[1] : "", where.value != NULL ? where.value : "");
    ok = !where.failed || error_memory(err);
    finding = ok ? judging_add(judging, FINDING_OLD_TLS, was_told(judging) ? FINDING_REMARK : FINDING_WARNING,
                               where.value, "old versions of TLS", &text, err)
                 : NULL;
    text_free(&text);
    text_free(&where);
    free(set.items);
    return finding != NULL && add_commands(old, ours, finding, err);
}

/* Silence is no answer either, but one bad night is no news. */
static bool add_unknown(struct judging *judging, const struct place *place, struct error *err) {
    const struct known_place *known = memory_place(judging->memory, place->name);
    struct inventory_finding *finding;
    struct text text = {0};

    if (known == NULL || known->silent_nights < JUDGE_SILENT_NIGHTS)
        return true;
    text_format(&text, "%s has shown no certificate for %d nights: %s", place->name, known->silent_nights,
                place->trouble != NULL ? place->trouble : "it was not asked");
    finding = judging_add(judging, FINDING_UNKNOWN, FINDING_UNKNOWN_STATE, place->name, place->name, &text, err);
    if (finding == NULL)
        return false;
    finding->then = strdup("Let this host reach it, or name it in ignore of [inventory].");
    return finding->then != NULL || error_memory(err);
}

bool judge_ports(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    bool ok = true;

    for (size_t i = 0; ok && i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];

        if (place->state == PLACE_NO_STARTTLS)
            ok = add_no_starttls(judging, place, err);
        else if (place->state != PLACE_SHOWN && place->state != PLACE_UNASKED)
            ok = add_unknown(judging, place, err);
    }
    return ok && add_old_tls(judging, err);
}
