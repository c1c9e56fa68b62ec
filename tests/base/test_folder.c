#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scratch.h"

static int syncs;           /* how often fsync was called */
static int calls_left = -1; /* fchmod or fsync fails that many calls from now; -1 never */

int __real_fsync(int file);
int __real_fchmod(int file, mode_t mode);
int __wrap_fsync(int file);
int __wrap_fchmod(int file, mode_t mode);

static bool disk_fails(void) {
    if (calls_left < 0 || calls_left-- > 0)
        return false;
    errno = EIO;
    return true;
}

int __wrap_fsync(int file) {
    syncs++;
    return disk_fails() ? -1 : __real_fsync(file);
}

int __wrap_fchmod(int file, mode_t mode) {
    return disk_fails() ? -1 : __real_fchmod(file, mode);
}

static struct scratch scratch;

static int make(void **state) {
    (void)state;
    calls_left = -1;
    umask(022);
    scratch_make(&scratch);
    return 0;
}

static int clear(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void assert_refused(const char *name, bool create, bool only_read, enum error_kind kind, const char *text) {
    struct error err = {.kind = ERROR_BUG, .text = "before"};
    int folder = -77;

    assert_false(folder_open(scratch.folder, name, create, 0700, only_read, &folder, &err));
    assert_int_equal(folder, -77);
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, text))
        fail_msg("%s: %s", name, err.text);
    if (kind == ERROR_NONE)
        assert_string_equal(err.text, "");
}

