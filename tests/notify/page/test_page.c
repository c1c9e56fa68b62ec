#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/page/page.h"
#include "notify/page/markup.h"
#include "tests/notify/sample.h"

#define HOSTILE "</td><script>alert('1')</script>\"&\x1b]0;x\x07"

static const struct occasion nothing = {.kind = OCCASION_NONE};

static char *page_of(const struct report *report, const struct occasion *occasion, const struct page_event *events,
                     size_t count) {
    const struct page_source source = {
        .speaker = &sample_speaker, .report = report, .occasion = occasion, .events = events, .event_count = count};
    struct text text = {0};
    char *page;

    page_add(&text, &source);
    page = text_take(&text);
    assert_non_null(page);
    assert_int_equal(strncmp(page, PAGE_BEGIN, strlen(PAGE_BEGIN)), 0);
    assert_string_equal(page + strlen(page) - strlen("</html>\n"), "</html>\n");
    return page;
}

static void values_are_escaped_and_formats_are_not(void **state) {
    struct text text = {0};

    (void)state;
    markup_add(&text, "<b>%s 100%% %s</b>", "<i>&", "\"'%s");
    assert_string_equal(text.value, "<b>&lt;i&gt;&amp; 100% &quot;&#39;%s</b>");
    text_free(&text);
    markup_distance(&text, SAMPLE_NOW + SAMPLE_DAY, SAMPLE_NOW);
    markup_distance(&text, SAMPLE_NOW - 2 * SAMPLE_DAY, SAMPLE_NOW);
    markup_distance(&text, SAMPLE_NOW, SAMPLE_NOW);
    assert_string_equal(text.value, "in 1 day2 days ago1 minute ago");
    text_free(&text);
}

static void every_string_from_outside_is_escaped(void **state) {
    static char hostile[] = HOSTILE;
    const struct page_event events[] = {{.at = SAMPLE_NOW, .kind = HOSTILE, .text = HOSTILE}};
    struct sample sample;
    char *page;

    (void)state;
    sample_make(&sample);
    sample_slot(&sample, SLOT_NEXT, SAMPLE_NOW + 900 * SAMPLE_DAY);
    sample.facts.organization = hostile;
    sample.facts.directory.server = hostile;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        sample.certificates[slot].subject = hostile;
        sample.certificates[slot].serial = hostile;
        strings_add(&sample.report.problems[slot], "%s", HOSTILE);
    }
    for (size_t i = 0; i < sample.facts.server_count; i++) {
        sample.servers[i].fqdn = sample.servers[i].site = sample.servers[i].version = hostile;
        sample.servers[i].trouble = hostile;
        sample.servers[i].counted = i > 0;
    }
    remarks_add(&sample.report.reasons, "test", "%s", HOSTILE);
    remarks_add(&sample.facts.remarks, "test", "%s", HOSTILE);
    sample.report.briefing.wrong = sample.report.how_to_unblock = hostile;
    page = page_of(&sample.report, &nothing, events, 1);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "('1')"));
    assert_null(strchr(page, '\x1b'));
    assert_null(strchr(page, '\x07'));
    assert_non_null(strstr(page, "&lt;script&gt;alert(&#39;1&#39;)"));
    free(page);
    sample_free(&sample);
}

static void unknown_and_empty_slots(void **state) {
    struct sample sample;
    char *page;

    (void)state;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, 0);
    page = page_of(&sample.report, &nothing, NULL, 0);
    assert_non_null(strstr(page, "no source has its bytes"));
    assert_non_null(strstr(page, SAMPLE_CURRENT));
    assert_null(strstr(page, "<svg"));
    assert_non_null(strstr(page, "No run has seen"));
    free(page);
    sample_free(&sample);
}

static void unreadable(void **state) {
    const struct occasion known = {.known_end = SAMPLE_NOW + 9 * SAMPLE_DAY,
                                   .known_thumbprint = SAMPLE_CURRENT,
                                   .blind_since = SAMPLE_NOW - 3 * SAMPLE_DAY,
                                   .known_organization = "Contoso"};
    struct facts facts = {0};
    struct report report = {.checked_at = SAMPLE_NOW, .facts = &facts, .decision = {.status = STATUS_UNKNOWN}};
    char *page;

    (void)state;
    error_set(&facts.unreadable, ERROR_NETWORK, "nothing <answers>");
    page = page_of(&report, &known, NULL, 0);
    assert_non_null(strstr(page, "nothing &lt;answers&gt;"));
    assert_non_null(strstr(page, "auth certificate of Contoso"));
    assert_non_null(strstr(page, SAMPLE_CURRENT));
    assert_non_null(strstr(page, "2026-11-18 02:00 UTC"));
    assert_non_null(strstr(page, "<svg class=\"narrow\""));
    free(page);
    page = page_of(&report, &nothing, NULL, 0);
    assert_non_null(strstr(page, "No earlier run saw when the certificate ends."));
    free(page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped_and_formats_are_not),
        cmocka_unit_test(every_string_from_outside_is_escaped),
        cmocka_unit_test(unknown_and_empty_slots),
        cmocka_unit_test(unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
