/*
 * Which recipients a relay took, learned from the conversation alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "notify/mail/talk.h"

static void say(struct talk *talk, const char *command) {
    talk_said(talk, command, strlen(command));
}

static bool answer(struct talk *talk, const char *line) {
    return talk_answered(talk, line, strlen(line));
}

static void make_recipients(struct strings *to) {
    strings_add(to, "a@contoso.test");
    strings_add(to, "b@contoso.test");
    strings_add(to, "c@contoso.test");
}

static void recipients(void **unused) {
    struct strings to = {0};
    bool skip[3] = {false, true, false};
    bool accepted[3] = {false};
    struct talk talk = {.to = &to, .skip = skip, .accepted = accepted};

    (void)unused;
    make_recipients(&to);
    assert_true(answer(&talk, "220-welcome\r\n"));
    assert_true(answer(&talk, "220 welcome\r\n"));
    say(&talk, "EHLO agent\r\n");
    assert_true(answer(&talk, "250 relay\r\n"));
    say(&talk, "MAIL FROM:<x@contoso.test>\r\n");
    assert_true(answer(&talk, "250 OK\r\n"));
    say(&talk, "RCPT TO:<a@contoso.test>\r\n");
    assert_true(answer(&talk, "550-5.1.1 no\r\n"));
    assert_true(answer(&talk, "550 5.1.1 such user\r\n"));
    say(&talk, "RCPT TO:<c@contoso.test>\r\n");
    assert_true(answer(&talk, "250 OK\r\n"));
    say(&talk, "DATA\r\n");
    assert_true(answer(&talk, "354 go on\r\n"));
    assert_true(answer(&talk, "250 taken\r\n"));
    assert_false(accepted[0]);
    assert_false(accepted[1]);
    assert_true(accepted[2]);
    assert_int_equal(talk.refused_code, 550);
    assert_string_equal(talk.refused, "a@contoso.test: 550 5.1.1 such user");
    assert_int_equal(talk.stage, TALK_LETTER);
    strings_free(&to);
}

static void gravest_refusal(void **unused) {
    struct strings to = {0};
    bool skip[3] = {false};
    bool accepted[3] = {false};
    struct talk talk = {.to = &to, .skip = skip, .accepted = accepted};

    (void)unused;
    make_recipients(&to);
    say(&talk, "RCPT TO:<a@contoso.test>\r\n");
    assert_true(answer(&talk, "550\r\n"));
    say(&talk, "RCPT TO:<b@contoso.test>\r\n");
    assert_true(answer(&talk, "450 \x1b[2Jlater\xff\r\n"));
    assert_int_equal(talk.refused_code, 550);
    assert_int_equal(talk.code, 450);
    assert_string_equal(talk.reply, "\\x1b[2Jlater\\xff");
    /* More RCPT than there are recipients must not reach beyond them. */
    for (int i = 0; i < 5; i++) {
        say(&talk, "RCPT TO:<d@contoso.test>\r\n");
        assert_true(answer(&talk, "250 OK\r\n"));
    }
    assert_true(accepted[2]);
    strings_free(&to);
}

/* What a relay answers to AUTH is not kept: it could repeat the password. */
static void auth_is_not_repeated(void **unused) {
    struct talk talk = {0};

    (void)unused;
    say(&talk, "AUTH PLAIN c2VjcmV0\r\n");
    assert_true(answer(&talk, "535 5.7.8 c2VjcmV0 is wrong\r\n"));
    assert_true(talk.auth_tried);
    assert_int_equal(talk.code, 535);
    assert_string_equal(talk.reply, "");
}

static void odd_lines(void **unused) {
    static const char *const lines[] = {
        "", "\r\n", "5", "55", "999 x\r\n", "5x0 x\r\n", "\x00\x01\x02", "HTTP/1.1 400\r\n"};
    struct talk talk = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_true(answer(&talk, lines[i]));
    assert_int_equal(talk.code, 0);
}

static void replies_are_capped(void **unused) {
    char line[1000];
    struct talk talk = {0};

    (void)unused;
    memset(line, '2', sizeof line);
    for (int i = 0; i < TALK_REPLIES_MOST / (int)sizeof line; i++)
        assert_true(talk_answered(&talk, line, sizeof line));
    assert_false(talk_answered(&talk, line, sizeof line));
    assert_int_equal(talk.replies, TALK_REPLIES_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipients), cmocka_unit_test(gravest_refusal),    cmocka_unit_test(auth_is_not_repeated),
        cmocka_unit_test(odd_lines),  cmocka_unit_test(replies_are_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
