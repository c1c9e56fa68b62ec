#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scratch.h"

#define NOON_2026 1767268800 /* 2026-01-01T12:00:00Z */
#define ASIDE "state.damaged-20260101T120000Z"

/* A disk that fails: one of the calls below that change it, the one that many calls from now; -1 none. */
static int calls_left = -1;
static int failure = EIO;
static bool short_writes;
static bool no_rename_flags; /* a file system without RENAME_NOREPLACE */
static bool no_memory;

void *__real_malloc(size_t size);
ssize_t __real_write(int file, const void *data, size_t length);
int __real_fsync(int file);
int __real_fchmod(int file, mode_t mode);
int __real_renameat(int from, const char *name, int to, const char *name_to);
int __real_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags);
void *__wrap_malloc(size_t size);
ssize_t __wrap_write(int file, const void *data, size_t length);
int __wrap_fsync(int file);
int __wrap_fchmod(int file, mode_t mode);
int __wrap_renameat(int from, const char *name, int to, const char *name_to);
int __wrap_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags);

static bool disk_fails(void) {
    if (calls_left < 0 || calls_left-- > 0)
        return false;
    errno = failure;
    return true;
}

void *__wrap_malloc(size_t size) {
    return no_memory ? NULL : __real_malloc(size);
}

ssize_t __wrap_write(int file, const void *data, size_t length) {
    static unsigned count;

    if (disk_fails())
        return -1;
    if (short_writes && ++count % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_write(file, data, short_writes && length > 3 ? 3 : length);
}

int __wrap_fsync(int file) {
    return disk_fails() ? -1 : __real_fsync(file);
}

int __wrap_fchmod(int file, mode_t mode) {
    return disk_fails() ? -1 : __real_fchmod(file, mode);
}

int __wrap_renameat(int from, const char *name, int to, const char *name_to) {
    return disk_fails() ? -1 : __real_renameat(from, name, to, name_to);
}

int __wrap_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags) {
    if (no_rename_flags) {
        errno = EINVAL;
        return -1;
    }
    return disk_fails() ? -1 : __real_renameat2(from, name, to, name_to, flags);
}

static struct scratch scratch;

static int make(void **state) {
    (void)state;
    calls_left = -1;
    failure = EIO;
    short_writes = false;
    no_rename_flags = false;
    no_memory = false;
    umask(022);
    scratch_make(&scratch);
    return 0;
}

