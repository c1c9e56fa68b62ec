#include "monitor/state/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

void reader_fail(struct reader *reader, const char *format, ...) {
    char how[512];
    va_list arguments;

    if (reader->failed) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(how, sizeof(how), format, arguments);
    va_end(arguments);
    reader->failed = true;
    (void)error_set(reader->err, ERROR_DATA, "%s in the state folder is damaged: %s; the next run writes it anew",
                    reader->what, how);
}

void reader_memory(struct reader *reader) {
    if (!reader->failed) {
        reader->failed = true;
        (void)error_memory(reader->err);
    }
}

const json_t *reader_member(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    if (value == NULL) {
        reader_fail(reader, "\"%s\" is missing", key);
    }
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

    if (value == NULL || (or_null && json_is_null(value))) {
        return NULL;
    }
    if (!json_is_string(value)) {
        reader_fail(reader, "\"%s\" is not a text", key);
        return NULL;
    }
    return json_string_value(value);
}

bool reader_flag(struct reader *reader, const json_t *object, const char *key) {
    const json_t *value = reader_member(reader, object, key);

    if (value != NULL && !json_is_boolean(value)) {
        reader_fail(reader, "\"%s\" is neither true nor false", key);
    }
    return json_is_true(value);
}

time_t reader_time(struct reader *reader, const json_t *object, const char *key, bool or_null, bool *ret_set) {
    const char *text = reader_text(reader, object, key, or_null);
    time_t at = 0;

    if (text != NULL && !time_parse_rfc3339(text, &at, NULL)) {
        reader_fail(reader, "\"%s\" is not a time such as 2026-01-01T12:00:00Z", key);
        return 0;
    }
    if (ret_set != NULL) {
        *ret_set = text != NULL;
    }
    return at;
}
