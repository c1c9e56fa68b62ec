#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "core/inventory/where.h"
#include "core/inventory/tls_names.h"
#include "monitor/inventory/remedy.h"

#define SETTLING (3 * (time_t)SECONDS_PER_DAY) /* a renewal may take its time */

/* Ports at which servers are to show the same: a name that clients use is answered by one of them. */
static bool same_port(const struct place *one, const struct place *other) {
    bool web = (one->kind == PLACE_HTTPS || one->kind == PLACE_NAME) &&
               (other->kind == PLACE_HTTPS || other->kind == PLACE_NAME);

    return one->port == other->port && (web || one->kind == other->kind);
}

static bool is_compared(const struct judging *judging, const struct place *place) {
    return place_shown(judging->inventory, place) != NULL &&
           (place->kind == PLACE_HTTPS || place->kind == PLACE_NAME || place->kind == PLACE_SMTP ||
            place->kind == PLACE_IMAP || place->kind == PLACE_POP);
}

/* The newest certificate for the same purpose at the same port, which others have had for some days; the place's own
 * where there is none. */
static size_t newer_of(const struct judging *judging, const struct place *place) {
    const struct inventory *inventory = judging->inventory;
    size_t newest = place->shown;

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *other = &inventory->places[i];
        const struct certificate *certificate;

        if (!is_compared(judging, other) || !same_port(place, other))
            continue;
        certificate = inventory->shown[other->shown].certificate;
        if (certificate->not_before > inventory->shown[newest].certificate->not_before &&
            judging->now - certificate->not_before >= SETTLING &&
            judging_same_purpose(judging, place->shown, other->shown))
            newest = other->shown;
    }
    return newest;
}

/* Is it for a name that clients use and that is no server's own? */
static bool is_for_clients(const struct inventory *inventory, const struct shown *shown) {
    for (size_t i = 0; i < inventory->name_count; i++)
        if (inventory_server_of(inventory, inventory->names[i].host) == NULL &&
            tls_names_cover(&shown->names, inventory->names[i].host))
            return true;
    return false;
}

/* Where most servers show what clients want, one that shows something else was forgotten. Returns what the others show;
 * the place's own where it is none of those. */
static size_t purpose_of_others(const struct judging *judging, const struct place *place) {
    const struct inventory *inventory = judging->inventory;
    size_t with = 0, without = 0, common = place->shown;

    if (place->server == NULL || place->kind == PLACE_SMTP ||
        is_for_clients(inventory, &inventory->shown[place->shown]))
        return place->shown;
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *other = &inventory->places[i];

        if (!is_compared(judging, other) || other->kind != place->kind || other->port != place->port)
            continue;
        if (is_for_clients(inventory, &inventory->shown[other->shown])) {
            with++;
            common = other->shown;
        } else {
            without++;
        }
    }
    return with > without ? common : place->shown;
}

static size_t count_like(const struct judging *judging, const struct place *place, size_t shown) {
    size_t count = 0;

    for (size_t i = 0; i < judging->inventory->place_count; i++) {
        const struct place *other = &judging->inventory->places[i];

        if (is_compared(judging, other) && same_port(place, other) &&
            judging_same_certificate(judging, other->shown, shown))
            count++;
    }
    return count;
}

/* One finding for all ports of a server, or one name, at which `better` is shown by others. */
static bool add(struct judging *judging, size_t index, size_t better, const size_t *betters, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct place *first = &inventory->places[index];
    const struct shown *own = &inventory->shown[first->shown];
    const struct shown *other = &inventory->shown[better];
    struct inventory_finding *finding;
    struct place_set set;
    struct text text = {0};
    bool newer = other->certificate->not_before > own->certificate->not_before;
    bool ok;

    if (!place_set_open(judging, &set, err))
        return false;
    for (size_t i = index; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];

        if (betters[i] != SHOWN_NONE && judging_same_certificate(judging, betters[i], better) &&
            (i == index ||
             (first->server != NULL && place->server != NULL && strcasecmp(place->server, first->server) == 0))) {
            set.items[set.count++] = place;
            judging->told_older[i] = true;
        }
    }
    where_add(&text, set.items, set.count, JUDGING_NAMED);
    text_format(&text, " show%s %s certificate, %s of %s, which ", set.count == 1 ? "s" : "",
                newer ? "the old" : "another", own->label, own->self_signed ? "itself" : own->issuer_label);
    judging_end_words(judging, &text, own->certificate->not_after);
    text_format(&text, "; %zu other place%s the %s of %s", count_like(judging, first, better),
                count_like(judging, first, better) == 1 ? " shows" : "s show", newer ? "new one" : "one",
                other->issuer_label);
    finding = judging_add(judging, FINDING_DIFFERS, FINDING_WARNING,
                          first->server != NULL ? first->server : first->name, other->label, &text, err);
    ok = finding != NULL && remedy_enable(judging, &set, other->certificate->thumbprint, false, finding, err);
    if (ok && finding->commands.count == 0) {
        finding->then = strdup("Put the new certificate onto what answers for this name: a load balancer or proxy.");
        ok = finding->then != NULL || error_memory(err);
    }
    free(set.items);
    return ok;
}

bool judge_differences(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    size_t *betters = calloc(inventory->place_count + 1, sizeof(*betters));
    bool ok = betters != NULL || error_memory(err);

    for (size_t i = 0; ok && i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];

        betters[i] = SHOWN_NONE;
        if (!is_compared(judging, place))
            continue;
        betters[i] = newer_of(judging, place);
        if (judging_same_certificate(judging, betters[i], place->shown))
            betters[i] = purpose_of_others(judging, place);
        if (judging_same_certificate(judging, betters[i], place->shown))
            betters[i] = SHOWN_NONE;
    }
    for (size_t i = 0; ok && i < inventory->place_count; i++)
        if (betters[i] != SHOWN_NONE && !judging->told_older[i])
            ok = add(judging, i, betters[i], betters, err);
    free(betters);
    return ok;
}
