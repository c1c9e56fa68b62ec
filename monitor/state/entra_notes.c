#include "monitor/state/entra_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "monitor/state/reader.h"

#define NOTES_MOST 4096

void entra_notes_free(struct entra_notes *notes) {
    free(notes->items);
    *notes = (struct entra_notes){0};
}

struct entra_note *entra_notes_find(const struct entra_notes *notes, const struct tenant *tenant,
                                    const char *thumbprint) {
    for (size_t i = 0; i < notes->count; i++) {
        struct entra_note *note = &notes->items[i];

        if (strcmp(note->thumbprint, thumbprint) == 0 && strcmp(note->tenant.id, tenant->id) == 0 &&
            strcmp(note->tenant.application, tenant->application) == 0)
            return note;
    }
    return NULL;
}

static struct entra_note *add(struct entra_notes *notes) {
    struct entra_note *grown = reallocarray(notes->items, notes->count + 1, sizeof(*grown));

    if (grown == NULL)
        return NULL;
    notes->items = grown;
    grown[notes->count] = (struct entra_note){0};
    return &grown[notes->count++];
}

struct entra_note *entra_notes_have(struct entra_notes *notes, const struct tenant *tenant, const char *thumbprint) {
    struct entra_note *note = entra_notes_find(notes, tenant, thumbprint);

    if (note == NULL && (note = add(notes)) != NULL) {
        note->tenant = *tenant;
        snprintf(note->thumbprint, sizeof(note->thumbprint), "%s", thumbprint);
    }
    return note;
}

void entra_note_said(struct entra_note *note, const struct entra_verdict *verdict, time_t now) {
    const bool clear = verdict->accepts != ANSWER_UNKNOWN;

    if (clear && (note->accepts != verdict->accepts || note->by[0] != '\0'))
        note->since = now;
    if (clear) {
        note->accepts = verdict->accepts;
        note->by[0] = '\0';
        note->silent = 0;
    } else if (note->silent == 0 || time_utc_date(note->asked_at) != time_utc_date(now)) {
        note->silent++;
    }
    if (verdict->accepts == ANSWER_YES)
        note->refused[0] = '\0';
    memcpy(note->said, verdict->said, sizeof(note->said));
    note->asked_at = now;
}

void entra_note_vouched(struct entra_note *note, const char *by, time_t now) {
    note->accepts = ANSWER_YES;
    note->since = now;
    note->silent = 0;
    note->refused[0] = '\0';
    (void)text_printable(note->by, sizeof(note->by), by, strlen(by));
}

bool entra_note_spreads(const struct entra_note *note, time_t now) {
    return note->added_at != 0 && now - note->added_at < ENTRA_SPREADS;
}

static bool in_slot(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return true;
    return strcmp(facts->slots.other_next, thumbprint) == 0;
}

void entra_notes_look(struct entra_notes *notes, const struct facts *facts, const struct strings *kept, time_t now) {
    size_t left = 0;

    if (!facts->read || facts->directory.writer_down)
        return;
    for (size_t i = 0; i < notes->count; i++) {
        struct entra_note *note = &notes->items[i];

        if (in_slot(facts, note->thumbprint))
            note->seen_at = now;
        else if (strcmp(facts->candidate.thumbprint, note->thumbprint) != 0 && note->key_id[0] == '\0' &&
                 !strings_contain(kept, note->thumbprint))
            continue;
        notes->items[left++] = *note;
    }
    notes->count = left;
}

static json_t *time_to_json(time_t at) {
    char text[TIME_TEXT_SIZE];

    return at == 0 ? json_null() : json_string(time_format_rfc3339(text, at));
}

json_t *entra_notes_to_json(const struct entra_notes *notes) {
    json_t *list = json_array();

    for (size_t i = 0; i < notes->count; i++) {
        const struct entra_note *note = &notes->items[i];
        json_t *one = json_pack(
            "{s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:s, s:s, s:o, s:s, s:s, s:o}", "tenant", note->tenant.id,
            "application", note->tenant.application, "thumbprint", note->thumbprint, "accepts",
            answer_name(note->accepts), "since", time_to_json(note->since), "asked_at", time_to_json(note->asked_at),
            "silent", note->silent, "said", note->said, "by", note->by, "added_at", time_to_json(note->added_at),
            "key_id", note->key_id, "refused", note->refused, "seen_at", time_to_json(note->seen_at));

        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static const char *spell_answer(int answer) {
    return answer_name((enum answer)answer);
}

/* A text that is shown to people: whatever the file holds, it is printable and short enough. */
static void read_text(struct reader *reader, const json_t *object, const char *key, char *out, size_t size) {
    const char *text = reader_text(reader, object, key, false);

    (void)text_printable(out, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void read_guid(struct reader *reader, const json_t *object, const char *key, char ret_guid[GUID_STRING_SIZE]) {
    const char *text = reader_text(reader, object, key, false);

    if (text != NULL && text[0] != '\0' && !guid_parse(text, strlen(text), ret_guid))
        reader_fail(reader, "\"%s\" is not an identifier", key);
}

static void read_note(struct reader *reader, const json_t *one, struct entra_note *note) {
    static const char *const keys[] = {"tenant",   "application", "thumbprint", "accepts", "since",
                                       "asked_at", "silent",      "said",       "by",      "added_at",
                                       "key_id",   "refused",     "seen_at",    NULL};
    const char *thumbprint = reader_text(reader, one, "thumbprint", false);

    read_text(reader, one, "tenant", note->tenant.id, sizeof(note->tenant.id));
    read_guid(reader, one, "application", note->tenant.application);
    if (thumbprint != NULL && !thumbprint_parse(thumbprint, strlen(thumbprint), note->thumbprint))
        reader_fail(reader, "\"thumbprint\" is not a thumbprint");
    note->accepts = (enum answer)reader_word(reader, one, "accepts", spell_answer, ANSWER_YES);
    note->since = reader_time(reader, one, "since", true, NULL);
    note->asked_at = reader_time(reader, one, "asked_at", true, NULL);
    note->silent = reader_number(reader, one, "silent");
    read_text(reader, one, "said", note->said, sizeof(note->said));
    read_text(reader, one, "by", note->by, sizeof(note->by));
    note->added_at = reader_time(reader, one, "added_at", true, NULL);
    read_guid(reader, one, "key_id", note->key_id);
    read_text(reader, one, "refused", note->refused, sizeof(note->refused));
    note->seen_at = reader_time(reader, one, "seen_at", true, NULL);
    reader_no_others(reader, one, keys);
}

void entra_notes_read(struct reader *reader, const json_t *root, const char *key, struct entra_notes *notes) {
    const json_t *list = json_object_get(root, key) != NULL ? reader_array(reader, root, key, NOTES_MOST) : NULL;

    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++) {
        struct entra_note *note = add(notes);

        if (note == NULL)
            reader_memory(reader);
        else
            read_note(reader, json_array_get(list, i), note);
    }
}
