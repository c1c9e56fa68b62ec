#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/document_cache.h"

static struct document_cache cache;

static int clean(void **state) {
    (void)state;
    document_cache_free(&cache);
    cache = (struct document_cache){0};
    return 0;
}

static struct text body_of(const char *text) {
    struct text body = {0};

    text_add(&body, text);
    assert_false(body.failed);
    return body;
}

static void remember(const char *text, const char *fqdn, const char *realm) {
    struct document document = {.realm = (char *)(uintptr_t)realm,
                                .service_name = (char *)(uintptr_t) "service",
                                .thumbprints = {"0123456789012345678901234567890123456789"},
                                .count = 1};
    struct text body = body_of(text);

    document_cache_add(&cache, &body, fqdn, &document);
    text_free(&body);
}

static const struct cached_document *find(const char *text, const char *fqdn) {
    struct text body = body_of(text);
    const struct cached_document *found = document_cache_find(&cache, &body, fqdn);

    text_free(&body);
    return found;
}

static void finds_what_differs_by_the_name_alone(void **state) {
    const struct cached_document *found;

    (void)state;
    remember("{\"id\":\"https://ex1.contoso.test/\",\"x\":\"ex1.contoso.test\"}", "ex1.contoso.test", "contoso.test");
    found =
        find("{\"id\":\"https://exchange2.contoso.test/\",\"x\":\"exchange2.contoso.test\"}", "exchange2.contoso.test");
    assert_non_null(found);
    assert_string_equal(found->realm, "contoso.test");
    assert_int_equal(found->count, 1);
    assert_string_equal(found->thumbprints[0], "0123456789012345678901234567890123456789");
    assert_null(find("{\"id\":\"https://ex2.contoso.test/\",\"x\":\"ex1.contoso.test\"}", "ex2.contoso.test"));
    assert_null(find("{\"id\":\"https://ex2.contoso.test/\",\"x\":\"ex2.contoso.test\"} ", "ex2.contoso.test"));
}

static void does_not_compare_what_might_deceive(void **state) {
    struct text nul = {0};

    (void)state;
    /* A name that could be a piece of base64. */
    remember("{\"v\":\"MIIx\"}", "MII", "contoso.test");
    assert_null(find("{\"v\":\"abcx\"}", "abc"));
    assert_null(cache.documents[0].text);
    /* The realm would be that of the other server. */
    remember("{\"realm\":\"ex1.contoso.test\"}", "ex1.contoso.test", "ex1.contoso.test");
    assert_null(find("{\"realm\":\"ex2.contoso.test\"}", "ex2.contoso.test"));
    /* Bytes that look like a place from which a name was taken. */
    remember("{\"id\":\"ex1.contoso.test\"}", "ex1.contoso.test", "contoso.test");
    text_add_bytes(&nul, "{\"id\":\"\0\"}", 10);
    assert_null(document_cache_find(&cache, &nul, "ex2.contoso.test"));
    text_free(&nul);
    assert_non_null(find("{\"id\":\"ex2.contoso.test\"}", "ex2.contoso.test"));
}

static void remembers_the_last_ones(void **state) {
    static const char *const texts[] = {"{0}", "{1}", "{2}", "{3}", "{4}"};

    (void)state;
    assert_null(find("{0}", "ex1.contoso.test"));
    for (size_t i = 0; i <= DOCUMENT_CACHE_MOST; i++)
        remember(texts[i], "ex1.contoso.test", "contoso.test");
    assert_null(find(texts[0], "ex1.contoso.test"));
    for (size_t i = 1; i <= DOCUMENT_CACHE_MOST; i++)
        assert_non_null(find(texts[i], "ex2.contoso.test"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(finds_what_differs_by_the_name_alone, clean),
        cmocka_unit_test_teardown(does_not_compare_what_might_deceive, clean),
        cmocka_unit_test_teardown(remembers_the_last_ones, clean),
    };

    return cmocka_run_group_tests_name("document_cache", tests, NULL, NULL);
}
