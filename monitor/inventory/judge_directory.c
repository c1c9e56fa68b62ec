#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "monitor/inventory/remedy.h"

#define THEN_YES                                                                                                       \
    "Answer Yes when it asks whether to overwrite the default SMTP certificate: here that is what is wanted. Edge "    \
    "servers have to be subscribed again afterwards: New-EdgeSubscription."
#define THEN_EDGE                                                                                                      \
    "Type the first line on the Edge server, the second on a mailbox server, with the file that the first one made; "  \
    "then: Start-EdgeSynchronization."

/* Mail flows on without encryption between servers; who looks at it late loses Edge servers. */
static bool add_transport(struct judging *judging, const struct place *place, const struct shown *shown,
                          struct error *err) {
    struct inventory_finding *finding;
    struct text text = {0};
    struct text server = {0};

    if (judging_end(judging, shown->certificate, JUDGING_PARTNER_DAYS) == FINDING_REMARK)
        return true;
    text_format(&text, "the internal transport certificate of %s ", place->server);
    judging_end_words(judging, &text, shown->certificate->not_after);
    text_add(&text, ": mail between servers, and to Edge servers, goes without TLS or not at all from then on");
    finding = judging_add(judging, FINDING_TRANSPORT, FINDING_WARNING, place->server, place->name, &text, err);
    if (finding == NULL)
        return false;
    finding->end = shown->certificate->not_after;
    remedy_server(&server, judging->inventory, place->server);
    if (server.failed || server.value == NULL) {
        text_free(&server);
        return error_memory(err);
    }
    strings_add(&finding->commands, "$new = New-ExchangeCertificate -Server %s -Force", server.value);
    strings_add(&finding->commands, "Enable-ExchangeCertificate -Server %s -Thumbprint $new.Thumbprint -Services SMTP",
                server.value);
    text_free(&server);
    finding->then = strdup(THEN_YES);
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

static bool add_edge(struct judging *judging, const struct place *place, enum finding_severity severity,
                     struct text *text, time_t end, struct error *err) {
    struct inventory_finding *finding =
        judging_add(judging, FINDING_EDGE, severity, place->server, place->server, text, err);

    if (finding == NULL)
        return false;
    finding->end = end;
    strings_add(&finding->commands, "New-EdgeSubscription -FileName C:\\edge.xml");
    strings_add(&finding->commands, "New-EdgeSubscription -FileData ([IO.File]::ReadAllBytes(\"C:\\edge.xml\")) "
                                    "-Site \"SITE\"");
    finding->then = strdup(THEN_EDGE);
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

/* What an Edge server shows is what was exchanged when it was subscribed, or EdgeSync fails. */
static bool judge_edge(struct judging *judging, const struct place *place, const struct shown *shown,
                       struct error *err) {
    const struct inventory *inventory = judging->inventory;
    enum finding_severity severity = judging_end(judging, shown->certificate, JUDGING_PARTNER_DAYS);
    struct text text = {0};

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *wire = &inventory->places[i];

        if (wire->kind != PLACE_EDGESYNC || place_shown(inventory, wire) == NULL ||
            strcasecmp(wire->server, place->server) != 0 ||
            judging_same_certificate(judging, wire->shown, place->shown))
            continue;
        text_format(&text,
                    "%s shows another certificate (%.8s...) than the directory knows of it (%.8s...): EdgeSync fails "
                    "until the subscription is made again",
                    wire->name, inventory->shown[wire->shown].certificate->thumbprint, shown->certificate->thumbprint);
        return add_edge(judging, place, FINDING_CRITICAL, &text, 0, err);
    }
    if (severity == FINDING_REMARK)
        return true;
    text_format(&text, "the certificate by which EdgeSync knows %s ", place->server);
    judging_end_words(judging, &text, shown->certificate->not_after);
    return add_edge(judging, place, severity, &text, shown->certificate->not_after, err);
}

/* A next certificate that ends later takes its place without our help. */
static bool has_successor(const struct judging *judging, const struct place *place) {
    const struct inventory *inventory = judging->inventory;

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *other = &inventory->places[i];

        if (other->kind == PLACE_FEDERATION && place_shown(inventory, other) != NULL &&
            inventory->shown[other->shown].certificate->not_after >
                inventory->shown[place->shown].certificate->not_after)
            return true;
    }
    return false;
}

