#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/obj_mac.h>

#include "core/certificate.h"
#include "tests/core/make_certificate.h"

#define NOT_BEFORE 1704110400 /* of the good recipe */

/* The recipe has exactly this one problem, seen by a part of its sentence. */
static void has_problem(const struct recipe *recipe, const char *part) {
    struct certificate *certificate = make_certificate(recipe);

    for (size_t i = 0; i < certificate->problems.count; i++)
        print_message("  %s\n", certificate->problems.items[i]);
    assert_int_equal(certificate->problems.count, 1);
    if (strstr(certificate->problems.items[0], part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, certificate->problems.items[0]);
    certificate_free(certificate);
}

static void has_no_problem(const struct recipe *recipe) {
    struct certificate *certificate = make_certificate(recipe);

    for (size_t i = 0; i < certificate->problems.count; i++)
        print_message("  %s\n", certificate->problems.items[i]);
    assert_int_equal(certificate->problems.count, 0);
    certificate_free(certificate);
}

/* Genuine, and unusual in this one way. */
static void has_a_note(const struct recipe *recipe, const char *part) {
    struct certificate *certificate = make_certificate(recipe);

    assert_true(certificate->genuine);
    assert_int_equal(certificate->problems.count, 0);
    assert_int_equal(certificate->notes.count, 1);
    assert_non_null(strstr(certificate->notes.items[0], part));
    certificate_free(certificate);
}

static void sees_a_key_that_is_not_rsa(void **state) {
    static const struct {
        const char *key;
        const char *digest;
        const char *shown;
    } keys[] = {
        {"EC-256", "SHA256", "EC 256"}, {"ED25519", NULL, "ED25519 256"}, {"RSA-PSS-2048", "SHA256", "RSA-PSS 2048"}};
    struct recipe recipe = recipe_good();

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct certificate *certificate;

        recipe.key = keys[i].key;
        recipe.digest = keys[i].digest;
        has_problem(&recipe, "RSA keys only");
        certificate = make_certificate(&recipe);
        assert_false(certificate->rsa);
        assert_string_equal(certificate->key, keys[i].shown);
        assert_false(certificate_usable(certificate, NOT_BEFORE));
        certificate_free(certificate);
    }
}

static void sees_a_weak_key(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate;

    (void)state;
    recipe.key = "RSA-1024";
    has_problem(&recipe, "1024 bits");
    certificate = make_certificate(&recipe);
    assert_true(certificate->rsa);
    assert_false(certificate_usable(certificate, NOT_BEFORE));
    certificate_free(certificate);
    recipe.key = "RSA-3072";
    has_no_problem(&recipe);
}

static void sees_wrong_usages(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.key_usage = "critical,keyEncipherment";
    has_problem(&recipe, "lacks digitalSignature");
    recipe.key_usage = "digitalSignature";
    has_no_problem(&recipe);
    recipe.key_usage = NULL;
    has_no_problem(&recipe);
    recipe = recipe_good();
    recipe.extended = "clientAuth,emailProtection";
    has_problem(&recipe, "lacks serverAuth");
    recipe.extended = "clientAuth,serverAuth";
    has_no_problem(&recipe);
    recipe.extended = NULL;
    has_no_problem(&recipe);
}

static void sees_a_ca_and_a_web_server(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.constraints = "critical,CA:TRUE";
    has_problem(&recipe, "CA:TRUE");
    recipe.constraints = NULL;
    has_no_problem(&recipe);
    recipe = recipe_good();
    recipe.alternative = "DNS:mail.contoso.test";
    has_a_note(&recipe, "alternative names");
    recipe.subject = " microsoft exchange server auth certificate ";
    has_a_note(&recipe, "alternative names");
    recipe.alternative = NULL;
    has_no_problem(&recipe);
    recipe = recipe_good();
    recipe.issuer = "Contoso Issuing CA 3";
    has_problem(&recipe, "issued by CN=Contoso Issuing CA 3 and not self-signed");
}

