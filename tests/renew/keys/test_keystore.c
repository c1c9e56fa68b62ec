#include "renew/keys/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "tests/scratch.h"

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */
#define PAIRS 3
#define OPENING_MOST 100 /* milliseconds of processor time */

ssize_t __real_write(int file, const void *data, size_t length);
int __real_fsync(int file);
int __real_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags);
ssize_t __wrap_write(int file, const void *data, size_t length);
int __wrap_fsync(int file);
int __wrap_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags);

static bool disk_full;
static bool rename_fails;
static int syncs_left = -1; /* until fsync fails; -1 never */

ssize_t __wrap_write(int file, const void *data, size_t length) {
    if (!disk_full)
        return __real_write(file, data, length);
    errno = ENOSPC;
    return -1;
}

int __wrap_fsync(int file) {
    if (syncs_left < 0 || syncs_left-- > 0)
        return __real_fsync(file);
    errno = EIO;
    return -1;
}

int __wrap_renameat2(int from, const char *name, int to, const char *name_to, unsigned flags) {
    if (!rename_fails)
        return __real_renameat2(from, name, to, name_to, flags);
    errno = EROFS;
    return -1;
}

/* Pairs that begin a day after one another, the last one first made. */
static struct keypair pairs[PAIRS];
static struct secret password = {.value = (char[]){"correct horse battery staple"}, .length = 28};
static struct secret wrong = {.value = (char[]){"incorrect"}, .length = 9};
static struct scratch scratch;
static struct keystore store;

static int make_pairs(void **state) {
    struct error err = {0};

    (void)state;
    for (int i = PAIRS - 1; i >= 0; i--)
        assert_true(keypair_make(2048, (struct span){.years = 5}, NOW + i * SECONDS_PER_DAY, &pairs[i], &err));
    return 0;
}

static int free_pairs(void **state) {
    (void)state;
    for (int i = 0; i < PAIRS; i++)
        keypair_free(&pairs[i]);
    return 0;
}

static int make(void **state) {
    (void)state;
    disk_full = false;
    rename_fails = false;
    syncs_left = -1;
    umask(022);
    scratch_make(&scratch);
    store = (struct keystore){.state = scratch.folder, .password = &password};
    return 0;
}

