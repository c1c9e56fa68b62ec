/*
 * A message about an organization in which every text that comes from outside is the one given on standard input, so
 * that a script can look at what becomes of it. Arguments: the kind (expiry, done, blind), and what to print: plain,
 * html or message (complete, as it is sent).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail/html.h"
#include "notify/mail/message.h"
#include "notify/plain.h"
#include "notify/words/wording.h"
#include "tests/notify/sample.h"

#define PAYLOAD_MOST 65536

static void fill(struct sample *sample, char *payload) {
    sample->facts.organization = payload;
    sample->facts.directory.uri = payload;
    sample->facts.probed = true;
    sample->report.briefing.wrong = payload;
    sample->report.how_to_unblock = payload;
    sample_server(sample, payload, PRESENCE_MISSING, PRESENCE_MISSING);
    sample->servers[3].fqdn = payload;
    sample->servers[0].trouble = payload;
    sample->servers[0].presence[SLOT_CURRENT] = PRESENCE_UNREACHABLE;
    sample->servers[1].presence[SLOT_CURRENT] = PRESENCE_MISSING;
    remarks_add(&sample->facts.remarks, "test", "%s", payload);
    remarks_add(&sample->report.reasons, "test", "%s", payload);
    strings_add(&sample->report.problems[SLOT_CURRENT], "%s", payload);
    sample_slot(sample, SLOT_NEXT, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample->facts.slots.date_set = sample->facts.slots.date_readable = true;
    sample->facts.slots.date = SAMPLE_NOW + 14 * SAMPLE_DAY;
    sample->certificates[SLOT_CURRENT].subject = payload;
    sample->certificates[SLOT_CURRENT].serial = payload;
    sample_did(sample, ACT_STAGE, SAMPLE_NEXT, false, payload);
}

static struct occasion occasion_of(const char *kind, struct sample *sample, const char *payload) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY, .threshold_days = 30};

    if (strcmp(kind, "done") == 0)
        occasion.kind = OCCASION_DONE;
    if (strcmp(kind, "blind") != 0)
        return occasion;
    occasion = (struct occasion){.kind = OCCASION_BLIND, .known_end = SAMPLE_NOW + 5 * SAMPLE_DAY};
    (void)snprintf(occasion.known_organization, sizeof occasion.known_organization, "%s", payload);
    sample->facts.read = false;
    (void)error_set(&sample->facts.unreadable, ERROR_NETWORK, "%s", payload);
    sample_decide(sample, ROW_UNREADABLE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN);
    return occasion;
}

static bool print_message(const struct sample *sample, const struct occasion *occasion) {
    struct mail_settings settings = {.from = "authcert@contoso.test"};
    struct message message = {0};
    struct error err = {0};
    bool ok;

    strings_add(&settings.to, "admins@contoso.test");
    ok = message_compose(&settings, &sample_speaker, &settings.to, &sample->report, occasion, &message, &err);
    fputs(ok ? message.text : err.text, stdout);
    message_free(&message);
    strings_free(&settings.to);
    return ok;
}

static bool print_body(const struct sample *sample, const struct occasion *occasion, bool html) {
    struct layout layout = {0};
    struct text subject = {0};
    struct text out = {0};
    bool ok;

    wording_subject(&sample->report, occasion, &subject);
    wording_body(&sample_speaker, &sample->report, occasion, &layout);
    if (html)
        html_page_add(&out, subject.value ? subject.value : "", &layout);
    else
        plain_add(&out, &layout);
    ok = !subject.failed && !out.failed && fputs(out.value, stdout) >= 0;
    layout_free(&layout);
    text_free(&subject);
    text_free(&out);
    return ok;
}

int main(int argc, char **argv) {
    char *payload = calloc(1, PAYLOAD_MOST + 1);
    struct occasion occasion;
    struct sample sample;
    bool ok;

    if (argc != 3 || payload == NULL || fread(payload, 1, PAYLOAD_MOST, stdin) == 0) {
        free(payload);
        return 2;
    }
    sample_make(&sample);
    fill(&sample, payload);
    occasion = occasion_of(argv[1], &sample, payload);
    ok = strcmp(argv[2], "message") == 0 ? print_message(&sample, &occasion)
                                         : print_body(&sample, &occasion, strcmp(argv[2], "html") == 0);
    sample_free(&sample);
    free(payload);
    return ok ? 0 : 1;
}
