#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "probe/document.h"
#include "tests/core/make_certificate.h"

/* A good document, and documents with one thing wrong each. */

static struct certificate *first;
static struct certificate *second;

static int make(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    first = make_certificate(&recipe);
    recipe.serial = "1234";
    second = make_certificate(&recipe);
    return 0;
}

static int clean(void **state) {
    (void)state;
    certificate_free(first);
    certificate_free(second);
    return 0;
}

static char *base64(const unsigned char *bytes, size_t length) {
    char *text = calloc(1, length / 3 * 4 + 5);

    assert_non_null(text);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

static char *x5t_of(const struct certificate *certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length;
    char *text;

    assert_int_equal(EVP_Digest(certificate->der, certificate->der_length, digest, &length, EVP_sha1(), NULL), 1);
    text = base64(digest, length);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
    return text;
}

/* One entry of "keys"; x5t or value of others where they are given. */
static char *entry(const struct certificate *certificate, const char *x5t, const char *value) {
    char *own_x5t = x5t_of(certificate);
    char *own_value = base64(certificate->der, certificate->der_length);
    struct text out = {0};

    text_format(&out,
                "{\"usage\":\"Signing\",\"keyinfo\":{\"x5t\":\"%s\"},\"keyvalue\":{\"type\":\"x509Certificate\","
                "\"value\":\"%s\"}}",
                x5t ? x5t : own_x5t, value ? value : own_value);
    free(own_x5t);
    free(own_value);
    return text_take(&out);
}

/* A document with these keys, for as long as the next call. */
static const char *with_keys(const char *one, const char *other) {
    static char *kept;
    struct text out = {0};

    text_format(&out, "{\"realm\":\"contoso.test\",\"serviceName\":\"service\",\"issuer\":\"x\",\"keys\":[%s%s%s]}",
                one, other[0] ? "," : "", other);
    free(kept);
    kept = text_take(&out);
    assert_non_null(kept);
    return kept;
}

static void accept(const char *text, const struct probed *known, struct document *ret_document) {
    struct error err = {0};

    if (!document_parse(text, strlen(text), known, ret_document, &err))
        fail_msg("%s", err.text);
}

static void refuse(const char *text, size_t length, const char *why) {
    struct document document = {.count = 77};
    struct error err = {0};

    assert_false(document_parse(text, length, NULL, &document, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (strstr(err.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    assert_int_equal(document.count, 77);
}

static void reads_a_good_one(void **state) {
    char *one = entry(first, NULL, NULL);
    char *other = entry(second, NULL, NULL);
    struct document document;

    (void)state;
    accept(with_keys(one, other), NULL, &document);
    assert_string_equal(document.realm, "contoso.test");
    assert_string_equal(document.service_name, "service");
    assert_int_equal(document.count, 2);
    assert_string_equal(document.thumbprints[0], first->thumbprint);
    assert_string_equal(document.certificates[1]->thumbprint, second->thumbprint);
    document_free(&document);
    free(one);
    free(other);
}

static void reads_one_without_keys_or_names(void **state) {
    struct document document;

    (void)state;
    accept(" {\"keys\":[]}", NULL, &document);
    assert_string_equal(document.realm, "");
    assert_string_equal(document.service_name, "");
    assert_int_equal(document.count, 0);
    document_free(&document);
}

static void lists_a_certificate_once(void **state) {
    char *one = entry(first, NULL, NULL);
    struct document document;

    (void)state;
    accept(with_keys(one, one), NULL, &document);
    assert_int_equal(document.count, 1);
    document_free(&document);
    free(one);
}

static void does_not_parse_a_known_one_again(void **state) {
    char *one = entry(first, NULL, NULL);
    char *other = entry(second, NULL, NULL);
    struct probed known = {.certificates = &first, .certificate_count = 1};
    struct document document;

    (void)state;
    accept(with_keys(one, other), &known, &document);
    assert_int_equal(document.count, 2);
    assert_null(document.certificates[0]);
    assert_string_equal(document.thumbprints[0], first->thumbprint);
    assert_non_null(document.certificates[1]);
    document_free(&document);
    free(one);
    free(other);
}

static void refuses_another_one_with_a_known_thumbprint(void **state) {
    char *one = entry(first, NULL, NULL);
    struct certificate forged = *first;
    struct certificate *list = &forged;
    struct probed known = {.certificates = &list, .certificate_count = 1};
    struct document document;
    struct error err = {0};
    const char *text = with_keys(one, "");

    (void)state;
    forged.der = second->der;
    forged.der_length = second->der_length;
    assert_false(document_parse(text, strlen(text), &known, &document, &err));
    assert_non_null(strstr(err.text, "of another one"));
    free(one);
}

static void passes_over_what_is_not_for_signing(void **state) {
    struct document document;

    (void)state;
    accept(
        "{\"keys\":[{\"usage\":\"Encryption\"},{\"usage\":\"Signing\",\"keyvalue\":{\"type\":\"RSA\",\"value\":1}}]}",
        NULL, &document);
    assert_int_equal(document.count, 0);
    document_free(&document);
}

static void refuses_what_is_no_document(void **state) {
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "empty"},
        {" \r\n\t", "empty"},
        {"<html>", "web page"},
        {"\r\n <!DOCTYPE html>", "web page"},
        {"{\"keys\":[", "no JSON (line 1"},
        {"{\"keys\":[]}x", "no JSON"},
        {"{\"keys\":[],\"keys\":[]}", "duplicate"},
        {"{\"realm\":\"\\u0000\",\"keys\":[]}", "no JSON"},
        {"{\"realm\":\"\xff\",\"keys\":[]}", "no JSON"},
        {"[]", "no object"},
        {"7", "no JSON"},
        {"{}", "no \"keys\""},
        {"{\"keys\":{}}", "no list"},
        {"{\"keys\":[7]}", "key 1: it is no object"},
        {"{\"keys\":[{}]}", "no \"usage\""},
        {"{\"keys\":[{\"usage\":7}]}", "\"usage\" is no string"},
        {"{\"keys\":[{\"usage\":\"Signing\",\"keyvalue\":7}]}", "\"keyvalue\" is no object"},
        {"{\"keys\":[{\"usage\":\"Signing\",\"keyvalue\":{\"type\":7}}]}", "\"type\" is no string"},
        {"{\"keys\":[{\"usage\":\"Signing\",\"keyvalue\":{\"type\":\"x509Certificate\"}}]}",
         "\"keyinfo\" is no object"},
        {"{\"keys\":[{\"usage\":\"Signing\",\"keyinfo\":{\"x5t\":7},\"keyvalue\":{\"type\":\"x509Certificate\"}}]}",
         "\"x5t\" is no string"},
        {"{\"keys\":[{\"usage\":\"Signing\",\"keyinfo\":{\"x5t\":\"a\"},\"keyvalue\":{\"type\":\"x509Certificate\"}}]}",
         "no \"value\""},
        {"{\"realm\":7,\"keys\":[]}", "\"realm\" is no string"},
        {"{\"serviceName\":[],\"keys\":[]}", "\"serviceName\" is no string"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuse(bad[i].text, strlen(bad[i].text), bad[i].why);
    refuse("{\"keys\":[]}\0", 12, "no JSON");
}

static void refuses_a_certificate_that_is_not_the_named_one(void **state) {
    char *x5t = x5t_of(second);
    const char *names[] = {x5t, "", "AAAA", "====", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAB"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *one = entry(first, names[i], NULL);
        const char *text = with_keys(one, "");

        refuse(text, strlen(text), "is not that of its certificate");
        free(one);
    }
    free(x5t);
}

static void refuses_what_is_no_base64(void **state) {
    char *value = base64(first->der, first->der_length);
    size_t length = strlen(value);
    const char *bad[] = {"", "A", "AAA", "====", "A===", "AA=A", "AA A", "AAA\\n", "AA-_", "AB==", "AAB=", "MAAA===="};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *one = entry(first, NULL, bad[i]);
        const char *text = with_keys(one, "");

        refuse(text, strlen(text), "no base64");
        free(one);
    }
    value[length / 2] = '!';
    {
        char *one = entry(first, NULL, value);
        const char *text = with_keys(one, "");

        refuse(text, strlen(text), "no base64");
        free(one);
    }
    free(value);
}

static void refuses_what_is_no_certificate(void **state) {
    static const unsigned char bytes[] = {0x30, 0x03, 0x02, 0x01, 0x00, 0x00};
    struct certificate fake = {.der = (unsigned char *)(uintptr_t)bytes, .der_length = sizeof(bytes)};
    char *one = entry(&fake, NULL, NULL);
    const char *text = with_keys(one, "");

    (void)state;
    refuse(text, strlen(text), "key 1: ");
    free(one);
}

static void refuses_what_is_too_large(void **state) {
    size_t length = DOCUMENT_MOST + 1;
    char *text = malloc(length);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', length);
    refuse(text, length, "larger than 256 KiB");
    memset(text, '[', length);
    refuse(text, 10000, "nested more than 32 deep");
    for (size_t i = 0; i < 10000; i += 2)
        memcpy(text + i, i == 0 ? "[7" : ",7", 2);
    refuse(text, 10000, "more than 4096 values");
    memset(text, 'a', length);
    memcpy(text, "{\"realm\":\"", 10);
    memcpy(text + 1000, "\",\"keys\":[]}", 12);
    refuse(text, 1012, "longer than 512 bytes");
    free(text);
}

static void refuses_too_many_certificates(void **state) {
    struct recipe recipe = recipe_good();
    struct text keys = {0};
    char serial[16];

    (void)state;
    for (int i = 0; i <= DOCUMENT_KEYS_MOST; i++) {
        struct certificate *certificate;
        char *one;

        snprintf(serial, sizeof(serial), "%X", 0x4000 + i);
        recipe.serial = serial;
        certificate = make_certificate(&recipe);
        one = entry(certificate, NULL, NULL);
        text_format(&keys, "%s%s", i ? "," : "", one);
        free(one);
        certificate_free(certificate);
    }
    {
        const char *text = with_keys(keys.value, "");

        refuse(text, strlen(text), "more than 32 certificates");
    }
    text_free(&keys);
}

static void makes_names_printable(void **state) {
    struct document document;

    (void)state;
    accept("{\"realm\":\"a\\u001b[2J\",\"serviceName\":null,\"keys\":[]}", NULL, &document);
    assert_string_equal(document.realm, "a\\x1b[2J");
    assert_string_equal(document.service_name, "");
    document_free(&document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_good_one),
        cmocka_unit_test(reads_one_without_keys_or_names),
        cmocka_unit_test(lists_a_certificate_once),
        cmocka_unit_test(does_not_parse_a_known_one_again),
        cmocka_unit_test(refuses_another_one_with_a_known_thumbprint),
        cmocka_unit_test(passes_over_what_is_not_for_signing),
        cmocka_unit_test(refuses_what_is_no_document),
        cmocka_unit_test(refuses_a_certificate_that_is_not_the_named_one),
        cmocka_unit_test(refuses_what_is_no_base64),
        cmocka_unit_test(refuses_what_is_no_certificate),
        cmocka_unit_test(refuses_what_is_too_large),
        cmocka_unit_test(refuses_too_many_certificates),
        cmocka_unit_test(makes_names_printable),
    };

    return cmocka_run_group_tests_name("document", tests, make, clean);
}
