#include "notify/words/inventory/message_words.h"

#include <string.h>

#include "notify/words/headline.h"
#include "notify/words/inventory/certificates.h"
#include "notify/words/wording.h"

#define ORGANIZATION_SIZE 65
#define WHAT_SIZE 161

static enum finding_severity gravest(const struct inventory_news *news) {
    return news->items[0].finding != NULL ? news->items[0].finding->severity : FINDING_REMARK;
}

static bool is_over(const struct inventory_news *news) {
    return news->items[0].event == EVENT_OVER;
}

const char *message_words_state(const struct report *report, const struct occasion *occasion) {
    if (occasion->kind != OCCASION_INVENTORY)
        return headline_state(report, occasion);
    if (is_over(occasion->inventory))
        return "RECOVERED";
    switch (gravest(occasion->inventory)) {
    case FINDING_REMARK:
        return "OK";
    case FINDING_UNKNOWN_STATE:
        return "UNKNOWN";
    case FINDING_WARNING:
        return "WARNING";
    case FINDING_CRITICAL:
        break;
    }
    return "CRITICAL";
}

void message_words_subject(const struct report *report, const struct occasion *occasion, struct text *out) {
    const char *organization = report->facts != NULL ? report->facts->organization : NULL;
    struct text headline = {0};
    char name[ORGANIZATION_SIZE];
    char what[WHAT_SIZE];

    if (occasion->kind != OCCASION_INVENTORY) {
        wording_subject(report, occasion, out);
        return;
    }
    certificates_headline(&headline, occasion->inventory, report->checked_at);
    if (headline.failed || headline.value == NULL) {
        out->failed = true;
    } else {
        text_format(out, "%s authcert", message_words_state(report, occasion));
        if (organization != NULL && organization[0] != '\0')
            text_format(out, " %s", text_printable(name, sizeof(name), organization, strlen(organization)));
        text_format(out, ": %s", text_printable(what, sizeof(what), headline.value, headline.length));
    }
    text_free(&headline);
}

static void add_others(const struct report *report, const struct occasion *occasion, struct layout *out) {
    static const enum layout_tone tones[FINDING_SEVERITY_COUNT] = {[FINDING_REMARK] = LAYOUT_NEUTRAL,
                                                                   [FINDING_UNKNOWN_STATE] = LAYOUT_NEUTRAL,
                                                                   [FINDING_WARNING] = LAYOUT_WARNING,
                                                                   [FINDING_CRITICAL] = LAYOUT_BAD};
    const struct inventory_news *news = occasion->inventory;
    struct text headline = {0};

    certificates_headline(&headline, news, report->checked_at);
    if (headline.failed || headline.value == NULL)
        out->failed = true;
    else
        layout_status(out, is_over(news) ? LAYOUT_GOOD : tones[gravest(news)], message_words_state(report, occasion),
                      "%s.", headline.value);
    text_free(&headline);
    certificates_add_news(out, news);
    certificates_add_table(out, news->inventory, report->checked_at);
    layout_paragraph(out, "The auth certificate is not what this message is about: its state is %s.",
                     status_name(report->decision.status));
}

void message_words_body(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                        struct layout *out) {
    if (occasion->kind == OCCASION_INVENTORY) {
        add_others(report, occasion, out);
    } else {
        wording_matter(speaker, report, occasion, out);
        if (occasion->inventory != NULL)
            certificates_add_section(out, occasion->inventory);
    }
    wording_footer(speaker, report, out);
}

bool message_words_urgent(const struct report *report, const struct occasion *occasion) {
    if (occasion->kind == OCCASION_INVENTORY)
        return !is_over(occasion->inventory) && gravest(occasion->inventory) == FINDING_CRITICAL;
    return occasion->kind != OCCASION_TEST && occasion->kind != OCCASION_RECOVERED &&
           report->decision.status == STATUS_CRITICAL;
}
