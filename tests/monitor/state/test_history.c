#include "monitor/state/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "tests/monitor/scene.h"
#include "tests/scratch.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B40 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define TOO_LARGE (4 * 1024 * 1024 + 1)

/* Every field has a value of its own. */
/* One of which all is known, and one that was never asked about. */
static void add_entra(struct entra_notes *notes) {
    const struct tenant tenant = {"11111111-2222-3333-4444-555555555555", "aaaaaaaa-2222-3333-4444-555555555555"};
    const struct tenant other = {"contoso.test", ""};
    struct entra_note *note = entra_notes_have(notes, &tenant, A40);

    assert_non_null(note);
    entra_note_said(note, &(struct entra_verdict){.accepts = ANSWER_NO, .said = "not there (700027)"}, NOW - DAY);
    entra_note_said(note, &(struct entra_verdict){.said = "out of order"}, NOW);
    note->added_at = NOW - HOUR;
    note->seen_at = NOW;
    snprintf(note->key_id, sizeof(note->key_id), "bbbbbbbb-2222-3333-4444-555555555555");
    snprintf(note->refused, sizeof(note->refused), "the policy");
    note = entra_notes_have(notes, &other, A40);
    assert_non_null(note);
    entra_note_vouched(note, "joe", NOW);
    assert_ptr_equal(entra_notes_find(notes, &other, A40), note);
}

static struct history full(void) {
    static const struct author author = {.by = "anna (login uid 1000), on /dev/pts/1", .command = "authcert recover"};
    struct history history = {
        .organization_dn = strdup("CN=Auth Configuration,CN=M\xc3\xbcller \"& Co\",DC=test"),
        .last_run = NOW,
        .pair.current = A40,
        .pair.previous = B40,
        .pair.since = NOW - 40 * DAY,
        .pair.seen = NOW - DAY,
        .pair.after = NOW - 41 * DAY,
        .known.end = NOW + 20 * DAY,
        .known.thumbprint = A40,
        .act_failed = true,
        .begun.items = {{.act = ACT_STAGE,
                         .thumbprint = B40,
                         .desired = {.thumbprint = {[SLOT_CURRENT] = A40, [SLOT_NEXT] = B40}, .date = NOW + 9 * DAY},
                         .done = true},
                        {.act = ACT_WITHDRAW, .desired = {.thumbprint = {[SLOT_CURRENT] = A40}}}},
        .begun.count = 2,
        .told.status_known = true,
        .told.status = STATUS_CRITICAL,
        .told.thumbprint = B40,
        .told.threshold = 14,
        .told.expiry_at = NOW - DAY,
        .blind.since = NOW - 3 * DAY,
        .blind.told = NOW - 2 * DAY,
        .last_success = NOW - 4 * DAY,
        .told.blocked_threshold = 30,
        .told.blocked_at = NOW - 5 * DAY,
        .told.failed_at = NOW - 6 * DAY,
        .told.silence = true,
        .rehearsed = {.at = NOW - 2 * DAY, .passed_at = NOW - 33 * DAY},
        .incident = {.since = NOW - 7 * DAY,
                     .escalated = true,
                     .thread = {.id = "<1795226400-00ff.expiry.authcert@agent.test>",
                                .topic = "WARNING authcert M\xc3\xbcller: \"ends\""}}};

    strings_add(&history.told.failed, "deliver " A40 ": present on 1 of 2");
    strings_add(&history.told.failed, "replace : no key pair could be made");
    strings_add(&history.missed, "webhook");
    strings_add(&history.rehearsed.lacking, "delivery: there is no command");
    memcpy(history.refreshed.thumbprint, history.pair.current, THUMBPRINT_SIZE);
    strings_add(&history.refreshed.names, "ex1.contoso.test");
    assert_false(history.told.failed.failed || history.missed.failed);
    assert_non_null(history.organization_dn);
    assert_true(history_add(&history, NOW - 2 * DAY, "told", "critical: first", NULL));
    assert_true(history_add(&history, NOW - DAY, "seen", "ok: second", NULL));
    history.author = &author;
    assert_true(history_add(&history, NOW, "seen", "nobody did that", NULL));
    assert_true(history_add(&history, NOW, "key", "made", NULL));
    assert_null(history.events[2].by);
    assert_true(history.events[3].fresh && !history.events[0].fresh);
    assert_true(deliveries_note(&history.deliveries, A40, "ex1.contoso.test", true, NOW - HOUR, NULL));
    assert_true(deliveries_note(&history.deliveries, A40, "ex2.contoso.test", false, 0, NULL));
    add_entra(&history.entra);
    return history;
}

