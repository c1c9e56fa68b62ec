#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "entra/answer.h"

#define GUID "11111111-2222-3333-4444-555555555555"

static struct entra_verdict judge(int status, const char *body, struct secret *ret_token) {
    struct entra_verdict verdict;
    char *copy = strdup(body);

    assert_non_null(copy);
    answer_judge_login(status, copy, strlen(copy), ret_token, &verdict);
    free(copy);
    return verdict;
}

static void a_token_is_a_yes_and_is_wiped_where_it_stood(void **state) {
    static const char *const bodies[] = {
        "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"eyJ0.eXA-_x.y\"}",
        "{ \"access_token\" : \"eyJ0.eXA-_x.y\" }",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct secret token = {0};
        struct entra_verdict verdict;
        char copy[256] = "";

        memcpy(copy, bodies[i], strlen(bodies[i]));
        answer_judge_login(200, copy, strlen(copy), &token, &verdict);
        assert_int_equal(verdict.accepts, ANSWER_YES);
        assert_string_equal(token.value, "eyJ0.eXA-_x.y");
        assert_null(strstr(copy, "eyJ0"));
        secret_free(&token);
        assert_int_equal(judge(200, bodies[i], NULL).accepts, ANSWER_YES);
    }
}

/* Whatever looks like a yes and is none. */
static void nothing_else_is_a_yes(void **state) {
    static const struct {
        int status;
        const char *body;
    } answers[] = {
        {200, ""},
        {200, "<html>Please log in to the guest network</html>"},
        {200, "{}"},
        {200, "[]"},
        {200, "null"},
        {200, "{\"access_token\":\"\"}"},
        {200, "{\"access_token\":7}"},
        {200, "{\"access_token\":null}"},
        {200, "{\"access_token\":\"a b\"}"},
        {200, "{\"access_token\":\"abc\""},
        {200, "{\"x\":\"\\\"access_token\\\":\\\"abc\\\"\"}"},
        {200, "{\"x\":{\"access_token\":\"abc\"}}"},
        {200, "{\"access_token\":\"abc\",\"access_token\":\"abd\"}"},
        {200, "\"access_token\":\"abc\""},
        {200, "{\"access_token\":\"abc\"} "
              "{}"},
        {201, "{\"access_token\":\"abc\"}"},
        {204, ""},
        {302, "{\"access_token\":\"abc\"}"},
        {401, "{\"access_token\":\"abc\"}"},
        {500, "{\"access_token\":\"abc\"}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct secret token = {0};
        const struct entra_verdict verdict = judge(answers[i].status, answers[i].body, &token);

        if (verdict.accepts != ANSWER_UNKNOWN || token.value != NULL || verdict.said[0] == '\0')
            fail_msg("%d %s", answers[i].status, answers[i].body);
    }
}

static void only_700027_is_a_no(void **state) {
    static const struct {
        int status;
        const char *body;
        enum answer accepts;
        int code;
    } answers[] = {
        /* The older and the newer wording; the number decides. */
        {401,
         "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700027: Client assertion contains an invalid "
         "signature. [Reason - The key was not found., Thumbprint of key used by client: "
         "'AB'\",\"error_codes\":[700027]}",
         ANSWER_NO, 700027},
        {401,
         "{\"error\":\"invalid_client\",\"error_description\":\"The certificate with identifier used to sign the "
         "client "
         "assertion is not registered on application.\",\"error_codes\":[700027],\"trace_id\":7}",
         ANSWER_NO, 700027},
        {400, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700027: x\"}", ANSWER_NO, 700027},
        {429, "{\"error\":\"x\",\"error_codes\":[700027]}", ANSWER_UNKNOWN, 0},
        {503, "{\"error\":\"x\",\"error_codes\":[700027]}", ANSWER_UNKNOWN, 0},
        {200, "{\"error\":\"x\",\"error_codes\":[700027]}", ANSWER_UNKNOWN, 0},
        {403, "{\"error\":\"x\",\"error_codes\":[700027]}", ANSWER_UNKNOWN, 700027},
        {400, "{\"error\":\"x\",\"error_codes\":[700016]}", ANSWER_UNKNOWN, 700016},
        {400, "{\"error\":\"x\",\"error_codes\":[90002]}", ANSWER_UNKNOWN, 90002},
        {401, "{\"error\":\"x\",\"error_codes\":[7000112]}", ANSWER_UNKNOWN, 7000112},
        {401, "{\"error\":\"x\",\"error_codes\":[700024]}", ANSWER_UNKNOWN, 700024},
        {401, "{\"error\":\"x\",\"error_codes\":[50027]}", ANSWER_UNKNOWN, 50027},
        {400, "{\"error\":\"x\",\"error_codes\":[53003]}", ANSWER_UNKNOWN, 53003},
        {401, "{\"error\":\"x\",\"error_codes\":[999999999]}", ANSWER_UNKNOWN, 999999999},
        {401, "{\"error\":\"x\",\"error_codes\":[-700027, 1e99, \"700027\", 99999999999999]}", ANSWER_UNKNOWN, 0},
        {401, "{\"error\":\"x\",\"error_codes\":700027}", ANSWER_UNKNOWN, 0},
        {401, "{\"error\":\"x\",\"error_description\":\"AADSTS\"}", ANSWER_UNKNOWN, 0},
        {401, "{\"error\":\"x\",\"error_description\":\"AADSTS99999999999999999999\"}", ANSWER_UNKNOWN, 0},
        {401, "700027", ANSWER_UNKNOWN, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const struct entra_verdict verdict = judge(answers[i].status, answers[i].body, NULL);

        if (verdict.accepts != answers[i].accepts || verdict.code != answers[i].code || verdict.said[0] == '\0')
            fail_msg("%d %s: %d %d %s", answers[i].status, answers[i].body, (int)verdict.accepts, verdict.code,
                     verdict.said);
    }
}

/* What it says is never repeated. */
static void no_text_of_an_answer_is_shown(void **state) {
    static const char body[] =
        "{\"error\":\"evil-error\",\"error_description\":\"evil \\u001b[31m text\",\"error_codes\":"
        "[1],\"error_uri\":\"https://evil.test/\"}";
    struct entra_outcome outcome;

    (void)state;
    assert_null(strstr(judge(401, body, NULL).said, "evil"));
    answer_judge_change(403,
                        "{\"error\":{\"code\":\"evil\",\"message\":\"evil\",\"innerError\":{\"request-id\":\"evil\"}}}",
                        86, true, &outcome);
    assert_null(strstr(outcome.said, "evil"));
}

static void a_change_is_done_only_when_it_says_so(void **state) {
    static const struct {
        int status;
        const char *body;
        bool adds;
        enum entra_result result;
        const char *said;
    } answers[] = {
        {200, "{\"keyId\":\"" GUID "\",\"type\":\"AsymmetricX509Cert\"}", true, ENTRA_DONE, ""},
        {200, "{\"keyId\":\"no identifier\"}", true, ENTRA_DONE, ""},
        {201, "{}", true, ENTRA_DONE, ""},
        {204, "", false, ENTRA_DONE, ""},
        {200, "<html>proxy</html>", true, ENTRA_UNCLEAR, "not Entra"},
        {200, "<html>proxy</html>", false, ENTRA_UNCLEAR, "not Entra"},
        {204, "", true, ENTRA_UNCLEAR, "not Entra"},
        {200, "{\"error\":{}}", true, ENTRA_UNCLEAR, ""},
        {403,
         "{\"error\":{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient privileges\",\"innerError\":"
         "{\"date\":\"2025-02-01T00:00:00\",\"request-id\":\"" GUID "\"}}}",
         true, ENTRA_FORBIDDEN, "request " GUID},
        {403, "<html>forbidden</html>", true, ENTRA_UNCLEAR, "not Entra"},
        {400, "{\"error\":{\"message\":\"lifetime exceeds the max value allowed as per assigned policy 'x'\"}}", true,
         ENTRA_POLICY, "lifetime in [policy]"},
        {400, "{\"error\":{\"message\":{\"lang\":\"en\",\"value\":\"as per assigned policy 'x'\"}}}", true,
         ENTRA_POLICY, "lifetime in [policy]"},
        {400, "{\"error\":{\"message\":7,\"details\":7}}", true, ENTRA_REFUSED, "does not know"},
        {401, "{\"error\":{\"code\":\"Authentication_MissingOrMalformed\"}}", true, ENTRA_REFUSED, "object_id"},
        {404, "{\"error\":{\"code\":\"Request_ResourceNotFound\"}}", true, ENTRA_REFUSED, "object_id"},
        {429, "{\"error\":{}}", true, ENTRA_REFUSED, "too often"},
        {429, "", true, ENTRA_UNCLEAR, "too often"},
        {503, "{\"error\":{}}", true, ENTRA_UNCLEAR, "out of order"},
        {307, "", true, ENTRA_UNCLEAR, "sends on"},
        {407, "", true, ENTRA_UNCLEAR, "proxy"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct entra_outcome outcome;

        answer_judge_change(answers[i].status, answers[i].body, strlen(answers[i].body), answers[i].adds, &outcome);
        if (outcome.result != answers[i].result || strstr(outcome.said, answers[i].said) == NULL)
            fail_msg("%d %s: %d %s", answers[i].status, answers[i].body, (int)outcome.result, outcome.said);
        assert_string_equal(outcome.key_id, i == 0 ? GUID : "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_a_yes_and_is_wiped_where_it_stood),
        cmocka_unit_test(nothing_else_is_a_yes),
        cmocka_unit_test(only_700027_is_a_no),
        cmocka_unit_test(no_text_of_an_answer_is_shown),
        cmocka_unit_test(a_change_is_done_only_when_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
