#include "monitor/commands/commands.h"

#include <stdio.h>

#include <jansson.h>

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

/* What became of one message. */
struct tried {
    const char *channel, *name; /* name may be NULL */
    const char *result;         /* "sent", or how it failed */
    size_t to;                  /* recipients */
    int status;                 /* of HTTP; 0 = none */
    const char *remark;
};

/* A line for people, an entry of the list for a program. */
static void put(const struct tried *tried, const struct error *why, json_t *list) {
    if (why->kind != ERROR_NONE)
        typed_say(EXIT_FAILED, "%s", why->text);
    if (list != NULL) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s?, s:s, s:I, s:o, s:o}", "channel", tried->channel, "name", tried->name, "result",
                            tried->result, "to", (json_int_t)tried->to, "status",
                            tried->status != 0 ? json_integer(tried->status) : json_null(), "detail",
                            why->kind != ERROR_NONE ? json_string(why->text) : json_null()));
        return;
    }
    printf("%s%s%s: %s", tried->channel, tried->name != NULL ? " " : "", tried->name != NULL ? tried->name : "",
           tried->result);
    if (tried->to > 0)
        printf(" (%zu %s)", tried->to, tried->to == 1 ? "recipient" : "recipients");
    if (tried->status != 0)
        printf(", it answered %d", tried->status);
    printf("%s\n", tried->remark != NULL ? tried->remark : "");
}

/* Fills in what the channel noted; true when the message got through whole. */
static bool settle(struct tried *tried, const struct report *report, bool told, const struct error *why) {
    const struct told *entry = report->told_count > 0 ? &report->told[0] : NULL;

    tried->result = entry != NULL ? told_result_words(entry->result) : "failed";
    tried->to = entry != NULL ? entry->to : 0;
    return told && why->kind == ERROR_NONE && entry != NULL && entry->result == TOLD_SENT;
}

/* A message over each relay by itself, so that a bad second one does not hide behind a good first one. */
static bool test_mail(const struct config *config, const struct notify_ports *ports, struct report *report,
                      json_t *list) {
    bool ok = true;

    for (size_t i = 0; i < config->mail.relays.count; i++) {
        struct mail_settings settings = config->mail;
        struct mail_channel channel = ports->mail;
        struct tried tried = {.channel = list != NULL ? "mail" : "mail by", .name = config->mail.relays.items[i]};
        struct error err = {0};
        bool told;

        settings.relays = (struct strings){.items = &config->mail.relays.items[i], .count = 1};
        channel.settings = &settings;
        report->told_count = 0;
        told = mail_tell(&channel, report, &test_occasion, &err);
        ok = settle(&tried, report, told, &err) && ok;
        put(&tried, &err, list);
    }
    return ok;
}

static bool test_webhook(const struct config *config, struct notify_ports *ports, struct report *report, json_t *list) {
    struct tried tried = {.channel = list != NULL ? "webhook" : "webhook in the format",
                          .name = webhook_format_name(config->webhook.format)};
    struct error err = {0};
    bool ok;

    if (config->webhook.url.value == NULL)
        return true;
    report->told_count = 0;
    ok = webhook_tell(&ports->webhook, report, &test_occasion, &err);
    ok = settle(&tried, report, ok, &err);
    tried.status = ports->webhook.status;
    if (tried.status == 202)
        tried.remark = ": accepted, which is no proof that it arrived; look into the room";
    put(&tried, &err, list);
    return ok;
}

static bool test_ping(const struct config *config, json_t *list) {
    struct tried tried = {.channel = "dead man's switch", .result = "failed"};
    struct error err = {0};
    bool ok;

    if (config->ping.url.value == NULL)
        return true;
    ok = ping_end(&config->ping, 0, &err);
    if (ok)
        tried.result = list != NULL ? "sent" : "it answered; there this counts as a run that went well";
    put(&tried, &err, list);
    return ok;
}

static int test_all(const struct invocation *invocation, const struct config *config, const struct state *state) {
    struct notify_ports ports = {0};
    struct channel_port mail, webhook;
    struct facts facts = {0};
    struct report report = {0};
    struct error err = {0};
    json_t *list = invocation->format == FORMAT_TEXT ? NULL : json_array();
    bool ok, whole = true;

    error_set(&facts.unreadable, ERROR_NONE, "this is a test; the directory was not asked");
    if (!explain_report(&facts, NULL, &config->policy, invocation->now, &report, &err))
        return answer_failed(invocation, EXIT_FAILED, "%s", err.text);
    ok = notify_ports_open(&ports, config, state->folder, invocation->now, &mail, &webhook, &err);
    if (!ok)
        typed_say(EXIT_FAILED, "%s", err.text);
    ok = ok && test_mail(config, &ports, &report, list);
    ok = (!ports.webhook_open || test_webhook(config, &ports, &report, list)) && ok;
    ok = test_ping(config, list) && ok;
    report_free(&report);
    notify_ports_close(&ports);
    if (list != NULL)
        whole = answer_object(invocation, json_pack("{s:o}", "channels", list));
    return answer_end(whole) == EXIT_DONE && ok ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct invocation *invocation) {
    const struct notify_options *typed = invocation->options;
    struct config config;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!typed->test)
        return answer_misuse(invocation, "notify sends a test message: authcert notify --test");
    if (!load_or_answer(invocation, LOAD_SECRETS, &config))
        return EXIT_USAGE;
    if (config.mail.relays.count == 0 && config.webhook.url.value == NULL && config.ping.url.value == NULL)
        result =
            answer_misuse(invocation,
                          "%s names no channel to test: set relay, from and to in [mail], url_file in [webhook], or "
                          "ping_url_file in [metrics]",
                          config.path);
    else if (!state_open(config.state_directory, STATE_WRITE, invocation->now, &state, &err))
        result = answer_failed(invocation, EXIT_FAILED, "%s", err.text);
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
    .answers = ANSWERS_OBJECT,
};