/* It opens, and is the folder of that name below the scratch folder. */
static void assert_opens(const char *name, bool create, mode_t mode, bool only_read, const char *same) {
    struct error err = {0};
    struct stat opened;
    struct stat expected;
    int folder = -1;

    if (!folder_open(scratch.folder, name, create, mode, only_read, &folder, &err))
        fail_msg("%s: %s", name, err.text);
    assert_int_equal(fstat(folder, &opened), 0);
    assert_int_equal(fstatat(scratch.folder, same, &expected, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(opened.st_ino == expected.st_ino && opened.st_dev == expected.st_dev);
    assert_int_equal(fcntl(folder, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(folder);
}

static void opens_what_is_there(void **state) {
    int folder = -1;
    struct error err = {0};

    (void)state;
    assert_int_equal(mkdirat(scratch.folder, "here", 0755), 0);
    assert_opens("here", false, 0, false, "here");
    assert_opens("here//", false, 0, false, "here");
    assert_opens("here/.", false, 0, false, "here");
    assert_opens(".", false, 0, false, ".");
    assert_true(folder_open(AT_FDCWD, scratch_path(&scratch, "here"), false, 0, false, &folder, &err));
    close(folder);
    assert_true(folder_open(AT_FDCWD, "/", false, 0, true, &folder, &err));
    close(folder);
    /* What is there keeps its mode. */
    assert_opens("here", true, 0700, false, "here");
    assert_int_equal(scratch_mode(&scratch, "here"), 0755);
    assert_refused("missing", false, false, ERROR_NONE, "");
    assert_refused("missing/below", false, false, ERROR_NONE, "");
    assert_refused("", false, false, ERROR_LOCAL, "cannot open the folder");
    assert_refused("", true, false, ERROR_LOCAL, "cannot open the folder");
}

static void follows_no_link_in_the_last_part(void **state) {
    (void)state;
    assert_int_equal(mkdirat(scratch.folder, "here", 0700), 0);
    assert_int_equal(symlinkat("here", scratch.folder, "link"), 0);
    assert_int_equal(symlinkat("missing", scratch.folder, "dangling"), 0);
    scratch_put(&scratch, "file", 0600, "", 0);
    assert_refused("link", false, false, ERROR_LOCAL, "symbolic link");
    assert_refused("link", true, false, ERROR_LOCAL, "symbolic link");
    assert_refused("link", false, true, ERROR_LOCAL, "symbolic link");
    assert_refused("link/", false, true, ERROR_LOCAL, "symbolic link");
    assert_refused("link/.", false, true, ERROR_LOCAL, "symbolic link");
    assert_refused("link/.//./", false, true, ERROR_LOCAL, "symbolic link");
    assert_refused("dangling", true, false, ERROR_LOCAL, "symbolic link");
    assert_refused("file", true, false, ERROR_LOCAL, "no folder");
    assert_refused("file/below", true, false, ERROR_LOCAL, "file/below");
    assert_opens("link/below", true, 0700, false, "here/below");
}

static void refuses_folders_that_others_can_change(void **state) {
    static const mode_t wrong[] = {0720, 0702, 0777, 01777, 0770};

    (void)state;
    assert_int_equal(mkdirat(scratch.folder, "here", 0700), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(fchmodat(scratch.folder, "here", wrong[i], 0), 0);
        assert_refused("here", false, false, ERROR_LOCAL, "cannot trust the folder here: its mode is");
        assert_refused("here", true, false, ERROR_LOCAL, "its mode is");
        assert_opens("here", false, 0, true, "here");
    }
    assert_int_equal(fchmodat(scratch.folder, "here", 0755, 0), 0);
    assert_opens("here", false, 0, false, "here");
}

static void refuses_folders_of_others(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdirat(scratch.folder, "here", 0700), 0);
    assert_int_equal(fchownat(scratch.folder, "here", 12345, 0, AT_SYMLINK_NOFOLLOW), 0);
    assert_refused("here", false, false, ERROR_LOCAL, "it belongs to user 12345");
    assert_opens("here", false, 0, true, "here");
    /* Its owner, and root's folders for another user. */
    assert_int_equal(fchmodat(scratch.folder, ".", 0755, 0), 0);
    assert_int_equal(mkdirat(scratch.folder, "roots", 0755), 0);
    assert_int_equal(seteuid(12345), 0);
    assert_opens("here", false, 0, false, "here");
    assert_opens("roots", false, 0, false, "roots");
    assert_int_equal(seteuid(0), 0);
}

static void makes_folders_with_the_exact_mode(void **state) {
    static const mode_t masks[] = {0, 022, 077, 0777};

    (void)state;
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        char name[] = "0//up/./at/last";

        name[0] = (char)('0' + i);
        umask(masks[i]);
        syncs = 0;
        assert_opens(name, true, 0750, false, name);
        assert_int_equal(syncs, 8); /* four folders made: each, and the one that holds it */
        name[10] = '\0';
        assert_int_equal(scratch_mode(&scratch, name), 0755);
        name[5] = '\0';
        assert_int_equal(scratch_mode(&scratch, name), 0755);
        name[1] = '\0';
        assert_int_equal(scratch_mode(&scratch, name), 0755);
        name[1] = '/';
        name[5] = '/';
        name[10] = '/';
        assert_int_equal(scratch_mode(&scratch, name), 0750);
    }
    umask(022);
    assert_opens("one", true, 0700, false, "one");
    assert_int_equal(scratch_mode(&scratch, "one"), 0700);
}

/* A folder that could not be finished is an error, and mended or refused the next time, never taken as it should be. */
static void fails_when_the_disk_does(void **state) {
    (void)state;
    for (int calls = 0; calls < 3; calls++) {
        calls_left = calls;
        assert_refused("new", true, false, ERROR_LOCAL, "cannot make the folder new: Input/output error");
        calls_left = -1;
        if (faccessat(scratch.folder, "new", F_OK, 0) == 0)
            assert_int_equal(unlinkat(scratch.folder, "new", AT_REMOVEDIR), 0);
    }
    assert_opens("new", true, 0700, false, "new");
}

/* What a killed write left behind goes, here and one folder down; everything of another name stays. */
static void sweeps_leftovers(void **state) {
    static const char left[] = ".authcert-0123456789abcdef.tmp";
    static const char *const others[] = {".authcert-0123456789abcde.tmp", ".authcert-0123456789abcdeg.tmp",
                                         ".authcert-0123456789abcdef.tmp.old", "x.authcert-0123456789abcdef.tmp"};
    size_t count;

    (void)state;
    count = scratch_count(&scratch);
    scratch_put(&scratch, left, 0600, "key", 3);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        scratch_put(&scratch, others[i], 0600, "", 0);
    assert_int_equal(mkdirat(scratch.folder, "sub", 0700), 0);
    assert_int_equal(mkdirat(scratch.folder, "sub/deeper", 0700), 0);
    scratch_put(&scratch, "sub/.authcert-0123456789abcdef.tmp", 0600, "key", 3);
    scratch_put(&scratch, "sub/deeper/.authcert-0123456789abcdef.tmp", 0600, "", 0);
    file_sweep(scratch.folder);
    assert_int_not_equal(faccessat(scratch.folder, left, F_OK, 0), 0);
    assert_int_equal(scratch_count(&scratch), count + sizeof(others) / sizeof(others[0]) + 1);
    assert_int_not_equal(faccessat(scratch.folder, "sub/.authcert-0123456789abcdef.tmp", F_OK, 0), 0);
    assert_int_equal(faccessat(scratch.folder, "sub/deeper/.authcert-0123456789abcdef.tmp", F_OK, 0), 0);
    file_sweep(scratch.folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_what_is_there, make, clear),
        cmocka_unit_test_setup_teardown(follows_no_link_in_the_last_part, make, clear),
        cmocka_unit_test_setup_teardown(refuses_folders_that_others_can_change, make, clear),
        cmocka_unit_test_setup_teardown(refuses_folders_of_others, make, clear),
        cmocka_unit_test_setup_teardown(makes_folders_with_the_exact_mode, make, clear),
        cmocka_unit_test_setup_teardown(fails_when_the_disk_does, make, clear),
        cmocka_unit_test_setup_teardown(sweeps_leftovers, make, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
