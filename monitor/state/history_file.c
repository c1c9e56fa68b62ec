#include "monitor/state/history.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

#define HISTORY_SCHEMA 1
#define STRINGS_MOST 64
#define HISTORY_MOST (16 * 1024 * 1024) /* bytes; four answers of each of 5,000 servers are half of it */

static json_t *time_to_json(time_t at) {
    char text[TIME_TEXT_SIZE];

    return at == 0 ? json_null() : json_string(time_format_rfc3339(text, at));
}

static bool time_from_json(const json_t *value, time_t *ret_time) {
    if (json_is_null(value)) {
        *ret_time = 0;
        return true;
    }
    return json_is_string(value) && time_parse_rfc3339(json_string_value(value), ret_time, NULL);
}

static bool thumbprint_from_json(const json_t *value, char ret_thumbprint[THUMBPRINT_SIZE]) {
    const char *text = json_string_value(value);

    if (text == NULL)
        return false;
    if (text[0] == '\0') {
        ret_thumbprint[0] = '\0';
        return true;
    }
    return thumbprint_parse(text, strlen(text), ret_thumbprint);
}

static json_t *events_to_json(const struct history *history) {
    json_t *events = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const struct event *event = &history->events[i];
        json_t *one =
            json_pack("{s:o, s:s, s:s}", "at", time_to_json(event->at), "kind", event->kind, "text", event->text);

        if (one == NULL || json_array_append_new(events, one) != 0) {
            json_decref(events);
            return NULL;
        }
    }
    return events;
}

static json_t *deliveries_to_json(const struct history *history) {
    json_t *deliveries = json_array();

    for (size_t i = 0; i < history->deliveries.count; i++) {
        const struct delivery_note *note = &history->deliveries.items[i];
        json_t *one = json_pack("{s:s, s:s, s:b, s:o}", "thumbprint", note->thumbprint, "server", note->fqdn, "present",
                                note->present, "at", time_to_json(note->at));

        if (one == NULL || json_array_append_new(deliveries, one) != 0) {
            json_decref(deliveries);
            return NULL;
        }
    }
    return deliveries;
}