static bool add_federation(struct judging *judging, const struct place *place, const struct shown *shown,
                           struct error *err) {
    struct inventory_finding *finding;
    struct text text = {0};
    bool successor = has_successor(judging, place);

    if (judging_end(judging, shown->certificate, JUDGING_PARTNER_DAYS) == FINDING_REMARK)
        return true;
    text_format(&text, "the certificate of the %s ", place->name);
    judging_end_words(judging, &text, shown->certificate->not_after);
    text_add(&text, successor ? "; the next one is there already" : "; from then on the trust has to be made again");
    finding = judging_add(judging, FINDING_FEDERATION, FINDING_WARNING, place->name, place->name, &text, err);
    if (finding == NULL)
        return false;
    finding->end = shown->certificate->not_after;
    if (!successor) {
        strings_add(&finding->commands,
                    "$new = New-ExchangeCertificate -SubjectName \"CN=Federation\" -DomainName "
                    "\"Federation\" -KeySize 2048 -PrivateKeyExportable $true -Services Federation");
        strings_add(&finding->commands, "Set-FederationTrust -Identity \"Microsoft Federation Gateway\" -Thumbprint "
                                        "$new.Thumbprint");
    }
    strings_add(&finding->commands,
                "Set-FederationTrust -Identity \"Microsoft Federation Gateway\" -PublishFederationCertificate");
    finding->then = strdup("Before the last line: Get-FederationTrust shows the proof that each federated domain needs "
                           "in its DNS, and Test-FederationTrustCertificate whether all servers have the new one.");
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

/* Several certificates of one partner overlap on purpose: it has ended when the last one has. */
static bool is_last_of_partner(const struct judging *judging, const struct place *place) {
    const struct inventory *inventory = judging->inventory;
    size_t length = strcspn(place->name, ":");

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *other = &inventory->places[i];

        if (other->kind == PLACE_PARTNER && place_shown(inventory, other) != NULL && other != place &&
            strcspn(other->name, ":") == length && strncmp(other->name, place->name, length) == 0 &&
            inventory->shown[other->shown].certificate->not_after >
                inventory->shown[place->shown].certificate->not_after)
            return false;
    }
    return true;
}

static bool add_partner(struct judging *judging, const struct place *place, const struct shown *shown,
                        struct error *err) {
    struct inventory_finding *finding;
    struct text text = {0};
    struct text quoted = {0};
    char name[256];
    bool is_server = strstr(place->name, ": auth server") != NULL;

    if (shown->certificate->not_after > judging->now || !is_last_of_partner(judging, place))
        return true;
    text_format(&text, "the certificate of the partner %s, which is enabled, ", place->name);
    judging_end_words(judging, &text, shown->certificate->not_after);
    finding = judging_add(judging, FINDING_PARTNER, FINDING_WARNING, place->name, place->name, &text, err);
    if (finding == NULL)
        return false;
    (void)text_printable(name, sizeof(name), place->name, strcspn(place->name, ":"));
    remedy_quote(&quoted, name);
    if (quoted.failed) {
        text_free(&quoted);
        return error_memory(err);
    }
    strings_add(&finding->commands, "%s %s -RefreshAuthMetadata",
                is_server ? "Set-AuthServer" : "Set-PartnerApplication", quoted.value);
    text_free(&quoted);
    finding->then = strdup("One that is not used any more is better disabled: -Enabled $false.");
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

bool judge_directory(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    bool ok = true;

    for (size_t i = 0; ok && i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct shown *shown = place_shown(inventory, place);

        if (shown == NULL)
            continue;
        if (place->kind == PLACE_TRANSPORT)
            ok = add_transport(judging, place, shown, err);
        else if (place->kind == PLACE_EDGE)
            ok = judge_edge(judging, place, shown, err);
        else if (place->kind == PLACE_FEDERATION)
            ok = add_federation(judging, place, shown, err);
        else if (place->kind == PLACE_PARTNER)
            ok = add_partner(judging, place, shown, err);
    }
    return ok;
}