static void assert_same_text(const char *one, const char *other) {
    if (one == NULL || other == NULL)
        assert_ptr_equal(one, other);
    else
        assert_string_equal(one, other);
}

static void assert_same_strings(const struct strings *one, const struct strings *other) {
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++)
        assert_string_equal(one->items[i], other->items[i]);
}

static void assert_same(const struct history *one, const struct history *other) {
    assert_same_text(one->organization_dn, other->organization_dn);
    assert_int_equal(one->last_run, other->last_run);
    assert_string_equal(one->pair.current, other->pair.current);
    assert_string_equal(one->pair.previous, other->pair.previous);
    assert_int_equal(one->pair.since, other->pair.since);
    assert_int_equal(one->pair.seen, other->pair.seen);
    assert_int_equal(one->pair.after, other->pair.after);
    assert_int_equal(one->known.end, other->known.end);
    assert_string_equal(one->known.thumbprint, other->known.thumbprint);
    assert_int_equal(one->act_failed, other->act_failed);
    assert_int_equal(one->deliveries.count, other->deliveries.count);
    for (size_t i = 0; i < one->deliveries.count; i++) {
        assert_string_equal(one->deliveries.items[i].thumbprint, other->deliveries.items[i].thumbprint);
        assert_string_equal(one->deliveries.items[i].fqdn, other->deliveries.items[i].fqdn);
        assert_int_equal(one->deliveries.items[i].present, other->deliveries.items[i].present);
        assert_int_equal(one->deliveries.items[i].at, other->deliveries.items[i].at);
    }
    assert_int_equal(one->entra.count, other->entra.count);
    for (size_t i = 0; i < one->entra.count; i++)
        assert_memory_equal(&one->entra.items[i], &other->entra.items[i], sizeof(one->entra.items[i]));
    assert_int_equal(one->begun.count, other->begun.count);
    for (size_t i = 0; i < one->begun.count; i++) {
        assert_int_equal(one->begun.items[i].act, other->begun.items[i].act);
        assert_string_equal(one->begun.items[i].thumbprint, other->begun.items[i].thumbprint);
        assert_memory_equal(&one->begun.items[i].desired, &other->begun.items[i].desired,
                            sizeof(one->begun.items[i].desired));
        assert_int_equal(one->begun.items[i].done, other->begun.items[i].done);
    }
    assert_int_equal(one->told.status_known, other->told.status_known);
    assert_int_equal(one->told.status, other->told.status);
    assert_string_equal(one->told.thumbprint, other->told.thumbprint);
    assert_int_equal(one->told.threshold, other->told.threshold);
    assert_int_equal(one->told.expiry_at, other->told.expiry_at);
    assert_int_equal(one->blind.since, other->blind.since);
    assert_int_equal(one->blind.told, other->blind.told);
    assert_int_equal(one->last_success, other->last_success);
    assert_int_equal(one->told.blocked_threshold, other->told.blocked_threshold);
    assert_int_equal(one->told.blocked_at, other->told.blocked_at);
    assert_int_equal(one->told.failed_at, other->told.failed_at);
    assert_int_equal(one->told.silence, other->told.silence);
    assert_int_equal(one->silence.nights, other->silence.nights);
    assert_int_equal(one->silence.night, other->silence.night);
    assert_int_equal(one->silence.good, other->silence.good);
    assert_int_equal(one->silence.refusing, other->silence.refusing);
    assert_int_equal(one->silence.count, other->silence.count);
    for (size_t i = 0; i < one->silence.count; i++) {
        assert_string_equal(one->silence.servers[i].fqdn, other->silence.servers[i].fqdn);
        assert_int_equal(one->silence.servers[i].since, other->silence.servers[i].since);
    }
    assert_int_equal(one->incident.since, other->incident.since);
    assert_int_equal(one->incident.escalated, other->incident.escalated);
    assert_string_equal(one->incident.thread.id, other->incident.thread.id);
    assert_string_equal(one->incident.thread.topic, other->incident.thread.topic);
    assert_same_strings(&one->told.failed, &other->told.failed);
    assert_same_strings(&one->missed, &other->missed);
    assert_string_equal(one->refreshed.thumbprint, other->refreshed.thumbprint);
    assert_same_strings(&one->refreshed.names, &other->refreshed.names);
    assert_int_equal(one->rehearsed.at, other->rehearsed.at);
    assert_int_equal(one->rehearsed.passed_at, other->rehearsed.passed_at);
    assert_same_strings(&one->rehearsed.lacking, &other->rehearsed.lacking);
    assert_int_equal(one->event_count, other->event_count);
    for (size_t i = 0; i < one->event_count; i++) {
        assert_int_equal(one->events[i].at, other->events[i].at);
        assert_string_equal(one->events[i].kind, other->events[i].kind);
        assert_string_equal(one->events[i].text, other->events[i].text);
        assert_same_text(one->events[i].by, other->events[i].by);
        assert_same_text(one->events[i].command, other->events[i].command);
    }
}

