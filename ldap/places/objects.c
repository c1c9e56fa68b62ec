#include "ldap/places/objects.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/read/names.h"

#define SERVERS_CONTAINER "Servers"
#define DEPTH_MOST 12

char *objects_server(const char *dn) {
    char *name = name_value(dn, 0);

    for (size_t i = 1; name != NULL && i < DEPTH_MOST; i++) {
        char *parent = name_value(dn, i);

        if (parent != NULL && strcasecmp(parent, SERVERS_CONTAINER) == 0) {
            free(parent);
            return name;
        }
        free(name);
        name = parent;
    }
    free(name);
    return NULL;
}

/* One value; a certificate that cannot be read is a place all the same, of which it is said. */
static bool take_value(struct inventory *inventory, struct place *place, const struct berval *value,
                       struct error *err) {
    struct certificate *certificate = NULL;
    struct error why = {0};
    struct bytes der;
    bool ok;

    if (!certificate_parse_serialized((const unsigned char *)value->bv_val, value->bv_len, &certificate, &why)) {
        if (why.kind != ERROR_DATA)
            return error_set(err, why.kind, "%s", why.text);
        place->state = PLACE_UNCLEAR;
        place->trouble = strdup(why.text);
        return place->trouble != NULL || error_memory(err);
    }
    der = (struct bytes){.data = certificate->der, .length = certificate->der_length};
    ok = inventory_add_shown(inventory, &der, 1, &place->shown, err);
    certificate_free(certificate);
    place->state = PLACE_SHOWN;
    return ok;
}

bool objects_certificate(struct inventory *inventory, enum place_kind kind, const struct entry *entry,
                         const char *attribute, const char *name, const char *server, struct error *err) {
    BerVarray values = entry_values(entry, attribute);
    bool several = values_count(values) > 1;

    for (size_t i = 0; values != NULL && values[i].bv_val != NULL; i++) {
        struct place *place = inventory_add_place(inventory, kind, err);
        struct text called = {0};

        if (place == NULL)
            return false;
        text_add(&called, name);
        if (several)
            text_format(&called, " (%zu)", i + 1);
        place->name = text_take(&called);
        place->server = server != NULL ? strdup(server) : NULL;
        if (place->name == NULL || (server != NULL && place->server == NULL))
            return error_memory(err);
        if (!take_value(inventory, place, &values[i], err))
            return false;
    }
    return true;
}
