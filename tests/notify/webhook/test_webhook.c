#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/https.h"
#include "notify/webhook/body.h"
#include "tests/notify/sample.h"

#define HOSTILE "<!channel> & [x](https://evil.test) \"\\\n\x1b[31m"

static const struct occasion expiry = {.kind = OCCASION_EXPIRY, .threshold_days = 30};
static const enum webhook_format formats[] = {WEBHOOK_TEAMS, WEBHOOK_SLACK, WEBHOOK_JSON};

static char *body_of(enum webhook_format format, const struct report *report, const struct occasion *occasion) {
    struct error err = {0};
    char *body = NULL;

    assert_true(webhook_body(format, &sample_speaker, report, occasion, &body, &err));
    return body;
}

static void says_what_matters(void **state) {
    struct sample sample;

    (void)state;
    sample_make(&sample);
    sample_did(&sample, ACT_DELIVER, SAMPLE_NEXT, false, "ex1.contoso.test said no");
    for (size_t i = 0; i < 3; i++) {
        char *body = body_of(formats[i], &sample.report, &expiry);

        assert_non_null(strstr(body, "WARNING authcert Contoso: "));
        assert_non_null(strstr(body, SAMPLE_CURRENT));
        assert_non_null(strstr(body, "ex1.contoso.test said no"));
        assert_non_null(strstr(body, "authcert -c /etc/authcert/contoso.conf check"));
        assert_true(strlen(body) < WEBHOOK_BODY_MOST);
        free(body);
    }
    sample_free(&sample);
}

static void assert_escaped_for_slack(const char *body) {
    const char *header = strstr(body, "plain_text");

    assert_non_null(header);
    assert_non_null(strstr(body, "&lt;!channel&gt; &amp; "));
    /* The header is no mark-up, so it is not escaped; nothing behind it is raw. */
    assert_null(strstr(strstr(header, "\"emoji\""), "<!channel>"));
}

static void hostile_names_are_escaped(void **state) {
    static char name[] = HOSTILE;
    struct sample sample;

    (void)state;
    sample_make(&sample);
    sample.facts.organization = name;
    sample_did(&sample, ACT_STAGE, SAMPLE_NEXT, true, HOSTILE);
    for (size_t i = 0; i < 3; i++) {
        char *body = body_of(formats[i], &sample.report, &expiry);

        for (const char *p = body; *p != '\0'; p++)
            assert_true((unsigned char)*p >= ' ');
        assert_null(strstr(body, "\\u001b"));
        if (formats[i] == WEBHOOK_SLACK)
            assert_escaped_for_slack(body);
        if (formats[i] == WEBHOOK_TEAMS)
            assert_null(strstr(body, "\"TextBlock\""));
        free(body);
    }
    sample_free(&sample);
}

static void never_too_large(void **state) {
    static char long_text[60000];
    struct sample sample;
    char name[64];

    (void)state;
    memset(long_text, '<', sizeof long_text - 1);
    sample_make(&sample);
    for (int i = 0; i < SAMPLE_SERVERS - 3; i++) {
        (void)snprintf(name, sizeof name, "a-server-with-a-very-long-name-%d.contoso.test", i);
        sample_server(&sample, name, PRESENCE_MISSING, PRESENCE_MISSING);
    }
    for (int i = 0; i < SAMPLE_DONE; i++)
        sample_did(&sample, ACT_STAGE, SAMPLE_NEXT, false, long_text);
    for (size_t i = 0; i < 3; i++) {
        char *body = body_of(formats[i], &sample.report, &expiry);

        assert_true(strlen(body) <= WEBHOOK_BODY_MOST);
        assert_non_null(strstr(body, "WARNING authcert Contoso: "));
        free(body);
    }
    sample_free(&sample);
}

static void blind_and_test(void **state) {
    const struct occasion blind = {
        .kind = OCCASION_BLIND, .known_end = SAMPLE_NOW + 9 * SAMPLE_DAY, .known_thumbprint = SAMPLE_CURRENT};
    const struct occasion test = {.kind = OCCASION_TEST};
    struct facts facts = {0};
    struct report report = {.checked_at = SAMPLE_NOW, .facts = &facts, .decision = {.status = STATUS_UNKNOWN}};

    (void)state;
    error_set(&facts.unreadable, ERROR_NETWORK, "nothing answers");
    for (size_t i = 0; i < 3; i++) {
        char *body = body_of(formats[i], &report, &blind);

        assert_non_null(strstr(body, "UNKNOWN authcert"));
        assert_non_null(strstr(body, "nothing answers") != NULL ? body : strstr(body, "cannot be read"));
        free(body);
        body = body_of(formats[i], &report, &test);
        assert_non_null(strstr(body, "TEST authcert"));
        assert_non_null(strstr(body, "Nothing needs doing"));
        free(body);
    }
}

/* Like a mail: what else is news besides the subject. */
static void all_clear_beside_what_was_done(void **state) {
    const struct occasion clear = {.kind = OCCASION_DONE, .recovered = true, .blind_since = SAMPLE_NOW - SAMPLE_DAY};
    struct sample sample;

    (void)state;
    sample_make(&sample);
    sample_did(&sample, ACT_STAGE, SAMPLE_NEXT, true, "written");
    for (size_t i = 0; i < 3; i++) {
        char *body = body_of(formats[i], &sample.report, &clear);

        assert_non_null(strstr(body, "It is the all-clear too"));
        assert_non_null(strstr(body, "The directory can be read again"));
        free(body);
    }
    sample_free(&sample);
}

static void short_form_is_always_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct error err = {0};
        char *one = NULL, *other = NULL;

        assert_true(webhook_body_short(formats[i], &sample_speaker, "CRITICAL a <b>", &one, &err));
        assert_true(webhook_body_short(formats[i], &sample_speaker, "CRITICAL a <b>", &other, &err));
        assert_string_equal(one, other);
        assert_true(strlen(one) < 2000);
        assert_non_null(strstr(one, "CRITICAL a "));
        free(one);
        free(other);
    }
}

static void addresses(void **state) {
    static const char *const good[] = {"https://a.test/x", "HTTPS://hooks.contoso.test:8443/a?b=%2F",
                                       "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x"};
    static const char *const bad[] = {"",
                                      "hooks.contoso.test/x",
                                      "https://",
                                      "https:///x",
                                      "https://:443/x",
                                      "http://contoso.test/x",
                                      "http://127.0.0.1.evil.test/x",
                                      "http://localhost.evil.test/x",
                                      "http://localhost:x@evil.test/x",
                                      "http://[::1]@evil.test/x",
                                      "http://127.0.0.1:1@evil.test/x",
                                      "ftp://a.test/",
                                      "https://a.test/x y",
                                      "https://a.test/\xc3\xa4",
                                      "https://a.test/x\ny"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct secret secret = {.value = (char *)good[i], .length = strlen(good[i])};
        struct error err = {0};

        assert_true(https_address_valid(&secret, &err));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct secret secret = {.value = (char *)bad[i], .length = strlen(bad[i])};
        struct error err = {0};

        assert_false(https_address_valid(&secret, &err));
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_null(strstr(err.text, "test/"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_matters),
        cmocka_unit_test(hostile_names_are_escaped),
        cmocka_unit_test(never_too_large),
        cmocka_unit_test(blind_and_test),
        cmocka_unit_test(all_clear_beside_what_was_done),
        cmocka_unit_test(short_form_is_always_the_same),
        cmocka_unit_test(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