static void check_round_trip(const struct history *history) {
    struct history read = {0};
    struct scratch scratch;
    struct error err = {0};
    struct stat status;

    scratch_make(&scratch);
    assert_true(history_save(scratch.folder, history, &err));
    assert_int_equal(scratch_count(&scratch), 1);
    assert_int_equal(stat(scratch_path(&scratch, HISTORY_NAME), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    if (!history_load(scratch.folder, &read, &err))
        fail_msg("%s", err.text);
    assert_same(history, &read);
    history_free(&read);
    scratch_remove(&scratch);
}

static void test_round_trip(void **state) {
    struct history history = full();

    (void)state;
    check_round_trip(&history);
    for (int status = STATUS_OK; status <= STATUS_UNKNOWN; status++) {
        history.told.status = (enum status)status;
        check_round_trip(&history);
    }
    history_free(&history);
    check_round_trip(&history);
}

static void test_missing_is_empty(void **state) {
    const struct history empty = {0};
    struct history history;
    struct scratch scratch;

    (void)state;
    scratch_make(&scratch);
    memset(&history, 0xAA, sizeof(history));
    assert_true(history_load(scratch.folder, &history, NULL));
    assert_same(&history, &empty);
    history_free(&history);
    scratch_remove(&scratch);
}

/* A damaged file is DATA, and nothing of it is handed out. */
static void check_damaged(const struct scratch *scratch, const char *what, const void *data, size_t length) {
    struct history history, untouched;
    struct error err = {0};

    memset(&history, 0xA5, sizeof(history));
    untouched = history;
    scratch_put(scratch, HISTORY_NAME, 0644, data, length);
    if (history_load(scratch->folder, &history, &err))
        fail_msg("taken for a history: %s", what);
    if (err.kind != ERROR_DATA || strstr(err.text, HISTORY_NAME) == NULL)
        fail_msg("%s: kind %d, \"%s\"", what, (int)err.kind, err.text);
    assert_memory_equal(&history, &untouched, sizeof(history));
    assert_false(history_load(scratch->folder, &history, NULL));
}

/* A history as text, in memory of the caller's. */
static char *text_of(const struct scratch *scratch) {
    struct history history = full();
    struct bytes bytes;

    assert_true(history_save(scratch->folder, &history, NULL));
    assert_true(file_read(scratch->folder, HISTORY_NAME, TOO_LARGE, &bytes, NULL));
    history_free(&history);
    return (char *)bytes.data;
}

static void test_cut_short(void **state) {
    struct scratch scratch;
    char *text;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    for (size_t length = 0; length < strlen(text); length++)
        check_damaged(&scratch, "cut short", text, length);
    free(text);
    scratch_remove(&scratch);
}

static void test_no_json_of_ours(void **state) {
    static const char *const files[] = {
        "",
        "\n",
        "null",
        "[]",
        "{}",
        "\"history\"",
        "{\"schema\": 1}",
        "<html>404</html>",
        "{\"schema\": 1, \"schema\": 1}",
        "\xff\xfe{\x00}",
    };
    struct scratch scratch;
    char *text, *deep, *longer;
    size_t length;

    (void)state;
    scratch_make(&scratch);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        check_damaged(&scratch, files[i], files[i], strlen(files[i]));
    check_damaged(&scratch, "zeros of a torn write", (char[4096]){0}, 4096);

    text = text_of(&scratch);
    length = strlen(text);
    longer = malloc(length + 2);
    assert_non_null(longer);
    memcpy(longer, text, length);
    longer[length] = '}';
    check_damaged(&scratch, "something behind the end", longer, length + 1);
    longer[length] = '\0';
    check_damaged(&scratch, "a NUL behind the end", longer, length + 1);
    free(longer);
    free(text);

    deep = malloc(TOO_LARGE);
    assert_non_null(deep);
    memset(deep, '[', TOO_LARGE);
    check_damaged(&scratch, "deep", deep, TOO_LARGE - 1);
    check_damaged(&scratch, "too large", deep, TOO_LARGE);
    free(deep);
    scratch_remove(&scratch);
}

static void check_damaged_json(const struct scratch *scratch, const char *what, json_t *root) {
    char *text = json_dumps(root, 0);

    assert_non_null(text);
    check_damaged(scratch, what, text, strlen(text));
    free(text);
}

/* Members that the first histories did not have. */
static bool is_optional(const char *key) {
    static const char *const optional[] = {
        "last_success",    "refreshed", "incident", "missed", "blocked_threshold", "blocked_at", "failed", "failed_at",
        "spreading_since", "emergency", "silence",  "entra",  "rehearsed"};

    for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (strcmp(key, optional[i]) == 0)
            return true;
    return false;
}

/* Takes each member out, and puts a value of each wrong type in its place. */
static void damage_members(const struct scratch *scratch, json_t *root, json_t *object) {
    static const char *const values[] = {"null", "true", "7", "-1", "0.5", "\"x\"", "[7]", "{\"x\": 7}"};
    json_t *copy = json_copy(object);
    json_t *member;
    const char *key;

    json_object_foreach(copy, key, member) {
        if (json_is_object(member))
            damage_members(scratch, root, member);
        assert_int_equal(json_object_del(object, key), 0);
        if (!is_optional(key))
            check_damaged_json(scratch, key, root);
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            json_t *value = json_loads(values[i], JSON_DECODE_ANY, NULL);
            bool null_is_right = json_is_null(value) && !json_is_object(member) && !json_is_array(member) &&
                                 strcmp(key, "message_id") != 0 && strcmp(key, "topic") != 0;
            /* A number may stand for a number, and any text for a DN. */
            bool any_text = strcmp(key, "organization_dn") == 0 || strcmp(key, "topic") == 0;
            bool same_type = json_typeof(value) == json_typeof(member) && any_text;
            bool right_number =
                (strstr(key, "threshold") != NULL || strcmp(key, "nights") == 0) && strcmp(values[i], "7") == 0;
            bool right_flag = json_is_boolean(value) && json_is_boolean(member);

            if (null_is_right || same_type || right_number || right_flag) {
                json_decref(value);
                continue;
            }
            assert_int_equal(json_object_set_new(object, key, value), 0);
            check_damaged_json(scratch, key, root);
        }
        assert_int_equal(json_object_set(object, key, member), 0);
    }
    json_decref(copy);
    assert_int_equal(json_object_set_new(object, "unknown", json_true()), 0);
    check_damaged_json(scratch, "an unknown member", root);
    assert_int_equal(json_object_del(object, "unknown"), 0);
}

static void test_each_member_damaged(void **state) {
    struct scratch scratch;
    json_t *root;
    char *text;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    root = json_loads(text, 0, NULL);
    assert_non_null(root);
    damage_members(&scratch, root, root);
    json_decref(root);
    free(text);
    scratch_remove(&scratch);
}

/* Values of the right type that no run writes. */
static void test_each_value_out_of_range(void **state) {
    static const struct {
        const char *good, *bad;
    } changes[] = {
        {"\"schema\": 1", "\"schema\": 2"},
        {A40, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"},
        {A40, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"2026-11-21T02:00:00Z", "2026-11-21 02:00:00"},
        {"2026-11-21T02:00:00Z", "2026-11-31T02:00:00Z"},
        {"\"critical\"", "\"grave\""},
        {"\"act\": \"stage\"", "\"act\": \"none\""},
        {"\"act\": \"stage\"", "\"act\": \"stages\""},
        {"\"critical\"", "\"\""},
        {"\"threshold\": 14", "\"threshold\": -14"},
        {"\"threshold\": 14", "\"threshold\": 99999999999999999999"},
        {"<1795226400-", "1795226400-"},
        {"<1795226400-", "<1795226400\\r\\nBcc: x"},
        {"expiry.authcert@", "expiry.authcert"},
        {"\"failed\": [", "\"failed\": [7,"},
        {"critical: first", "critical: fir\\u0000st"},
        {"critical: first", "critical: \xff first"},
        {"\"kind\": \"told\"", "\"kind\": null"},
        {"\"kind\": \"told\"", "\"kind\": \"told\", \"kind\": \"told\""},
    };
    struct scratch scratch;
    char *text;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *where = strstr(text, changes[i].good);
        struct text changed = {0};

        assert_non_null(where);
        text_add_bytes(&changed, text, (size_t)(where - text));
        text_add(&changed, changes[i].bad);
        text_add(&changed, where + strlen(changes[i].good));
        assert_false(changed.failed);
        check_damaged(&scratch, changes[i].bad, changed.value, changed.length);
        text_free(&changed);
    }
    free(text);
    scratch_remove(&scratch);
}

/* A file of the first version: nothing was told in threads, and nothing failed. */
static void test_without_what_was_added(void **state) {
    static const char *const in_told[] = {"blocked_threshold", "blocked_at", "failed", "failed_at", "silence"};
    struct history read = {0};
    struct scratch scratch;
    struct error err = {0};
    char *text, *older;
    json_t *root;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    root = json_loads(text, 0, NULL);
    assert_non_null(root);
    for (size_t i = 0; i < sizeof(in_told) / sizeof(in_told[0]); i++)
        assert_int_equal(json_object_del(json_object_get(root, "told"), in_told[i]), 0);
    assert_int_equal(json_object_del(root, "last_success") | json_object_del(root, "incident") |
                         json_object_del(root, "emergency"),
                     0);
    assert_int_equal(json_object_del(root, "missed"), 0);
    older = json_dumps(root, 0);
    scratch_put(&scratch, HISTORY_NAME, 0644, older, strlen(older));
    if (!history_load(scratch.folder, &read, &err))
        fail_msg("%s", err.text);
    assert_int_equal(read.told.threshold, 14);
    assert_int_equal(read.incident.since, 0);
    assert_int_equal(read.told.failed.count, 0);
    history_free(&read);
    json_decref(root);
    free(older);
    free(text);
    scratch_remove(&scratch);
}

/* Whatever a disk does to one byte: a history or damage, never a crash and never half of it. */
static void test_each_byte_flipped(void **state) {
    struct scratch scratch;
    char *text;
    size_t length;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        struct history history, untouched;
        struct error err = {0};

        memset(&history, 0xA5, sizeof(history));
        untouched = history;
        text[i] = (char)(text[i] ^ (1 << (i % 8)));
        scratch_put(&scratch, HISTORY_NAME, 0644, text, length);
        if (history_load(scratch.folder, &history, &err)) {
            history_free(&history);
        } else {
            assert_int_equal(err.kind, ERROR_DATA);
            assert_memory_equal(&history, &untouched, sizeof(history));
        }
        text[i] = (char)(text[i] ^ (1 << (i % 8)));
    }
    free(text);
    scratch_remove(&scratch);
}

