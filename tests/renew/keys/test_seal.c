#include "renew/keys/seal.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "renew/keys/bundle.h"
#include "renew/keys/key_file.h"
#include "tests/core/make_certificate.h"
#include "tests/scratch.h"

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */
#define OPENSSL "/usr/bin/openssl"
#define ARGUMENTS_MOST 24

static struct keypair pair;
static struct scratch scratch;

static int make_pair(void **state) {
    struct error err = {0};

    (void)state;
    scratch_make(&scratch);
    return keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err) ? 0 : -1;
}

static int free_pair(void **state) {
    (void)state;
    keypair_free(&pair);
    scratch_remove(&scratch);
    return 0;
}

static BIO *text_of(const char *key, bool with_key) {
    struct recipe recipe = recipe_good();
    BIO *text = BIO_new(BIO_s_mem());
    X509 *x509;

    recipe.key = key;
    recipe.subject = "Recovery";
    x509 = make_x509(&recipe);
    assert_int_equal(PEM_write_bio_X509(text, x509), 1);
    if (with_key)
        assert_int_equal(PEM_write_bio_PrivateKey(text, make_key(key), NULL, NULL, 0, NULL, NULL), 1);
    X509_free(x509);
    return text;
}

static struct recovery recovery_of(const char *key) {
    struct recovery recovery = {0};
    struct error err = {0};
    BIO *text = text_of(key, false);
    char *data = NULL;
    long length = BIO_get_mem_data(text, &data);

    if (!recovery_read(data, (size_t)length, &recovery, &err))
        fail_msg("%s", err.text);
    BIO_free(text);
    return recovery;
}

static void refuses(const char *data, size_t length, const char *part) {
    struct recovery recovery = {.certificate = (struct certificate *)&scratch};
    struct error err = {0};

    assert_false(recovery_read(data, length, &recovery, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_ptr_equal(recovery.certificate, &scratch);
    assert_int_equal(ERR_peek_error(), 0);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
}

static void refuses_text(BIO *text, const char *part) {
    char *data = NULL;
    long length = BIO_get_mem_data(text, &data);

    refuses(data, (size_t)length, part);
    BIO_free(text);
}

static void takes_strong_keys_alone(void **state) {
    static const char *const weak[] = {"RSA-2048", "EC:P-384", "EC:secp256k1", "ED25519"};
    static const char *const strong[] = {"RSA-3072", "EC-256"};
    BIO *two = text_of("EC-256", false);
    struct recipe other = recipe_good();
    X509 *x509 = make_x509(&other);

    (void)state;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        struct recipe recipe = recipe_good();
        unsigned char *der;
        size_t length;

        recipe.key = weak[i];
        if (strcmp(weak[i], "ED25519") == 0)
            recipe.digest = NULL;
        der = make_der(&recipe, &length);
        refuses((const char *)der, length, "at least 3072 bits or one on P-256");
        OPENSSL_free(der);
    }
    for (size_t i = 0; i < sizeof(strong) / sizeof(strong[0]); i++) {
        struct recovery recovery = recovery_of(strong[i]);

        assert_false(recovery_ended(&recovery, recovery.certificate->not_after - 1));
        assert_true(recovery_ended(&recovery, recovery.certificate->not_after));
        recovery_free(&recovery);
    }
    refuses_text(text_of("EC-256", true), "with that on this host, sealing protects nothing");
    assert_int_equal(PEM_write_bio_X509(two, x509), 1);
    X509_free(x509);
    refuses_text(two, "2 certificates");
    refuses("", 0, "empty");
    refuses("hello", 5, "neither");
}

/* Writes what a person who opens a seal would have: the sealed bytes, the recovery key, its certificate. */
static void lay_out(const char *key, const struct bytes *sealed) {
    BIO *text = BIO_new(BIO_s_mem());
    BIO *certificate = text_of(key, false);
    char *data = NULL;
    long length;

    assert_int_equal(PEM_write_bio_PrivateKey(text, make_key(key), NULL, NULL, 0, NULL, NULL), 1);
    length = BIO_get_mem_data(text, &data);
    scratch_put(&scratch, "recovery.key", 0600, data, (size_t)length);
    length = BIO_get_mem_data(certificate, &data);
    scratch_put(&scratch, "recovery.crt", 0600, data, (size_t)length);
    scratch_put(&scratch, "sealed.der", 0600, sealed->data, sealed->length);
    BIO_free(text);
    BIO_free(certificate);
}

/* The command line of docs/recovery-key.md. */
static int open_by_hand(void) {
    static const char *const words[] = {OPENSSL,  "cms",          "-decrypt",   "-binary", "-inform",
                                        "DER",    "-in",          "sealed.der", "-recip",  "recovery.crt",
                                        "-inkey", "recovery.key", "-out",       "pair.pem"};
    char *arguments[ARGUMENTS_MOST] = {NULL};
    char *environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t process;

    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addchdir_np(&actions, scratch.path), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0), 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        arguments[i] = (char *)(size_t)words[i];
    assert_int_equal(posix_spawn(&process, OPENSSL, &actions, NULL, arguments, environment), 0);
    assert_int_equal(waitpid(process, &status, 0), process);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* What came out is the pair, as `authcert import` takes it. */
static void is_the_pair(void) {
    struct bundle bundle = {0};
    struct bytes bytes = {0};
    struct error err = {0};

    assert_true(file_read(scratch.folder, "pair.pem", KEY_FILE_MOST, &bytes, &err));
    assert_true(bundle_read_keys(bytes.data, bytes.length, NULL, &bundle, &err));
    assert_int_equal(bundle.count, 1);
    assert_int_equal(bundle.key_count, 1);
    assert_string_equal(bundle.certificates[0]->thumbprint, pair.certificate->thumbprint);
    assert_int_equal(bundle.keys[0].length, pair.key.length);
    assert_memory_equal(bundle.keys[0].value, pair.key.value, pair.key.length);
    bundle_free(&bundle);
    bytes_free(&bytes);
}

static void opens_with_openssl_and_the_recovery_key(void **state) {
    static const char *const keys[] = {"RSA-3072", "EC-256"};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct recovery recovery = recovery_of(keys[i]);
        struct bytes sealed = {0};
        struct error err = {0};

        if (!seal_pair(&recovery, &pair, &sealed, &err))
            fail_msg("%s", err.text);
        lay_out(keys[i], &sealed);
        assert_int_equal(open_by_hand(), 0);
        is_the_pair();
        sealed.data[sealed.length - 1] ^= 1; /* of the tag */
        lay_out(keys[i], &sealed);
        assert_int_not_equal(open_by_hand(), 0);
        bytes_free(&sealed);
        recovery_free(&recovery);
    }
}

