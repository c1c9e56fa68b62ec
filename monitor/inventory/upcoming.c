#include "monitor/inventory/upcoming.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "core/inventory/where.h"
#include "core/inventory/tls_names.h"
#include "monitor/inventory/parts.h"
#include "monitor/inventory/remedy.h"

#define RSA_BITS_LEAST 2048

void preflight_free(struct preflight *preflight) {
    strings_free(&preflight->covered);
    strings_free(&preflight->lacking);
    strings_free(&preflight->fitting);
    strings_free(&preflight->connectors);
    strings_free(&preflight->problems);
    strings_free(&preflight->commands);
    free(preflight->places);
    *preflight = (struct preflight){0};
}

static bool is_wire(const struct place *place) {
    return place->host != NULL && place->kind != PLACE_EDGESYNC && place->kind != PLACE_MX;
}

/* Where one for the same purpose is shown now; all ports of servers where there is none. */
static bool collect(const struct judging *judging, size_t shown, struct place_set *set, struct error *err) {
    const struct inventory *inventory = judging->inventory;

    if (!place_set_open(judging, set, err))
        return false;
    for (int all = 0; all < 2 && set->count == 0; all++)
        for (size_t i = 0; i < inventory->place_count; i++) {
            const struct place *place = &inventory->places[i];

            if (is_wire(place) && place_shown(inventory, place) != NULL &&
                (all == 1 ? place->server != NULL : judging_same_purpose(judging, place->shown, shown)))
                set->items[set->count++] = place;
        }
    return true;
}

static void check_names(const struct inventory *inventory, const struct shown *shown, struct preflight *preflight) {
    for (size_t i = 0; i < inventory->name_count; i++) {
        const char *host = inventory->names[i].host;
        struct strings *list = tls_names_cover(&shown->names, host) ? &preflight->covered : &preflight->lacking;

        if (!strings_contain(list, host))
            strings_add(list, "%s", host);
    }
}

/* Only those that find one of the certificates which the new one takes the place of. */
static bool check_connectors(const struct judging *judging, size_t shown, struct preflight *preflight,
                             struct strings *commands, struct error *err) {
    const struct inventory *inventory = judging->inventory;

    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];
        struct windows_pair pair = {0};
        bool finds = false, fits;

        if (!connector->enabled || connector->certificate == NULL)
            continue;
        if (!windows_pair_parse(connector->certificate, &pair, NULL)) {
            strings_add(&preflight->problems,
                        "The certificate name of the connector \"%s\" is not understood: see to it "
                        "yourself.",
                        connector->name);
            continue;
        }
        for (size_t j = 0; j < inventory->shown_count && !finds; j++)
            finds = j != shown && judging_fits(judging, &pair, j) && judging_same_purpose(judging, j, shown);
        finds =
            finds || (judging->names[shown].known && windows_name_equal(&pair.subject, &judging->names[shown].subject));
        fits = judging_fits(judging, &pair, shown);
        windows_pair_free(&pair);
        if (fits)
            strings_add(&preflight->fitting, "%s", connector->name);
        else if (finds)
            strings_add(&preflight->connectors, "%s", connector->name);
        if (!fits && finds &&
            !remedy_connector(connector, inventory->shown[shown].certificate->thumbprint, commands, err))
            return false;
        if (connector->cloud && (fits || finds) && inventory->shown[shown].trust != TRUST_PUBLIC &&
            inventory->shown[shown].trust != TRUST_UNJUDGED)
            strings_add(&preflight->problems,
                        "No public CA vouches for it, and the connector \"%s\" speaks with Exchange Online by it.",
                        connector->name);
    }
    return true;
}

static void check_itself(const struct judging *judging, const struct shown *shown, struct preflight *preflight) {
    const struct certificate *certificate = shown->certificate;
    char date[TIME_TEXT_SIZE];

    if (certificate->not_after <= judging->now)
        strings_add(&preflight->problems, "It ended on %s.", time_format_date(date, certificate->not_after));
    if (certificate->not_before > judging->now)
        strings_add(&preflight->problems, "It is not valid before %s.",
                    time_format_rfc3339(date, certificate->not_before));
    if (shown->trust == TRUST_ITSELF)
        strings_add(&preflight->problems, "Nobody vouches for it but itself: clients will warn of it.");
    else if (shown->trust == TRUST_NONE)
        strings_add(&preflight->problems,
                    "%s, who signed it, is a CA that nobody here knows, or the one between it and "
                    "a known CA is not in the file.",
                    shown->issuer_label);
    if (shown->incomplete)
        strings_add(&preflight->problems,
                    "The certificate of %s, who signed it, is not in the file: every server needs "
                    "it to send it along.",
                    shown->issuer_label);
    if (shown->sha1)
        strings_add(&preflight->problems, "It, or a CA between it and the root, is signed with SHA-1.");
    if (certificate->rsa && certificate->key_bits < RSA_BITS_LEAST)
        strings_add(&preflight->problems, "Its key is only %s.", certificate->key);
    if (!certificate->rsa)
        strings_add(&preflight->problems, "Its key is %s: Exchange 2013 and 2016 cannot use it, later ones not all.",
                    certificate->key);
    if (!shown->server_auth)
        strings_add(&preflight->problems, "It may not be used by a server (its extended key usage lacks serverAuth).");
}

