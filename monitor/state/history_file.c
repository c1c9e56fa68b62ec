#include "monitor/state/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "monitor/state/reader.h"
#include "monitor/state/values.h"

#define HISTORY_SCHEMA 1
#define STRINGS_MOST 64
#define HISTORY_MOST (16 * 1024 * 1024) /* bytes; four answers of each of 5,000 servers are half of it */
#define ITEMS_MOST (HISTORY_MOST / 16)  /* of any list: each is longer */

static json_t *events_to_json(const struct history *history) {
    json_t *list = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const struct event *event = &history->events[i];

        values_append(&list, json_pack("{s:o, s:s, s:s, s:s?, s:s?}", "at", values_time(event->at), "kind", event->kind,
                                       "text", event->text, "by", event->by, "command", event->command));
    }
    return list;
}

static json_t *deliveries_to_json(const struct deliveries *deliveries) {
    json_t *list = json_array();

    for (size_t i = 0; i < deliveries->count; i++) {
        const struct delivery_note *note = &deliveries->items[i];

        values_append(&list, json_pack("{s:s, s:s, s:b, s:o}", "thumbprint", note->thumbprint, "server", note->fqdn,
                                       "present", note->present, "at", values_time(note->at)));
    }
    return list;
}

static json_t *silence_to_json(const struct silence *silence) {
    json_t *list = json_array();

    for (size_t i = 0; i < silence->count; i++)
        values_append(&list, json_pack("{s:s, s:o}", "server", silence->servers[i].fqdn, "since",
                                       values_time(silence->servers[i].since)));
    return json_pack("{s:i, s:o, s:o, s:b, s:o}", "nights", silence->nights, "night", values_time(silence->night),
                     "good", values_time(silence->good), "refusing", silence->refusing, "servers", list);
}

static json_t *begun_to_json(const struct begun_writes *begun) {
    json_t *list = json_array();

    for (size_t i = 0; i < begun->count; i++) {
        const struct begun_write *write = &begun->items[i];
        const struct desired *desired = &write->desired;

        values_append(&list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "act", act_name(write->act), "thumbprint",
                                       write->thumbprint, "current", desired->thumbprint[SLOT_CURRENT], "previous",
                                       desired->thumbprint[SLOT_PREVIOUS], "next", desired->thumbprint[SLOT_NEXT],
                                       "date", values_time(desired->date), "done", write->done));
    }
    return list;
}

static json_t *incident_to_json(const struct incident *incident) {
    return json_pack("{s:o, s:b, s:s, s:s}", "since", values_time(incident->since), "escalated", incident->escalated,
                     "message_id", incident->thread.id, "topic", incident->thread.topic);
}

static json_t *emergency_to_json(const struct emergency *emergency) {
    return json_pack("{s:o, s:s, s:o}", "since", values_time(emergency->since), "thumbprint", emergency->thumbprint,
                     "written_at", values_time(emergency->written_at));
}

static json_t *pair_to_json(const struct pair *pair) {
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "current", pair->current, "previous", pair->previous, "since",
                     values_time(pair->since), "seen", values_time(pair->seen), "after", values_time(pair->after));
}

static json_t *told_to_json(const struct told_last *told, const struct blind_spell *blind) {
    return json_pack("{s:s?, s:s, s:i, s:o, s:o, s:o, s:s, s:s, s:i, s:o, s:o, s:o, s:b}", "status",
                     told->status_known ? status_name(told->status) : NULL, "thumbprint", told->thumbprint, "threshold",
                     told->threshold, "expiry_at", values_time(told->expiry_at), "blind_since",
                     values_time(blind->since), "blind_at", values_time(blind->told), "blocked_row",
                     row_name(told->blocked_row), "blocked_by", block_name(told->block), "blocked_threshold",
                     told->blocked_threshold, "blocked_at", values_time(told->blocked_at), "failed",
                     values_strings(&told->failed), "failed_at", values_time(told->failed_at), "silence",
                     told->silence);
}

static json_t *refreshed_to_json(const struct refreshed_servers *refreshed) {
    return json_pack("{s:s, s:o}", "thumbprint", refreshed->thumbprint, "servers", values_strings(&refreshed->names));
}

static json_t *rehearsed_to_json(const struct rehearsed *rehearsed) {
    return json_pack("{s:o, s:o, s:o}", "at", values_time(rehearsed->at), "passed_at",
                     values_time(rehearsed->passed_at), "lacking", values_strings(&rehearsed->lacking));
}