static int clear(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void assert_content(const char *name, const char *expected) {
    struct bytes bytes = {0};
    struct error err = {0};

    if (!file_read(scratch.folder, name, 1000000, &bytes, &err))
        fail_msg("%s: %s", name, err.text);
    assert_int_equal(bytes.length, strlen(expected));
    assert_string_equal((const char *)bytes.data, expected);
    bytes_free(&bytes);
    assert_null(bytes.data);
}

static void assert_absent(const char *name) {
    struct stat status;

    assert_int_equal(fstatat(scratch.folder, name, &status, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(errno, ENOENT);
}

static void assert_unreadable(const char *name, size_t most, enum error_kind kind) {
    struct bytes bytes = {.length = 77};
    struct error err = {.kind = ERROR_BUG, .text = "before"};

    assert_false(file_read(scratch.folder, name, most, &bytes, &err));
    assert_int_equal(err.kind, kind);
    assert_null(bytes.data);
    assert_int_equal(bytes.length, 77);
    assert_int_equal(err.text[0] == '\0', kind == ERROR_NONE);
}

static void reads_regular_files_only(void **state) {
    (void)state;
    scratch_put(&scratch, "ten", 0600, "0123456789", 10);
    scratch_put(&scratch, "empty", 0600, "", 0);
    assert_int_equal(symlinkat("ten", scratch.folder, "link"), 0);
    assert_int_equal(symlinkat("nothing", scratch.folder, "dangling"), 0);
    assert_int_equal(mkfifoat(scratch.folder, "pipe", 0600), 0);
    assert_int_equal(mkdirat(scratch.folder, "folder", 0700), 0);

    assert_content("ten", "0123456789");
    assert_content("empty", "");
    assert_unreadable("ten", 9, ERROR_DATA);
    assert_unreadable("ten", 0, ERROR_DATA);
    assert_unreadable("ten", SIZE_MAX, ERROR_DATA);
    assert_unreadable("missing", 10, ERROR_NONE);
    assert_unreadable("folder/missing", 10, ERROR_NONE);
    assert_unreadable("ten/missing", 10, ERROR_LOCAL);
    assert_unreadable("link", 10, ERROR_LOCAL);
    assert_unreadable("dangling", 10, ERROR_LOCAL);
    assert_unreadable("pipe", 10, ERROR_LOCAL);
    assert_unreadable("folder", 10, ERROR_LOCAL);
    no_memory = true;
    assert_unreadable("ten", 10, ERROR_LOCAL);
    no_memory = false;
    assert_false(file_read(scratch.folder, "missing", 10, &(struct bytes){0}, NULL));
}

static void reads_up_to_the_limit(void **state) {
    struct bytes bytes = {0};
    struct error err;

    (void)state;
    scratch_put(&scratch, "ten", 0600,
                "0123\0"
                "56789",
                10);
    assert_true(file_read(scratch.folder, "ten", 10, &bytes, &err));
    assert_int_equal(bytes.length, 10);
    assert_memory_equal(bytes.data,
                        "0123\0"
                        "56789",
                        11);
    bytes_free(&bytes);
    assert_true(file_read(AT_FDCWD, scratch_path(&scratch, "ten"), 11, &bytes, &err));
    assert_int_equal(bytes.length, 10);
    bytes_free(&bytes);
    bytes_free(NULL);
}

/* Files of /proc say that they hold nothing: their end is known only by reading, as with one that grows meanwhile. */
static void reads_what_is_larger_than_it_says(void **state) {
    struct bytes bytes = {0};
    struct error err;

    (void)state;
    assert_true(file_read(AT_FDCWD, "/proc/self/maps", 1000000, &bytes, &err));
    assert_true(bytes.length > 500);
    assert_int_equal(strlen((const char *)bytes.data), bytes.length);
    bytes_free(&bytes);
    for (size_t most = 0; most < 70; most++) {
        err.kind = ERROR_NONE;
        assert_false(file_read(AT_FDCWD, "/proc/self/maps", most, &bytes, &err));
        assert_int_equal(err.kind, ERROR_DATA);
    }
}

static void writes_with_the_exact_mode(void **state) {
    static const mode_t masks[] = {0, 022, 077, 0777};
    static const mode_t modes[] = {0600, 0644, 0664, 0400};
    struct error err = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            char text[16];

            umask(masks[i]);
            snprintf(text, sizeof(text), "%zu %zu", i, j);
            assert_true(file_write(scratch.folder, "state", modes[j], text, strlen(text), &err));
            umask(022);
            assert_int_equal(scratch_mode(&scratch, "state"), modes[j]);
            assert_content("state", text);
        }
    }
    assert_true(file_write(scratch.folder, "state", 0600, NULL, 0, &err));
    assert_content("state", "");
    assert_int_equal(scratch_count(&scratch), 1);
}

static void writes_all_that_is_given(void **state) {
    static char data[5000];
    struct error err = {0};

    (void)state;
    memset(data, 'x', sizeof(data) - 1);
    short_writes = true;
    assert_true(file_write(scratch.folder, "state", 0600, data, strlen(data), &err));
    short_writes = false;
    assert_content("state", data);
}

static void writes_by_path_and_never_through_a_link(void **state) {
    char longest[256];
    struct error err = {0};

    (void)state;
    scratch_put(&scratch, "target", 0600, "kept", 4);
    assert_int_equal(symlinkat("target", scratch.folder, "link"), 0);
    assert_true(file_write(scratch.folder, "link", 0600, "new", 3, &err));
    assert_content("link", "new");
    assert_content("target", "kept");

    assert_true(file_write(AT_FDCWD, scratch_path(&scratch, "path"), 0644, "by path", 7, &err));
    assert_content("path", "by path");
    memset(longest, 'n', 255);
    longest[255] = '\0';
    assert_true(file_write(scratch.folder, longest, 0600, "long", 4, &err));
    assert_content(longest, "long");

    assert_int_equal(mkdirat(scratch.folder, "folder", 0700), 0);
    assert_false(file_write(scratch.folder, "folder", 0600, "x", 1, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "cannot write folder: "));
    assert_false(file_write(scratch.folder, "missing/name", 0600, "x", 1, &err));
    assert_int_equal(scratch_count(&scratch), 5);
}

/* Each call that changes the disk fails once. Only the last, the folder's fsync, comes after the new file is there. */
static void keeps_the_old_file_when_the_disk_fails(void **state) {
    int failures = 0;

    (void)state;
    for (int calls = 0;; calls++) {
        struct error err = {0};
        bool done;

        scratch_put(&scratch, "state", 0640, "old", 3);
        failure = calls % 2 == 0 ? ENOSPC : EIO;
        calls_left = calls;
        done = file_write(scratch.folder, "state", 0600, "new!", 4, &err);
        calls_left = -1;
        assert_int_equal(scratch_count(&scratch), 1);
        if (done)
            break;
        failures++;
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_non_null(strstr(err.text, calls % 2 == 0 ? "No space left" : "Input/output error"));
        if (calls == 4) {
            assert_content("state", "new!");
            continue;
        }
        assert_content("state", "old");
        assert_int_equal(scratch_mode(&scratch, "state"), 0640);
    }
    assert_int_equal(failures, 5); /* write, fchmod, fsync, rename, fsync of the folder */
    assert_content("state", "new!");
}

/* EINVAL is how a file system says that folders have no fsync; of the file itself it is a failure. */
static void takes_folders_without_fsync(void **state) {
    struct error err = {0};

    (void)state;
    failure = EINVAL;
    calls_left = 4;
    assert_true(file_write(scratch.folder, "state", 0600, "new", 3, &err));
    calls_left = 2;
    assert_false(file_write(scratch.folder, "state", 0600, "newer", 5, &err));
    assert_content("state", "new");
}

static void renames_never_over_another(void **state) {
    struct error err = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        no_rename_flags = i == 1;
        scratch_put(&scratch, "old", 0640, "kept", 4);
        assert_true(file_rename(scratch.folder, "old", "new", &err));
        assert_absent("old");
        assert_content("new", "kept");
        assert_int_equal(scratch_mode(&scratch, "new"), 0640);
        assert_true(file_rename(scratch.folder, "old", "new", &err)); /* done already */

        scratch_put(&scratch, "old", 0600, "second", 6);
        assert_false(file_rename(scratch.folder, "old", "new", &err));
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_content("old", "second");
        assert_content("new", "kept");
        assert_true(file_remove(scratch.folder, "new", &err));
        assert_true(file_remove(scratch.folder, "old", &err));
        assert_false(file_rename(scratch.folder, "old", "new", &err));
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_non_null(strstr(err.text, "cannot rename old to new: "));
    }
}

