/*
 * Strict reading of a JSON file of our own: each member is asked for by name and type, and the first that is not as it
 * was written fails the whole file. After a failure the functions still return something harmless, so a caller checks
 * once, at the end. What they return is borrowed from the JSON.
 */
#ifndef MONITOR_STATE_READER_H
#define MONITOR_STATE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <jansson.h>

#include "base/error.h"

struct reader {
    const char *what; /* the file's name, for the error */
    bool failed;
    struct error *err; /* holds the first failure */
};

/* The file is damaged: a DATA error that says how. */
void reader_fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory. */
void reader_memory(struct reader *reader);

/* A member that must be there, of any type (null too); NULL when it is not. `object` may be NULL, here and below: that
 * is a missing member. */
const json_t *reader_member(struct reader *reader, const json_t *object, const char *key);
const json_t *reader_object(struct reader *reader, const json_t *object, const char *key);

/* A list of at most `most` items. */
const json_t *reader_array(struct reader *reader, const json_t *object, const char *key, size_t most);

/* NULL also where null is allowed and stands there. */
const char *reader_text(struct reader *reader, const json_t *object, const char *key, bool or_null);

bool reader_flag(struct reader *reader, const json_t *object, const char *key);

/* RFC 3339; 0 where null is allowed and stands there. `ret_set` (NULL allowed) tells whether there is a time. */
time_t reader_time(struct reader *reader, const json_t *object, const char *key, bool or_null, bool *ret_set);

#endif
