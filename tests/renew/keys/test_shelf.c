#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "renew/keys/shelf.h"
#include "tests/core/make_certificate.h"
#include "tests/scratch.h"

static struct scratch scratch;
static struct shelf shelf;
static struct certificate *certificate;
static char kept[128];
static char imported[128];

static int make(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    scratch_make(&scratch);
    shelf.state = scratch.folder;
    certificate = make_certificate(&recipe);
    snprintf(kept, sizeof(kept), "certificates/%s.der", certificate->thumbprint);
    snprintf(imported, sizeof(imported), "imported/%s.der", certificate->thumbprint);
    return 0;
}

static int clean(void **state) {
    (void)state;
    certificate_free(certificate);
    certificate = NULL;
    scratch_remove(&scratch);
    return 0;
}

static void found(enum source expected) {
    struct certificate *out = NULL;
    enum source source = SOURCE_RECORD;
    struct error err = {0};

    if (!shelf_find(&shelf, certificate->thumbprint, &out, &source, &err))
        fail_msg("%s", err.text);
    assert_int_equal(source, expected);
    if (expected == SOURCE_UNKNOWN) {
        assert_null(out);
    } else {
        assert_non_null(out);
        assert_int_equal(out->der_length, certificate->der_length);
        assert_memory_equal(out->der, certificate->der, out->der_length);
    }
    certificate_free(out);
}

static void not_found(enum error_kind kind, const char *part) {
    struct certificate *out = NULL;
    enum source source = SOURCE_RECORD;
    struct error err = {0};

    assert_false(shelf_find(&shelf, certificate->thumbprint, &out, &source, &err));
    assert_null(out);
    assert_int_equal(source, SOURCE_RECORD);
    assert_int_equal(err.kind, kind);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
}

