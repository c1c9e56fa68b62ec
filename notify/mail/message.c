#include "notify/mail/message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail/html.h"
#include "notify/words/layout.h"
#include "notify/mail/mime.h"
#include "notify/plain.h"
#include "notify/words/inventory/message_words.h"

#define RUN_ID_MOST 64

static const char *occasion_word(enum occasion_kind kind) {
    switch (kind) {
    case OCCASION_TEST:
        return "test";
    case OCCASION_EXPIRY:
        return "expiry";
    case OCCASION_STATUS:
        return "status";
    case OCCASION_BLIND:
        return "blind";
    case OCCASION_FAILED:
        return "failed";
    case OCCASION_BLOCKED:
        return "blocked";
    case OCCASION_DONE:
        return "done";
    case OCCASION_RECOVERED:
        return "recovered";
    case OCCASION_STUCK:
        return "stuck";
    case OCCASION_INVENTORY:
        return "inventory";
    case OCCASION_NONE:
        break;
    }
    return "state";
}

/* "<RUN.KIND.authcert@HOST>" of what may stand in a Message-ID (RFC 5322 3.6.4, dot-atom). */
static char *make_id(const struct speaker *speaker, enum occasion_kind kind) {
    struct text id = {0};
    size_t length = 0;

    text_add(&id, "<");
    for (const char *p = speaker->run_id; *p && length < RUN_ID_MOST; p++) {
        if (isalnum((unsigned char)*p) || *p == '-' || *p == '_') {
            text_add_bytes(&id, p, 1);
            length++;
        }
    }
    text_format(&id, "%s.%s.authcert@%s>", length == 0 ? "run" : "", occasion_word(kind),
                text_is_host_name(speaker->host) ? speaker->host : "localhost");
    return text_take(&id);
}

static void add_headers(struct text *out, const struct mail_settings *settings, const struct speaker *speaker,
                        const struct strings *to, const struct report *report, const struct occasion *occasion,
                        const struct message *message) {
    char date[MIME_DATE_SIZE];

    text_format(out, "From: authcert <%s>\r\n", settings->from);
    mime_addresses(out, "To", to);
    mime_header(out, "Subject", message->subject);
    text_format(out, "Date: %s\r\n", mime_date(date, report->checked_at));
    text_format(out, "Message-ID: %s\r\n", message->id);
    if (occasion->thread.id[0] != '\0') {
        mime_header(out, "In-Reply-To", occasion->thread.id);
        mime_header(out, "References", occasion->thread.id);
    }
    /* Outlook takes messages for one conversation by this, whatever their subjects say. */
    mime_header(out, "Thread-Topic", occasion->thread.topic[0] != '\0' ? occasion->thread.topic : message->subject);
    text_add(out, "Auto-Submitted: auto-generated\r\n");
    text_add(out, "X-Auto-Response-Suppress: All\r\n");
    text_format(out, "List-Id: authcert <authcert.%s>\r\n",
                text_is_host_name(speaker->host) ? speaker->host : "localhost");
    if (message_words_urgent(report, occasion))
        text_add(out, "Importance: high\r\n");
}

/* The message's two forms, of one wording. */
static bool add_body(struct text *out, const struct speaker *speaker, const struct report *report,
                     const struct occasion *occasion, const char *subject) {
    struct layout layout = {0};
    struct text plain = {0};
    struct text html = {0};
    bool ok;

    message_words_body(speaker, report, occasion, &layout);
    plain_add(&plain, &layout);
    html_page_add(&html, subject, &layout);
    ok = !plain.failed && plain.value && !html.failed && html.value;
    if (ok)
        mime_alternative(out, plain.value, html.value);
    layout_free(&layout);
    text_free(&plain);
    text_free(&html);
    return ok;
}

static bool check_addresses(const struct mail_settings *settings, const struct strings *to, struct error *err) {
    if (!settings->from || !text_is_mail_address(settings->from))
        return error_set(err, ERROR_CONFIG,
                         "No mail can be written: from in [mail] is not an address. Set it to one "
                         "such as authcert@contoso.test.");
    for (size_t i = 0; i < to->count; i++)
        if (!text_is_mail_address(to->items[i]))
            return error_set(err, ERROR_CONFIG,
                             "No mail can be written: the recipient \"%s\" is not an address. "
                             "Correct to or escalate_to in [mail].",
                             to->items[i]);
    return true;
}

bool message_compose(const struct mail_settings *settings, const struct speaker *speaker, const struct strings *to,
                     const struct report *report, const struct occasion *occasion, struct message *ret_message,
                     struct error *err) {
    struct message message = {0};
    struct text subject = {0};
    struct text text = {0};
    bool ok = false;

    if (!check_addresses(settings, to, err))
        return false;
    message.id = make_id(speaker, occasion->kind);
    message_words_subject(report, occasion, &subject);
    message.subject = text_take(&subject);
    if (!message.id || !message.subject) {
        error_memory(err);
        goto out;
    }
    add_headers(&text, settings, speaker, to, report, occasion, &message);
    if (!add_body(&text, speaker, report, occasion, message.subject) || !(message.text = text_take(&text))) {
        error_memory(err);
        goto out;
    }
    *ret_message = message;
    message = (struct message){0};
    ok = true;
out:
    message_free(&message);
    text_free(&subject);
    text_free(&text);
    return ok;
}

void message_free(struct message *message) {
    free(message->id);
    free(message->subject);
    free(message->text);
    *message = (struct message){0};
}