static json_t *history_to_json(const struct history *history) {
    return json_pack(
        "{s:i, s:s?, s:o, s:o, s:o, s:{s:s, s:o}, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "schema", HISTORY_SCHEMA, "organization_dn", history->organization_dn, "last_run",
        values_time(history->last_run), "last_success", values_time(history->last_success), "pair",
        pair_to_json(&history->pair), "known", "thumbprint", history->known.thumbprint, "end",
        values_time(history->known.end), "act_failed", history->act_failed, "begun", begun_to_json(&history->begun),
        "told", told_to_json(&history->told, &history->blind), "incident", incident_to_json(&history->incident),
        "emergency", emergency_to_json(&history->emergency), "missed", values_strings(&history->missed), "deliveries",
        deliveries_to_json(&history->deliveries), "entra", entra_notes_to_json(&history->entra), "events",
        events_to_json(history), "spreading_since", values_time(history->spreading_since), "silence",
        silence_to_json(&history->silence), "refreshed", refreshed_to_json(&history->refreshed), "rehearsed",
        rehearsed_to_json(&history->rehearsed));
}

static time_t read_time(struct reader *reader, const json_t *object, const char *key) {
    return reader_time(reader, object, key, true, NULL);
}

static void read_thumbprint(struct reader *reader, const json_t *object, const char *key,
                            char ret_thumbprint[THUMBPRINT_SIZE]) {
    const char *text = reader_text(reader, object, key, false);

    if (text != NULL && text[0] != '\0' && !thumbprint_parse(text, strlen(text), ret_thumbprint))
        reader_fail(reader, "\"%s\" is not a thumbprint", key);
}

/* Earlier versions did not ask who it was. */
static void read_author(struct reader *reader, const json_t *object, const char *key, char **ret_text) {
    const char *text = json_object_get(object, key) != NULL ? reader_text(reader, object, key, true) : NULL;

    if (text != NULL && (*ret_text = text_printable_copy(text, strlen(text), AUTHOR_SIZE)) == NULL)
        reader_memory(reader);
}

static void read_events(struct reader *reader, const json_t *root, struct history *history) {
    const json_t *list = reader_array(reader, root, "events", ITEMS_MOST);

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        time_t at = read_time(reader, one, "at");
        const char *kind = reader_text(reader, one, "kind", false), *text = reader_text(reader, one, "text", false);

        if (reader->failed)
            break;
        if (!history_add(history, at, kind, text, NULL)) {
            reader_memory(reader);
            break;
        }
        read_author(reader, one, "by", &history->events[history->event_count - 1].by);
        read_author(reader, one, "command", &history->events[history->event_count - 1].command);
    }
}

static void read_deliveries(struct reader *reader, const json_t *root, struct deliveries *deliveries) {
    const json_t *list = reader_array(reader, root, "deliveries", ITEMS_MOST);

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        char thumbprint[THUMBPRINT_SIZE] = "";
        const char *fqdn = reader_text(reader, one, "server", false);
        bool present = reader_flag(reader, one, "present");
        time_t at = reader_time_added(reader, one, "at");

        read_thumbprint(reader, one, "thumbprint", thumbprint);
        if (fqdn != NULL && !text_is_host_name(fqdn))
            reader_fail(reader, "\"server\" is not a host name");
        if (!reader->failed && !deliveries_note(deliveries, thumbprint, fqdn, present, at, NULL))
            reader_memory(reader);
    }
}

/* Earlier versions did not write it. */
static void read_silence(struct reader *reader, const json_t *root, struct silence *silence) {
    static const char *const keys[] = {"nights", "night", "good", "refusing", "servers", NULL};
    const json_t *object = json_object_get(root, "silence") != NULL ? reader_object(reader, root, "silence") : NULL;
    const json_t *list = object != NULL ? reader_array(reader, object, "servers", ITEMS_MOST) : NULL;

    if (object == NULL)
        return;
    silence->nights = reader_number(reader, object, "nights");
    silence->night = read_time(reader, object, "night");
    silence->good = read_time(reader, object, "good");
    silence->refusing = reader_flag(reader, object, "refusing");
    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        const char *fqdn = reader_text(reader, one, "server", false);
        time_t since = read_time(reader, one, "since");

        if (fqdn != NULL && !text_is_host_name(fqdn))
            reader_fail(reader, "\"server\" is not a host name");
        if (!reader->failed && !silence_add(silence, fqdn, since, NULL))
            reader_memory(reader);
    }
    reader_no_others(reader, object, keys);
}

static const char *spell_act(int act) {
    return act_name((enum act)act);
}

static const char *spell_row(int row) {
    return row_name((enum row)row);
}

static const char *spell_block(int block) {
    return block_name((enum block)block);
}

