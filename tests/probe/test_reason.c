#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509_vfy.h>

#include "probe/reason.h"

/* Each way in which a request can end, and what the admin reads. */

static void check(const struct answer *answer, enum probed_outcome outcome, const char *says) {
    struct text sentence = {0};

    assert_int_equal(reason_explain(answer, "ex1.contoso.test", 7, &sentence), outcome);
    if (says == NULL) {
        assert_null(sentence.value);
        return;
    }
    assert_non_null(sentence.value);
    if (strstr(sentence.value, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", sentence.value, says);
    text_free(&sentence);
}

static void only_without_connection_it_is_unreachable(void **state) {
    (void)state;
    check(&(struct answer){.ending = ENDING_NO_NAME}, PROBED_UNREACHABLE, "not known to DNS");
    check(&(struct answer){.ending = ENDING_NO_CONNECTION, .detail = "Connection refused"}, PROBED_UNREACHABLE,
          "no connection (Connection refused)");
    check(&(struct answer){.ending = ENDING_LATE}, PROBED_UNREACHABLE, "no connection within 7 seconds");
    check(&(struct answer){.ending = ENDING_LATE, .connected = true}, PROBED_UNCLEAR, "did not finish TLS");
    check(&(struct answer){.ending = ENDING_LATE, .connected = true, .secured = true}, PROBED_UNCLEAR,
          "did not answer within 7 seconds");
    check(&(struct answer){.ending = ENDING_LATE, .connected = true, .secured = true, .status = 200}, PROBED_UNCLEAR,
          "not complete after 7 seconds");
    check(&(struct answer){.ending = ENDING_NO_TLS, .detail = "wrong version number"}, PROBED_UNCLEAR,
          "TLS failed: wrong version number");
    check(&(struct answer){.ending = ENDING_NO_TLS, .detail = "error:0A00018A:SSL routines::dh key too small"},
          PROBED_UNCLEAR, "switch on ECDHE");
    check(&(struct answer){.ending = ENDING_NO_TLS, .detail = "error:0A000102:SSL routines::unsupported protocol"},
          PROBED_UNCLEAR, "no TLS 1.2 or later");
    check(&(struct answer){.ending = ENDING_HEADERS_LONG}, PROBED_UNCLEAR, "more headers");
    check(&(struct answer){.ending = ENDING_BODY_LONG}, PROBED_UNCLEAR, "more than a metadata document");
    check(&(struct answer){.ending = ENDING_BROKEN, .detail = "Empty reply"}, PROBED_UNCLEAR,
          "broke off (Empty reply)");
    check(&(struct answer){.ending = ENDING_LOCAL, .detail = "Out of memory"}, PROBED_UNCLEAR, "this host could not");
}

static void certificates_are_told_apart(void **state) {
    static const struct {
        long result;
        const char *says;
    } cases[] = {
        {X509_V_OK, "not for the name ex1.contoso.test"},
        {X509_V_ERR_UNSPECIFIED, "not for the name ex1.contoso.test"},
        {X509_V_ERR_CERT_HAS_EXPIRED, "has expired"},
        {X509_V_ERR_CERT_NOT_YET_VALID, "not valid yet"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "self-signed"},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "CA that is not trusted here"},
        {X509_V_ERR_CERT_REVOKED, "refused: libcurl's words; have it issued again"},
        {X509_V_ERR_EE_KEY_TOO_SMALL, "its key is too short"},
        {X509_V_ERR_CA_KEY_TOO_SMALL, "the key of a CA above it is too short"},
        {X509_V_ERR_CA_MD_TOO_WEAK, "signed with SHA-1 or MD5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&(struct answer){.ending = ENDING_UNTRUSTED,
                               .connected = true,
                               .verify_result = cases[i].result,
                               .detail = "libcurl's words"},
              PROBED_UNCLEAR, cases[i].says);
}

static void statuses_are_told_apart(void **state) {
    static const struct {
        int status;
        const char *says;
    } cases[] = {{302, "points to https://login.contoso.test"},
                 {401, "wants a log-in"},
                 {403, "forbids"},
                 {404, "no such document"},
                 {500, "lacks the current auth certificate"},
                 {503, "not available"},
                 {204, "HTTP 204"},
                 {418, "HTTP 418"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&(struct answer){.status = cases[i].status, .location = "https://login.contoso.test"}, PROBED_UNCLEAR,
              cases[i].says);
    check(&(struct answer){.status = 301}, PROBED_UNCLEAR, "points to nowhere");
    check(&(struct answer){.status = 200}, PROBED_READ, NULL);
    check(&(struct answer){.status = 200, .encoding = "gzip"}, PROBED_UNCLEAR, "encoded (gzip)");
}

static void header(struct answer *answer, const char *line) {
    answer_header(answer, line, strlen(line));
}

static void headers_are_taken(void **state) {
    struct answer answer = {0};

    (void)state;
    header(&answer, "Locations: no\r\n");
    header(&answer, "Location");
    header(&answer, "content-encoding: Identity\r\n");
    header(&answer, "Transfer-Encoding:chunked\r\n");
    assert_string_equal(answer.location, "");
    assert_string_equal(answer.encoding, "");
    header(&answer, "LOCATION: \thttps://a\x1b[2J \r\n");
    header(&answer, "Date: Sun, 22 Nov 2026 03:00:00 GMT\r\n");
    header(&answer, "Transfer-Encoding: gzip, chunked\r\n");
    header(&answer, "Content-Encoding: br\r\n");
    assert_string_equal(answer.location, "https://a\\x1b[2J");
    assert_string_equal(answer.date, "Sun, 22 Nov 2026 03:00:00 GMT");
    assert_string_equal(answer.encoding, "gzip, chunked");
    answer_free(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_without_connection_it_is_unreachable),
        cmocka_unit_test(certificates_are_told_apart),
        cmocka_unit_test(statuses_are_told_apart),
        cmocka_unit_test(headers_are_taken),
    };

    return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
