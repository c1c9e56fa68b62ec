/*
 * The mail channel as a program, so that a script can play the relays: reads settings as "key value" lines from
 * standard input, does what its argument says (tell, test, flush or probe) and prints what came of it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify/mail/mail.h"
#include "tests/notify/sample.h"

/* The real limits are minutes: here each is what the script says, in milliseconds. */
static struct patience patience = {.run = 60000};

static void set_patience(const char *value) {
    char *rest = NULL;
    long most = strtol(value, &rest, 10);
    long final = *rest == ' ' ? strtol(rest, NULL, 10) : most;

    for (int step = 0; step < STEP_COUNT; step++)
        patience.step[step] = step == STEP_FINAL ? final : most;
}

static void set(struct mail_settings *settings, int *outbox, const char *key, const char *value) {
    if (strcmp(key, "relay") == 0)
        strings_add(&settings->relays, "%s", value);
    else if (strcmp(key, "to") == 0)
        strings_add(&settings->to, "%s", value);
    else if (strcmp(key, "tls") == 0)
        settings->tls = strcmp(value, "off") == 0             ? MAIL_TLS_OFF
                        : strcmp(value, "opportunistic") == 0 ? MAIL_TLS_OPPORTUNISTIC
                                                              : MAIL_TLS_REQUIRED;
    else if (strcmp(key, "username") == 0)
        settings->username = strdup(value);
    else if (strcmp(key, "password") == 0 && !secret_copy(value, strlen(value), &settings->password, NULL))
        exit(3);
    else if (strcmp(key, "ca_file") == 0)
        settings->ca_file = strdup(value);
    else if (strcmp(key, "patience") == 0)
        set_patience(value);
    else if (strcmp(key, "run") == 0)
        patience.run = strtol(value, NULL, 10);
    else if (strcmp(key, "outbox") == 0)
        *outbox = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void show(const struct report *report, const struct strings *troubles, bool ok, const struct error *err) {
    for (size_t i = 0; i < report->told_count; i++)
        printf("told %s %zu\n", told_result_name(report->told[i].result), report->told[i].to);
    for (size_t i = 0; i < troubles->count; i++)
        printf("trouble %s\n", troubles->items[i]);
    printf("%s %d %s\n", ok ? "ok" : "failed", (int)err->kind, err->text);
}

int main(int argc, char **argv) {
    struct mail_settings settings = {.from = "authcert@contoso.test", .patience = &patience};
    struct mail_channel channel = {.settings = &settings, .speaker = &sample_speaker, .outbox = -1};
    struct occasion occasion = {.kind = OCCASION_EXPIRY, .threshold_days = 30};
    struct strings troubles = {0};
    struct news news = {0};
    struct error err = {0};
    struct sample sample;
    char line[1024];
    bool ok;

    set_patience("2000");
    if (argc != 2)
        return 2;
    while (fgets(line, sizeof line, stdin)) {
        char *value = strchr(line, ' ');

        line[strcspn(line, "\n")] = '\0';
        if (!value)
            return 2;
        *value = '\0';
        set(&settings, &channel.outbox, line, value + 1);
    }
    sample_make(&sample);
    if (strcmp(argv[1], "test") == 0)
        occasion.kind = OCCASION_TEST;
    if (strcmp(argv[1], "probe") == 0)
        ok = mail_probe(&settings, settings.relays.items[0], &err);
    else if (strcmp(argv[1], "flush") == 0)
        ok = mail_flush(&channel, SAMPLE_NOW + SAMPLE_DAY, &sample.report, &troubles, &news, &err) &&
             news_all_reached(&news);
    else
        ok = mail_tell(&channel, &sample.report, &occasion, &err);
    show(&sample.report, &troubles, ok, &err);
    sample_free(&sample);
    strings_free(&troubles);
    strings_free(&settings.relays);
    strings_free(&settings.to);
    free((char *)settings.username);
    free((char *)settings.ca_file);
    secret_free(&settings.password);
    if (channel.outbox >= 0)
        (void)close(channel.outbox);
    return 0;
}
