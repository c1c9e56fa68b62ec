#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/certificate.h"
#include "tests/core/make_certificate.h"

/* One record of Windows' container behind *length bytes. */
static void put_record(unsigned char *out, size_t *length, uint32_t id, const void *data, size_t size) {
    const uint32_t numbers[] = {id, 1, (uint32_t)size};

    for (size_t i = 0; i < 12; i++)
        out[(*length)++] = (unsigned char)(numbers[i / 4] >> (8 * (i % 4)));
    memcpy(out + *length, data, size);
    *length += size;
}

/* From a copy of exactly the size, so that the sanitizer sees the first byte read behind it. */
static void check_serialized(const unsigned char *data, size_t length, const char *thumbprint, const char *part) {
    unsigned char *copy = malloc(length > 0 ? length : 1);
    struct certificate *certificate = NULL;
    struct error err = {0};

    assert_non_null(copy);
    memcpy(copy, data, length);
    if (certificate_parse_serialized(copy, length, &certificate, &err)) {
        assert_non_null(thumbprint);
        assert_string_equal(certificate->thumbprint, thumbprint);
    } else {
        if (part == NULL || strstr(err.text, part) == NULL)
            fail_msg("not expected: %s", err.text);
        assert_int_equal(err.kind, ERROR_DATA);
        assert_null(certificate);
    }
    certificate_free(certificate);
    free(copy);
}

static void reads_the_windows_container(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *good = make_certificate(&recipe);
    unsigned char data[8192];
    size_t length = 0;
    size_t before;

    (void)state;
    put_record(data, &length, 11, "n\0a\0m\0e\0\0\0", 10);
    before = length;
    check_serialized(data, length, NULL, "no certificate");
    put_record(data, &length, 0x20, good->der, good->der_length);
    check_serialized(data, length, good->thumbprint, NULL);
    check_serialized(good->der, good->der_length, good->thumbprint, NULL);
    for (size_t cut = 0; cut < length; cut++)
        check_serialized(data, cut, NULL,
                         cut < 12        ? "certificate"
                         : cut == before ? "no certificate"
                                         : "no whole record");
    /* A property may also stand behind it. */
    put_record(data, &length, 3, "01234567890123456789", 20);
    check_serialized(data, length, good->thumbprint, NULL);
    data[length] = 0;
    check_serialized(data, length + 1, NULL, "no whole record");
    put_record(data, &length, 0x20, good->der, good->der_length);
    check_serialized(data, length, NULL, "two certificates");
    /* A length beyond the end, and an encoding that is not X.509. */
    memset(data + 8, 0xff, 4);
    check_serialized(data, length, NULL, "no whole record stands at byte 0");
    length = 0;
    put_record(data, &length, 0x20, "hello", 5);
    check_serialized(data, length, NULL, "no DER certificate");
    data[4] = 2;
    check_serialized(data, length, NULL, "no DER certificate");
    certificate_free(good);
}

static void refuses_a_huge_container(void **state) {
    size_t size = (size_t)1024 * 1024;
    unsigned char *data = calloc(1, size + 64);
    unsigned char *filling = calloc(1, size);
    size_t length = 0;

    (void)state;
    assert_non_null(data);
    assert_non_null(filling);
    put_record(data, &length, 11, filling, size);
    check_serialized(data, length, NULL, "more than");
    free(data);
    free(filling);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_windows_container),
        cmocka_unit_test(refuses_a_huge_container),
    };

    return cmocka_run_group_tests_name("serialized", tests, NULL, NULL);
}
