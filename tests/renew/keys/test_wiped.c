/* After each act on a private key the whole memory of this process is searched for pieces of it: only the copy that the
 * caller still holds may be there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/heap.h"
#include "renew/keys/bundle.h"
#include "renew/keys/keypair.h"
#include "renew/keys/keystore.h"
#include "renew/keys/pfx_write.h"
#include "tests/needle.h"
#include "tests/scratch.h"

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */

/* The content of the DER value at *at, which moves behind it. */
static const unsigned char *value_of(const unsigned char **at, size_t *ret_length) {
    const unsigned char *start = *at + 2;
    size_t length = (*at)[1];

    if (length > 127) {
        size_t octets = length & 127;

        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | *start++;
    }
    *ret_length = length;
    *at = start + length;
    return start;
}

/* Exponent d and prime p of PKCS #8 (RFC 5208, RFC 8017 A.1.2), from the middle of each. */
static void take_needles(const struct secret *key, struct needle ret_needles[2]) {
    const unsigned char *at = (const unsigned char *)key->value;
    const unsigned char *value;
    size_t length;

    at = value_of(&at, &length); /* PrivateKeyInfo */
    (void)value_of(&at, &length);
    (void)value_of(&at, &length);
    at = value_of(&at, &length); /* the octet string */
    at = value_of(&at, &length); /* RSAPrivateKey */
    for (int i = 0; i < 3; i++)
        (void)value_of(&at, &length);
    for (int i = 0; i < 2; i++) {
        value = value_of(&at, &length);
        assert_true(length > 100);
        ret_needles[i] = needle_of(value + length / 2);
    }
}

static struct needle needles[2];

static void counts(size_t expected) {
    for (int i = 0; i < 2; i++) {
        size_t seen = needle_count(&needles[i]);

        if (seen != expected)
            fail_msg("%s stands in memory %zu times, not %zu", i == 0 ? "d" : "p", seen, expected);
    }
}

static void keypairs(void **state) {
    struct keypair pair = {0};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err));
    take_needles(&pair.key, needles);
    counts(1);
    assert_true(keypair_matches(&pair, &err));
    counts(1);
    keypair_free(&pair);
    counts(0);
}

static void pfx(void **state) {
    struct keypair pair = {0};
    struct secret password = {0};
    struct secret der = {0};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err));
    take_needles(&pair.key, needles);
    assert_true(pfx_random_password(&password, &err));
    for (enum pfx_form form = PFX_LEGACY; form <= PFX_MODERN; form++) {
        assert_true(pfx_write(&pair, &password, form, NOW, &der, &err));
        secret_free(&der);
    }
    counts(1);
    keypair_free(&pair);
    secret_free(&password);
    counts(0);
}

/* Read back as an admin's file, with the keys taken out of it and without. */
static void bundles(void **state) {
    struct keypair pair = {0};
    struct secret password = {0};
    struct secret der = {0};
    struct bundle bundle = {0};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err));
    take_needles(&pair.key, needles);
    assert_true(pfx_random_password(&password, &err));
    for (enum pfx_form form = PFX_LEGACY; form <= PFX_MODERN; form++) {
        assert_true(pfx_write(&pair, &password, form, NOW, &der, &err));
        assert_true(bundle_read_keys((unsigned char *)der.value, der.length, &password, &bundle, &err));
        counts(2);
        bundle_free(&bundle);
        assert_true(bundle_read((unsigned char *)der.value, der.length, &password, &bundle, &err));
        counts(1);
        bundle_free(&bundle);
        secret_free(&der);
    }
    keypair_free(&pair);
    secret_free(&password);
    counts(0);
}

static void keystores(void **state) {
    struct secret password = {0};
    struct error err = {0};

    (void)state;
    assert_true(pfx_random_password(&password, &err));
    for (int i = 0; i < 2; i++) {
        struct keypair pair = {0};
        struct keypair opened = {0};
        struct scratch scratch;
        struct keystore store;
        char thumbprint[THUMBPRINT_SIZE];

        scratch_make(&scratch);
        store = (struct keystore){.state = scratch.folder, .password = i == 0 ? &password : NULL};
        assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err));
        memcpy(thumbprint, pair.certificate->thumbprint, sizeof(thumbprint));
        take_needles(&pair.key, needles);
        assert_true(keystore_keep(&store, &pair, &err));
        counts(1);
        keypair_free(&pair);
        counts(0);
        assert_true(keystore_open(&store, thumbprint, &opened, &err));
        counts(1);
        keypair_free(&opened);
        counts(0);
        scratch_remove(&scratch);
    }
    secret_free(&password);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keypairs),
        cmocka_unit_test(pfx),
        cmocka_unit_test(bundles),
        cmocka_unit_test(keystores),
    };

    if (!heap_wipe_openssl())
        return 1;
    return cmocka_run_group_tests_name("wiped", tests, NULL, NULL);
}
