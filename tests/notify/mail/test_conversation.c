/*
 * Which recipients a relay took, learned from the conversation alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "notify/mail/conversation.h"

static void say(struct conversation *conversation, const char *command) {
    conversation_said(conversation, command, strlen(command));
}

static bool answer(struct conversation *conversation, const char *line) {
    return conversation_answered(conversation, line, strlen(line));
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
    struct conversation conversation = {.to = &to, .skip = skip, .accepted = accepted};

    (void)unused;
    make_recipients(&to);
    assert_true(answer(&conversation, "220-welcome\r\n"));
    assert_true(answer(&conversation, "220 welcome\r\n"));
    say(&conversation, "EHLO agent\r\n");
    assert_true(answer(&conversation, "250 relay\r\n"));
    say(&conversation, "MAIL FROM:<x@contoso.test>\r\n");
    assert_true(answer(&conversation, "250 OK\r\n"));
    say(&conversation, "RCPT TO:<a@contoso.test>\r\n");
    assert_true(answer(&conversation, "550-5.1.1 no\r\n"));
    assert_true(answer(&conversation, "550 5.1.1 such user\r\n"));
    say(&conversation, "RCPT TO:<c@contoso.test>\r\n");
    assert_true(answer(&conversation, "250 OK\r\n"));
    say(&conversation, "DATA\r\n");
    assert_true(answer(&conversation, "354 go on\r\n"));
    assert_true(answer(&conversation, "250 taken\r\n"));
    assert_false(accepted[0]);
    assert_false(accepted[1]);
    assert_true(accepted[2]);
    assert_int_equal(conversation.refused_code, 550);
    assert_string_equal(conversation.refused, "a@contoso.test: 550 5.1.1 such user");
    assert_int_equal(conversation.stage, CONVERSATION_LETTER);
    strings_free(&to);
}

static void gravest_refusal(void **unused) {
    struct strings to = {0};
    bool skip[3] = {false};
    bool accepted[3] = {false};
    struct conversation conversation = {.to = &to, .skip = skip, .accepted = accepted};

    (void)unused;
    make_recipients(&to);
    say(&conversation, "RCPT TO:<a@contoso.test>\r\n");
    assert_true(answer(&conversation, "550\r\n"));
    say(&conversation, "RCPT TO:<b@contoso.test>\r\n");
    assert_true(answer(&conversation, "450 \x1b[2Jlater\xff\r\n"));
    assert_int_equal(conversation.refused_code, 550);
    assert_int_equal(conversation.code, 450);
    assert_string_equal(conversation.reply, "\\x1b[2Jlater\\xff");
    /* More RCPT than there are recipients must not reach beyond them. */
    for (int i = 0; i < 5; i++) {
        say(&conversation, "RCPT TO:<d@contoso.test>\r\n");
        assert_true(answer(&conversation, "250 OK\r\n"));
    }
    assert_true(accepted[2]);
    strings_free(&to);
}

/* What a relay answers to AUTH is not kept: it could repeat the password. */
static void auth_is_not_repeated(void **unused) {
    struct conversation conversation = {0};

    (void)unused;
    say(&conversation, "AUTH PLAIN c2VjcmV0\r\n");
    assert_true(answer(&conversation, "535 5.7.8 c2VjcmV0 is wrong\r\n"));
    assert_true(conversation.auth_tried);
    assert_int_equal(conversation.code, 535);
    assert_string_equal(conversation.reply, "");
}

static void odd_lines(void **unused) {
    static const char *const lines[] = {
        "", "\r\n", "5", "55", "999 x\r\n", "5x0 x\r\n", "\x00\x01\x02", "HTTP/1.1 400\r\n"};
    struct conversation conversation = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_true(answer(&conversation, lines[i]));
    assert_int_equal(conversation.code, 0);
}

static void replies_are_capped(void **unused) {
    char line[1000];
    struct conversation conversation = {0};

    (void)unused;
    memset(line, '2', sizeof line);
    for (int i = 0; i < CONVERSATION_REPLIES_MOST / (int)sizeof line; i++)
        assert_true(conversation_answered(&conversation, line, sizeof line));
    assert_false(conversation_answered(&conversation, line, sizeof line));
    assert_int_equal(conversation.replies, CONVERSATION_REPLIES_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipients), cmocka_unit_test(gravest_refusal),    cmocka_unit_test(auth_is_not_repeated),
        cmocka_unit_test(odd_lines),  cmocka_unit_test(replies_are_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
