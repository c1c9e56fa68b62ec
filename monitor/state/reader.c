#include "monitor/state/reader.h"

#include <stdarg.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

void reader_fail(struct reader *reader, const char *format, ...) {
    char how[512];
    va_list arguments;

    if (reader->failed)
        return;
    va_start(arguments, format);
    vsnprintf(how, sizeof(how), format, arguments);
    va_end(arguments);
    reader->failed = true;
    (void)error_set(reader->err, ERROR_DATA, "%s is damaged: %s%s", reader->what, how, reader->then);
}

void reader_memory(struct reader *reader) {
    if (!reader->failed) {
        reader->failed = true;
        (void)error_memory(reader->err);
    }
}

json_t *reader_parse(struct reader *reader, struct bytes *bytes) {
    json_error_t where;
    json_t *root = json_loadb((const char *)bytes->data, bytes->length, JSON_REJECT_DUPLICATES, &where);

    bytes_free(bytes);
    if (root == NULL && json_error_code(&where) == json_error_out_of_memory) {
        /* The file may be as good as ever. */
        reader_memory(reader);
    } else if (root == NULL) {
        /* The library's own text may quote the file. */
        reader_fail(reader, "it is no JSON, line %d", where.line);
    }
    return root;
}

const json_t *reader_member(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    if (value == NULL)
        reader_fail(reader, "\"%s\" is missing", key);
    return value;
}

const json_t *reader_object(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = reader_member(reader, object, key);

    if (value != NULL && !json_is_object(value)) {
        reader_fail(reader, "\"%s\" is not an object", key);
        return NULL;
    }
    return value;
}

const json_t *reader_array(struct reader *reader, const json_t *object, const char *key, size_t most) {
    const json_t *value = reader_member(reader, object, key);

    if (value != NULL && (!json_is_array(value) || json_array_size(value) > most)) {
        reader_fail(reader, "\"%s\" is not a list of at most %zu", key, most);
        return NULL;
    }
    return value;
}

const char *reader_text(struct reader *reader, const json_t *object, const char *key, bool or_null) {
    const json_t *value = reader_member(reader, object, key);

    if (value == NULL || (or_null && json_is_null(value)))
        return NULL;
    if (!json_is_string(value)) {
        reader_fail(reader, "\"%s\" is not a text", key);
        return NULL;
    }
    return json_string_value(value);
}

bool reader_flag(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = reader_member(reader, object, key);

    if (value != NULL && !json_is_boolean(value))
        reader_fail(reader, "\"%s\" is neither true nor false", key);
    return json_is_true(value);
}

time_t reader_time(struct reader *reader, const json_t *object, const char *key, bool or_null, bool *ret_set) {
    const char *text = reader_text(reader, object, key, or_null);
    time_t at = 0;

    if (text != NULL && !time_parse_rfc3339(text, &at, NULL)) {
        reader_fail(reader, "\"%s\" is not a time such as 2026-01-01T12:00:00Z", key);
        return 0;
    }
    if (ret_set != NULL)
        *ret_set = text != NULL;
    return at;
}

time_t reader_time_added(struct reader *reader, const json_t *object, const char *key) {
    return json_object_get(object, key) != NULL ? reader_time(reader, object, key, true, NULL) : 0;
}

int reader_number(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = reader_member(reader, object, key);
    json_int_t number = json_integer_value(value);

    if (value != NULL && (!json_is_integer(value) || number < 0 || number > INT_MAX)) {
        reader_fail(reader, "\"%s\" is not a whole number from 0 on", key);
        return 0;
    }
    return (int)number;
}

int reader_word(struct reader *reader, const json_t *object, const char *key, reader_spell *spell, int last) {
    const char *text = reader_text(reader, object, key, false);

    for (int value = 0; text != NULL && value <= last; value++)
        if (strcmp(text, spell(value)) == 0)
            return value;
    reader_fail(reader, "\"%s\" is none of the words that it can be", key);
    return 0;
}

void reader_strings(struct reader *reader, const json_t *object, const char *key, size_t most,
                    struct strings *strings) {
    const json_t *list = reader_array(reader, object, key, most);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text == NULL)
            reader_fail(reader, "\"%s\" holds more than texts", key);
        else
            strings_add(strings, "%s", text);
    }
    if (strings->failed)
        reader_memory(reader);
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

void reader_thread(struct reader *reader, const json_t *object, struct thread *thread) {
    const char *id = reader_text(reader, object, "message_id", false);
    const char *topic = reader_text(reader, object, "topic", false);

    if (id != NULL && id[0] != '\0' && !is_message_id(id))
        reader_fail(reader, "\"message_id\" is none");
    if (reader->failed)
        return;
    (void)text_printable(thread->id, sizeof(thread->id), id, strlen(id));
    (void)text_printable(thread->topic, sizeof(thread->topic), topic, strlen(topic));
}

void reader_no_others(struct reader *reader, const json_t *object, const char *const *keys) {
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value) {
        const char *const *known = keys;

        while (*known != NULL && strcmp(*known, key) != 0)
            known++;
        if (*known == NULL)
            reader_fail(reader, "it has a member that is not known");
    }
}
