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
    assert_string_equal(conversation.refused, "a@contoso.test: 550 5.1.1 no such user");
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

static void all_lines_of_a_reply(void **unused) {
    struct conversation conversation = {0};

    (void)unused;
    say(&conversation, "AUTH PLAIN c2VjcmV0\r\n");
    assert_true(answer(&conversation, "535-5.7.8 Username and Password not accepted. Go to\r\n"));
    assert_true(answer(&conversation, "535 5.7.8  https://support.example/\r\n"));
    assert_true(conversation.auth_tried);
    assert_int_equal(conversation.code, 535);
    assert_string_equal(conversation.reply,
                        "5.7.8 Username and Password not accepted. Go to  https://support.example/");
}

/* From the last byte on until an answer, and whatever is said meanwhile, nobody knows. */
static void unclear(void **unused) {
    struct strings to = {0};
    bool skip[3] = {false};
    bool accepted[3] = {false};
    struct conversation conversation = {.to = &to, .skip = skip, .accepted = accepted};

    (void)unused;
    make_recipients(&to);
    say(&conversation, "DATA\r\n");
    assert_int_equal(conversation.step, STEP_DATA);
    assert_true(answer(&conversation, "354 go on\r\n"));
    assert_int_equal(conversation.step, STEP_BLOCK);
    assert_false(conversation_is_unclear(&conversation));
    conversation_hand_over(&conversation);
    assert_int_equal(conversation.step, STEP_FINAL);
    assert_true(conversation_is_unclear(&conversation));
    say(&conversation, "QUIT\r\n");
    assert_true(answer(&conversation, "221 bye\r\n"));
    assert_true(conversation_is_unclear(&conversation));
    conversation_hand_over(&conversation);
    assert_true(answer(&conversation, "250-so\r\n"));
    assert_true(conversation_is_unclear(&conversation));
    assert_true(answer(&conversation, "250 taken\r\n"));
    assert_false(conversation_is_unclear(&conversation));
    assert_int_equal(conversation.letter_code, 250);
    strings_free(&to);
}

/* RFC 5321 4.5.3.2, and within what systemd gives a run. */
static void the_standard_s_times(void **unused) {
    const struct patience *patience = &patience_standard;

    (void)unused;
    assert_int_equal(patience->step[STEP_GREETING], 300000);
    assert_int_equal(patience->step[STEP_SENDER], 300000);
    assert_int_equal(patience->step[STEP_RECIPIENT], 300000);
    assert_int_equal(patience->step[STEP_DATA], 120000);
    assert_int_equal(patience->step[STEP_BLOCK], 180000);
    assert_int_equal(patience->step[STEP_FINAL], 600000);
    assert_true(patience->run < 30 * 60000);
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
        cmocka_unit_test(recipients),           cmocka_unit_test(gravest_refusal),
        cmocka_unit_test(all_lines_of_a_reply), cmocka_unit_test(unclear),
        cmocka_unit_test(the_standard_s_times), cmocka_unit_test(odd_lines),
        cmocka_unit_test(replies_are_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