/* What cannot be read at all is not damage: it may be as good as ever, and is not to be set aside. */
static void test_not_a_file(void **state) {
    struct history history = {0};
    struct scratch scratch;
    struct error err = {0};

    (void)state;
    scratch_make(&scratch);
    assert_int_equal(mkdir(scratch_path(&scratch, HISTORY_NAME), 0700), 0);
    assert_false(history_load(scratch.folder, &history, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    scratch_remove(&scratch);
}

static void test_set_aside(void **state) {
    struct history history = {0};
    struct scratch scratch;
    struct error err = {0};
    struct bytes bytes;

    (void)state;
    scratch_make(&scratch);
    check_damaged(&scratch, "torn", "{\"schema\": 1, ", 14);
    assert_true(file_set_aside(scratch.folder, HISTORY_NAME, NOW, &err));
    assert_true(history_load(scratch.folder, &history, &err));
    history.last_run = NOW;
    assert_true(history_save(scratch.folder, &history, &err));
    assert_true(file_read(scratch.folder, HISTORY_NAME ".damaged-20261121T020000Z", 100, &bytes, &err));
    assert_int_equal(bytes.length, 14);
    assert_memory_equal(bytes.data, "{\"schema\": 1, ", 14);
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

static void test_caps(void **state) {
    struct history history = {0}, read = {0};
    struct scratch scratch;
    char *text = malloc(5000);
    char number[32];

    (void)state;
    assert_non_null(text);
    memset(text, '\x1b', 4999);
    text[4999] = '\0';
    for (int i = 0; i < HISTORY_EVENTS_MOST + 5; i++) {
        snprintf(number, sizeof(number), "event %d", i);
        assert_true(history_add(&history, NOW + i, "seen", i % 2 == 1 ? text : number, NULL));
    }
    assert_int_equal(history.event_count, HISTORY_EVENTS_MOST);
    assert_int_equal(history.events[0].at, NOW + 5);
    assert_string_equal(history.events[HISTORY_EVENTS_MOST - 1].text, "event 1004");
    assert_true(strlen(history.events[0].text) <= 1024);
    assert_null(strchr(history.events[0].text, '\x1b'));
    /* A history as full as can be is read again. */
    scratch_make(&scratch);
    assert_true(history_save(scratch.folder, &history, NULL));
    assert_true(history_load(scratch.folder, &read, NULL));
    assert_same(&history, &read);
    history_free(&read);
    history_free(&history);
    scratch_remove(&scratch);
    free(text);
}

/* The file is ours, but what it holds is shown on a terminal. */
static void test_events_are_printable(void **state) {
    struct history history = full(), read = {0};
    struct scratch scratch;

    (void)state;
    scratch_make(&scratch);
    free(history.events[0].kind);
    free(history.events[0].text);
    history.events[0].kind = strdup("to\x1b[2Jld");
    history.events[0].text = strdup("cleared\r\nscreen\x7f");
    assert_true(history_save(scratch.folder, &history, NULL));
    assert_true(history_load(scratch.folder, &read, NULL));
    assert_string_equal(read.events[0].kind, "to\\x1b[2Jld");
    assert_string_equal(read.events[0].text, "cleared\\x0d\\x0ascreen\\x7f");
    history_free(&read);
    history_free(&history);
    scratch_remove(&scratch);
}

static void test_more_events_than_are_kept(void **state) {
    struct history read = {0};
    struct scratch scratch;
    json_t *root, *events;
    char *text;

    (void)state;
    scratch_make(&scratch);
    text = text_of(&scratch);
    root = json_loads(text, 0, NULL);
    free(text);
    events = json_object_get(root, "events");
    for (int i = 0; i < 3000; i++)
        assert_int_equal(json_array_append(events, json_array_get(events, 1)), 0);
    text = json_dumps(root, 0);
    scratch_put(&scratch, HISTORY_NAME, 0644, text, strlen(text));
    assert_true(history_load(scratch.folder, &read, NULL));
    assert_int_equal(read.event_count, HISTORY_EVENTS_MOST);
    history_free(&read);
    free(text);
    json_decref(root);
    scratch_remove(&scratch);
}

static void test_note_look(void **state) {
    struct scene scene = {.current = ENDS(20 * DAY), .previous = ENDS(DAY)};
    struct history history = {0};
    struct stage stage;
    struct facts facts;

    (void)state;
    scene_build(&scene, &stage, &facts);
    history_note_look(&history, &facts, NOW);
    history_note_look(&history, &facts, NOW + DAY);
    assert_int_equal(history.last_run, NOW + DAY);
    assert_int_equal(history.pair.since, NOW);
    assert_string_equal(history.pair.current, A40);
    assert_string_equal(history.pair.previous, B40);
    assert_int_equal(history.known.end, NOW + 20 * DAY);

    /* Blind nights leave alone what was seen, and count from the first one. */
    scene_build(&(struct scene){.unreadable = true}, &stage, &facts);
    history_note_look(&history, &facts, NOW + 2 * DAY);
    history_note_look(&history, &facts, NOW + 3 * DAY);
    assert_int_equal(history.blind.since, NOW + 2 * DAY);
    assert_int_equal(history.last_run, NOW + 3 * DAY);
    assert_int_equal(history.pair.since, NOW);
    assert_int_equal(history.known.end, NOW + 20 * DAY);

    /* Another pair counts anew, be it only that previous was cleared; unknown bytes leave the known end alone. */
    scene.previous.set = false;
    scene.current.known = IS_UNKNOWN;
    scene_build(&scene, &stage, &facts);
    history_note_look(&history, &facts, NOW + 4 * DAY);
    assert_int_equal(history.pair.since, NOW + 4 * DAY);
    assert_string_equal(history.pair.previous, "");
    assert_int_equal(history.known.end, NOW + 20 * DAY);
    assert_string_equal(history.known.thumbprint, A40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_missing_is_empty),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_no_json_of_ours),
        cmocka_unit_test(test_each_member_damaged),
        cmocka_unit_test(test_each_value_out_of_range),
        cmocka_unit_test(test_without_what_was_added),
        cmocka_unit_test(test_each_byte_flipped),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_set_aside),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_events_are_printable),
        cmocka_unit_test(test_more_events_than_are_kept),
        cmocka_unit_test(test_note_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
