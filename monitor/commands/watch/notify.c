#include "monitor/commands/commands.h"

#include <stdio.h>

#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/decide/explain.h"
#include "monitor/ports/notify.h"
#include "monitor/state/state.h"
#include "monitor/session/typed.h"
#include "monitor/session/load.h"
#include "notify/ping.h"
#include "notify/webhook/webhook.h"

struct notify_options {
    int test;
};

static const struct occasion test_occasion = {.kind = OCCASION_TEST};

/* One line about a channel; true when the message got through whole. */
static bool say(const char *channel, const char *name, const struct report *report, bool told,
                const struct error *why) {
    const struct told *entry = report->told_count > 0 ? &report->told[0] : NULL;
    const bool sent = told && why->kind == ERROR_NONE && entry != NULL && entry->result == TOLD_SENT;

    if (why->kind != ERROR_NONE)
        typed_say(EXIT_FAILED, "%s", why->text);
    printf("%s %s: %s", channel, name, entry != NULL ? told_result_words(entry->result) : "failed");
    if (entry != NULL && entry->to > 0)
        printf(" (%zu %s)", entry->to, entry->to == 1 ? "recipient" : "recipients");
    return sent;
}

/* A message over each relay by itself, so that a bad second one does not hide behind a good first one. */
static bool test_mail(const struct config *config, const struct notify_ports *ports, struct report *report) {
    bool ok = true;

    for (size_t i = 0; i < config->mail.relays.count; i++) {
        struct mail_settings settings = config->mail;
        struct mail_channel channel = ports->mail;
        struct error err = {0};
        bool told;

        settings.relays = (struct strings){.items = &config->mail.relays.items[i], .count = 1};
        channel.settings = &settings;
        report->told_count = 0;
        told = mail_tell(&channel, report, &test_occasion, &err);
        ok = say("mail by", config->mail.relays.items[i], report, told, &err) && ok;
        putchar('\n');
    }
    return ok;
}

static bool test_webhook(const struct config *config, struct notify_ports *ports, struct report *report) {
    struct error err = {0};
    bool ok;

    if (config->webhook.url.value == NULL)
        return true;
    report->told_count = 0;
    ok = webhook_tell(&ports->webhook, report, &test_occasion, &err);
    ok = say("webhook in the format", webhook_format_name(config->webhook.format), report, ok, &err);
    if (ports->webhook.status != 0)
        printf(", it answered %d", ports->webhook.status);
    puts(ports->webhook.status == 202 ? ": accepted, which is no proof that it arrived; look into the room" : "");
    return ok;
}

static bool test_ping(const struct config *config) {
    struct error err = {0};

    if (config->ping.url.value == NULL)
        return true;
    if (ping_end(&config->ping, 0, &err)) {
        puts("dead man's switch: it answered; there this counts as a run that went well");
        return true;
    }
    typed_say(EXIT_FAILED, "%s", err.text);
    puts("dead man's switch: failed");
    return false;
}

static int test_all(const struct invocation *invocation, const struct config *config, const struct state *state) {
    struct notify_ports ports = {0};
    struct channel_port mail, webhook;
    struct facts facts = {0};
    struct report report = {0};
    struct error err = {0};
    bool ok;

    error_set(&facts.unreadable, ERROR_NONE, "this is a test; the directory was not asked");
    if (!explain_report(&facts, NULL, &config->policy, invocation->now, &report, &err))
        return typed_say(EXIT_FAILED, "%s", err.text);
    ok = notify_ports_open(&ports, config, state->folder, invocation->now, &mail, &webhook, &err);
    if (!ok)
        typed_say(EXIT_FAILED, "%s", err.text);
    ok = ok && test_mail(config, &ports, &report);
    ok = (!ports.webhook_open || test_webhook(config, &ports, &report)) && ok;
    ok = test_ping(config) && ok;
    report_free(&report);
    notify_ports_close(&ports);
    return answer_end(true) == EXIT_DONE && ok ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct invocation *invocation) {
    const struct notify_options *typed = invocation->options;
    struct config config;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!typed->test)
        return answer_misuse(invocation, "notify sends a test message: authcert notify --test");
    if (!load_configuration(invocation, LOAD_SECRETS, &config, NULL))
        return EXIT_USAGE;
    if (config.mail.relays.count == 0 && config.webhook.url.value == NULL && config.ping.url.value == NULL)
        result =
            answer_misuse(invocation,
                          "%s names no channel to test: set relay, from and to in [mail], url_file in [webhook], or "
                          "ping_url_file in [metrics]",
                          config.path);
    else if (!state_open(config.state_directory, STATE_WRITE, invocation->now, &state, &err))
        typed_say(EXIT_FAILED, "%s", err.text);
    else {
        result = test_all(invocation, &config, &state);
        state_close(&state);
    }
    config_free(&config);
    return result;
}

static const struct command_option options[] = {
    {"test", NULL, offsetof(struct notify_options, test), "send a test message by every channel"},
    {0},
};

const struct command command_notify = {
    .name = "notify",
    .arguments = "--test",
    .what = "send a test message by every channel",
    .run = run,
    .options = options,
    .options_size = sizeof(struct notify_options),
};
