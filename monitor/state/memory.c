#include "monitor/state/memory.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "monitor/state/reader.h"
#include "monitor/state/values.h"

#define MEMORY_SCHEMA 1
#define MEMORY_MOST ((size_t)16 * 1024 * 1024)
#define ITEMS_MOST 30000
#define STRINGS_MOST 2000

void memory_free(struct memory *memory) {
    for (size_t i = 0; i < memory->place_count; i++)
        free(memory->places[i].name);
    for (size_t i = 0; i < memory->told_count; i++) {
        free(memory->told[i].place);
        free(memory->told[i].about);
        free(memory->told[i].text);
    }
    for (size_t i = 0; i < memory->thread_count; i++)
        free(memory->threads[i].about);
    free(memory->places);
    free(memory->told);
    free(memory->threads);
    memory_forget_upcoming(memory);
    *memory = (struct memory){0};
}

void memory_forget_upcoming(struct memory *memory) {
    free(memory->upcoming.label);
    strings_free(&memory->upcoming.names);
    memory->upcoming = (struct upcoming){.thumbprint = ""};
}

/* Of a certificate that was to come and will not there is no more to say. */
static void forget_told_new(struct memory *memory) {
    size_t kept = 0;

    for (size_t i = 0; i < memory->told_count; i++) {
        if (memory->told[i].id != FINDING_NEW) {
            memory->told[kept++] = memory->told[i];
            continue;
        }
        free(memory->told[i].place);
        free(memory->told[i].about);
        free(memory->told[i].text);
    }
    memory->told_count = kept;
}

bool memory_announce(struct memory *memory, const struct shown *shown, time_t now, struct error *err) {
    struct told_finding *grown = reallocarray(memory->told, memory->told_count + 1, sizeof(*grown));
    struct upcoming *upcoming = &memory->upcoming;
    struct told_finding told = {.id = FINDING_NEW, .severity = FINDING_REMARK, .at = now};

    if (grown != NULL)
        memory->told = grown;
    memory_forget_upcoming(memory);
    forget_told_new(memory);
    told.place = strdup(shown->label);
    told.about = strdup(shown->label);
    told.text = strdup("it was announced");
    upcoming->label = strdup(shown->label);
    for (size_t i = 0; i < shown->names.count; i++)
        strings_add(&upcoming->names, "%s", shown->names.items[i]);
    if (grown == NULL || told.place == NULL || told.about == NULL || told.text == NULL || upcoming->label == NULL ||
        upcoming->names.failed) {
        free(told.place);
        free(told.about);
        free(told.text);
        return error_memory(err);
    }
    memcpy(upcoming->thumbprint, shown->certificate->thumbprint, THUMBPRINT_SIZE);
    upcoming->since = now;
    memory->told[memory->told_count++] = told;
    return true;
}

const struct known_place *memory_place(const struct memory *memory, const char *name) {
    for (size_t i = 0; i < memory->place_count; i++)
        if (strcmp(memory->places[i].name, name) == 0)
            return &memory->places[i];
    return NULL;
}

static json_t *places_json(const struct memory *memory) {
    json_t *list = json_array();

    for (size_t i = 0; i < memory->place_count; i++) {
        const struct known_place *place = &memory->places[i];

        values_append(&list, json_pack("{s:s, s:b, s:i, s:b, s:b}", "place", place->name, "shown", place->shown,
                                       "silent_nights", place->silent_nights, "tls_1_0", place->old_tls[0], "tls_1_1",
                                       place->old_tls[1]));
    }
    return list;
}

static json_t *told_json(const struct memory *memory) {
    json_t *list = json_array();

    for (size_t i = 0; i < memory->told_count; i++) {
        const struct told_finding *told = &memory->told[i];

        values_append(&list,
                      json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:o}", "id", finding_id_name(told->id), "place",
                                told->place, "about", told->about, "severity", finding_severity_name(told->severity),
                                "threshold", told->threshold, "text", told->text, "at", values_time(told->at)));
    }
    return list;
}

static json_t *threads_json(const struct memory *memory) {
    json_t *list = json_array();

    for (size_t i = 0; i < memory->thread_count; i++)
        values_append(&list, json_pack("{s:s, s:s, s:s}", "about", memory->threads[i].about, "message_id",
                                       memory->threads[i].thread.id, "topic", memory->threads[i].thread.topic));
    return list;
}

static json_t *upcoming_json(const struct upcoming *upcoming) {
    if (upcoming->thumbprint[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:s, s:o, s:o}", "thumbprint", upcoming->thumbprint, "label", upcoming->label, "names",
                     values_strings(&upcoming->names), "since", values_time(upcoming->since));
}

bool memory_save(int state, const struct memory *memory, struct error *err) {
    json_t *root = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", MEMORY_SCHEMA, "asked_old_tls",
                             values_time(memory->asked_old_tls), "night", values_time(memory->night), "places",
                             places_json(memory), "told", told_json(memory), "threads", threads_json(memory),
                             "upcoming", upcoming_json(&memory->upcoming));
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1)) : NULL;
    bool ok;

    json_decref(root);
    if (text == NULL)
        return error_memory(err);
    ok = file_write(state, MEMORY_NAME, 0644, text, strlen(text), err);
    free(text);
    return ok;
}

