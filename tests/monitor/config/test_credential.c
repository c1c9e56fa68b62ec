#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "monitor/config/credential.h"

#define FOLDERS 5
static const char *const names[FOLDERS] = {"own", "run", "etc", "run.encrypted", "etc.encrypted"};

/* A temporary tree with one folder for each place, and a stand-in for systemd-creds. */
struct bed {
    char root[40];
    char folder[FOLDERS][80];
    char decrypt[80];
};

static void write_file(const char *folder, const char *name, mode_t mode, const char *content) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int make_bed(void **state) {
    struct bed *bed = calloc(1, sizeof(*bed));

    assert_non_null(bed);
    snprintf(bed->root, sizeof(bed->root), "/tmp/authcert-credential-XXXXXX");
    assert_non_null(mkdtemp(bed->root));
    for (size_t i = 0; i < FOLDERS; i++) {
        snprintf(bed->folder[i], sizeof(bed->folder[i]), "%s/%s", bed->root, names[i]);
        assert_int_equal(mkdir(bed->folder[i], 0700), 0);
    }
    snprintf(bed->decrypt, sizeof(bed->decrypt), "%s/decrypt", bed->root);
    *state = bed;
    return 0;
}

static int remove_bed(void **state) {
    struct bed *bed = *state;
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        execl("/bin/rm", "rm", "-r", bed->root, (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free(bed);
    return 0;
}

/* As root without a service around it. */
static struct credential_places by_hand(const struct bed *bed) {
    return (struct credential_places){.plain = {bed->folder[1], bed->folder[2]},
                                      .encrypted = {bed->folder[3], bed->folder[4]},
                                      .decrypt = bed->decrypt,
                                      .timeout = 20};
}

static void expect(const struct credential_places *places, const char *name, const char *value) {
    struct secret secret = {0};
    struct error err = {0};

    if (!credential_read_from(places, name, &secret, &err))
        fail_msg("%s", err.text);
    assert_string_equal(secret.value, value);
    assert_int_equal(secret.length, strlen(value));
    secret_free(&secret);
}

static void expect_error(const struct credential_places *places, const char *name, enum error_kind kind,
                         const char *part) {
    struct secret secret = {0};
    struct error err = {0};

    assert_false(credential_read_from(places, name, &secret, &err));
    assert_null(secret.value);
    if (err.kind != kind || strstr(err.text, part) == NULL)
        fail_msg("kind %d: %s", err.kind, err.text);
    assert_null(strstr(err.text, "hunter2"));
}

static void test_names(void **state) {
    static const char *const good[] = {"pw", "directory-password", "a.b_c", "...", "mail@x"};
    static const char *const bad[] = {"", ".", "..", "a/b", "/a", "a b", "a:b", "a\nb", "\xC3\xA4"};
    char name[257];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(credential_name_valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(credential_name_valid(bad[i]));
    memset(name, 'a', sizeof(name));
    name[255] = '\0';
    assert_true(credential_name_valid(name));
    name[255] = 'a';
    name[256] = '\0';
    assert_false(credential_name_valid(name));
}

static void test_of_a_service(void **state) {
    const struct bed *bed = *state;
    struct credential_places places = by_hand(bed);

    places.directory = bed->folder[0];
    write_file(bed->folder[1], "pw", 0600, "the wrong one");
    expect_error(&places, "pw", ERROR_CREDENTIALS, "LoadCredential=pw:");
    expect_error(&places, "../run/pw", ERROR_CONFIG, "no name of a credential");
    write_file(bed->folder[0], "pw", 0400, "hunter2\r\n");
    expect(&places, "pw", "hunter2");
    write_file(bed->folder[0], "pw", 0440, "hunter2");
    expect_error(&places, "pw", ERROR_CONFIG, "0440");
    write_file(bed->folder[0], "pw", 0404, "hunter2");
    expect_error(&places, "pw", ERROR_CONFIG, "0404");
    write_file(bed->folder[0], "pw", 0400, "\n");
    expect_error(&places, "pw", ERROR_CONFIG, "empty");
    char path[128], link[128];
    snprintf(path, sizeof(path), "%s/pw", bed->folder[1]);
    snprintf(link, sizeof(link), "%s/link", bed->folder[0]);
    assert_int_equal(symlink(path, link), 0);
    expect_error(&places, "link", ERROR_CONFIG, "symbolic link");
    places.directory = "own";
    expect_error(&places, "pw", ERROR_CONFIG, "no absolute path");
}

/* The access list that systemd sets: the group bits of the mode are its mask. */
static void test_access_list(void **state) {
    const struct bed *bed = *state;
    struct credential_places places = {.directory = bed->folder[0]};
    struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } list = {2, {{1, 4, UINT32_MAX}, {2, 4, 0}, {4, 0, UINT32_MAX}, {16, 4, UINT32_MAX}, {32, 0, UINT32_MAX}}};
    char path[128];

    if (geteuid() != 0)
        skip();
    snprintf(path, sizeof(path), "%s/acl", bed->folder[0]);
    write_file(bed->folder[0], "acl", 0400, "hunter2\n");
    if (setxattr(path, "system.posix_acl_access", &list, sizeof(list), 0) != 0)
        skip();
    expect(&places, "acl", "hunter2");
    list.entries[1].id = 12345; /* somebody else */
    assert_int_equal(setxattr(path, "system.posix_acl_access", &list, sizeof(list), 0), 0);
    expect_error(&places, "acl", ERROR_CONFIG, "0440");
    list.entries[1].id = 0;
    list.entries[2].permissions = 4; /* the whole group */
    assert_int_equal(setxattr(path, "system.posix_acl_access", &list, sizeof(list), 0), 0);
    expect_error(&places, "acl", ERROR_CONFIG, "0440");
}

static void test_by_hand(void **state) {
    const struct bed *bed = *state;
    struct credential_places places = by_hand(bed);

    expect_error(&places, "absent", ERROR_CREDENTIALS, bed->folder[4]);
    write_file(bed->folder[2], "pw2", 0600, "from etc");
    expect(&places, "pw2", "from etc");
    write_file(bed->folder[1], "pw2", 0600, "from run\n");
    expect(&places, "pw2", "from run");
    write_file(bed->folder[1], "pw2", 0644, "hunter2");
    expect_error(&places, "pw2", ERROR_CONFIG, "0644");

    struct credential_places none = {0};
    expect_error(&none, "pw2", ERROR_CREDENTIALS, "CREDENTIALS_DIRECTORY is not set");
}

/* A script in place of systemd-creds. */
static void decrypt_with(const struct bed *bed, const char *script) {
    char text[512];

    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
    write_file(bed->root, "decrypt", 0700, text);
}

static void test_encrypted(void **state) {
    const struct bed *bed = *state;
    struct credential_places places = by_hand(bed);

    write_file(bed->folder[4], "sealed", 0644, "not to be read by us");
    assert_int_equal(setenv("AUTHCERT_LEAK", "hunter2", 1), 0);
    decrypt_with(bed, "printf '%s %s %s %s|%s\\n' \"$1\" \"$2\" \"${3##*/}\" \"$4\" \"$AUTHCERT_LEAK\"");
    expect(&places, "sealed", "--name=sealed decrypt sealed -|");
    decrypt_with(bed, "ls /proc/self/fd | wc -l");
    expect(&places, "sealed", "4"); /* the three, and the one of ls itself */
    decrypt_with(bed, "echo hunter2; exit 1");
    expect_error(&places, "sealed", ERROR_CREDENTIALS, "ended with status 1");
    decrypt_with(bed, "exit 0");
    expect_error(&places, "sealed", ERROR_CONFIG, "is empty");
    decrypt_with(bed, "printf 'hunter2\\0x'");
    expect_error(&places, "sealed", ERROR_CONFIG, "NUL");
    decrypt_with(bed, "exec cat /dev/zero");
    expect_error(&places, "sealed", ERROR_CONFIG, "more than 4096 bytes");
    decrypt_with(bed, "head -c 4096 /dev/zero | tr '\\0' x");
    char large[4097];
    memset(large, 'x', 4096);
    large[4096] = '\0';
    expect(&places, "sealed", large);
    decrypt_with(bed, "kill -9 $$");
    expect_error(&places, "sealed", ERROR_LOCAL, "was ended");
    decrypt_with(bed, "exec sleep 600");
    places.timeout = 1;
    expect_error(&places, "sealed", ERROR_LOCAL, "within 1 s");
    places.decrypt = "/nonexistent/systemd-creds";
    places.timeout = 20;
    expect_error(&places, "sealed", ERROR_LOCAL, "could not be run");
    unsetenv("AUTHCERT_LEAK");
}

/* The real environment variable is what counts. */
static void test_environment(void **state) {
    const struct bed *bed = *state;
    struct secret secret = {0};
    struct error err = {0};

    write_file(bed->folder[0], "authcert-test-credential", 0400, "by the environment");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", bed->folder[0], 1), 0);
    assert_true(credential_read("authcert-test-credential", &secret, &err));
    assert_string_equal(secret.value, "by the environment");
    secret_free(&secret);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_false(credential_read("authcert-test-credential", &secret, &err));
    assert_int_equal(err.kind, ERROR_CREDENTIALS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_of_a_service), cmocka_unit_test(test_access_list),
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_encrypted),    cmocka_unit_test(test_environment),
    };

    return cmocka_run_group_tests(tests, make_bed, remove_bed);
}
