#include "monitor/show/inventory/json.h"

#include <string.h>

#include "base/time.h"
#include "core/inventory/tls_names.h"
#include "monitor/state/values.h"

static bool is_first(const struct inventory *inventory, size_t shown) {
    for (size_t i = 0; i < shown; i++)
        if (strcmp(inventory->shown[i].certificate->thumbprint, inventory->shown[shown].certificate->thumbprint) == 0)
            return false;
    return true;
}

static json_t *certificates_json(const struct inventory *inventory) {
    json_t *list = json_array();

    for (size_t i = 0; i < inventory->shown_count; i++) {
        const struct shown *shown = &inventory->shown[i];
        const struct certificate *certificate = shown->certificate;

        if (is_first(inventory, i))
            values_append(&list,
                          json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:s, s:o}", "thumbprint",
                                    certificate->thumbprint, "label", shown->label, "issuer_label", shown->issuer_label,
                                    "subject", values_text(certificate->subject), "issuer",
                                    values_text(certificate->issuer), "serial", values_text(certificate->serial),
                                    "not_before", values_time(certificate->not_before), "not_after",
                                    values_time(certificate->not_after), "days_left",
                                    (json_int_t)time_days_left(certificate->not_after, inventory->seen_at), "key",
                                    values_text(certificate->key), "signature", values_text(certificate->signature),
                                    "trust", trust_name(shown->trust), "names", values_strings(&shown->names)));
    }
    return list;
}

/* Is the certificate for the name that was asked for? A question that only a name of clients' raises. */
static json_t *fits_json(const struct place *place, const struct shown *shown) {
    if (shown == NULL || (place->kind != PLACE_NAME && place->kind != PLACE_MX))
        return json_null();
    return json_boolean(tls_names_cover(&shown->names, place->sni != NULL ? place->sni : place->name));
}

static json_t *reached_json(const struct place *place) {
    if (place->kind >= PLACE_TRANSPORT || place->state == PLACE_UNASKED)
        return json_null();
    return json_boolean(place->state != PLACE_SILENT && place->state != PLACE_CLOSED);
}

static json_t *places_json(const struct inventory *inventory) {
    json_t *list = json_array();

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct place *place = &inventory->places[i];
        const struct shown *shown = place_shown(inventory, place);

        values_append(&list, json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "place", place->name, "kind",
                                       place_kind_name(place->kind), "server", values_text(place->server), "thumbprint",
                                       values_text(shown != NULL ? shown->certificate->thumbprint : NULL), "state",
                                       place_state_name(place->state), "reached", reached_json(place), "fits",
                                       fits_json(place, shown), "trust",
                                       values_text(shown != NULL ? trust_name(shown->trust) : NULL), "trouble",
                                       values_text(place->trouble)));
    }
    return list;
}

static json_t *connectors_json(const struct inventory *inventory) {
    static const char *const kinds[] = {
        [CONNECTOR_SEND] = "send", [CONNECTOR_RECEIVE] = "receive", [CONNECTOR_HYBRID] = "hybrid"};
    json_t *list = json_array();

    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];
        const struct shown *found =
            connector->finds < inventory->shown_count ? &inventory->shown[connector->finds] : NULL;

        if (connector->certificate != NULL && connector->enabled)
            values_append(&list,
                          json_pack("{s:s, s:s, s:o}", "connector", connector->name, "kind", kinds[connector->kind],
                                    "thumbprint", values_text(found != NULL ? found->certificate->thumbprint : NULL)));
    }
    return list;
}

static json_t *findings_json(const struct inventory *inventory) {
    json_t *list = json_array();

    for (size_t i = 0; i < inventory->finding_count; i++) {
        const struct inventory_finding *finding = &inventory->findings[i];

        values_append(&list,
                      json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", finding_id_name(finding->id),
                                "severity", finding_severity_name(finding->severity), "place", finding->place, "about",
                                finding->about, "text", finding->text, "end", values_time(finding->end), "commands",
                                values_strings(&finding->commands), "then", values_text(finding->then)));
    }
    return list;
}

json_t *inventory_json(const struct inventory *inventory) {
    if (inventory == NULL)
        return json_null();
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "checked_at", values_time(inventory->seen_at),
                     "status", status_name(inventory_status(inventory)), "trouble",
                     values_text(inventory->read ? NULL : inventory->unreadable.text), "certificates",
                     certificates_json(inventory), "places", places_json(inventory), "connectors",
                     connectors_json(inventory), "findings", findings_json(inventory), "remarks",
                     values_strings(&inventory->remarks));
}
