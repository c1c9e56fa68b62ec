#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "renew/keys/bundle.h"
#include "tests/core/make_certificate.h"

#define PASSWORD "Pass-w\xc3\xb6rd 12"

/* How a PFX is made. */
struct wrap {
    const char *password; /* NULL = none */
    int key_cipher;       /* -1 = not encrypted */
    int certificate_cipher;
    int iterations;
    int mac_iterations; /* -1 = no MAC */
    bool without_key;
};

static const struct wrap windows = {
    PASSWORD, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2000, 2000, false};

static unsigned char *make_pfx(const struct wrap *wrap, size_t *ret_length) {
    struct recipe recipe = recipe_good();
    X509 *x509 = make_x509(&recipe);
    PKCS12 *pfx = PKCS12_create(wrap->password, "name", wrap->without_key ? NULL : make_key(recipe.key), x509, NULL,
                                wrap->key_cipher, wrap->certificate_cipher, wrap->iterations, wrap->mac_iterations, 0);
    unsigned char *der = NULL;
    int length = i2d_PKCS12(pfx, &der);

    assert_true(length > 0);
    X509_free(x509);
    PKCS12_free(pfx);
    *ret_length = (size_t)length;
    return der;
}

static bool read_bytes(const unsigned char *data, size_t length, const char *password, struct bundle *ret_bundle,
                       struct error *err) {
    struct secret secret = {0};
    bool done;

    if (password != NULL)
        assert_true(secret_copy(password, strlen(password), &secret, err));
    done = bundle_read(data, length, password != NULL ? &secret : NULL, ret_bundle, err);
    assert_int_equal(ERR_peek_error(), 0);
    secret_free(&secret);
    return done;
}

/* Asked for, the key of the good recipe comes out, as the library encodes it too. */
static void gives_key(const unsigned char *data, size_t length, const char *password, bool with_key) {
    const struct recipe recipe = recipe_good();
    struct secret secret = {0};
    struct bundle bundle = {0};
    struct error err = {0};

    assert_true(secret_copy(password != NULL ? password : "", password != NULL ? strlen(password) : 0, &secret, &err));
    if (!bundle_read_keys(data, length, &secret, &bundle, &err))
        fail_msg("%s", err.text);
    assert_int_equal(bundle.count, 1);
    assert_int_equal(bundle.has_key, with_key);
    assert_int_equal(bundle.key_count, with_key);
    if (with_key) {
        const unsigned char *at = (const unsigned char *)bundle.keys[0].value;
        EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)bundle.keys[0].length);

        assert_int_equal(EVP_PKEY_eq(key, make_key(recipe.key)), 1);
        EVP_PKEY_free(key);
    }
    bundle_free(&bundle);
    secret_free(&secret);
}

/* The certificate of the good recipe comes out, and nothing else. */
static void opens(const struct wrap *wrap, const char *password) {
    size_t length;
    unsigned char *data = make_pfx(wrap, &length);
    struct bundle bundle = {0};
    struct error err = {0};

    if (!read_bytes(data, length, password, &bundle, &err))
        fail_msg("%s", err.text);
    assert_int_equal(bundle.count, 1);
    assert_string_equal(bundle.certificates[0]->subject, "CN=" MADE_NAME);
    assert_int_equal(bundle.has_key, !wrap->without_key);
    assert_int_equal(bundle.key_count, 0);
    assert_false(bundle.needs_password);
    bundle_free(&bundle);
    gives_key(data, length, password, !wrap->without_key);
    OPENSSL_free(data);
}

static void refuses_bytes(const unsigned char *data, size_t length, const char *password, enum error_kind kind,
                          const char *part) {
    struct bundle bundle = {.needs_password = kind != ERROR_CREDENTIALS};
    struct error err = {0};

    assert_false(read_bytes(data, length, password, &bundle, &err));
    assert_int_equal(err.kind, kind);
    assert_int_equal(bundle.needs_password, kind == ERROR_CREDENTIALS);
    assert_int_equal(bundle.count, 0);
    assert_null(bundle.certificates);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
    assert_null(strstr(err.text, "Pass-w"));
}

static void refuses(const struct wrap *wrap, const char *password, enum error_kind kind, const char *part) {
    size_t length;
    unsigned char *data = make_pfx(wrap, &length);

    refuses_bytes(data, length, password, kind, part);
    OPENSSL_free(data);
}

static void opens_all_usual_forms(void **state) {
    struct wrap wrap = windows;

    (void)state;
    opens(&wrap, PASSWORD);
    wrap.key_cipher = wrap.certificate_cipher = NID_aes_256_cbc;
    opens(&wrap, PASSWORD);
    wrap.mac_iterations = -1;
    opens(&wrap, PASSWORD);
    wrap.certificate_cipher = -1;
    opens(&wrap, PASSWORD);
    wrap = windows;
    wrap.without_key = true;
    opens(&wrap, PASSWORD);
    wrap = windows;
    wrap.key_cipher = -1; /* a plain key, not in an encrypted bag of its own */
    opens(&wrap, PASSWORD);
}

/* Windows writes the one, other programs the other. */
static void opens_without_a_password(void **state) {
    struct wrap wrap = windows;

    (void)state;
    wrap.password = "";
    opens(&wrap, NULL);
    opens(&wrap, "");
    wrap.key_cipher = wrap.certificate_cipher = -1;
    wrap.password = NULL;
    opens(&wrap, NULL);
    opens(&wrap, "");
    wrap.mac_iterations = -1;
    opens(&wrap, NULL);
}

