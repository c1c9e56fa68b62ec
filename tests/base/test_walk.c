#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scratch.h"

#define OTHER 12345

static struct scratch scratch;
static struct error err;

static int make(void **state) {
    (void)state;
    umask(022);
    scratch_make(&scratch);
    err = (struct error){0};
    return 0;
}

static int clear(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void put(const char *name, mode_t mode) {
    scratch_put(&scratch, name, mode, "words", 5);
}

static void trusted(const char *name) {
    struct bytes bytes = {0};

    if (!trust_read(scratch_path(&scratch, name), 100, &bytes, &err))
        fail_msg("%s: %s", name, err.text);
    assert_string_equal((const char *)bytes.data, "words");
    bytes_free(&bytes);
}

static void refused(const char *name, enum error_kind kind, const char *part) {
    struct bytes bytes = {0};

    assert_false(trust_read(scratch_path(&scratch, name), 100, &bytes, &err));
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" is not in: %s", part, err.text);
}

static void a_file_that_others_can_change_is_not_trusted(void **state) {
    (void)state;
    put("file", 0644);
    trusted("file");
    assert_int_equal(fchmodat(scratch.folder, "file", 0666, 0), 0);
    refused("file", ERROR_CONFIG, "chmod go-w ");
    assert_int_equal(fchmodat(scratch.folder, "file", 0602, 0), 0);
    refused("file", ERROR_CONFIG, "it has mode 0602");
    if (geteuid() != 0)
        return;
    /* A group may write only when it is root's. */
    assert_int_equal(fchmodat(scratch.folder, "file", 0664, 0), 0);
    trusted("file");
    assert_int_equal(fchownat(scratch.folder, "file", 0, OTHER, 0), 0);
    refused("file", ERROR_CONFIG, "group 12345");
    assert_int_equal(fchownat(scratch.folder, "file", OTHER, 0, 0), 0);
    refused("file", ERROR_CONFIG, "it belongs to user 12345");
}

static void an_access_list_hides_nobody_behind_roots_group(void **state) {
    /* user::rw-, user:12345:rw-, group::r--, mask::rw-, other::r-- */
    static const unsigned char list[] = {2,    0,    0,    0,    1,    0, 6, 0, 0xff, 0xff, 0xff, 0xff, 2,    0, 6, 0,
                                         0x39, 0x30, 0,    0,    4,    0, 4, 0, 0xff, 0xff, 0xff, 0xff, 0x10, 0, 6, 0,
                                         0xff, 0xff, 0xff, 0xff, 0x20, 0, 4, 0, 0xff, 0xff, 0xff, 0xff};

    (void)state;
    put("file", 0644);
    if (geteuid() != 0 ||
        setxattr(scratch_path(&scratch, "file"), "system.posix_acl_access", list, sizeof(list), 0) != 0)
        skip();
    refused("file", ERROR_CONFIG, "others than its owner could change");
}

static void nor_is_one_that_can_be_exchanged(void **state) {
    (void)state;
    assert_int_equal(mkdirat(scratch.folder, "folder", 0755), 0);
    put("folder/file", 0644);
    trusted("folder/file");
    assert_int_equal(fchmodat(scratch.folder, "folder", 0777, 0), 0);
    refused("folder/file", ERROR_CONFIG, "/folder has mode 0777");
    assert_int_equal(fchmodat(scratch.folder, "folder", 01777, 0), 0);
    trusted("folder/file");
    if (geteuid() != 0)
        return;
    assert_int_equal(fchmodat(scratch.folder, "folder", 0755, 0), 0);
    assert_int_equal(fchownat(scratch.folder, "folder", OTHER, 0, 0), 0);
    refused("folder/file", ERROR_CONFIG, "/folder belongs to user 12345");
}

static void only_our_links_are_followed(void **state) {
    int folder = -1;

    (void)state;
    assert_int_equal(mkdirat(scratch.folder, "folder", 0755), 0);
    put("folder/file", 0644);
    assert_int_equal(symlinkat("folder", scratch.folder, "link"), 0);
    assert_int_equal(symlinkat("../link/./file", scratch.folder, "folder/link"), 0);
    assert_int_equal(symlinkat("round", scratch.folder, "round"), 0);
    trusted("link/file");
    trusted("link/../folder/link");
    refused("round", ERROR_LOCAL, "cannot follow the link");
    assert_true(walk_folder(scratch_path(&scratch, "link"), &folder, &err));
    close(folder);
    if (geteuid() != 0)
        return;
    assert_int_equal(fchownat(scratch.folder, "link", OTHER, OTHER, AT_SYMLINK_NOFOLLOW), 0);
    refused("link/file", ERROR_CONFIG, "/link belongs to user 12345");
    assert_false(walk_folder(scratch_path(&scratch, "link"), &folder, &err));
    assert_non_null(strstr(err.text, "user 12345 made it"));
}

static void what_is_not_there_is_no_error(void **state) {
    int folder = -1;

    (void)state;
    refused("missing", ERROR_NONE, "");
    refused("missing/file", ERROR_NONE, "");
    assert_false(walk_folder(scratch_path(&scratch, "missing"), &folder, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    put("file", 0644);
    refused("file/below", ERROR_LOCAL, "Not a directory");
    refused(".", ERROR_LOCAL, "not a regular file");
    assert_false(walk_folder(scratch_path(&scratch, "file"), &folder, &err));
    assert_non_null(strstr(err.text, "no folder"));
}

static void the_first_owner_on_the_way_is_found(void **state) {
    uid_t owner = 0;
    gid_t group = 0;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdirat(scratch.folder, "folder", 0755), 0);
    assert_false(walk_owner(scratch_path(&scratch, "folder/missing"), &owner, &group, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    assert_int_equal(fchownat(scratch.folder, "folder", OTHER, OTHER + 1, 0), 0);
    assert_int_equal(symlinkat("folder", scratch.folder, "link"), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"folder", "folder/missing/too", "link/missing"};

        owner = group = 0;
        assert_true(walk_owner(scratch_path(&scratch, names[i]), &owner, &group, &err));
        assert_int_equal(owner, OTHER);
        assert_int_equal(group, OTHER + 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_others_can_change_is_not_trusted, make, clear),
        cmocka_unit_test_setup_teardown(an_access_list_hides_nobody_behind_roots_group, make, clear),
        cmocka_unit_test_setup_teardown(nor_is_one_that_can_be_exchanged, make, clear),
        cmocka_unit_test_setup_teardown(only_our_links_are_followed, make, clear),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_no_error, make, clear),
        cmocka_unit_test_setup_teardown(the_first_owner_on_the_way_is_found, make, clear),
    };

    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