static int clean(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* keys/THUMBPRINT SUFFIX of a pair, in one of a few buffers. */
static const char *name_of(int pair, const char *suffix) {
    static char names[4][128];
    static unsigned next;
    char *name = names[next++ % 4];

    snprintf(name, sizeof(names[0]), "keys/%s%s", pairs[pair].certificate->thumbprint, suffix);
    return name;
}

static bool is_there(const char *name) {
    struct stat status;

    return fstatat(scratch.folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void keep(int pair) {
    struct error err = {0};

    if (!keystore_keep(&store, &pairs[pair], &err))
        fail_msg("%s", err.text);
}

static void opens(int pair) {
    struct keypair opened = {0};
    struct error err = {0};

    if (!keystore_open(&store, pairs[pair].certificate->thumbprint, &opened, &err))
        fail_msg("%s", err.text);
    assert_int_equal(opened.key.length, pairs[pair].key.length);
    assert_memory_equal(opened.key.value, pairs[pair].key.value, opened.key.length);
    assert_string_equal(opened.certificate->thumbprint, pairs[pair].certificate->thumbprint);
    keypair_free(&opened);
}

static void does_not_open(int pair, enum error_kind kind, const char *part) {
    struct keypair opened = {.key = {.length = 77}};
    struct error err = {.kind = ERROR_BUG, .text = "before"};

    assert_false(keystore_open(&store, pairs[pair].certificate->thumbprint, &opened, &err));
    if (err.kind != kind || strstr(err.text, part) == NULL)
        fail_msg("kind %d, and \"%s\" is not in: %s", (int)err.kind, part, err.text);
    assert_null(strstr(err.text, password.value));
    assert_null(opened.certificate);
    assert_int_equal(opened.key.length, 77);
}

/* The list: the pairs in this order, upper case for candidates: "Cba". `troubles` are expected. */
static void lists(const char *expected, size_t troubles) {
    struct keystore without = {.state = store.state};
    struct kept_key *keys = NULL;
    size_t count = 77;
    struct strings seen = {0};
    struct error err = {0};

    if (!keystore_list(&without, &keys, &count, &seen, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < seen.count && seen.count != troubles; i++)
        print_error("%s\n", seen.items[i]);
    assert_int_equal(seen.count, troubles);
    assert_int_equal(count, strlen(expected));
    for (size_t i = 0; i < count; i++) {
        const struct certificate *certificate = pairs[(expected[i] | 0x20) - 'a'].certificate;

        assert_string_equal(keys[i].thumbprint, certificate->thumbprint);
        assert_int_equal(keys[i].candidate, (expected[i] & 0x20) == 0);
        assert_int_equal(keys[i].not_before, certificate->not_before);
        assert_int_equal(keys[i].not_after, certificate->not_after);
        assert_int_equal(keys[i].key_bits, 2048);
    }
    free(keys);
    strings_free(&seen);
}

static struct bytes content_of(const char *name) {
    struct bytes bytes = {0};
    struct error err = {0};

    if (!file_read(scratch.folder, name, 100000, &bytes, &err))
        fail_msg("%s: %s", name, err.text);
    return bytes;
}

static void put(const char *name, const void *data, size_t length) {
    scratch_put(&scratch, name, 0600, data, length);
}

static void keeps_lists_and_opens(void **state) {
    mode_t old = umask(0);

    (void)state;
    lists("", 0);
    does_not_open(0, ERROR_NONE, "");
    assert_int_equal(scratch_count(&scratch), 0); /* looking makes nothing */
    keep(0);
    umask(0777);
    keep(1);
    umask(old);
    assert_int_equal(scratch_mode(&scratch, "keys"), 0700);
    assert_int_equal(scratch_mode(&scratch, name_of(0, ".candidate")), 0600);
    assert_int_equal(scratch_mode(&scratch, name_of(1, ".candidate")), 0600);
    opens(0);
    opens(1);
    does_not_open(2, ERROR_NONE, "");
    lists("BA", 0);
}

static void newest_first(void **state) {
    struct error err = {0};

    (void)state;
    keep(1);
    keep(2);
    keep(0);
    lists("CBA", 0);
    assert_true(keystore_mark_used(&store, pairs[1].certificate->thumbprint, &err));
    lists("CbA", 0);
}

/* What `openssl pkey` would do; and nothing of the key stands there in the clear. */
static void others_can_read_the_file(void **state) {
    struct bytes bytes;
    BIO *text;
    X509 *x509;
    EVP_PKEY *key;

    (void)state;
    keep(0);
    bytes = content_of(name_of(0, ".candidate"));
    assert_non_null(strstr((const char *)bytes.data, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_null(strstr((const char *)bytes.data, "-----BEGIN PRIVATE KEY-----"));
    text = BIO_new_mem_buf(bytes.data, (int)bytes.length);
    x509 = PEM_read_bio_X509(text, NULL, NULL, NULL);
    key = PEM_read_bio_PrivateKey(text, NULL, NULL, password.value);
    assert_non_null(x509);
    assert_non_null(key);
    assert_int_equal(X509_check_private_key(x509, key), 1);
    EVP_PKEY_free(key);
    X509_free(x509);
    BIO_free(text);
    bytes_free(&bytes);
}

static void opening_is_quick(void **state) {
    clock_t least = 0;

    (void)state;
    keep(0);
    for (int i = 0; i < 3; i++) {
        clock_t start = clock();

        opens(0);
        if (i == 0 || clock() - start < least)
            least = clock() - start;
    }
    assert_true(least * 1000 / CLOCKS_PER_SEC < OPENING_MOST);
    assert_true(least * 1000 / CLOCKS_PER_SEC > 5); /* else it is as quick for those who guess */
}

static void wrong_password(void **state) {
    (void)state;
    keep(0);
    store.password = &wrong;
    does_not_open(0, ERROR_CREDENTIALS, name_of(0, ".candidate"));
    does_not_open(0, ERROR_CREDENTIALS, "key_password_file");
    store.password = NULL;
    does_not_open(0, ERROR_CREDENTIALS, "no key password is configured");
    store.password = &password;
    opens(0);
}

static void without_password(void **state) {
    struct bytes bytes;

    (void)state;
    store.password = NULL;
    keep(0);
    assert_int_equal(scratch_mode(&scratch, name_of(0, ".candidate")), 0600);
    bytes = content_of(name_of(0, ".candidate"));
    assert_non_null(strstr((const char *)bytes.data, "-----BEGIN PRIVATE KEY-----"));
    bytes_free(&bytes);
    opens(0);
    /* A password that is configured later takes nothing away. */
    store.password = &password;
    opens(0);
    lists("A", 0);
}

static void refuses_an_empty_password_and_a_foreign_key(void **state) {
    struct secret empty = {.value = (char[]){""}, .length = 0};
    struct keypair mixed = {.certificate = pairs[0].certificate, .key = pairs[1].key};
    struct error err = {0};
    bool is_new = false;

    (void)state;
    store.password = &empty;
    assert_false(keystore_keep(&store, &pairs[0], &err));
    assert_int_equal(err.kind, ERROR_BUG);
    store.password = &password;
    assert_false(keystore_keep(&store, &mixed, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(keystore_import(&store, &mixed, &is_new, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(is_new);
    lists("", 0);
}

static void marks_used_as_often_as_told(void **state) {
    struct error err = {0};

    (void)state;
    assert_false(keystore_mark_used(&store, pairs[0].certificate->thumbprint, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    keep(0);
    for (int i = 0; i < 2; i++) {
        assert_true(keystore_mark_used(&store, pairs[0].certificate->thumbprint, &err));
        assert_false(is_there(name_of(0, ".candidate")));
        assert_true(is_there(name_of(0, ".key")));
        lists("a", 0);
        opens(0);
    }
    assert_false(keystore_mark_used(&store, pairs[1].certificate->thumbprint, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, pairs[1].certificate->thumbprint));
    assert_false(keystore_mark_used(&store, "../x", &err));
    assert_int_equal(err.kind, ERROR_BUG);
    /* What was used is not kept as a candidate again. */
    keep(0);
    lists("a", 0);
}

static void marking_fails_without_loss(void **state) {
    const char *thumbprint = pairs[0].certificate->thumbprint;
    struct error err = {0};

    (void)state;
    keep(0);
    rename_fails = true;
    assert_false(keystore_mark_used(&store, thumbprint, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "Read-only file system"));
    rename_fails = false;
    lists("A", 0);
    /* Renamed, but not known to be durable: told as a failure, and made so the next time. */
    syncs_left = 0;
    assert_false(keystore_mark_used(&store, thumbprint, &err));
    syncs_left = 0;
    assert_false(keystore_mark_used(&store, thumbprint, &err));
    syncs_left = -1;
    assert_true(keystore_mark_used(&store, thumbprint, &err));
    lists("a", 0);
    opens(0);
}

static void crash_leftovers_do_no_harm(void **state) {
    struct error err = {0};
    struct bytes bytes;

    (void)state;
    keep(0);
    put("keys/.authcert-0123456789abcdef.tmp", "half a ke", 9);
    put("keys/README", "x", 1);
    put("keys/0123456789012345678901234567890123456789.key.damaged-20260101T000000Z", "x", 1);
    put("keys/0123456789012345678901234567890123456789", "x", 1);
    lists("A", 0);
    /* Under both names: it was used, and neither is lost. */
    bytes = content_of(name_of(0, ".candidate"));
    put(name_of(0, ".key"), bytes.data, bytes.length);
    lists("a", 0);
    assert_true(keystore_mark_used(&store, pairs[0].certificate->thumbprint, &err));
    assert_true(is_there(name_of(0, ".candidate")));
    put(name_of(0, ".key"), "damaged", 7);
    opens(0);
    lists("A", 1);
    bytes_free(&bytes);
}

static void damage_is_named_and_hides_nothing(void **state) {
    struct bytes bytes;

    (void)state;
    keep(0);
    keep(1);
    bytes = content_of(name_of(0, ".candidate"));
    put(name_of(0, ".candidate"), bytes.data, bytes.length / 2);
    does_not_open(0, ERROR_DATA, name_of(0, ".candidate"));
    does_not_open(0, ERROR_DATA, "authcert import");
    lists("B", 1);
    put(name_of(0, ".candidate"), "", 0);
    does_not_open(0, ERROR_DATA, "no certificate");
    lists("B", 1);
    /* The certificate alone, and the file of another. */
    put(name_of(0, ".candidate"), bytes.data,
        (size_t)(strstr((char *)bytes.data, "-----BEGIN ENC") - (char *)bytes.data));
    does_not_open(0, ERROR_DATA, "no private key");
    lists("B", 1);
    put(name_of(2, ".key"), bytes.data, bytes.length);
    does_not_open(2, ERROR_DATA, "SHA-1");
    lists("B", 2);
    opens(1);
    bytes_free(&bytes);
}

/* One octet of the sealed key changed: never a key that is not the certificate's. */
static void damage_of_the_key_is_noticed(void **state) {
    struct bytes bytes;
    size_t start;

    (void)state;
    store.password = NULL; /* quick, and the octets change nothing but the key */
    keep(0);
    bytes = content_of(name_of(0, ".candidate"));
    start = (size_t)(strstr((char *)bytes.data, "-----BEGIN PRIVATE KEY-----") - (char *)bytes.data) + 28;
    for (size_t i = start + 100; i + 40 < bytes.length; i += 61) {
        unsigned char was = bytes.data[i];

        if (was == '\n')
            continue;
        bytes.data[i] = was == 'A' ? 'B' : 'A';
        put(name_of(0, ".candidate"), bytes.data, bytes.length);
        does_not_open(0, ERROR_DATA, name_of(0, ".candidate"));
        bytes.data[i] = was;
    }
    put(name_of(0, ".candidate"), bytes.data, bytes.length);
    opens(0);
    bytes_free(&bytes);
}

static void refuses_what_others_could_touch(void **state) {
    const char *path;

    (void)state;
    keep(0);
    assert_int_equal(fchmodat(scratch.folder, name_of(0, ".candidate"), 0640, 0), 0);
    does_not_open(0, ERROR_LOCAL, "0640");
    lists("", 1);
    assert_int_equal(fchmodat(scratch.folder, name_of(0, ".candidate"), 0600, 0), 0);
    if (geteuid() == 0) {
        assert_int_equal(fchownat(scratch.folder, name_of(0, ".candidate"), 12345, 12345, 0), 0);
        does_not_open(0, ERROR_LOCAL, "belongs to user 12345");
        lists("", 1);
        assert_int_equal(fchownat(scratch.folder, name_of(0, ".candidate"), 0, 0, 0), 0);
    }
    opens(0);
    assert_int_equal(renameat(scratch.folder, name_of(0, ".candidate"), scratch.folder, "elsewhere"), 0);
    assert_int_equal(symlinkat("../elsewhere", scratch.folder, name_of(0, ".candidate")), 0);
    does_not_open(0, ERROR_LOCAL, "symbolic link");
    path = scratch_path(&scratch, "keys");
    assert_int_equal(chmod(path, 0770), 0);
    does_not_open(0, ERROR_LOCAL, "keys");
    assert_int_equal(chmod(path, 0700), 0);
}

static void a_full_disk_loses_nothing(void **state) {
    struct error err = {0};
    struct stat status;

    (void)state;
    keep(0);
    disk_full = true;
    assert_false(keystore_keep(&store, &pairs[1], &err));
    disk_full = false;
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "No space left"));
    assert_non_null(strstr(err.text, pairs[1].certificate->thumbprint));
    for (int i = 0; i < 2; i++) {
        syncs_left = i;
        assert_false(keystore_keep(&store, &pairs[1], &err));
        syncs_left = -1;
    }
    opens(0);
    keep(1);
    opens(1);
    assert_int_equal(fstatat(scratch.folder, "keys", &status, 0), 0);
    lists("BA", 0);
}

static void imports_as_used(void **state) {
    struct error err = {0};
    bool is_new = false;

    (void)state;
    assert_true(keystore_import(&store, &pairs[0], &is_new, &err));
    assert_true(is_new);
    assert_int_equal(scratch_mode(&scratch, name_of(0, ".key")), 0600);
    lists("a", 0);
    assert_true(keystore_import(&store, &pairs[0], &is_new, &err));
    assert_false(is_new);
    /* A candidate that an admin gives is none any more. */
    keep(1);
    assert_true(keystore_import(&store, &pairs[1], &is_new, &err));
    assert_false(is_new);
    lists("ba", 0);
    /* It mends a damaged file, and one whose password is lost. */
    put(name_of(0, ".key"), "damaged", 7);
    assert_true(keystore_import(&store, &pairs[0], &is_new, &err));
    assert_true(is_new);
    opens(0);
    store.password = &wrong;
    assert_true(keystore_import(&store, &pairs[0], &is_new, &err));
    opens(0);
}

static void removes_what_it_is_told(void **state) {
    struct error err = {0};
    bool is_new = false;

    (void)state;
    assert_true(keystore_remove(&store, pairs[0].certificate->thumbprint, &err)); /* nothing is kept yet */
    keep(0);
    assert_true(keystore_import(&store, &pairs[1], &is_new, &err));
    keep(2);
    assert_true(keystore_remove(&store, pairs[0].certificate->thumbprint, &err));
    lists("Cb", 0);
    assert_true(keystore_remove(&store, pairs[1].certificate->thumbprint, &err));
    lists("C", 0);
    does_not_open(1, ERROR_NONE, "");
    opens(2);
    assert_true(keystore_remove(&store, pairs[1].certificate->thumbprint, &err));
    assert_false(keystore_remove(&store, "../keys", &err));
    assert_int_equal(err.kind, ERROR_BUG);
    /* Gone only when the disk says so. */
    syncs_left = 0;
    assert_false(keystore_remove(&store, pairs[2].certificate->thumbprint, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
}

static void does_without_a_state_folder(void **state) {
    struct error err = {0};
    bool is_new = false;

    (void)state;
    store.state = -1;
    lists("", 0);
    does_not_open(0, ERROR_NONE, "");
    assert_false(keystore_keep(&store, &pairs[0], &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_false(keystore_import(&store, &pairs[0], &is_new, &err));
    assert_false(keystore_mark_used(&store, pairs[0].certificate->thumbprint, &err));
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make, clean)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_STORE(keeps_lists_and_opens),
        WITH_STORE(newest_first),
        WITH_STORE(others_can_read_the_file),
        WITH_STORE(opening_is_quick),
        WITH_STORE(wrong_password),
        WITH_STORE(without_password),
        WITH_STORE(refuses_an_empty_password_and_a_foreign_key),
        WITH_STORE(marks_used_as_often_as_told),
        WITH_STORE(marking_fails_without_loss),
        WITH_STORE(crash_leftovers_do_no_harm),
        WITH_STORE(damage_is_named_and_hides_nothing),
        WITH_STORE(damage_of_the_key_is_noticed),
        WITH_STORE(refuses_what_others_could_touch),
        WITH_STORE(a_full_disk_loses_nothing),
        WITH_STORE(imports_as_used),
        WITH_STORE(removes_what_it_is_told),
        WITH_STORE(does_without_a_state_folder),
    };

    return cmocka_run_group_tests_name("keystore", tests, make_pairs, free_pairs);
}
