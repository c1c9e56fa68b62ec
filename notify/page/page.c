#include "notify/page/page.h"

#include "notify/page/markup.h"
#include "notify/page/sections.h"
#include "notify/page/servers.h"
#include "notify/page/slots.h"
#include "notify/page/style.h"
#include "notify/page/timeline.h"
#include "notify/words/timeline.h"

static bool was_read(const struct report *report) {
    return report->facts->read;
}

static const char *state_word(enum status status) {
    switch (status) {
    case STATUS_OK:
        return "OK";
    case STATUS_WARNING:
        return "WARNING";
    case STATUS_CRITICAL:
        return "CRITICAL";
    case STATUS_UNKNOWN:
        break;
    }
    return "UNKNOWN";
}

/* "auth certificate of Contoso", or without the name where nobody knows it. */
static void add_subject(struct text *out, const struct page_source *source) {
    const struct facts *facts = source->report->facts;
    const char *name = facts->read ? facts->organization : source->occasion->known_organization;

    text_add(out, "auth certificate");
    if (name != NULL && name[0] != '\0')
        markup_add(out, " of %s", name);
}

static void add_head(struct text *out, const struct page_source *source) {
    text_add(out, PAGE_BEGIN "<head>\n<meta charset=\"utf-8\">\n");
    text_add(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                  "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
    text_add(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"robots\" content=\"noindex\">\n");
    markup_add(out, "<title>%s: ", state_word(source->report->decision.status));
    add_subject(out, source);
    text_add(out, "</title>\n<style>\n");
    for (const char *const *part = page_style; *part != NULL; part++)
        text_add(out, *part);
    text_add(out, "</style>\n</head>\n");
}

static void add_header(struct text *out, const struct page_source *source) {
    const struct report *report = source->report;
    const struct directory_facts *directory = &report->facts->directory;

    text_add(out, "<header>\n<h1>Exchange ");
    add_subject(out, source);
    text_add(out, "</h1>\n<p class=\"soft\">Seen ");
    markup_minute(out, report->checked_at);
    if (was_read(report) && directory->server != NULL)
        markup_add(out, " at %s", directory->server);
    else if (directory->uri != NULL)
        markup_add(out, " at %s", directory->uri);
    markup_add(out, ", mode %s</p>\n<p class=\"state %s\"><strong>%s</strong> <span>%s</span></p>\n",
               report->policy != NULL ? mode_name(report->policy->mode) : "unknown",
               status_name(report->decision.status), state_word(report->decision.status),
               report->briefing.wrong != NULL ? report->briefing.wrong : "");
    markup_add(out, "<p class=\"briefing\">By itself: %s</p>\n",
               report->briefing.by_itself != NULL ? report->briefing.by_itself : "");
    markup_add(out, "<p class=\"briefing\">Command: <code>%s</code></p>\n",
               report->briefing.command != NULL ? report->briefing.command : BRIEFING_NO_COMMAND);
    text_add(out, "</header>\n");
}

/* What stands in place of the state when the directory could not be read. */
static void add_unread(struct text *out, const struct page_source *source) {
    const struct occasion *occasion = source->occasion;

    markup_section(out, "unreadable", "The directory could not be read");
    markup_add(out, "<p>%s</p>\n", source->report->facts->unreadable.text);
    if (occasion->blind_since != 0) {
        text_add(out, "<p>The runs could not read it since ");
        markup_minute(out, occasion->blind_since);
        text_add(out, ".</p>\n");
    }
    if (occasion->known_end != 0) {
        markup_add(out, "<p>The last certificate known as current, <span class=\"mono\">%s</span>, %s ",
                   occasion->known_thumbprint, occasion->known_end > source->report->checked_at ? "ends" : "ended");
        markup_minute(out, occasion->known_end);
        text_add(out, " (");
        markup_distance(out, occasion->known_end, source->report->checked_at);
        text_add(out, ").</p>\n");
    } else {
        text_add(out, "<p>No earlier run saw when the certificate ends.</p>\n");
    }
    text_add(out, "</section>\n");
}

static void add_timeline(struct text *out, const struct page_source *source) {
    const struct facts *facts = source->report->facts;
    const char *thumbprints[SLOT_COUNT] = {"", "", ""};
    struct timeline timeline;

    timeline_make(source->report, source->occasion, &timeline);
    if (timeline.bar_count == 0)
        return;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (facts->read)
            thumbprints[slot] = facts->slots.thumbprint[slot];
    markup_section(out, "time-line", "Time line");
    page_timeline_add(out, &timeline, thumbprints);
    text_add(out, "</section>\n");
}

static void add_footer(struct text *out, const struct page_source *source) {
    markup_add(out, "<footer>\n<p>Made by authcert %s on %s with %s. It shows what was seen ", source->speaker->version,
               source->speaker->host, source->speaker->config);
    markup_minute(out, source->report->checked_at);
    text_add(out,
             " and does not change by itself; a new one: <code>authcert report FILE.html</code>.</p>\n</footer>\n");
}

void page_add(struct text *out, const struct page_source *source) {
    const struct report *report = source->report;

    add_head(out, source);
    text_add(out, "<body>\n");
    add_header(out, source);
    text_add(out, "<main>\n");
    if (!was_read(report))
        add_unread(out, source);
    add_timeline(out, source);
    if (was_read(report)) {
        sections_add_findings(out, report);
        sections_add_entra(out, report);
        sections_add_due(out, report);
    }
    sections_add_advice(out, source);
    if (was_read(report)) {
        page_slots_add(out, report);
        page_servers_add(out, report->facts);
    }
    sections_add_history(out, source);
    text_add(out, "</main>\n");
    add_footer(out, source);
    text_add(out, "</body>\n</html>\n");
}