static json_t *begun_to_json(const struct history *history) {
    json_t *array = json_array();

    for (size_t i = 0; i < history->begun_count; i++) {
        const struct begun *begun = &history->begun[i];
        const struct desired *desired = &begun->desired;
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "act", act_name(begun->act), "thumbprint",
                                begun->thumbprint, "current", desired->thumbprint[SLOT_CURRENT], "previous",
                                desired->thumbprint[SLOT_PREVIOUS], "next", desired->thumbprint[SLOT_NEXT], "date",
                                time_to_json(desired->date), "done", begun->done);

        if (one == NULL || json_array_append_new(array, one) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *strings_to_json(const struct strings *list) {
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        if (json_array_append_new(array, json_string(list->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *incident_to_json(const struct incident *incident) {
    return json_pack("{s:o, s:b, s:s, s:s}", "since", time_to_json(incident->since), "escalated", incident->escalated,
                     "message_id", incident->thread.id, "topic", incident->thread.topic);
}

static json_t *history_to_json(const struct history *history) {
    return json_pack(
        "{s:i, s:s?, s:o, s:o, s:{s:s, s:s, s:o, s:o, s:o}, s:{s:s, s:o}, s:b, s:o, "
        "s:{s:s?, s:s, s:i, s:o, s:o, s:o, s:s, s:s, s:i, s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o}",
        "schema", HISTORY_SCHEMA, "organization_dn", history->organization_dn, "last_run",
        time_to_json(history->last_run), "last_success", time_to_json(history->last_success), "pair", "current",
        history->pair_current, "previous", history->pair_previous, "since", time_to_json(history->pair_since), "seen",
        time_to_json(history->pair_seen), "after", time_to_json(history->pair_after), "known", "thumbprint",
        history->known_thumbprint, "end", time_to_json(history->known_end), "act_failed", history->act_failed, "begun",
        begun_to_json(history), "told", "status", history->status_known ? status_name(history->told_status) : NULL,
        "thumbprint", history->told_thumbprint, "threshold", history->told_threshold, "expiry_at",
        time_to_json(history->told_expiry_at), "blind_since", time_to_json(history->blind_since), "blind_at",
        time_to_json(history->blind_told), "blocked_row", row_name(history->told_blocked_row), "blocked_by",
        block_name(history->told_block), "blocked_threshold", history->told_blocked_threshold, "blocked_at",
        time_to_json(history->told_blocked_at), "failed", strings_to_json(&history->told_failed), "failed_at",
        time_to_json(history->told_failed_at), "incident", incident_to_json(&history->incident), "missed",
        strings_to_json(&history->missed), "deliveries", deliveries_to_json(history), "events", events_to_json(history),
        "spreading_since", time_to_json(history->spreading_since));
}

static bool status_from_json(const json_t *value, struct history *history) {
    if (json_is_null(value))
        return true;
    for (int status = STATUS_OK; status <= STATUS_UNKNOWN; status++)
        if (json_is_string(value) && strcmp(json_string_value(value), status_name((enum status)status)) == 0) {
            history->told_status = (enum status)status;
            history->status_known = true;
            return true;
        }
    return false;
}

static bool events_from_json(const json_t *events, struct history *history, struct error *err) {
    const json_t *one;
    size_t i;

    json_array_foreach(events, i, one) {
        const char *kind, *text;
        json_t *at;
        time_t when;

        if (json_unpack((json_t *)one, "{s:o, s:s, s:s}", "at", &at, "kind", &kind, "text", &text) != 0 ||
            !time_from_json(at, &when) || !history_add(history, when, kind, text, err))
            return false;
    }
    return true;
}

static bool deliveries_from_json(const json_t *deliveries, struct history *history, struct error *err) {
    const json_t *one;
    size_t i;

    json_array_foreach(deliveries, i, one) {
        char thumbprint[THUMBPRINT_SIZE];
        const char *fqdn;
        json_t *print, *when = NULL;
        time_t at = 0;
        int present;

        if (json_unpack((json_t *)one, "{s:o, s:s, s:b, s?o}", "thumbprint", &print, "server", &fqdn, "present",
                        &present, "at", &when) != 0 ||
            (when != NULL && !time_from_json(when, &at)) || !thumbprint_from_json(print, thumbprint) ||
            !text_is_host_name(fqdn) || !deliveries_note(&history->deliveries, thumbprint, fqdn, present != 0, at, err))
            return false;
    }
    return true;
}

static bool begun_from_json(const json_t *array, struct history *history) {
    const json_t *one;
    size_t i;

    json_array_foreach(array, i, one) {
        json_t *thumbprint, *current, *previous, *next, *date;
        struct begun begun = {0};
        int act = ACT_WITHDRAW, done;
        const char *name;

        if (history->begun_count == HISTORY_BEGUN_MOST ||
            json_unpack((json_t *)one, "{s:s, s:o, s:o, s:o, s:o, s:o, s:b !}", "act", &name, "thumbprint", &thumbprint,
                        "current", &current, "previous", &previous, "next", &next, "date", &date, "done", &done) != 0)
            return false;
        while (act > ACT_NONE && strcmp(act_name((enum act)act), name) != 0)
            act--;
        begun.act = (enum act)act;
        begun.done = done != 0;
        if (act == ACT_NONE || !thumbprint_from_json(thumbprint, begun.thumbprint) ||
            !thumbprint_from_json(current, begun.desired.thumbprint[SLOT_CURRENT]) ||
            !thumbprint_from_json(previous, begun.desired.thumbprint[SLOT_PREVIOUS]) ||
            !thumbprint_from_json(next, begun.desired.thumbprint[SLOT_NEXT]) ||
            !time_from_json(date, &begun.desired.date))
            return false;
        history->begun[history->begun_count++] = begun;
    }
    return true;
}

static bool blocked_from_json(const char *row_text, const char *block_text, struct history *history) {
    int row = ROW_NONE, block = BLOCK_DELIVERY;

    while (row >= 0 && strcmp(row_name((enum row)row), row_text) != 0)
        row--;
    while (block >= 0 && strcmp(block_name((enum block)block), block_text) != 0)
        block--;
    if (row < 0 || block < 0)
        return false;
    history->told_blocked_row = (enum row)row;
    history->told_block = (enum block)block;
    return true;
}

static bool strings_from_json(const json_t *array, struct strings *list, struct error *err) {
    const json_t *one;
    size_t i;

    if (array != NULL && (!json_is_array(array) || json_array_size(array) > STRINGS_MOST))
        return false;
    json_array_foreach(array, i, one) {
        if (!json_is_string(one))
            return false;
        strings_add(list, "%s", json_string_value(one));
    }
    return !list->failed || error_memory(err);
}

/* May it stand in a header as a Message-ID? */
static bool is_message_id(const char *id) {
    size_t length = strnlen(id, THREAD_ID_SIZE);

    if (length < 5 || length >= THREAD_ID_SIZE || id[0] != '<' || id[length - 1] != '>')
        return false;
    for (size_t i = 1; i < length - 1; i++)
        if (id[i] <= 0x20 || id[i] > 0x7E || id[i] == '<' || id[i] == '>')
            return false;
    return strchr(id, '@') != NULL;
}

static bool incident_from_json(json_t *value, struct incident *incident) {
    const char *id, *topic;
    int escalated;
    json_t *since;

    if (value == NULL)
        return true;
    if (json_unpack(value, "{s:o, s:b, s:s, s:s !}", "since", &since, "escalated", &escalated, "message_id", &id,
                    "topic", &topic) != 0 ||
        !time_from_json(since, &incident->since) || (id[0] != '\0' && !is_message_id(id)))
        return false;
    incident->escalated = escalated != 0;
    (void)text_printable(incident->thread.id, sizeof(incident->thread.id), id, strlen(id));
    (void)text_printable(incident->thread.topic, sizeof(incident->thread.topic), topic, strlen(topic));
    return true;
}

/* What later versions of the program added to the file: each may be missing. */
struct added {
    json_t *success, *blocked_at, *failed, *failed_at, *incident, *missed;
    int blocked_threshold;
};

static bool added_from_json(const struct added *added, struct history *history, struct error *err) {
    history->told_blocked_threshold = added->blocked_threshold;
    return added->blocked_threshold >= 0 &&
           (added->success == NULL || time_from_json(added->success, &history->last_success)) &&
           (added->blocked_at == NULL || time_from_json(added->blocked_at, &history->told_blocked_at)) &&
           (added->failed_at == NULL || time_from_json(added->failed_at, &history->told_failed_at)) &&
           strings_from_json(added->failed, &history->told_failed, err) &&
           strings_from_json(added->missed, &history->missed, err) &&
           incident_from_json(added->incident, &history->incident);
}

/* False without an error when the JSON has another form. */
static bool history_from_json(json_t *root, struct history *history, struct error *err) {
    json_t *last_run, *since, *seen, *after, *end, *expiry_at, *blind_since, *blind_at, *status, *events;
    json_t *dn, *current, *previous, *known, *told, *deliveries, *begun, *spreading = NULL;
    struct added added = {0};
    const char *row, *block;
    int schema, act_failed;

    if (json_unpack(
            root,
            "{s:i, s:o, s:o, s?:o, s:{s:o, s:o, s:o, s:o, s:o !}, s:{s:o, s:o !}, s:b, s:o, "
            "s:{s:o, s:o, s:i, s:o, s:o, s:o, s:s, s:s, s?:i, s?:o, s?:o, s?:o !}, s?:o, s?:o, s:o, s:o, s?:o !}",
            "schema", &schema, "organization_dn", &dn, "last_run", &last_run, "last_success", &added.success, "pair",
            "current", &current, "previous", &previous, "since", &since, "seen", &seen, "after", &after, "known",
            "thumbprint", &known, "end", &end, "act_failed", &act_failed, "begun", &begun, "told", "status", &status,
            "thumbprint", &told, "threshold", &history->told_threshold, "expiry_at", &expiry_at, "blind_since",
            &blind_since, "blind_at", &blind_at, "blocked_row", &row, "blocked_by", &block, "blocked_threshold",
            &added.blocked_threshold, "blocked_at", &added.blocked_at, "failed", &added.failed, "failed_at",
            &added.failed_at, "incident", &added.incident, "missed", &added.missed, "deliveries", &deliveries, "events",
            &events, "spreading_since", &spreading) != 0)
        return false;
    if (schema != HISTORY_SCHEMA || !json_is_array(events) || !json_is_array(deliveries) || !json_is_array(begun) ||
        (!json_is_null(dn) && !json_is_string(dn)) || history->told_threshold < 0)
        return false;
    history->act_failed = act_failed != 0;
    if (json_is_string(dn) && (history->organization_dn = strdup(json_string_value(dn))) == NULL)
        return error_memory(err);
    return thumbprint_from_json(current, history->pair_current) &&
           thumbprint_from_json(previous, history->pair_previous) &&
           thumbprint_from_json(known, history->known_thumbprint) &&
           thumbprint_from_json(told, history->told_thumbprint) && time_from_json(last_run, &history->last_run) &&
           time_from_json(since, &history->pair_since) && time_from_json(seen, &history->pair_seen) &&
           time_from_json(after, &history->pair_after) && time_from_json(end, &history->known_end) &&
           time_from_json(expiry_at, &history->told_expiry_at) && time_from_json(blind_since, &history->blind_since) &&
           time_from_json(blind_at, &history->blind_told) && status_from_json(status, history) &&
           begun_from_json(begun, history) && blocked_from_json(row, block, history) &&
           (spreading == NULL || time_from_json(spreading, &history->spreading_since)) &&
           added_from_json(&added, history, err) && deliveries_from_json(deliveries, history, err) &&
           events_from_json(events, history, err);
}

bool history_load(int state, struct history *ret_history, struct error *err) {
    struct history history = {0};
    struct bytes bytes = {0};
    struct error failure = {0};
    json_error_t where;
    json_t *root = NULL;
    bool ok = false;

    if (!file_read(state, HISTORY_NAME, HISTORY_MOST, &bytes, &failure)) {
        if (failure.kind == ERROR_NONE) {
            *ret_history = history;
            return true;
        }
        if (err != NULL)
            *err = failure;
        return false;
    }
    root = json_loadb((const char *)bytes.data, bytes.length, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        /* Only what is damaged is set aside: without memory the file may be as good as ever. */
        if (json_error_code(&where) == json_error_out_of_memory)
            error_memory(err);
        else
            error_set(err, ERROR_DATA, "%s is damaged: line %d: %s", HISTORY_NAME, where.line, where.text);
        goto out;
    }
    if (!history_from_json(root, &history, &failure)) {
        if (failure.kind == ERROR_NONE)
            error_set(&failure, ERROR_DATA, "%s is damaged: it is not a history of this program's form", HISTORY_NAME);
        if (err != NULL)
            *err = failure;
        goto out;
    }
    *ret_history = history;
    history = (struct history){0};
    ok = true;
out:
    history_free(&history);
    json_decref(root);
    bytes_free(&bytes);
    return ok;
}

bool history_save(int state, const struct history *history, struct error *err) {
    json_t *root = history_to_json(history);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1)) : NULL;
    bool ok;

    json_decref(root);
    if (text == NULL)
        return error_memory(err);
    ok = file_write(state, HISTORY_NAME, 0644, text, strlen(text), err);
    free(text);
    return ok;
}