static const char *spell_id(int id) {
    return finding_id_name((enum finding_id)id);
}

static const char *spell_severity(int severity) {
    return finding_severity_name((enum finding_severity)severity);
}

static char *copy(struct reader *reader, const char *text) {
    char *copied = text != NULL ? strdup(text) : NULL;

    if (text != NULL && copied == NULL)
        reader_memory(reader);
    return copied;
}

/* A list of this many zeroed structs; NULL when it is empty, or without memory. */
static void *list_of(struct reader *reader, const json_t *list, size_t size) {
    size_t count = json_array_size(list);
    void *items = count > 0 && !reader->failed ? calloc(count, size) : NULL;

    if (count > 0 && !reader->failed && items == NULL)
        reader_memory(reader);
    return items;
}

static void read_places(struct reader *reader, const json_t *root, struct memory *memory) {
    const json_t *list = reader_array(reader, root, "places", ITEMS_MOST);

    memory->places = list_of(reader, list, sizeof(*memory->places));
    for (size_t i = 0; memory->places != NULL && i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        struct known_place *place = &memory->places[memory->place_count];

        place->shown = reader_flag(reader, one, "shown");
        place->silent_nights = reader_number(reader, one, "silent_nights");
        place->old_tls[0] = reader_flag(reader, one, "tls_1_0");
        place->old_tls[1] = reader_flag(reader, one, "tls_1_1");
        place->name = copy(reader, reader_text(reader, one, "place", false));
        memory->place_count += place->name != NULL ? 1 : 0;
    }
}

static void read_told(struct reader *reader, const json_t *root, struct memory *memory) {
    const json_t *list = reader_array(reader, root, "told", ITEMS_MOST);

    memory->told = list_of(reader, list, sizeof(*memory->told));
    for (size_t i = 0; memory->told != NULL && i < json_array_size(list) && !reader->failed; i++) {
        const json_t *one = json_array_get(list, i);
        struct told_finding *told = &memory->told[memory->told_count++];

        told->id = (enum finding_id)reader_word(reader, one, "id", spell_id, FINDING_ID_COUNT - 1);
        told->severity =
            (enum finding_severity)reader_word(reader, one, "severity", spell_severity, FINDING_SEVERITY_COUNT - 1);
        told->threshold = reader_number(reader, one, "threshold");
        told->at = reader_time(reader, one, "at", true, NULL);
        told->place = copy(reader, reader_text(reader, one, "place", false));
        told->about = copy(reader, reader_text(reader, one, "about", false));
        told->text = copy(reader, reader_text(reader, one, "text", false));
    }
}

static void read_threads(struct reader *reader, const json_t *root, struct memory *memory) {
    const json_t *list = reader_array(reader, root, "threads", ITEMS_MOST);

    memory->threads = list_of(reader, list, sizeof(*memory->threads));
    for (size_t i = 0; memory->threads != NULL && i < json_array_size(list) && !reader->failed; i++) {
        struct told_thread *thread = &memory->threads[memory->thread_count++];

        reader_thread(reader, json_array_get(list, i), &thread->thread);
        thread->about = copy(reader, reader_text(reader, json_array_get(list, i), "about", false));
    }
}

static void read_upcoming(struct reader *reader, const json_t *root, struct upcoming *upcoming) {
    const json_t *object = json_object_get(root, "upcoming");
    const char *thumbprint;

    if (object == NULL || json_is_null(object))
        return;
    thumbprint = reader_text(reader, object, "thumbprint", false);
    if (thumbprint != NULL && !thumbprint_parse(thumbprint, strlen(thumbprint), upcoming->thumbprint))
        reader_fail(reader, "\"thumbprint\" is none");
    upcoming->label = copy(reader, reader_text(reader, object, "label", false));
    upcoming->since = reader_time(reader, object, "since", true, NULL);
    reader_strings(reader, object, "names", STRINGS_MOST, &upcoming->names);
}

bool memory_load(int state, struct memory *ret_memory, struct error *err) {
    struct error failure = {0};
    struct reader reader = {.what = MEMORY_NAME, .then = "", .err = &failure};
    struct memory memory = {0};
    struct bytes bytes = {0};
    json_t *root;

    if (state >= 0 && file_read(state, MEMORY_NAME, MEMORY_MOST, &bytes, &failure)) {
        root = reader_parse(&reader, &bytes);
        if (root != NULL && (!json_is_object(root) || reader_number(&reader, root, "schema") != MEMORY_SCHEMA))
            reader_fail(&reader, "it is not an object with \"schema\" %d", MEMORY_SCHEMA);
        if (root != NULL && !reader.failed) {
            memory.asked_old_tls = reader_time(&reader, root, "asked_old_tls", true, NULL);
            memory.night = reader_time(&reader, root, "night", true, NULL);
            read_places(&reader, root, &memory);
            read_told(&reader, root, &memory);
            read_threads(&reader, root, &memory);
            read_upcoming(&reader, root, &memory.upcoming);
        }
        json_decref(root);
    }
    if (failure.kind == ERROR_NONE) {
        *ret_memory = memory;
        return true;
    }
    memory_free(&memory);
    if (err != NULL)
        *err = failure;
    return false;
}
