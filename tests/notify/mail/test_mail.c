/*
 * The mail channel without a relay that answers: addresses, what is kept when nobody takes a message, giving up, and
 * disks that refuse. What relays do to it is in test_relay.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/mail/mail.h"
#include "notify/mail/message.h"
#include "notify/outbox.h"
#include "tests/notify/sample.h"
#include "tests/scratch.h"

int __real_fsync(int file);
int __wrap_fsync(int file);

static bool disk_fails;

int __wrap_fsync(int file) {
    if (!disk_fails)
        return __real_fsync(file);
    errno = EIO;
    return -1;
}

#define LONGEST_ADDRESS 254

struct post {
    struct sample sample;
    struct scratch scratch;
    struct mail_settings settings;
    struct mail_channel channel;
};

/* A channel whose relay refuses every connection: nothing listens on port 1. */
static int setup(void **state) {
    struct post *post = calloc(1, sizeof *post);

    assert_non_null(post);
    sample_make(&post->sample);
    scratch_make(&post->scratch);
    post->settings = (struct mail_settings){.from = "authcert@contoso.test"};
    strings_add(&post->settings.relays, "smtp://127.0.0.1:1");
    strings_add(&post->settings.to, "admins@contoso.test");
    strings_add(&post->settings.escalate_to, "manager@contoso.test");
    strings_add(&post->settings.escalate_to, "admins@contoso.test");
    post->channel =
        (struct mail_channel){.settings = &post->settings, .speaker = &sample_speaker, .outbox = post->scratch.folder};
    *state = post;
    return 0;
}

static int teardown(void **state) {
    struct post *post = *state;

    sample_free(&post->sample);
    scratch_remove(&post->scratch);
    strings_free(&post->settings.relays);
    strings_free(&post->settings.to);
    strings_free(&post->settings.escalate_to);
    free(post);
    return 0;
}

static const struct occasion expiry = {.kind = OCCASION_EXPIRY, .threshold_days = 30};

static void load_only(const struct post *post, struct outbox_item *ret_item) {
    struct strings names = {0};
    struct error err = {0};

    assert_true(outbox_list(post->scratch.folder, &names, &err));
    assert_int_equal(names.count, 1);
    assert_true(outbox_load(post->scratch.folder, names.items[0], ret_item, &err));
    strings_free(&names);
}

