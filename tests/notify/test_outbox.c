/*
 * Messages that wait: written and read back, in order, with growing pauses; damaged files and disks that refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/outbox.h"
#include "tests/scratch.h"

#define NOW ((time_t)1795226400) /* 2026-11-21T02:00:00Z */

int __real_fsync(int file);
int __wrap_fsync(int file);

static bool disk_fails;

int __wrap_fsync(int file) {
    if (!disk_fails)
        return __real_fsync(file);
    errno = EIO;
    return -1;
}

static struct outbox_item make(const char *id, time_t created) {
    struct outbox_item item = {.created = created, .next_attempt = created};

    item.id = strdup(id);
    item.subject = strdup("WARNING authcert Contoso: auth certificate ends");
    item.from = strdup("authcert@contoso.test");
    item.reason = strdup("");
    item.text = strdup("Subject: x\r\n\r\nbody\r\n");
    strings_add(&item.to, "a@contoso.test");
    strings_add(&item.to, "b@contoso.test");
    return item;
}

static void round_trip(void **unused) {
    struct outbox_item item = make("<run1.expiry.authcert@agent.contoso.test>", NOW);
    struct outbox_item back = {0};
    struct scratch scratch;
    struct error err = {0};
    struct stat status;

    (void)unused;
    scratch_make(&scratch);
    assert_true(outbox_add(scratch.folder, &item, &err));
    assert_string_equal(item.name, "20261121T020000Z-run1.expiry.authcert.json");
    assert_int_equal(stat(scratch_path(&scratch, item.name), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(outbox_pending(scratch.folder), 1);
    assert_true(outbox_load(scratch.folder, item.name, &back, &err));
    assert_string_equal(back.id, item.id);
    assert_string_equal(back.subject, item.subject);
    assert_string_equal(back.from, item.from);
    assert_string_equal(back.text, item.text);
    assert_string_equal(back.name, item.name);
    assert_int_equal(back.created, NOW);
    assert_int_equal(back.next_attempt, NOW);
    assert_int_equal(back.attempts, 0);
    assert_int_equal(back.to.count, 2);
    assert_string_equal(back.to.items[1], "b@contoso.test");
    outbox_item_free(&back);
    outbox_item_free(&item);
    scratch_remove(&scratch);
}

static void oldest_first(void **unused) {
    static const time_t created[] = {NOW + 86400, NOW - 86400, NOW};
    struct strings names = {0};
    struct scratch scratch;
    struct error err = {0};

    (void)unused;
    scratch_make(&scratch);
    for (size_t i = 0; i < 3; i++) {
        struct outbox_item item = make("<r.status.authcert@h>", created[i]);

        assert_true(outbox_add(scratch.folder, &item, &err));
        outbox_item_free(&item);
    }
    scratch_put(&scratch, ".authcert-0011223344556677.tmp", 0600, "x", 1);
    scratch_put(&scratch, "x.json.damaged-20260101T000000Z", 0600, "x", 1);
    scratch_put(&scratch, ".json", 0600, "x", 1);
    scratch_put(&scratch, "notes.txt", 0600, "x", 1);
    assert_true(outbox_list(scratch.folder, &names, &err));
    assert_int_equal(names.count, 3);
    assert_int_equal(strncmp(names.items[0], "20261120T", 9), 0);
    assert_int_equal(strncmp(names.items[2], "20261122T", 9), 0);
    assert_int_equal(outbox_pending(scratch.folder), 3);
    strings_free(&names);
    scratch_remove(&scratch);
}

static void a_full_outbox_refuses(void **unused) {
    struct outbox_item item = make("<r.status.authcert@h>", NOW);
    struct strings names = {0};
    struct scratch scratch;
    struct error err = {0};
    char name[64];

    (void)unused;
    scratch_make(&scratch);
    for (int i = 0; i <= OUTBOX_MOST; i++) {
        (void)snprintf(name, sizeof name, "%03d.json", i);
        scratch_put(&scratch, name, 0600, "{}", 2);
    }
    assert_false(outbox_add(scratch.folder, &item, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "100 messages wait"));
    assert_true(outbox_list(scratch.folder, &names, &err));
    assert_int_equal(names.count, OUTBOX_MOST);
    strings_free(&names);
    outbox_item_free(&item);
    scratch_remove(&scratch);
}

static void no_folder(void **unused) {
    struct outbox_item item = make("<r.status.authcert@h>", NOW);
    struct error err = {0};

    (void)unused;
    assert_false(outbox_add(-1, &item, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_int_equal(outbox_pending(-1), 0);
    outbox_item_free(&item);
}

static void disk_error(void **unused) {
    struct outbox_item item = make("<r.status.authcert@h>", NOW);
    struct scratch scratch;
    struct error err = {0};

    (void)unused;
    scratch_make(&scratch);
    disk_fails = true;
    assert_false(outbox_add(scratch.folder, &item, &err));
    disk_fails = false;
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "cannot be kept for later"));
    assert_null(item.name);
    assert_int_equal(scratch_count(&scratch), 0);
    /* A rewrite that fails leaves the file as it was. */
    assert_true(outbox_add(scratch.folder, &item, &err));
    outbox_postpone(&item, NOW);
    disk_fails = true;
    assert_false(outbox_save(scratch.folder, &item, &err));
    disk_fails = false;
    {
        struct outbox_item back = {0};

        assert_true(outbox_load(scratch.folder, item.name, &back, &err));
        assert_int_equal(back.attempts, 0);
        outbox_item_free(&back);
    }
    outbox_item_free(&item);
    scratch_remove(&scratch);
}

#define GOOD(to, attempts, from, created, more)                                                                        \
    "{\"schema\":1,\"id\":\"<x@y>\",\"created\":\"" created "\",\"subject\":\"s\",\"from\":\"" from "\",\"to\":" to    \
    ",\"attempts\":" attempts ",\"next_attempt\":\"2026-11-21T02:00:00Z\",\"reason\":\"\",\"text\":\"t\"" more "}"
#define ADDRESS "a@contoso.test"
#define CREATED "2026-11-21T02:00:00Z"

static void damaged_files(void **unused) {
    static const char *const damaged[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\xff",
        GOOD("[]", "0", ADDRESS, CREATED, ""),
        GOOD("[1]", "0", ADDRESS, CREATED, ""),
        GOOD("{}", "0", ADDRESS, CREATED, ""),
        GOOD("[\"a\\r\\nDATA@x\"]", "0", ADDRESS, CREATED, ""),
        GOOD("[\"a@b\"]", "-1", ADDRESS, CREATED, ""),
        GOOD("[\"a@b\"]", "\"1\"", ADDRESS, CREATED, ""),
        GOOD("[\"a@b\"]", "99999999999999999999", ADDRESS, CREATED, ""),
        GOOD("[\"a@b\"]", "0", "nobody", CREATED, ""),
        GOOD("[\"a@b\"]", "0", ADDRESS, "yesterday", ""),
        GOOD("[\"a@b\"]", "0", ADDRESS, CREATED, ",\"more\":1"),
        GOOD("[\"a@b\"]", "0", ADDRESS, CREATED, ",\"id\":\"again\""),
        GOOD("[\"a@b\"]", "0", ADDRESS, CREATED, "} x {"),
    };
    static const char good[] = GOOD("[\"a@b\"]", "0", ADDRESS, CREATED, "");
    struct outbox_item item = {0};
    struct scratch scratch;
    struct error err = {0};
    char *large;

    (void)unused;
    scratch_make(&scratch);
    scratch_put(&scratch, "g.json", 0600, good, sizeof good - 1);
    assert_true(outbox_load(scratch.folder, "g.json", &item, &err));
    outbox_item_free(&item);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%zu.json", i);
        scratch_put(&scratch, name, 0600, damaged[i], strlen(damaged[i]));
        assert_false(outbox_load(scratch.folder, name, &item, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.text, name));
    }
    /* Every cut of a good one. */
    for (size_t length = 0; length < sizeof good - 1; length++) {
        char name[32];

        (void)snprintf(name, sizeof name, "cut%zu.json", length);
        scratch_put(&scratch, name, 0600, good, length);
        assert_false(outbox_load(scratch.folder, name, &item, &err));
        assert_int_equal(err.kind, ERROR_DATA);
    }
    large = calloc(1, OUTBOX_FILE_MOST + 1);
    assert_non_null(large);
    scratch_put(&scratch, "large.json", 0600, large, OUTBOX_FILE_MOST + 1);
    free(large);
    assert_false(outbox_load(scratch.folder, "large.json", &item, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(outbox_load(scratch.folder, "gone.json", &item, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    scratch_remove(&scratch);
}

/* Whoever may write into the folder chooses what a file says, and root's terminal shows it. */
static void hostile_text_is_printable(void **unused) {
    static const char hostile[] =
        "{\"schema\":1,\"id\":\"<x\\r\\nBcc: a@b>\",\"created\":\"" CREATED "\",\"subject\":\"\\u001b]0;x\\u0007"
        "\\u202e\",\"from\":\"" ADDRESS "\",\"to\":[\"a@b\"],\"attempts\":0,\"next_attempt\":\"" CREATED
        "\",\"reason\":\"\\u009b2J\",\"text\":\"t\"}";
    struct outbox_item item = {0};
    struct scratch scratch;
    struct error err = {0};

    (void)unused;
    scratch_make(&scratch);
    scratch_put(&scratch, "h.json", 0600, hostile, sizeof hostile - 1);
    assert_true(outbox_load(scratch.folder, "h.json", &item, &err));
    assert_string_equal(item.subject, "\\x1b]0;x\\x07\\xe2\\x80\\xae");
    assert_string_equal(item.reason, "\\xc2\\x9b2J");
    assert_string_equal(item.id, "<x\\x0d\\x0aBcc: a@b>");
    outbox_item_free(&item);
    scratch_remove(&scratch);
}

static void pauses_grow(void **unused) {
    static const time_t expected[] = {0, 3600, 4 * 3600, 12 * 3600, 20 * 3600, 20 * 3600, 20 * 3600};
    struct outbox_item item = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        outbox_postpone(&item, NOW);
        assert_int_equal(item.next_attempt - NOW, expected[i]);
        assert_int_equal(item.attempts, i + 1);
        /* A nightly run never skips a night. */
        assert_true(outbox_due(&item, NOW + 86400 - 3600));
    }
    assert_false(outbox_due(&item, NOW + OUTBOX_PAUSE_MOST - 1));
    assert_true(outbox_due(&item, NOW + OUTBOX_PAUSE_MOST));
    /* A clock set back by a year holds nothing up. */
    assert_true(outbox_due(&item, NOW - 365 * 86400));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(oldest_first),
        cmocka_unit_test(a_full_outbox_refuses),
        cmocka_unit_test(no_folder),
        cmocka_unit_test(disk_error),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(hostile_text_is_printable),
        cmocka_unit_test(pauses_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