static const char *spell_status(int status) {
    return status_name((enum status)status);
}

static void read_begun(struct reader *reader, const json_t *root, struct begun_writes *begun) {
    static const char *const keys[] = {"act", "thumbprint", "current", "previous", "next", "date", "done", NULL};
    const json_t *list = reader_array(reader, root, "begun", BEGUN_WRITES_MOST);

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        struct begun_write *write = &begun->items[begun->count++];

        write->act = (enum act)reader_word(reader, one, "act", spell_act, ACT_WITHDRAW);
        if (write->act == ACT_NONE)
            reader_fail(reader, "a write was begun for nothing");
        read_thumbprint(reader, one, "thumbprint", write->thumbprint);
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            read_thumbprint(reader, one, slot_name((enum slot)slot), write->desired.thumbprint[slot]);
        write->desired.date = read_time(reader, one, "date");
        write->done = reader_flag(reader, one, "done");
        reader_no_others(reader, one, keys);
    }
}

/* The first versions did not write these lists. */
static void read_strings(struct reader *reader, const json_t *object, const char *key, struct strings *strings) {
    if (json_object_get(object, key) != NULL)
        reader_strings(reader, object, key, STRINGS_MOST, strings);
}

static void read_incident(struct reader *reader, const json_t *root, struct incident *incident) {
    static const char *const keys[] = {"since", "escalated", "message_id", "topic", NULL};
    const json_t *object = json_object_get(root, "incident");

    if (object == NULL)
        return;
    incident->since = read_time(reader, object, "since");
    incident->escalated = reader_flag(reader, object, "escalated");
    reader_thread(reader, object, &incident->thread);
    reader_no_others(reader, object, keys);
}

/* The first versions did not write it. */
static void read_emergency(struct reader *reader, const json_t *root, struct emergency *emergency) {
    static const char *const keys[] = {"since", "thumbprint", "written_at", NULL};
    const json_t *object = json_object_get(root, "emergency");

    if (object == NULL)
        return;
    emergency->since = read_time(reader, object, "since");
    read_thumbprint(reader, object, "thumbprint", emergency->thumbprint);
    emergency->written_at = read_time(reader, object, "written_at");
    reader_no_others(reader, object, keys);
}

/* The first versions did not write it. */
static void read_rehearsed(struct reader *reader, const json_t *root, struct rehearsed *rehearsed) {
    static const char *const keys[] = {"at", "passed_at", "lacking", NULL};
    const json_t *object = json_object_get(root, "rehearsed");

    if (object == NULL)
        return;
    rehearsed->at = read_time(reader, object, "at");
    rehearsed->passed_at = read_time(reader, object, "passed_at");
    reader_strings(reader, object, "lacking", ITEMS_MOST, &rehearsed->lacking);
    reader_no_others(reader, object, keys);
}

static void read_pair(struct reader *reader, const json_t *root, struct pair *pair) {
    static const char *const keys[] = {"current", "previous", "since", "seen", "after", NULL};
    const json_t *object = reader_object(reader, root, "pair");

    read_thumbprint(reader, object, "current", pair->current);
    read_thumbprint(reader, object, "previous", pair->previous);
    pair->since = read_time(reader, object, "since");
    pair->seen = read_time(reader, object, "seen");
    pair->after = read_time(reader, object, "after");
    reader_no_others(reader, object, keys);
}

/* The first versions did not write it. */
static void read_refreshed(struct reader *reader, const json_t *root, struct refreshed_servers *refreshed) {
    static const char *const keys[] = {"thumbprint", "servers", NULL};
    const json_t *object = json_object_get(root, "refreshed");
    const json_t *list = object != NULL ? reader_array(reader, object, "servers", ITEMS_MOST) : NULL;

    if (object == NULL)
        return;
    read_thumbprint(reader, object, "thumbprint", refreshed->thumbprint);
    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        const char *name = json_string_value(json_array_get(list, i));

        if (name == NULL || !text_is_host_name(name))
            reader_fail(reader, "\"servers\" holds more than host names");
        else
            strings_add(&refreshed->names, "%s", name);
    }
    if (refreshed->names.failed)
        reader_memory(reader);
    reader_no_others(reader, object, keys);
}

static void read_known(struct reader *reader, const json_t *root, struct known_end *known) {
    static const char *const keys[] = {"thumbprint", "end", NULL};
    const json_t *object = reader_object(reader, root, "known");

    read_thumbprint(reader, object, "thumbprint", known->thumbprint);
    known->end = read_time(reader, object, "end");
    reader_no_others(reader, object, keys);
}

