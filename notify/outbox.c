#include "notify/outbox.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "base/time.h"

#define SCHEMA 1
#define SUFFIX ".json"
#define ENTRIES_MOST 100000 /* of the folder that are looked at */
#define RECIPIENTS_MOST 1000
#define GIVEN_UP_NAME "given-up" /* a number in digits */
#define GIVEN_UP_SIZE 32
#define ATTEMPTS_MOST 1000000
#define VALUE_MOST 1024 /* bytes that are shown of a subject, an id or a reason */

/* Is it the name of a message? Temporary files begin with a dot, damaged ones end otherwise. */
static bool is_item_name(const char *name) {
    size_t length = strlen(name);

    return name[0] != '.' && length > sizeof SUFFIX - 1 && strcmp(name + length - (sizeof SUFFIX - 1), SUFFIX) == 0;
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The names of all messages in the folder. */
static bool read_names(int folder, struct strings *ret_names, struct error *err) {
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct strings names = {0};
    struct dirent *entry;
    DIR *stream = NULL;
    size_t seen = 0;
    bool ok = false;

    if (own >= 0)
        stream = fdopendir(own);
    if (!stream) {
        error_errno(err, errno, "cannot list the outbox");
        if (own >= 0)
            (void)close(own);
        return false;
    }
    while (errno = 0, (entry = readdir(stream)) != NULL) {
        if (++seen > ENTRIES_MOST) {
            error_set(err, ERROR_LOCAL,
                      "cannot use the outbox: it holds more than %d files; remove what is not "
                      "authcert's",
                      ENTRIES_MOST);
            goto out;
        }
        if (is_item_name(entry->d_name))
            strings_add(&names, "%s", entry->d_name);
    }
    if (errno != 0) {
        error_errno(err, errno, "cannot list the outbox");
        goto out;
    }
    if (names.failed) {
        error_memory(err);
        goto out;
    }
    *ret_names = names;
    names = (struct strings){0};
    ok = true;
out:
    (void)closedir(stream);
    strings_free(&names);
    return ok;
}

bool outbox_list(int folder, struct strings *ret_names, struct error *err) {
    struct strings names = {0};

    if (!read_names(folder, &names, err))
        return false;
    if (names.count > 1)
        qsort(names.items, names.count, sizeof *names.items, compare_names);
    while (names.count > OUTBOX_MOST)
        free(names.items[--names.count]);
    *ret_names = names;
    return true;
}

size_t outbox_pending(int folder) {
    struct strings names = {0};
    size_t count;

    if (folder < 0 || !read_names(folder, &names, NULL))
        return 0;
    count = names.count;
    strings_free(&names);
    return count;
}

/* "20261121T020000Z-" and what a file name may hold of the Message-ID's local part. */
static char *make_name(const struct outbox_item *item) {
    char stamp[TIME_TEXT_SIZE];
    struct text name = {0};

    (void)time_format_rfc3339(stamp, item->created);
    for (const char *p = stamp; *p; p++)
        if (isalnum((unsigned char)*p))
            text_add_bytes(&name, p, 1);
    text_add(&name, "-");
    for (const char *p = item->id; *p && *p != '@' && name.length < 200; p++)
        if (isalnum((unsigned char)*p) || strchr("-_.", *p))
            text_add_bytes(&name, p, 1);
    text_add(&name, SUFFIX);
    return text_take(&name);
}

/* NULL when out of memory. */
static json_t *list_json(const struct strings *list) {
    json_t *array = json_array();

    for (size_t i = 0; array && i < list->count; i++) {
        if (json_array_append_new(array, json_string(list->items[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

bool outbox_save(int folder, const struct outbox_item *item, struct error *err) {
    char created[TIME_TEXT_SIZE];
    char next[TIME_TEXT_SIZE];
    json_t *root = NULL;
    char *dump = NULL;
    bool ok = false;

    root = json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:o*, s:s*, s:b, s:i, s:s, s:s, s:s}", "schema", SCHEMA, "id",
                     item->id, "created", time_format_rfc3339(created, item->created), "subject", item->subject, "from",
                     item->from, "to", list_json(&item->to), "unclear",
                     item->unclear.count > 0 ? list_json(&item->unclear) : NULL, "unclear_by", item->unclear_by,
                     "served", item->served, "attempts", item->attempts, "next_attempt",
                     time_format_rfc3339(next, item->next_attempt), "reason", item->reason, "text", item->text);
    if (root)
        dump = json_dumps(root, JSON_INDENT(2));
    if (!dump) {
        error_set(err, ERROR_LOCAL, "cannot keep the message for later: out of memory, or text that is no UTF-8");
        goto out;
    }
    ok = file_write(folder, item->name, 0600, dump, strlen(dump), err);
    if (!ok)
        error_context(err, "the message cannot be kept for later");
out:
    free(dump);
    json_decref(root);
    return ok;
}

bool outbox_add(int folder, struct outbox_item *item, struct error *err) {
    if (folder < 0)
        return error_set(err, ERROR_LOCAL, "the message cannot be kept for later: there is no outbox folder");
    if (outbox_pending(folder) >= OUTBOX_MOST)
        return error_set(err, ERROR_LOCAL,
                         "the message cannot be kept for later: %d messages wait in the outbox "
                         "already; repair the relay, or remove some",
                         OUTBOX_MOST);
    item->name = make_name(item);
    if (!item->name)
        return error_memory(err);
    if (outbox_save(folder, item, err))
        return true;
    free(item->name);
    item->name = NULL;
    return false;
}

/* What a file says may have been written by anyone who can write there: nothing of it reaches a terminal or a header
 * raw. */
static bool copy(char **target, const char *value, bool required) {
    if (required && value[0] == '\0')
        return false;
    *target = text_printable_copy(value, strlen(value), VALUE_MOST);
    return *target != NULL;
}

static bool copy_recipients(const json_t *array, struct strings *list) {
    if (!json_is_array(array) || json_array_size(array) > RECIPIENTS_MOST)
        return false;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *address = json_string_value(json_array_get(array, i));

        if (!address || !text_is_mail_address(address))
            return false;
        strings_add(list, "%s", address);
    }
    return !list->failed;
}

static bool fill(json_t *root, struct outbox_item *item) {
    const char *id, *created, *subject, *from, *next, *reason, *text, *unclear_by = NULL;
    json_t *to, *unclear = NULL;
    int schema, served = 0;

    if (json_unpack_ex(root, NULL, JSON_STRICT, "{s:i, s:s, s:s, s:s, s:s, s:o, s?:o, s?:s, s?:b, s:i, s:s, s:s, s:s}",
                       "schema", &schema, "id", &id, "created", &created, "subject", &subject, "from", &from, "to", &to,
                       "unclear", &unclear, "unclear_by", &unclear_by, "served", &served, "attempts", &item->attempts,
                       "next_attempt", &next, "reason", &reason, "text", &text) != 0)
        return false;
    item->served = served != 0;
    return schema == SCHEMA && item->attempts >= 0 && item->attempts < ATTEMPTS_MOST && text_is_mail_address(from) &&
           strlen(text) <= OUTBOX_TEXT_MOST && time_parse_rfc3339(created, &item->created, NULL) &&
           time_parse_rfc3339(next, &item->next_attempt, NULL) && copy(&item->id, id, true) &&
           copy(&item->subject, subject, false) && copy(&item->from, from, true) &&
           copy(&item->reason, reason, false) && (item->text = strdup(text)) && text[0] != '\0' &&
           copy_recipients(to, &item->to) && (!unclear || copy_recipients(unclear, &item->unclear)) &&
           (!unclear_by || copy(&item->unclear_by, unclear_by, true)) && item->to.count + item->unclear.count > 0;
}

bool outbox_load(int folder, const char *name, struct outbox_item *ret_item, struct error *err) {
    struct outbox_item item = {0};
    struct bytes bytes = {0};
    json_error_t why;
    json_t *root = NULL;
    bool ok = false;

    if (!file_read(folder, name, OUTBOX_FILE_MOST, &bytes, err))
        return false;
    root = json_loadb((const char *)bytes.data, bytes.length, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        error_set(err, ERROR_DATA, "the waiting message %s is damaged: %s", name, why.text);
        goto out;
    }
    item.name = strdup(name);
    if (!item.name) {
        error_memory(err);
        goto out;
    }
    if (!fill(root, &item)) {
        error_set(err, ERROR_DATA, "the waiting message %s is damaged: not what authcert wrote", name);
        goto out;
    }
    *ret_item = item;
    item = (struct outbox_item){0};
    ok = true;
out:
    json_decref(root);
    bytes_free(&bytes);
    outbox_item_free(&item);
    return ok;
}

bool outbox_heard(int folder, time_t created, struct error *err) {
    struct strings names = {0};
    bool ok = outbox_list(folder, &names, err);

    for (size_t i = 0; i < names.count && ok; i++) {
        struct outbox_item item = {0};

        /* What is damaged is told by whoever tries to send it. */
        if (outbox_load(folder, names.items[i], &item, NULL) && item.created == created && !item.served) {
            item.served = true;
            ok = outbox_save(folder, &item, err);
        }
        outbox_item_free(&item);
    }
    strings_free(&names);
    return ok;
}

size_t outbox_given_up(int folder) {
    struct bytes bytes = {0};
    struct error err = {0};
    size_t count = 0;

    if (folder < 0 || !file_read(folder, GIVEN_UP_NAME, GIVEN_UP_SIZE, &bytes, &err))
        return 0;
    for (size_t i = 0; i < bytes.length && isdigit(bytes.data[i]) && count < SIZE_MAX / 100; i++)
        count = 10 * count + (size_t)(bytes.data[i] - '0');
    bytes_free(&bytes);
    return count;
}

bool outbox_give_up(int folder, const struct outbox_item *item, struct error *err) {
    char text[GIVEN_UP_SIZE];
    int length = snprintf(text, sizeof text, "%zu\n", outbox_given_up(folder) + 1);

    if (!file_remove(folder, item->name, err))
        return false;
    return file_write(folder, GIVEN_UP_NAME, 0600, text, (size_t)length, err);
}

void outbox_postpone(struct outbox_item *item, time_t now) {
    static const time_t pauses[] = {0, 3600, 4 * 3600, 12 * 3600, OUTBOX_PAUSE_MOST};
    const int last = (int)(sizeof pauses / sizeof pauses[0]) - 1;

    time_t pause = pauses[item->attempts < last ? item->attempts : last];

    if (item->pause > pause)
        pause = item->pause < OUTBOX_PAUSE_MOST ? item->pause : OUTBOX_PAUSE_MOST;
    item->next_attempt = now + pause;
    item->attempts++;
}

bool outbox_due(const struct outbox_item *item, time_t now) {
    return item->next_attempt <= now || item->next_attempt - now > OUTBOX_PAUSE_MOST;
}

void outbox_item_free(struct outbox_item *item) {
    free(item->name);
    free(item->id);
    free(item->subject);
    free(item->from);
    strings_free(&item->to);
    strings_free(&item->unclear);
    free(item->unclear_by);
    free(item->reason);
    free(item->text);
    *item = (struct outbox_item){0};
}