static void sees_a_foreign_signature(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.signer = "RSA-3072";
    has_problem(&recipe, "its own key did not sign it");
    recipe.signer = "EC-256";
    has_problem(&recipe, "(ecdsa-with-SHA256) cannot be checked");
}

/* Set-up itself once made sha1RSA. */
static void judges_signature_algorithms(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.digest = "SHA1";
    has_no_problem(&recipe);
    recipe.digest = "SHA512";
    has_no_problem(&recipe);
    recipe.digest = "MD5";
    has_problem(&recipe, "md5WithRSAEncryption");
}

static void sees_another_subject(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.subject = "mail.contoso.test";
    has_problem(&recipe, "subject is CN=mail.contoso.test");
    recipe.subject = MADE_NAME " 2";
    has_problem(&recipe, "Its subject is");
    recipe.subject = NULL;
    has_problem(&recipe, "subject is empty");
}

static void judges_lifetimes(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.not_after = "20240507120000Z"; /* 127 days */
    has_no_problem(&recipe);
    recipe.not_after = "20240507115959Z";
    has_problem(&recipe, "only 126 days");
    recipe.not_after = "20340101120000Z"; /* ten years */
    has_no_problem(&recipe);
    recipe.not_after = "20440101120000Z";
    has_problem(&recipe, "longer than ten");
    recipe.not_after = recipe.not_before;
    has_problem(&recipe, "valid at no time");
    recipe.not_after = "99991231235959Z";
    has_problem(&recipe, "longer than ten");
}

static void judges_serial_and_version(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate;

    (void)state;
    recipe.serial = "0";
    has_problem(&recipe, "is zero");
    recipe.serial = "-5A";
    has_problem(&recipe, "is negative");
    certificate = make_certificate(&recipe);
    assert_string_equal(certificate->serial, "-5A");
    certificate_free(certificate);
    recipe.serial = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
    has_no_problem(&recipe);
    recipe.serial = "8000000000000000000000000000000000000000";
    has_problem(&recipe, "more than 20 octets");
    recipe = recipe_good();
    recipe.version = X509_VERSION_1;
    recipe.key_usage = recipe.extended = recipe.constraints = NULL;
    has_problem(&recipe, "version 1");
}

static void judges_broken_extensions(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.key_usage = NULL;
    recipe.undecodable = NID_key_usage;
    has_problem(&recipe, "key usage cannot be decoded");
    recipe = recipe_good();
    recipe.extended = NULL;
    recipe.undecodable = NID_ext_key_usage;
    has_problem(&recipe, "extended key usage cannot be decoded");
    recipe = recipe_good();
    recipe.constraints = NULL;
    recipe.undecodable = NID_basic_constraints;
    has_problem(&recipe, "basic constraints cannot be decoded");
    /* One that is there already, a second time. */
    recipe = recipe_good();
    recipe.undecodable = NID_key_usage;
    has_problem(&recipe, "key usage more than once");
    recipe = recipe_good();
    recipe.repeated_nid = NID_subject_key_identifier;
    has_problem(&recipe, "X509v3 Subject Key Identifier more than once");
}

static void judges_exponents(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate;
    size_t found = 0;

    (void)state;
    recipe.modulus_bits = 2048;
    recipe.exponent = "100000001";
    certificate = make_certificate(&recipe);
    for (size_t i = 0; i < certificate->problems.count; i++)
        found += strstr(certificate->problems.items[i], "public exponent") != NULL ? 1 : 0;
    assert_int_equal(found, 1);
    certificate_free(certificate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_a_key_that_is_not_rsa), cmocka_unit_test(sees_a_weak_key),
        cmocka_unit_test(sees_wrong_usages),          cmocka_unit_test(sees_a_ca_and_a_web_server),
        cmocka_unit_test(sees_a_foreign_signature),   cmocka_unit_test(judges_signature_algorithms),
        cmocka_unit_test(sees_another_subject),       cmocka_unit_test(judges_lifetimes),
        cmocka_unit_test(judges_serial_and_version),  cmocka_unit_test(judges_broken_extensions),
        cmocka_unit_test(judges_exponents),
    };

    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