/* The fsync of the folder fails: not done, even where the new name is there, until one succeeds. */
static void a_rename_is_done_when_it_is_durable(void **state) {
    struct error err = {0};

    (void)state;
    scratch_put(&scratch, "old", 0600, "kept", 4);
    for (int calls = 0; calls < 2; calls++) {
        calls_left = calls;
        assert_false(file_rename(scratch.folder, "old", "new", &err));
        assert_content(calls == 0 ? "old" : "new", "kept");
    }
    calls_left = 1; /* the rename meets no file, so that the fsync is the second call once more */
    assert_false(file_rename(scratch.folder, "old", "new", &err));
    calls_left = -1;
    assert_true(file_rename(scratch.folder, "old", "new", &err));
    assert_content("new", "kept");
}

static void refused_as_private(const char *part) {
    struct bytes bytes = {0};
    struct error err = {0};

    assert_false(file_read_private(scratch.folder, "key", 100, &bytes, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, part));
    assert_null(bytes.data);
}

static void reads_what_is_private(void **state) {
    struct bytes bytes = {0};
    struct error err = {0};

    (void)state;
    assert_false(file_read_private(scratch.folder, "key", 100, &bytes, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    scratch_put(&scratch, "key", 0604, "secret", 6);
    refused_as_private("0604");
    scratch_put(&scratch, "key", 0620, "secret", 6);
    refused_as_private("0620");
    scratch_put(&scratch, "key", 0400, "secret", 6);
    assert_true(file_read_private(scratch.folder, "key", 100, &bytes, &err));
    assert_string_equal((const char *)bytes.data, "secret");
    bytes_free(&bytes);
    if (geteuid() == 0) {
        assert_int_equal(fchownat(scratch.folder, "key", 12345, 0, 0), 0);
        refused_as_private("user 12345");
    }
}

static void sets_aside_never_over_another(void **state) {
    struct error err = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        no_rename_flags = i == 1;
        scratch_put(&scratch, "state", 0600, "damaged", 7);
        assert_true(file_set_aside(scratch.folder, "state", NOON_2026, &err));
        assert_absent("state");
        assert_content(ASIDE, "damaged");

        scratch_put(&scratch, "state", 0600, "second", 6);
        assert_false(file_set_aside(scratch.folder, "state", NOON_2026, &err));
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_non_null(strstr(err.text, ASIDE));
        assert_content("state", "second");
        assert_content(ASIDE, "damaged");
        assert_int_equal(scratch_count(&scratch), 2);
        assert_true(file_remove(scratch.folder, ASIDE, &err));
    }
    no_rename_flags = false;
    assert_true(file_set_aside(AT_FDCWD, scratch_path(&scratch, "state"), NOON_2026, &err));
    assert_content(ASIDE, "second");
    assert_false(file_set_aside(scratch.folder, "missing", NOON_2026, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    scratch_put(&scratch, "state", 0600, "third", 5);
    calls_left = 0;
    assert_false(file_set_aside(scratch.folder, "state", NOON_2026 + 1, &err));
    assert_content("state", "third");
    calls_left = 1;
    assert_false(file_set_aside(scratch.folder, "state", NOON_2026 + 1, &err));
}

static void removes(void **state) {
    struct error err = {0};

    (void)state;
    scratch_put(&scratch, "state", 0600, "x", 1);
    assert_true(file_remove(scratch.folder, "state", &err));
    assert_absent("state");
    assert_true(file_remove(scratch.folder, "state", &err));
    assert_true(file_remove(scratch.folder, "missing/state", &err));
    assert_int_equal(mkdirat(scratch.folder, "folder", 0700), 0);
    assert_false(file_remove(scratch.folder, "folder", &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_int_equal(scratch_mode(&scratch, "folder"), 0700);
    calls_left = 0;
    assert_false(file_remove(scratch.folder, "state", &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_regular_files_only, make, clear),
        cmocka_unit_test_setup_teardown(reads_up_to_the_limit, make, clear),
        cmocka_unit_test_setup_teardown(reads_what_is_larger_than_it_says, make, clear),
        cmocka_unit_test_setup_teardown(writes_with_the_exact_mode, make, clear),
        cmocka_unit_test_setup_teardown(writes_all_that_is_given, make, clear),
        cmocka_unit_test_setup_teardown(writes_by_path_and_never_through_a_link, make, clear),
        cmocka_unit_test_setup_teardown(keeps_the_old_file_when_the_disk_fails, make, clear),
        cmocka_unit_test_setup_teardown(takes_folders_without_fsync, make, clear),
        cmocka_unit_test_setup_teardown(renames_never_over_another, make, clear),
        cmocka_unit_test_setup_teardown(a_rename_is_done_when_it_is_durable, make, clear),
        cmocka_unit_test_setup_teardown(reads_what_is_private, make, clear),
        cmocka_unit_test_setup_teardown(sets_aside_never_over_another, make, clear),
        cmocka_unit_test_setup_teardown(removes, make, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
