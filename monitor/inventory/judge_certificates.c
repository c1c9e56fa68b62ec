#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/inventory/where.h"
#include "monitor/inventory/remedy.h"

#define RSA_BITS_LEAST 2048
#define TODO_ELSEWHERE "Put the new certificate onto what answers there."
#define TODO_REQUEST "What a new certificate has to be for is in: authcert inventory --request."

static bool is_on_wire(const struct place *place) {
    return place->kind < PLACE_TRANSPORT && place->kind != PLACE_EDGESYNC;
}

/* The places that show this certificate; those of which is said already that they show an old one only once it has
 * ended. */
static void collect(const struct judging *judging, size_t shown, bool all, struct place_set *set) {
    const struct inventory *inventory = judging->inventory;

    set->count = 0;
    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct shown *own = place_shown(inventory, place);

        if (own != NULL && is_on_wire(place) && judging_same_certificate(judging, place->shown, shown) &&
            (all || !judging->told_older[i] || own->certificate->not_after <= judging->now))
            set->items[set->count++] = place;
    }
}

/* The first of those that have the same certificate, whatever came along with it. */
static bool is_first(const struct judging *judging, size_t shown) {
    for (size_t i = 0; i < shown; i++)
        if (judging_same_certificate(judging, i, shown))
            return false;
    return true;
}

/* What a finding about it is called, the same from night to night: others may have its label. */
static char *name_of(const struct judging *judging, size_t shown) {
    const struct shown *own = &judging->inventory->shown[shown];
    struct text name = {0};

    text_format(&name, "%s (%.8s)", own->label, own->certificate->thumbprint);
    return text_take(&name);
}

/* Connectors that find it by its name want the name of the next one. */
static bool add_connectors(const struct judging *judging, size_t shown, const char *thumbprint,
                           struct inventory_finding *finding, struct error *err) {
    const struct inventory *inventory = judging->inventory;

    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];
        struct windows_pair pair = {0};
        bool fits;

        if (!connector->enabled || connector->certificate == NULL ||
            !windows_pair_parse(connector->certificate, &pair, NULL))
            continue;
        fits = judging_fits(judging, &pair, shown);
        windows_pair_free(&pair);
        if (fits && !remedy_connector(connector, thumbprint, &finding->commands, err))
            return false;
    }
    return true;
}

static bool add_end(struct judging *judging, size_t shown, const struct place_set *set, enum finding_severity severity,
                    struct error *err) {
    const struct shown *own = &judging->inventory->shown[shown];
    size_t newest = judging_newest(judging, shown);
    bool is_newer = !judging_same_certificate(judging, newest, shown);
    const char *thumbprint = is_newer ? judging->inventory->shown[newest].certificate->thumbprint : NULL;
    char *name = name_of(judging, shown);
    struct inventory_finding *finding;
    struct text text = {0};
    bool ok;

    if (name == NULL)
        return error_memory(err);
    text_format(&text, "the certificate of %s, by %s, ", own->label, own->self_signed ? "itself" : own->issuer_label);
    judging_end_words(judging, &text, own->certificate->not_after);
    text_add(&text, ": ");
    where_add(&text, set->items, set->count, JUDGING_NAMED);
    if (is_newer)
        text_add(&text, "; a newer one is shown elsewhere");
    finding = judging_add(judging, FINDING_ENDS, severity, name, own->label, &text, err);
    free(name);
    if (finding == NULL)
        return false;
    finding->end = own->certificate->not_after;
    ok = remedy_enable(judging, set, thumbprint, !is_newer, finding, err) &&
         (finding->commands.count == 0 || is_newer || add_connectors(judging, shown, thumbprint, finding, err));
    if (ok && !is_newer) {
        struct text then = {0};

        text_format(&then, "%s %s", finding->then != NULL ? finding->then : TODO_ELSEWHERE, TODO_REQUEST);
        free(finding->then);
        finding->then = text_take(&then);
        ok = finding->then != NULL || error_memory(err);
    }
    return ok;
}

