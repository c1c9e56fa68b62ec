#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scratch.h"

static bool no_memory;
static bool slow_reads;     /* one byte a call, interrupted before each */
static const char *watched; /* memory that must be wiped when it is freed */
static size_t watched_length;
static bool watched_freed;
static bool breaking_reads; /* what was asked for comes, and then the disk fails */

void *__real_malloc(size_t size);
void __real_free(void *memory);
ssize_t __real_read(int file, void *data, size_t length);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);
ssize_t __wrap_read(int file, void *data, size_t length);

void *__wrap_malloc(size_t size) {
    return no_memory ? NULL : __real_malloc(size);
}

void __wrap_free(void *memory) {
    if (memory && memory == watched) {
        watched_freed = true;
        for (size_t i = 0; i < watched_length; i++)
            assert_int_equal(watched[i], 0);
    }
    __real_free(memory);
}

ssize_t __wrap_read(int file, void *data, size_t length) {
    static unsigned count;

    if (breaking_reads && watched) {
        errno = EIO;
        return -1;
    }
    if (breaking_reads) {
        ssize_t got = __real_read(file, data, 7);

        watched = data;
        watched_length = 7;
        return got;
    }
    if (!slow_reads)
        return __real_read(file, data, length);
    if (++count % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_read(file, data, length > 0 ? 1 : 0);
}

static struct scratch scratch;

static int make(void **state) {
    (void)state;
    no_memory = false;
    slow_reads = false;
    scratch_make(&scratch);
    return 0;
}

static int clear(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void assert_reads(const char *name, const char *expected) {
    struct secret secret = {0};
    struct error err = {0};

    if (!secret_read_file(scratch_path(&scratch, name), &secret, &err))
        fail_msg("%s", err.text);
    assert_int_equal(secret.length, strlen(expected));
    assert_string_equal(secret.value, expected);
    secret_free(&secret);
}

static void assert_refused(const char *name, enum error_kind kind, const char *text) {
    struct secret secret = {.length = 77};
    struct error err = {0};

    assert_false(secret_read_file(scratch_path(&scratch, name), &secret, &err));
    assert_null(secret.value);
    assert_int_equal(secret.length, 77);
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, text) || !strstr(err.text, scratch_path(&scratch, name)))
        fail_msg("%s", err.text);
    assert_null(strstr(err.text, "hunter2"));
}

static void put(const char *name, const char *content) {
    scratch_put(&scratch, name, 0600, content, strlen(content));
}

static void drops_one_newline(void **state) {
    (void)state;
    put("plain", "hunter2");
    assert_reads("plain", "hunter2");
    put("lf", "hunter2\n");
    assert_reads("lf", "hunter2");
    put("crlf", "hunter2\r\n");
    assert_reads("crlf", "hunter2");
    put("two", "hunter2\n\n");
    assert_reads("two", "hunter2\n");
    put("cr", "hunter2\r");
    assert_reads("cr", "hunter2\r");
    put("blank", " hunter 2\t\n");
    assert_reads("blank", " hunter 2\t");
    put("bytes", "\xff\x01\n");
    assert_reads("bytes", "\xff\x01");
    slow_reads = true;
    assert_reads("crlf", "hunter2");
}

static void refuses_files_without_a_secret(void **state) {
    char most[SECRET_MOST + 3];

    (void)state;
    put("empty", "");
    assert_refused("empty", ERROR_CONFIG, "is empty");
    put("lf", "\n");
    assert_refused("lf", ERROR_CONFIG, "is empty");
    put("crlf", "\r\n");
    assert_refused("crlf", ERROR_CONFIG, "is empty");
    scratch_put(&scratch, "nul", 0600, "hunter2\0x", 9);
    assert_refused("nul", ERROR_CONFIG, "NUL byte");
    scratch_put(&scratch, "nul-last", 0600, "hunter2\0", 8);
    assert_refused("nul-last", ERROR_CONFIG, "NUL byte");
    memset(most, 'x', sizeof(most));
    most[SECRET_MOST] = '\0';
    put("most", most);
    assert_reads("most", most);
    most[SECRET_MOST] = 'x';
    most[SECRET_MOST + 1] = '\0';
    put("more", most);
    assert_refused("more", ERROR_CONFIG, "more than 4096 bytes");
}

static void refuses_files_that_others_can_get_at(void **state) {
    static const mode_t wrong[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0666, 0777};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        scratch_put(&scratch, "open", wrong[i], "hunter2", 7);
        assert_refused("open", ERROR_CONFIG, "make it 0600");
    }
    scratch_put(&scratch, "open", 0400, "hunter2", 7);
    assert_reads("open", "hunter2");
    if (geteuid() != 0)
        return;
    assert_int_equal(fchownat(scratch.folder, "open", 12345, 0, AT_SYMLINK_NOFOLLOW), 0);
    assert_refused("open", ERROR_CONFIG, "belongs to user 12345");
}

static void refuses_what_is_no_file(void **state) {
    (void)state;
    put("file", "hunter2");
    assert_int_equal(symlinkat("file", scratch.folder, "link"), 0);
    assert_int_equal(mkfifoat(scratch.folder, "pipe", 0600), 0);
    assert_int_equal(mkdirat(scratch.folder, "folder", 0700), 0);
    assert_refused("missing", ERROR_CONFIG, "no such file");
    assert_refused("link", ERROR_CONFIG, "symbolic link");
    assert_refused("pipe", ERROR_CONFIG, "not a regular file");
    assert_refused("folder", ERROR_CONFIG, "not a regular file");
    assert_refused("file/below", ERROR_LOCAL, "Not a directory");
    no_memory = true;
    assert_false(secret_read_file(scratch_path(&scratch, "file"), &(struct secret){0}, NULL));
}

static void copies_and_wipes(void **state) {
    struct secret secret = {0};
    struct error err = {0};

    (void)state;
    assert_true(secret_copy("hunter2\0x", 9, &secret, &err));
    assert_int_equal(secret.length, 9);
    assert_memory_equal(secret.value, "hunter2\0x", 10);
    watched = secret.value;
    watched_length = 9;
    watched_freed = false;
    secret_free(&secret);
    watched = NULL;
    assert_true(watched_freed);
    assert_null(secret.value);
    assert_int_equal(secret.length, 0);
    secret_free(&secret);
    secret_free(NULL);

    assert_true(secret_copy(NULL, 0, &secret, &err));
    assert_string_equal(secret.value, "");
    secret_free(&secret);

    no_memory = true;
    assert_false(secret_copy("hunter2", 7, &secret, &err));
    no_memory = false;
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_null(secret.value);
    assert_false(secret_copy("hunter2", SIZE_MAX, &secret, &err));
}

/* Where a file breaks off nobody has taken over what came of it so far. */
static void wipes_what_was_read_before_a_failure(void **state) {
    struct secret secret = {0};
    struct error err = {0};

    (void)state;
    put("file", "hunter2, and more of it");
    breaking_reads = true;
    watched_freed = false;
    assert_false(secret_read_file(scratch_path(&scratch, "file"), &secret, &err));
    breaking_reads = false;
    watched = NULL;
    assert_true(watched_freed);
    assert_non_null(strstr(err.text, "Input/output error"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(drops_one_newline, make, clear),
        cmocka_unit_test_setup_teardown(refuses_files_without_a_secret, make, clear),
        cmocka_unit_test_setup_teardown(refuses_files_that_others_can_get_at, make, clear),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_file, make, clear),
        cmocka_unit_test_setup_teardown(copies_and_wipes, make, clear),
        cmocka_unit_test_setup_teardown(wipes_what_was_read_before_a_failure, make, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