static void read_told(struct reader *reader, const json_t *root, struct history *history) {
    static const char *const keys[] = {
        "status",    "thumbprint",        "threshold",   "expiry_at",  "blind_since", "blind_at", "failed",
        "failed_at", "blocked_threshold", "blocked_row", "blocked_by", "blocked_at",  "silence",  NULL};
    const json_t *object = reader_object(reader, root, "told");
    struct told_last *told = &history->told;

    told->status_known = !json_is_null(reader_member(reader, object, "status"));
    if (told->status_known)
        told->status = (enum status)reader_word(reader, object, "status", spell_status, STATUS_UNKNOWN);
    read_thumbprint(reader, object, "thumbprint", told->thumbprint);
    told->threshold = reader_number(reader, object, "threshold");
    told->expiry_at = read_time(reader, object, "expiry_at");
    told->blocked_row = (enum row)reader_word(reader, object, "blocked_row", spell_row, ROW_NONE);
    told->block = (enum block)reader_word(reader, object, "blocked_by", spell_block, BLOCK_DELIVERY);
    if (json_object_get(object, "blocked_threshold") != NULL)
        told->blocked_threshold = reader_number(reader, object, "blocked_threshold");
    told->blocked_at = reader_time_added(reader, object, "blocked_at");
    read_strings(reader, object, "failed", &told->failed);
    told->failed_at = reader_time_added(reader, object, "failed_at");
    told->silence = json_object_get(object, "silence") != NULL && reader_flag(reader, object, "silence");
    history->blind.since = read_time(reader, object, "blind_since");
    history->blind.told = read_time(reader, object, "blind_at");
    reader_no_others(reader, object, keys);
}

static void read_history(struct reader *reader, const json_t *root, struct history *history) {
    static const char *const keys[] = {"schema",          "organization_dn", "last_run",   "last_success", "pair",
                                       "known",           "act_failed",      "begun",      "told",         "incident",
                                       "emergency",       "missed",          "deliveries", "entra",        "events",
                                       "spreading_since", "silence",         "refreshed",  "rehearsed",    NULL};
    const char *dn;

    if (!json_is_object(root) || reader_number(reader, root, "schema") != HISTORY_SCHEMA)
        reader_fail(reader, "it is not an object with \"schema\" %d", HISTORY_SCHEMA);
    dn = reader_text(reader, root, "organization_dn", true);
    if (dn != NULL && (history->organization_dn = strdup(dn)) == NULL)
        reader_memory(reader);
    history->last_run = read_time(reader, root, "last_run");
    history->last_success = reader_time_added(reader, root, "last_success");
    history->act_failed = reader_flag(reader, root, "act_failed");
    history->spreading_since = reader_time_added(reader, root, "spreading_since");
    read_pair(reader, root, &history->pair);
    read_refreshed(reader, root, &history->refreshed);
    read_known(reader, root, &history->known);
    read_begun(reader, root, &history->begun);
    read_told(reader, root, history);
    read_incident(reader, root, &history->incident);
    read_emergency(reader, root, &history->emergency);
    read_rehearsed(reader, root, &history->rehearsed);
    read_strings(reader, root, "missed", &history->missed);
    read_deliveries(reader, root, &history->deliveries);
    read_silence(reader, root, &history->silence);
    entra_notes_read(reader, root, "entra", &history->entra);
    read_events(reader, root, history);
    reader_no_others(reader, root, keys);
}

bool history_load(int state, struct history *ret_history, struct error *err) {
    struct error failure = {0};
    struct reader reader = {.what = HISTORY_NAME, .then = "", .err = &failure};
    struct history history = {0};
    struct bytes bytes = {0};
    json_t *root;

    if (file_read(state, HISTORY_NAME, HISTORY_MOST, &bytes, &failure)) {
        root = reader_parse(&reader, &bytes);
        if (root != NULL)
            read_history(&reader, root, &history);
        json_decref(root);
    }
    if (failure.kind == ERROR_NONE) {
        *ret_history = history;
        return true;
    }
    history_free(&history);
    if (err != NULL)
        *err = failure;
    return false;
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

bool history_open(int state, const struct author *author, bool only_read, time_t now, struct history *ret_history,
                  struct error *ret_damage, struct error *err) {
    struct error damage = {0};

    *ret_history = (struct history){0};
    if (state >= 0 && !history_load(state, ret_history, &damage)) {
        if (damage.kind != ERROR_DATA) {
            if (err != NULL)
                *err = damage;
            return false;
        }
        if (!only_read && !file_set_aside(state, HISTORY_NAME, now, err))
            return false;
    }
    ret_history->author = author;
    *ret_damage = damage;
    return true;
}
