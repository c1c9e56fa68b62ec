#include "monitor/show/inventory/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "monitor/state/reader.h"

#define FILE_MOST ((size_t)64 * 1024 * 1024)
#define LIST_MOST 100000

static const char *spell_kind(int kind) {
    return place_kind_name((enum place_kind)kind);
}

static const char *spell_state(int state) {
    return place_state_name((enum place_state)state);
}

static const char *spell_trust(int trust) {
    return trust_name((enum trust)trust);
}

static const char *spell_id(int id) {
    return finding_id_name((enum finding_id)id);
}

static const char *spell_severity(int severity) {
    return finding_severity_name((enum finding_severity)severity);
}

/* Strings are printable by contract, whoever wrote the file. NULL where null is allowed and stands there. */
static char *keep(struct reader *reader, const json_t *object, const char *key, bool or_null) {
    const char *text = reader_text(reader, object, key, or_null);
    char *copy = text != NULL ? text_printable_copy(text, strlen(text), 4 * strlen(text) + 8) : NULL;

    if (text != NULL && copy == NULL)
        reader_memory(reader);
    if (copy == NULL && !or_null && !reader->failed)
        reader_fail(reader, "\"%s\" is missing", key);
    return copy;
}

static void read_certificate(struct reader *reader, const json_t *one, struct inventory *inventory) {
    struct shown *shown = &inventory->shown[inventory->shown_count];
    const char *thumbprint = reader_text(reader, one, "thumbprint", false);

    shown->certificate = calloc(1, sizeof(*shown->certificate));
    if (shown->certificate == NULL) {
        reader_memory(reader);
        return;
    }
    inventory->shown_count++;
    if (thumbprint != NULL && !thumbprint_parse(thumbprint, strlen(thumbprint), shown->certificate->thumbprint))
        reader_fail(reader, "\"thumbprint\" is none");
    shown->label = keep(reader, one, "label", false);
    shown->issuer_label = keep(reader, one, "issuer_label", false);
    shown->certificate->subject = keep(reader, one, "subject", true);
    shown->certificate->issuer = keep(reader, one, "issuer", true);
    shown->certificate->serial = keep(reader, one, "serial", true);
    shown->certificate->not_before = reader_time(reader, one, "not_before", true, NULL);
    shown->certificate->not_after = reader_time(reader, one, "not_after", true, NULL);
    shown->trust = (enum trust)reader_word(reader, one, "trust", spell_trust, TRUST_COUNT - 1);
    shown->self_signed = shown->trust == TRUST_ITSELF;
    reader_strings(reader, one, "names", LIST_MOST, &shown->names);
}

static void read_certificates(struct reader *reader, const json_t *object, struct inventory *inventory) {
    const json_t *list = reader_array(reader, object, "certificates", LIST_MOST);

    inventory->shown = calloc(json_array_size(list) + 1, sizeof(*inventory->shown));
    if (inventory->shown == NULL)
        reader_memory(reader);
    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++)
        read_certificate(reader, json_array_get(list, i), inventory);
}

static size_t find_shown(const struct inventory *inventory, const char *thumbprint) {
    for (size_t i = 0; thumbprint != NULL && i < inventory->shown_count; i++)
        if (strcmp(inventory->shown[i].certificate->thumbprint, thumbprint) == 0)
            return i;
    return SHOWN_NONE;
}

static void read_places(struct reader *reader, const json_t *object, struct inventory *inventory) {
    const json_t *list = reader_array(reader, object, "places", LIST_MOST);

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        enum place_kind kind = (enum place_kind)reader_word(reader, one, "kind", spell_kind, PLACE_KIND_COUNT - 1);
        struct place *place = inventory_add_place(inventory, kind, reader->err);
        const char *colon;

        if (place == NULL) {
            reader->failed = true;
            return;
        }
        place->name = keep(reader, one, "place", false);
        place->server = keep(reader, one, "server", true);
        place->state = (enum place_state)reader_word(reader, one, "state", spell_state, PLACE_STATE_COUNT - 1);
        place->trouble = keep(reader, one, "trouble", true);
        place->shown = find_shown(inventory, reader_text(reader, one, "thumbprint", true));
        if (kind < PLACE_TRANSPORT && place->name != NULL) {
            place->host = strdup(place->server != NULL ? place->server : place->name);
            if (place->host == NULL)
                reader_memory(reader);
            colon = strrchr(place->name, ':');
            place->port = colon != NULL ? (int)strtol(colon + 1, NULL, 10) : 0;
        }
    }
}

static void read_findings(struct reader *reader, const json_t *object, struct inventory *inventory) {
    const json_t *list = reader_array(reader, object, "findings", LIST_MOST);

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        enum finding_id id = (enum finding_id)reader_word(reader, one, "id", spell_id, FINDING_ID_COUNT - 1);
        enum finding_severity severity =
            (enum finding_severity)reader_word(reader, one, "severity", spell_severity, FINDING_SEVERITY_COUNT - 1);
        struct inventory_finding *finding = inventory_add_finding(inventory, id, severity, reader->err);

        if (finding == NULL) {
            reader->failed = true;
            return;
        }
        finding->place = keep(reader, one, "place", false);
        finding->about = keep(reader, one, "about", false);
        finding->text = keep(reader, one, "text", false);
        finding->then = keep(reader, one, "then", true);
        finding->end = reader_time(reader, one, "end", true, NULL);
        reader_strings(reader, one, "commands", LIST_MOST, &finding->commands);
    }
}

static void read_all(struct reader *reader, const json_t *root, struct inventory *inventory) {
    const json_t *object = reader_object(reader, root, "inventory");
    const char *trouble = object != NULL ? reader_text(reader, object, "trouble", true) : NULL;

    inventory->organization = keep(reader, root, "organization", true);
    inventory->read = trouble == NULL;
    if (trouble != NULL)
        (void)error_set(&inventory->unreadable, ERROR_DIRECTORY, "%s", trouble);
    read_certificates(reader, object, inventory);
    read_places(reader, object, inventory);
    read_findings(reader, object, inventory);
    if (object != NULL)
        reader_strings(reader, object, "remarks", LIST_MOST, &inventory->remarks);
}

bool inventory_load_last(int state, const char *name, struct inventory *ret_inventory, time_t *ret_seen,
                         struct error *err) {
    struct error failure = {0};
    struct reader reader = {.what = name, .then = "; the next run writes it again", .err = &failure};
    struct inventory inventory = {0};
    struct bytes file = {0};
    const json_t *member;
    json_t *root;
    bool there = false;

    if (file_read(state, name, FILE_MOST, &file, &failure) && (root = reader_parse(&reader, &file)) != NULL) {
        member = json_object_get(root, "inventory");
        there = member != NULL && !json_is_null(member);
        if (there) {
            inventory.seen_at = reader_time(&reader, member, "checked_at", false, NULL);
            read_all(&reader, root, &inventory);
        }
        json_decref(root);
    }
    if (there && failure.kind == ERROR_NONE && !reader.failed) {
        *ret_seen = inventory.seen_at;
        *ret_inventory = inventory;
        return true;
    }
    inventory_free(&inventory);
    if (err != NULL)
        *err = failure;
    return false;
}