static void put(const char *name, const void *data, size_t length) {
    int file = openat(scratch.folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(file >= 0);
    assert_int_equal(write(file, data, length), (ssize_t)length);
    close(file);
}

static void keeps_and_finds(void **state) {
    mode_t old = umask(0077);
    struct error err = {0};

    (void)state;
    found(SOURCE_UNKNOWN);
    assert_int_equal(scratch_count(&scratch), 0); /* looking makes nothing */
    assert_true(shelf_keep(&shelf, certificate, &err));
    umask(old);
    found(SOURCE_STORE);
    assert_int_equal(scratch_mode(&scratch, "certificates"), 0755);
    assert_int_equal(scratch_mode(&scratch, kept), 0644);
}

static void keeps_once(void **state) {
    struct error err = {0};
    struct stat before;
    struct stat after;

    (void)state;
    assert_true(shelf_keep(&shelf, certificate, &err));
    assert_int_equal(fstatat(scratch.folder, kept, &before, 0), 0);
    assert_true(shelf_keep(&shelf, certificate, &err));
    assert_int_equal(fstatat(scratch.folder, kept, &after, 0), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void imports(void **state) {
    struct error err = {0};
    bool is_new = false;

    (void)state;
    assert_true(shelf_import(&shelf, certificate, &is_new, &err));
    assert_true(is_new);
    found(SOURCE_IMPORT);
    assert_int_equal(scratch_mode(&scratch, "imported"), 0755);
    assert_int_equal(scratch_mode(&scratch, imported), 0644);
    assert_true(shelf_import(&shelf, certificate, &is_new, &err));
    assert_false(is_new);
    /* What a run verified comes first. */
    assert_true(shelf_keep(&shelf, certificate, &err));
    found(SOURCE_STORE);
}

static void takes_any_spelling_of_a_thumbprint(void **state) {
    struct certificate *out = NULL;
    enum source source;
    struct error err = {0};
    char lower[THUMBPRINT_SIZE];

    (void)state;
    assert_true(shelf_keep(&shelf, certificate, &err));
    for (size_t i = 0; i < THUMBPRINT_SIZE; i++) {
        char digit = certificate->thumbprint[i];

        lower[i] = (char)(digit >= 'A' ? digit | 0x20 : digit);
    }
    assert_true(shelf_find(&shelf, lower, &out, &source, &err));
    assert_non_null(out);
    certificate_free(out);
    out = NULL;
    assert_false(shelf_find(&shelf, "../../etc/passwd", &out, &source, &err));
    assert_int_equal(err.kind, ERROR_BUG);
    assert_null(out);
}

static void names_a_damaged_file(void **state) {
    struct error err = {0};

    (void)state;
    assert_true(shelf_keep(&shelf, certificate, &err));
    put(kept, certificate->der, certificate->der_length - 1);
    not_found(ERROR_DATA, kept);
    not_found(ERROR_DATA, "remove the file");
    put(kept, "", 0);
    not_found(ERROR_DATA, kept);
    /* The best repair is to keep it again. */
    assert_true(shelf_keep(&shelf, certificate, &err));
    found(SOURCE_STORE);
}

static void believes_the_hash_and_not_the_name(void **state) {
    struct recipe recipe = recipe_good();
    struct error err = {0};
    unsigned char *other;
    size_t length;

    (void)state;
    recipe.serial = "77";
    other = make_der(&recipe, &length);
    assert_true(shelf_keep(&shelf, certificate, &err));
    put(kept, other, length);
    not_found(ERROR_DATA, "SHA-1");
    OPENSSL_free(other);
}

static void damage_does_not_hide_a_good_one(void **state) {
    struct error err = {0};
    bool is_new;

    (void)state;
    assert_true(shelf_keep(&shelf, certificate, &err));
    assert_true(shelf_import(&shelf, certificate, &is_new, &err));
    put(kept, "damaged", 7);
    found(SOURCE_IMPORT);
    put(imported, "damaged", 7);
    not_found(ERROR_DATA, kept);
    assert_int_equal(unlinkat(scratch.folder, kept, 0), 0);
    not_found(ERROR_DATA, imported);
}

static void refuses_files_that_are_none(void **state) {
    struct error err = {0};
    void *large = calloc(1, CERTIFICATE_MOST + 1);

    (void)state;
    assert_non_null(large);
    assert_true(shelf_keep(&shelf, certificate, &err));
    put(kept, large, CERTIFICATE_MOST + 1);
    not_found(ERROR_DATA, kept);
    free(large);
    assert_int_equal(unlinkat(scratch.folder, kept, 0), 0);
    put("elsewhere", certificate->der, certificate->der_length);
    assert_int_equal(symlinkat("../elsewhere", scratch.folder, kept), 0);
    not_found(ERROR_LOCAL, kept);
    /* Keeping replaces the link, not what it points to. */
    put("elsewhere", "mine", 4);
    assert_true(shelf_keep(&shelf, certificate, &err));
    found(SOURCE_STORE);
    assert_int_equal(scratch_mode(&scratch, kept), 0644);
}

static void does_without_a_state_folder(void **state) {
    struct error err = {0};
    bool is_new = false;

    (void)state;
    shelf.state = -1;
    found(SOURCE_UNKNOWN);
    assert_false(shelf_keep(&shelf, certificate, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_false(shelf_import(&shelf, certificate, &is_new, &err));
    assert_false(is_new);
}

#define WITH_SHELF(test) cmocka_unit_test_setup_teardown(test, make, clean)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SHELF(keeps_and_finds),
        WITH_SHELF(keeps_once),
        WITH_SHELF(imports),
        WITH_SHELF(takes_any_spelling_of_a_thumbprint),
        WITH_SHELF(names_a_damaged_file),
        WITH_SHELF(believes_the_hash_and_not_the_name),
        WITH_SHELF(damage_does_not_hide_a_good_one),
        WITH_SHELF(refuses_files_that_are_none),
        WITH_SHELF(does_without_a_state_folder),
    };

    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