static void tells_a_wrong_password(void **state) {
    struct wrap wrap = windows;

    (void)state;
    refuses(&wrap, "Pass-word", ERROR_CREDENTIALS, "does not open");
    refuses(&wrap, NULL, ERROR_CREDENTIALS, "none was given");
    refuses(&wrap, "", ERROR_CREDENTIALS, "none was given");
    wrap.mac_iterations = -1;
    refuses(&wrap, "Pass-word", ERROR_CREDENTIALS, "does not open");
    refuses(&wrap, NULL, ERROR_CREDENTIALS, "none was given");
    wrap.key_cipher = wrap.certificate_cipher = NID_aes_256_cbc;
    refuses(&wrap, "Pass-word", ERROR_CREDENTIALS, "does not open");
}

/* RC2-40 is what Windows up to Server 2016 uses for the certificates in a PFX. */
static void opens_what_old_windows_wrote(void **state) {
    struct wrap wrap = windows;
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    OSSL_PROVIDER *standard = OSSL_PROVIDER_load(NULL, "default");
    unsigned char *data;
    size_t length;
    struct bundle bundle = {0};
    struct error err = {0};

    (void)state;
    if (legacy == NULL || standard == NULL)
        skip();
    wrap.certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC;
    data = make_pfx(&wrap, &length);
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(standard);
    if (!read_bytes(data, length, PASSWORD, &bundle, &err))
        fail_msg("%s", err.text);
    assert_int_equal(bundle.count, 1);
    bundle_free(&bundle);
    refuses_bytes(data, length, "Pass-word", ERROR_CREDENTIALS, "does not open");
    /* Where the provider is not installed, the error says what to do. */
    assert_int_equal(setenv("OPENSSL_MODULES", "/nonexistent", 1), 0);
    refuses_bytes(data, length, PASSWORD, ERROR_DATA, "pbeWithSHA1And40BitRC2-CBC");
    refuses_bytes(data, length, PASSWORD, ERROR_DATA, "openssl pkcs12 -legacy -nokeys");
    assert_int_equal(unsetenv("OPENSSL_MODULES"), 0);
    OPENSSL_free(data);
}

/* Raises every count of 0x010101 to 0x7F0101; how many there were. */
static size_t raise_counts(unsigned char *data, size_t length) {
    static const unsigned char count[] = {0x02, 0x03, 0x01, 0x01, 0x01};
    unsigned char *at = data;
    size_t raised = 0;

    while ((at = memmem(at, length - (size_t)(at - data), count, sizeof(count))) != NULL) {
        at[2] = 0x7F;
        raised++;
    }
    return raised;
}

static void refuses_endless_work(void **state) {
    struct wrap macs = windows;
    struct wrap simple = windows;
    struct wrap pbes2 = windows;
    struct wrap *wraps[] = {&macs, &simple, &pbes2};

    (void)state;
    macs.mac_iterations = 0x010101;
    simple.iterations = pbes2.iterations = 0x010101;
    simple.mac_iterations = pbes2.mac_iterations = -1;
    pbes2.key_cipher = pbes2.certificate_cipher = NID_aes_256_cbc;
    for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
        size_t length;
        unsigned char *data = make_pfx(wraps[i], &length);

        assert_true(raise_counts(data, length) > 0);
        refuses_bytes(data, length, PASSWORD, ERROR_DATA, "more than 5000000 times");
        OPENSSL_free(data);
    }
}

/* A huge or negative count in one of our own DER, cut anywhere, or one byte wrong: an error, and only that. */
static void survives_damage(void **state) {
    size_t length;
    unsigned char *data = make_pfx(&windows, &length);
    unsigned char *longer = calloc(1, length + 1);

    (void)state;
    assert_non_null(longer);
    for (size_t cut = 1; cut < length; cut += 7)
        refuses_bytes(data, cut, PASSWORD, ERROR_DATA, "");
    memcpy(longer, data, length);
    refuses_bytes(longer, length + 1, PASSWORD, ERROR_DATA, "1 bytes follow");
    for (size_t i = 0; i < length; i += 5) {
        struct bundle bundle = {0};
        struct error err = {0};

        data[i] ^= 0x21;
        if (!read_bytes(data, length, PASSWORD, &bundle, &err))
            assert_true(err.kind == ERROR_DATA || err.kind == ERROR_CREDENTIALS);
        bundle_free(&bundle);
        err = (struct error){0};
        if (!bundle_read_keys(data, length, &(struct secret){(char[]){PASSWORD}, strlen(PASSWORD)}, &bundle, &err))
            assert_true(err.kind == ERROR_DATA || err.kind == ERROR_CREDENTIALS);
        bundle_free(&bundle);
        data[i] ^= 0x21;
    }
    free(longer);
    OPENSSL_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_all_usual_forms),  cmocka_unit_test(opens_without_a_password),
        cmocka_unit_test(tells_a_wrong_password), cmocka_unit_test(opens_what_old_windows_wrote),
        cmocka_unit_test(refuses_endless_work),   cmocka_unit_test(survives_damage),
    };

    return cmocka_run_group_tests_name("pfx", tests, NULL, NULL);
}
