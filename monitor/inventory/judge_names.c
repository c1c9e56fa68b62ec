#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/inventory/where.h"
#include "core/inventory/tls_names.h"
#include "monitor/inventory/remedy.h"

#define COMMANDS_MOST 12

/* Is this place asked as this name? */
static bool answers_for(const struct place *place, const struct client_name *name) {
    return (place->kind == PLACE_NAME || place->kind == PLACE_HTTPS || place->kind == PLACE_IMAP ||
            place->kind == PLACE_POP) &&
           place->port == name->port && strcasecmp(place->sni, name->host) == 0;
}

static void add_uses(struct text *out, const struct client_name *name) {
    for (size_t i = 0; i < name->use_count; i++)
        text_add_name(out, name->uses[i].identity[0] != '\0' ? name->uses[i].identity : "the configuration", i, 3);
    text_add_more(out, name->use_count, 3);
}

static bool add_commands(const struct client_name *name, struct inventory_finding *finding, struct error *err) {
    for (size_t i = 0; i < name->use_count && finding->commands.count < COMMANDS_MOST; i++) {
        char *command = NULL;

        if (!remedy_name(&name->uses[i], &command, err))
            return false;
        if (command != NULL && !strings_contain(&finding->commands, command))
            strings_add(&finding->commands, "%s", command);
        free(command);
    }
    finding->then = strdup(finding->commands.count > 0
                               ? "Or get a certificate that is for this name too: authcert inventory --request."
                               : "Get a certificate that is for this name too: authcert inventory --request.");
    return (!finding->commands.failed && finding->then != NULL) || error_memory(err);
}

static bool add_name(struct judging *judging, const struct client_name *name, const struct place *place,
                     struct error *err) {
    const struct shown *shown = place_shown(judging->inventory, place);
    struct inventory_finding *finding;
    struct text text = {0};

    text_format(&text, "clients use the name %s (", name->host);
    add_uses(&text, name);
    text_format(&text, "), for which the certificate that %s shows is not: it is for ", place->name);
    for (size_t i = 0; i < shown->names.count; i++)
        text_add_name(&text, shown->names.items[i], i, JUDGING_NAMED);
    text_add_more(&text, shown->names.count, JUDGING_NAMED);
    finding = judging_add(judging, FINDING_NAME, FINDING_WARNING, place->name, shown->label, &text, err);
    return finding != NULL && add_commands(name, finding, err);
}

/* One finding for all names that show the same. */
static bool add_trust(struct judging *judging, size_t shown, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct shown *own = &inventory->shown[shown];
    struct inventory_finding *finding = NULL;
    struct place_set set;
    struct text text = {0};

    if (!place_set_open(judging, &set, err))
        return false;
    for (size_t i = 0; i < inventory->place_count; i++)
        if (inventory->places[i].kind == PLACE_NAME && place_shown(inventory, &inventory->places[i]) == own)
            set.items[set.count++] = &inventory->places[i];
    if (set.count == 0) {
        free(set.items);
        return true;
    }
    where_add(&text, set.items, set.count, JUDGING_NAMED);
    if (own->trust == TRUST_ITSELF)
        text_format(&text, " show%s a certificate that only vouches for itself: clients warn of it",
                    set.count == 1 ? "s" : "");
    else
        text_format(&text,
                    " show%s a certificate of %s, a CA that neither this host nor the domain nor the public knows%s",
                    set.count == 1 ? "s" : "", own->issuer_label,
                    own->above_count == 0 ? "; or one between it and a known CA is not sent along" : "");
    finding = judging_add(judging, FINDING_TRUST, FINDING_WARNING, set.items[0]->name, own->label, &text, err);
    free(set.items);
    if (finding == NULL)
        return false;
    finding->then = strdup("Get a certificate of a CA that clients trust: authcert inventory --request. A CA of your "
                           "own that this host is to know: ca_file in [servers].");
    return finding->then != NULL || error_memory(err);
}

bool judge_names(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;

    for (size_t i = 0; i < inventory->name_count; i++) {
        const struct client_name *name = &inventory->names[i];

        for (size_t j = 0; j < inventory->place_count; j++) {
            const struct place *place = &inventory->places[j];
            const struct shown *shown = place_shown(inventory, place);

            if (shown == NULL || !answers_for(place, name))
                continue;
            if (!tls_names_cover(&shown->names, name->host) && !add_name(judging, name, place, err))
                return false;
        }
    }
    for (size_t i = 0; i < inventory->shown_count; i++)
        if ((inventory->shown[i].trust == TRUST_ITSELF || inventory->shown[i].trust == TRUST_NONE) &&
            !add_trust(judging, i, err))
            return false;
    return true;
}