static void addresses(void **unused) {
    static const char *const good[] = {"a@b", "exchange-admins@contoso.test", "o'brien+x=y@sub.contoso.test",
                                       "a.b@contoso.test"};
    static const char *const bad[] = {"",           "a",           "@b",      "a@",      "a@b@c",
                                      "a b@c",      "a@b c",       "<a@b>",   "a@b>",    "a,b@c",
                                      "a;b@c",      "a:b@c",       "\"a\"@b", "a\\b@c",  "(a)@b",
                                      "[a]@b",      "a@[1.2.3.4]", "a\r\n@b", "a@b\r\n", "a@b\nRCPT TO:<x@y>",
                                      "\xc3\xbc@b", "a@\xc3\xbc",  "a\x7f@b", ".a@b",    "a.@b",
                                      "a..b@c",     "a@.b",        "a@-b",    "a\x01@b", "a@b/c",
                                      "a@b_c"};
    char longest[LONGEST_ADDRESS + 2];

    (void)unused;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(text_is_mail_address(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_mail_address(bad[i]));
    memset(longest, 'x', sizeof longest);
    longest[64] = '@';
    longest[128] = longest[192] = '.'; /* labels of 63 */
    longest[LONGEST_ADDRESS] = '\0';
    assert_true(text_is_mail_address(longest));
    longest[LONGEST_ADDRESS] = 'x';
    longest[LONGEST_ADDRESS + 1] = '\0';
    assert_false(text_is_mail_address(longest));
    longest[64] = 'x';
    longest[65] = '@';
    longest[100] = '\0';
    assert_false(text_is_mail_address(longest));
}

/* Sends what waits; does somebody have all that was tried? */
static bool flush(struct post *post, time_t now, struct strings *troubles) {
    struct error err = {0};
    struct news news = {0};

    assert_true(mail_flush(&post->channel, now, &post->sample.report, troubles, &news, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    return news_all_reached(&news);
}

static void no_relay_configured(void **state) {
    struct post *post = *state;
    struct strings troubles = {0};
    struct error err = {0};

    strings_free(&post->settings.relays);
    assert_true(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_true(flush(post, SAMPLE_NOW, &troubles));
    assert_int_equal(post->sample.report.told_count, 0);
    assert_int_equal(scratch_count(&post->scratch), 0);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void queued(void **state) {
    struct post *post = *state;
    struct outbox_item item = {0};
    struct error err = {0};

    assert_true(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_int_equal(post->sample.report.told_count, 1);
    assert_string_equal(post->sample.report.told[0].channel, "mail");
    assert_int_equal(post->sample.report.told[0].result, TOLD_QUEUED);
    assert_int_equal(post->sample.report.told[0].to, 1);
    assert_int_equal(err.kind, ERROR_NETWORK);
    assert_non_null(strstr(err.text, "smtp://127.0.0.1:1"));
    load_only(post, &item);
    assert_int_equal(item.attempts, 1);
    assert_string_equal(item.to.items[0], "admins@contoso.test");
    assert_non_null(strstr(item.text, "\r\nSubject: WARNING authcert Contoso: auth certificate ends in 21 days"));
    assert_true(outbox_due(&item, SAMPLE_NOW)); /* the very next run tries again */
    outbox_item_free(&item);
}

static void escalation(void **state) {
    const struct occasion occasion = {.kind = OCCASION_EXPIRY, .escalate = true};
    struct post *post = *state;
    struct outbox_item item = {0};
    struct error err = {0};

    assert_true(mail_tell(&post->channel, &post->sample.report, &occasion, &err));
    assert_int_equal(post->sample.report.told[0].to, 2);
    load_only(post, &item);
    assert_int_equal(item.to.count, 2);
    assert_non_null(strstr(item.text, "\r\nTo: admins@contoso.test, manager@contoso.test\r\n"));
    outbox_item_free(&item);
}

static void a_test_is_never_queued(void **state) {
    const struct occasion occasion = {.kind = OCCASION_TEST};
    struct post *post = *state;
    struct error err = {0};

    assert_false(mail_tell(&post->channel, &post->sample.report, &occasion, &err));
    assert_int_equal(post->sample.report.told[0].result, TOLD_FAILED);
    assert_int_equal(err.kind, ERROR_NETWORK);
    assert_int_equal(scratch_count(&post->scratch), 0);
}

static void nowhere_to_keep_it(void **state) {
    struct post *post = *state;
    struct error err = {0};

    disk_fails = true;
    assert_false(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    disk_fails = false;
    assert_int_equal(post->sample.report.told[0].result, TOLD_FAILED);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "no connection"));
    assert_non_null(strstr(err.text, "cannot be kept"));
    assert_int_equal(scratch_count(&post->scratch), 0);
}

static void bad_recipient(void **state) {
    struct post *post = *state;
    struct error err = {0};

    strings_add(&post->settings.to, "a@b\r\nRCPT TO:<x@y>");
    assert_false(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_int_equal(post->sample.report.told[0].result, TOLD_FAILED);
}

static void retried_and_given_up(void **state) {
    struct post *post = *state;
    struct strings troubles = {0};
    struct outbox_item item = {0};
    struct error err = {0};

    assert_true(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_false(flush(post, SAMPLE_NOW + 60, &troubles));
    assert_int_equal(troubles.count, 1);
    assert_non_null(strstr(troubles.items[0], "still waits for 1 recipient: the relay smtp://127.0.0.1:1"));
    load_only(post, &item);
    assert_int_equal(item.attempts, 2);
    outbox_item_free(&item);
    /* Not due yet: left alone. */
    assert_true(flush(post, SAMPLE_NOW + 120, &troubles));
    assert_int_equal(troubles.count, 1);
    assert_false(flush(post, SAMPLE_NOW + 14 * SAMPLE_DAY - 1, &troubles));
    assert_int_equal(outbox_pending(post->scratch.folder), 1);
    assert_int_equal(outbox_given_up(post->scratch.folder), 0);
    assert_false(flush(post, SAMPLE_NOW + 15 * SAMPLE_DAY, &troubles));
    assert_int_equal(troubles.count, 3);
    assert_non_null(strstr(troubles.items[2], "was given up after 14 days"));
    assert_int_equal(outbox_pending(post->scratch.folder), 0);
    assert_int_equal(outbox_given_up(post->scratch.folder), 1);
    assert_int_equal(scratch_count(&post->scratch), 1);
    strings_free(&troubles);
}

/* What another channel has told waits all the same, and that is no failure. */
static void heard_elsewhere(void **state) {
    struct post *post = *state;
    struct strings troubles = {0};
    struct error err = {0};

    assert_true(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_true(mail_heard(&post->channel, SAMPLE_NOW - 1, &err));
    assert_false(flush(post, SAMPLE_NOW + 60, &troubles));
    assert_true(mail_heard(&post->channel, SAMPLE_NOW, &err));
    assert_true(flush(post, SAMPLE_NOW + SAMPLE_DAY, &troubles));
    assert_int_equal(troubles.count, 2);
    assert_int_equal(outbox_pending(post->scratch.folder), 1);
    strings_free(&troubles);
}

static void damaged_files_are_set_aside(void **state) {
    struct post *post = *state;
    struct strings troubles = {0};
    struct error err = {0};

    scratch_put(&post->scratch, "20261120T020000Z-x.json", 0600, "{", 1);
    assert_true(mail_tell(&post->channel, &post->sample.report, &expiry, &err));
    assert_false(flush(post, SAMPLE_NOW, &troubles));
    assert_int_equal(troubles.count, 2);
    assert_non_null(strstr(troubles.items[0], "20261120T020000Z-x.json is damaged"));
    assert_int_equal(access(scratch_path(&post->scratch, "20261120T020000Z-x.json.damaged-20261121T020000Z"), F_OK), 0);
    assert_int_equal(outbox_pending(post->scratch.folder), 1);
    strings_free(&troubles);
}

/* The Message-ID of a hostile run id and host name is still one, and a run's messages of two kinds differ. */
static void message_ids(void **state) {
    const struct speaker odd = {.host = "a b>\r\nX: y", .version = "1", .run_id = "\r\n<>@/", .config = "c"};
    const struct occasion blind = {.kind = OCCASION_BLIND};
    struct post *post = *state;
    struct message message = {0};
    struct error err = {0};

    assert_true(
        message_compose(&post->settings, &odd, &post->settings.to, &post->sample.report, &expiry, &message, &err));
    assert_string_equal(message.id, "<run.expiry.authcert@localhost>");
    assert_null(strstr(message.text, "\nX: y"));
    message_free(&message);
    assert_true(message_compose(&post->settings, &sample_speaker, &post->settings.to, &post->sample.report, &blind,
                                &message, &err));
    assert_string_equal(message.id, "<1795226400-00112233aabbccdd.blind.authcert@agent.contoso.test>");
    message_free(&message);
}

static void importance(void **state) {
    const struct occasion recovered = {.kind = OCCASION_RECOVERED};
    struct post *post = *state;
    struct message message = {0};
    struct error err = {0};

    for (int status = STATUS_OK; status <= STATUS_UNKNOWN; status++) {
        post->sample.report.decision.status = (enum status)status;
        assert_true(message_compose(&post->settings, &sample_speaker, &post->settings.to, &post->sample.report, &expiry,
                                    &message, &err));
        assert_int_equal(strstr(message.text, "\r\nImportance: high\r\n") != NULL, status == STATUS_CRITICAL);
        message_free(&message);
    }
    post->sample.report.decision.status = STATUS_CRITICAL;
    assert_true(message_compose(&post->settings, &sample_speaker, &post->settings.to, &post->sample.report, &recovered,
                                &message, &err));
    assert_null(strstr(message.text, "Importance"));
    message_free(&message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test_setup_teardown(no_relay_configured, setup, teardown),
        cmocka_unit_test_setup_teardown(queued, setup, teardown),
        cmocka_unit_test_setup_teardown(escalation, setup, teardown),
        cmocka_unit_test_setup_teardown(a_test_is_never_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(nowhere_to_keep_it, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_recipient, setup, teardown),
        cmocka_unit_test_setup_teardown(retried_and_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(heard_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_files_are_set_aside, setup, teardown),
        cmocka_unit_test_setup_teardown(message_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(importance, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