/* How often this object identifier stands in it. */
static int contains(const struct bytes *bytes, int nid) {
    const unsigned char *at = bytes->data;
    unsigned char *der = NULL;
    size_t length = (size_t)i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &der);
    int found = 0;

    while ((at = memmem(at, bytes->length - (size_t)(at - bytes->data), der, length)) != NULL) {
        at += length;
        found++;
    }
    OPENSSL_free(der);
    return found;
}

static void names_what_it_uses(void **state) {
    struct recovery rsa = recovery_of("RSA-3072");
    struct recovery curve = recovery_of("EC-256");
    struct bytes first = {0}, second = {0};
    struct error err = {0};

    (void)state;
    assert_true(seal_pair(&rsa, &pair, &first, &err));
    assert_true(contains(&first, NID_id_smime_ct_authEnvelopedData));
    assert_true(contains(&first, NID_aes_256_gcm));
    assert_true(contains(&first, NID_rsaesOaep));
    assert_int_equal(contains(&first, NID_sha256), 2); /* of OAEP itself, and of its MGF1 */
    assert_false(contains(&first, NID_sha1));
    assert_null(memmem(first.data, first.length, "PRIVATE", 7));
    assert_true(seal_pair(&rsa, &pair, &second, &err));
    assert_memory_not_equal(first.data + first.length - 64, second.data + second.length - 64, 64);
    bytes_free(&first);
    bytes_free(&second);
    assert_true(seal_pair(&curve, &pair, &first, &err));
    assert_true(contains(&first, NID_aes_256_gcm));
    assert_true(contains(&first, NID_dhSinglePass_stdDH_sha256kdf_scheme));
    assert_false(contains(&first, NID_dhSinglePass_stdDH_sha1kdf_scheme));
    bytes_free(&first);
    recovery_free(&rsa);
    recovery_free(&curve);
}

static void seals_no_foreign_key(void **state) {
    struct recovery recovery = recovery_of("EC-256");
    struct keypair other = {0};
    struct keypair mixed;
    struct bytes sealed = {.length = 77};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &other, &err));
    mixed = (struct keypair){.certificate = pair.certificate, .key = other.key};
    assert_false(seal_pair(&recovery, &mixed, &sealed, &err));
    assert_int_equal(sealed.length, 77);
    keypair_free(&other);
    recovery_free(&recovery);
}

/* Whoever may write into a record could switch the escrow off by what only begins like a sealed pair. */
static void knows_whose_it_is(void **state) {
    static const char *const keys[] = {"RSA-3072", "EC-256"};
    static const unsigned char begins[] = {0x30, 0x82, 4,    0, 6, 11, 0x2A, 0x86, 0x48,
                                           0x86, 0xF7, 0x0D, 1, 9, 16, 1,    23};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct recovery recovery = recovery_of(keys[i]), other = recovery_of(keys[1 - i]);
        struct bytes sealed = {0};
        struct error err = {0};

        assert_true(seal_pair(&recovery, &pair, &sealed, &err));
        assert_true(seal_is_for(&recovery, sealed.data, sealed.length));
        assert_false(seal_is_for(&other, sealed.data, sealed.length));
        assert_false(seal_is_for(&recovery, begins, sizeof(begins)));
        assert_false(seal_is_for(&recovery, NULL, 0));
        for (size_t length = 0; length < sealed.length; length += 7)
            assert_false(seal_is_for(&recovery, sealed.data, length));
        sealed.data[sealed.length - 1] ^= 1; /* what only the key can tell */
        assert_true(seal_is_for(&recovery, sealed.data, sealed.length));
        bytes_free(&sealed);
        recovery_free(&recovery);
        recovery_free(&other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_strong_keys_alone), cmocka_unit_test(opens_with_openssl_and_the_recovery_key),
        cmocka_unit_test(names_what_it_uses),      cmocka_unit_test(seals_no_foreign_key),
        cmocka_unit_test(knows_whose_it_is),
    };

    return cmocka_run_group_tests_name("seal", tests, make_pair, free_pair);
}
