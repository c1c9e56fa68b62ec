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
#include "base/file.h"
#include "base/text.h"
#include "core/report.h"

struct reader {
    const char *what; /* the file, for the error */
    const char *then; /* what comes of the damage, behind the error; may be "" */
    bool failed;
    struct error *err; /* holds the first failure */
};

/* The file is damaged: a DATA error that says how. */
void reader_fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory. */
void reader_memory(struct reader *reader);

/* The JSON of a file, whose bytes are freed; NULL when it is none. The caller's, with json_decref. */
json_t *reader_parse(struct reader *reader, struct bytes *bytes);

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

/* The same, or 0, where earlier versions of the program did not write the member. */
time_t reader_time_added(struct reader *reader, const json_t *object, const char *key);

/* A whole number from 0 to INT_MAX. */
int reader_number(struct reader *reader, const json_t *object, const char *key);

/* One of the words that `spell` gives for 0 to `last`; returns which. */
typedef const char *reader_spell(int value);
int reader_word(struct reader *reader, const json_t *object, const char *key, reader_spell *spell, int last);

/* A list of texts. */
void reader_strings(struct reader *reader, const json_t *object, const char *key, size_t most, struct strings *strings);

/* What a message hangs below: the members "message_id" and "topic", both perhaps "". */
void reader_thread(struct reader *reader, const json_t *object, struct thread *thread);

/* The object has no other members than these; NULL is the end of the list. */
void reader_no_others(struct reader *reader, const json_t *object, const char *const *keys);

#endif