/* Import and enable on each server, the connectors, and Edge servers at last, with their subscription. */
static bool add_commands(const struct judging *judging, const struct place_set *set, const char *thumbprint,
                         const struct strings *connectors, struct preflight *preflight, struct error *err) {
    struct inventory_finding lines = {.id = FINDING_NEW};
    bool edge = false;
    bool ok = remedy_enable(judging, set, thumbprint, true, &lines, err);

    for (size_t i = 0; ok && i < lines.commands.count; i++)
        strings_add(&preflight->commands, "%s", lines.commands.items[i]);
    for (size_t i = 0; ok && i < connectors->count; i++)
        strings_add(&preflight->commands, "%s", connectors->items[i]);
    for (size_t i = 0; i < set->count; i++) {
        const struct inventory_server *server = inventory_server_of(judging->inventory, set->items[i]->server);

        edge = edge || (server != NULL && server->edge);
    }
    if (ok && edge)
        strings_add(&preflight->commands,
                    "New-EdgeSubscription -FileName C:\\edge.xml   # on the Edge server, and once "
                    "more on a mailbox server, with -FileData and -Site");
    strings_free(&lines.commands);
    free(lines.then);
    return ok;
}

bool upcoming_check(const struct inventory_settings *settings, struct inventory *inventory, size_t shown, time_t now,
                    struct preflight *ret_preflight, struct error *err) {
    struct judging judging = {.settings = settings, .inventory = inventory, .now = now};
    struct preflight preflight = {0};
    struct strings connectors = {0};
    struct place_set set = {0};
    struct text places = {0};
    bool ok = judging_begin_names(&judging, err) && collect(&judging, shown, &set, err) &&
              check_connectors(&judging, shown, &preflight, &connectors, err);

    if (ok) {
        check_names(inventory, &inventory->shown[shown], &preflight);
        check_itself(&judging, &inventory->shown[shown], &preflight);
        where_add(&places, set.items, set.count, JUDGING_NAMED);
        preflight.places = text_take(&places);
        ok =
            add_commands(&judging, &set, inventory->shown[shown].certificate->thumbprint, &connectors, &preflight, err);
    }
    if (ok && (preflight.places == NULL || preflight.commands.failed || preflight.problems.failed ||
               preflight.covered.failed || preflight.lacking.failed || preflight.fitting.failed ||
               preflight.connectors.failed || connectors.failed))
        ok = error_memory(err);
    strings_free(&connectors);
    free(set.items);
    judging_end_names(&judging);
    if (ok)
        *ret_preflight = preflight;
    else
        preflight_free(&preflight);
    return ok;
}

bool upcoming_names(const struct inventory *inventory, struct strings *ret_names, struct error *err) {
    bool *taken = calloc(inventory->name_count + 1, sizeof(*taken));
    struct strings names = {0};

    if (taken == NULL)
        return error_memory(err);
    for (size_t round = 0; round < inventory->name_count; round++) {
        size_t best = SHOWN_NONE;

        for (size_t i = 0; i < inventory->name_count; i++)
            if (!taken[i] && (best == SHOWN_NONE || inventory->names[i].use_count > inventory->names[best].use_count))
                best = i;
        taken[best] = true;
        if (!strings_contain(&names, inventory->names[best].host))
            strings_add(&names, "%s", inventory->names[best].host);
    }
    free(taken);
    if (names.failed) {
        strings_free(&names);
        return error_memory(err);
    }
    *ret_names = names;
    return true;
}

bool upcoming_request(const struct strings *names, time_t now, struct strings *ret_commands, struct error *err) {
    struct strings commands = {0};
    struct text list = {0};
    char date[TIME_TEXT_SIZE];

    if (names->count == 0)
        return error_set(err, ERROR_DATA,
                         "no name that clients use is known: the directory shows none, and names of [inventory] is "
                         "empty");
    for (size_t i = 0; i < names->count; i++)
        text_format(&list, "%s%s", i > 0 ? "," : "", names->items[i]);
    if (!list.failed) {
        strings_add(
            &commands,
            "$request = New-ExchangeCertificate -GenerateRequest -SubjectName \"CN=%s\" -DomainName %s -KeySize "
            "2048 -PrivateKeyExportable $true -FriendlyName \"%s, requested %s\"",
            names->items[0], list.value, names->items[0], time_format_date(date, now));
        strings_add(&commands,
                    "[IO.File]::WriteAllBytes(\"C:\\new.req\", [Text.Encoding]::Unicode.GetBytes($request))");
    }
    if (list.failed || commands.failed) {
        text_free(&list);
        strings_free(&commands);
        return error_memory(err);
    }
    text_free(&list);
    *ret_commands = commands;
    return true;
}

bool judge_upcoming(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct upcoming *upcoming = &judging->memory->upcoming;
    struct inventory_finding *finding;
    struct place_set old;
    struct text text = {0};
    size_t done = 0;
    bool ok = true;

    if (upcoming->thumbprint[0] == '\0')
        return true;
    if (!place_set_open(judging, &old, err))
        return false;
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct shown *shown = place_shown(inventory, place);

        if (shown == NULL || !is_wire(place))
            continue;
        if (strcmp(shown->certificate->thumbprint, upcoming->thumbprint) == 0)
            done++;
        else if (judging_share_names(inventory, &shown->names, &upcoming->names))
            old.items[old.count++] = place;
    }
    if (old.count > 0) {
        text_format(&text,
                    "the new certificate of %s (%.8s...) is shown at %zu of %zu places; still old: ", upcoming->label,
                    upcoming->thumbprint, done, done + old.count);
        where_add(&text, old.items, old.count, JUDGING_NAMED);
        finding = judging_add(judging, FINDING_NEW, FINDING_REMARK, upcoming->label, upcoming->label, &text, err);
        ok = finding != NULL && remedy_enable(judging, &old, upcoming->thumbprint, false, finding, err);
    }
    free(old.items);
    return ok;
}