/* Exchange 2013 and 2016 use RSA alone; what later ones take of others depends on their build. */
static bool is_old_exchange(const struct judging *judging, const struct place_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        const struct inventory_server *server = inventory_server_of(judging->inventory, set->items[i]->server);

        if (server != NULL && (strncmp(server->version, "15.0.", 5) == 0 || strncmp(server->version, "15.1.", 5) == 0))
            return true;
    }
    return false;
}

static bool add_weak(struct judging *judging, size_t shown, const struct place_set *set, struct error *err) {
    const struct shown *own = &judging->inventory->shown[shown];
    struct text why = {0};
    struct inventory_finding *finding;
    char *name;

    if (own->sha1)
        text_add(&why, "it, or a CA between it and the root, is signed with SHA-1");
    else if (own->certificate->rsa && own->certificate->key_bits < RSA_BITS_LEAST)
        text_format(&why, "its key is only %s", own->certificate->key);
    else if (!own->certificate->rsa && is_old_exchange(judging, set))
        text_format(&why, "its key is %s, which Exchange 2013 and 2016 cannot use: check it", own->certificate->key);
    else
        return true;
    name = name_of(judging, shown);
    if (name == NULL || why.failed) {
        text_free(&why);
        free(name);
        return error_memory(err);
    }
    text_format(&why, "; %s: ", own->label);
    where_add(&why, set->items, set->count, JUDGING_NAMED);
    finding = judging_add(judging, FINDING_WEAK, FINDING_WARNING, name, own->label, &why, err);
    free(name);
    if (finding == NULL)
        return false;
    finding->then = strdup(TODO_REQUEST);
    return finding->then != NULL || error_memory(err);
}

/* Only those places that send too little: others may send the same certificate with all that it needs. */
static bool add_chain(struct judging *judging, size_t shown, struct place_set *set, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct shown *own = &inventory->shown[shown];
    struct inventory_finding *finding;
    struct text text = {0};
    char *name;

    set->count = 0;
    for (size_t i = 0; i < inventory->place_count; i++)
        if (is_on_wire(&inventory->places[i]) && place_shown(inventory, &inventory->places[i]) == own)
            set->items[set->count++] = &inventory->places[i];
    if (set->count == 0)
        return true;
    text_format(&text, "the certificate of %s is sent without that of %s, which is needed to trust it: ", own->label,
                own->issuer_label);
    where_add(&text, set->items, set->count, JUDGING_NAMED);
    name = name_of(judging, shown);
    if (name == NULL) {
        text_free(&text);
        return error_memory(err);
    }
    finding = judging_add(judging, FINDING_CHAIN, FINDING_WARNING, name, own->label, &text, err);
    free(name);
    if (finding == NULL)
        return false;
    strings_add(&finding->commands,
                "Import-Certificate -FilePath C:\\intermediate.cer -CertStoreLocation Cert:\\LocalMachine\\CA");
    finding->then = strdup("This is typed on each of these servers, with the certificate of that CA as the file.");
    return (!finding->commands.failed && finding->then != NULL) || error_memory(err);
}

bool judge_certificates(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    int days = judging->settings->warn_count > 0 ? judging->settings->warn_days[0] : 30;
    struct place_set set;
    bool ok = place_set_open(judging, &set, err);

    for (size_t i = 0; ok && i < inventory->shown_count; i++) {
        enum finding_severity severity = judging_end(judging, inventory->shown[i].certificate, days);

        if (inventory->shown[i].incomplete)
            ok = add_chain(judging, i, &set, err);
        if (!ok || !is_first(judging, i))
            continue;
        collect(judging, i, false, &set);
        if (set.count > 0 && severity > FINDING_REMARK)
            ok = add_end(judging, i, &set, severity, err);
        collect(judging, i, true, &set);
        if (ok && set.count > 0)
            ok = add_weak(judging, i, &set, err);
    }
    free(set.items);
    return ok;
}
