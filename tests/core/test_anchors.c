#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "core/anchors.h"
#include "tests/core/make_certificate.h"
#include "tests/scratch.h"

static struct scratch scratch;

/* Puts a file there and says how many certificates it comes to, -1 with `err` when it is refused, as both ways do. */
static int count_in(const void *data, size_t length, mode_t mode, struct error *err) {
    X509_STORE *store = X509_STORE_new();
    struct error other = {0};
    struct bytes pem = {0};
    bool loaded;
    int count;

    scratch_put(&scratch, "ca", mode, data, length);
    loaded = anchors_load(scratch_path(&scratch, "ca"), store, err);
    count = loaded ? sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) : -1;
    if (anchors_read_pem(scratch_path(&scratch, "ca"), &pem, &other)) {
        assert_non_null(memmem(pem.data, pem.length, "-----BEGIN CERTIFICATE-----", 27));
    } else {
        assert_false(loaded);
        assert_string_equal(other.text, err->text);
    }
    bytes_free(&pem);
    X509_STORE_free(store);
    return count;
}

static void check_refused(const void *data, size_t length, mode_t mode, const char *part) {
    struct error err = {0};

    assert_int_equal(count_in(data, length, mode, &err), -1);
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "could not be read as certificates"));
    if (!strstr(err.text, part))
        fail_msg("not expected: %s", err.text);
}

static void test_binary(void **state) {
    struct recipe recipe = recipe_good();
    unsigned char both[8192];
    struct error err = {0};
    size_t length, more;
    unsigned char *der = make_der(&recipe, &length);
    unsigned char *other;

    (void)state;
    recipe.subject = "another";
    other = make_der(&recipe, &more);
    assert_true(length + more < sizeof(both));
    memcpy(both, der, length);
    memcpy(both + length, other, more);
    assert_int_equal(count_in(der, length, 0644, &err), 1);
    assert_int_equal(count_in(both, length + more, 0644, &err), 2);
    for (size_t cut = 1; cut < length; cut += 97)
        check_refused(der, cut, 0644, "");
    check_refused(both, length + 1, 0644, "neither PEM nor DER");
    OPENSSL_free(der);
    OPENSSL_free(other);
}

static void test_text(void **state) {
    const char *rubbish = "no certificate\n";
    const char *crl = "-----BEGIN SOMETHING-----\nAAAA\n-----END SOMETHING-----\n";
    const struct recipe recipe = recipe_good();
    X509 *x509 = make_x509(&recipe);
    BIO *text = BIO_new(BIO_s_mem());
    struct error err = {0};
    char *pem = NULL;
    size_t length;

    (void)state;
    assert_int_equal(PEM_write_bio_X509(text, x509), 1);
    length = (size_t)BIO_get_mem_data(text, &pem);
    assert_int_equal(count_in(pem, length, 0644, &err), 1);
    check_refused("", 0, 0644, "empty");
    check_refused(rubbish, strlen(rubbish), 0644, "neither PEM nor DER");
    check_refused(crl, strlen(crl), 0644, "none");
    if (geteuid() != 0)
        check_refused(pem, length, 0000, "cannot open");
    check_refused(pem, length, 0666, "chmod go-w");
    BIO_free(text);
    X509_free(x509);
}

static void test_missing(void **state) {
    X509_STORE *store = X509_STORE_new();
    struct error err = {0};

    (void)state;
    assert_false(anchors_load("/nonexistent/ca.pem", store, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "/nonexistent/ca.pem could not be read as certificates: there is no such file"));
    X509_STORE_free(store);
}

static int make(void **state) {
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int take_away(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_missing),
    };

    return cmocka_run_group_tests(tests, make, take_away);
}
