/*
 * Text as HTML: no value becomes markup, and what a message is made of becomes well-formed blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "notify/html.h"
#include "notify/mail/html.h"

static void assert_html(const char *value, const char *expected) {
    struct text out = {0};

    html_text(&out, value);
    assert_false(out.failed);
    assert_string_equal(out.value ? out.value : "", expected);
    text_free(&out);
}

static void escaping(void **unused) {
    (void)unused;
    assert_html("", "");
    assert_html("Contoso", "Contoso");
    assert_html("M\xc3\xbcller & S\xc3\xb6hne", "M\xc3\xbcller &amp; S\xc3\xb6hne");
    assert_html("<b>\"a\" 'b'</b>", "&lt;b&gt;&quot;a&quot; &#39;b&#39;&lt;/b&gt;");
    assert_html("&lt;", "&amp;lt;");
    assert_html("a\nb\x1b[0m\x7f\xff", "a\\x0ab\\x1b[0m\\x7f\\xff");
    assert_html("\xe2\x80\xae"
                "evil",
                "\\xe2\\x80\\xaeevil");
}

/* Every byte but NUL, alone and behind "<": none but harmless ones come out. */
static void every_byte(void **unused) {
    (void)unused;
    for (int byte = 1; byte < 256; byte++) {
        char value[3] = {'<', (char)byte, '\0'};
        struct text out = {0};

        html_text(&out, value);
        assert_false(out.failed);
        assert_memory_equal(out.value, "&lt;", 4);
        assert_null(strpbrk(out.value, "<>\"'"));
        assert_null(strpbrk(out.value, "\r\n\t\x1b\x7f"));
        text_free(&out);
    }
}

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;

    for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
        count++;
    return count;
}

/* Whatever block follows whatever, what is opened is closed. */
static void blocks_in_any_order(void **unused) {
    const struct layout_counts counts = {.present = 1};

    (void)unused;
    for (int n = 0; n < 6 * 6 * 6; n++) {
        struct layout layout = {0};
        struct text out = {0};
        const int order[] = {n % 6, n / 6 % 6, n / 36};

        layout_status(&layout, LAYOUT_BAD, "CRITICAL", "%s", "it ends <soon>");
        for (size_t i = 0; i < 3; i++) {
            if (order[i] == 0)
                layout_heading(&layout, "Why");
            else if (order[i] == 1)
                layout_paragraph(&layout, "%s", "p");
            else if (order[i] == 2)
                layout_item(&layout, "%s", "i");
            else if (order[i] == 3)
                layout_field(&layout, "Label", "%s", "f");
            else if (order[i] == 4)
                layout_command(&layout, "%s", "authcert --now");
            else
                layout_counts(&layout, "current", &counts);
        }
        html_page_add(&out, "a <title>", &layout);
        assert_false(out.failed);
        assert_non_null(strstr(out.value, "<title>a &lt;title&gt;</title>"));
        assert_int_equal(count_of(out.value, "<ul"), count_of(out.value, "</ul>"));
        assert_int_equal(count_of(out.value, "<table"), count_of(out.value, "</table>"));
        assert_int_equal(count_of(out.value, "<tr"), count_of(out.value, "</tr>"));
        assert_int_equal(count_of(out.value, "<td"), count_of(out.value, "</td>"));
        assert_int_equal(count_of(out.value, "<div"), count_of(out.value, "</div>"));
        layout_free(&layout);
        text_free(&out);
    }
}

/* Good news are green, bad ones red. */
static void tones(void **unused) {
    static const char *const colours[] = {[LAYOUT_GOOD] = "#1a7f37",
                                          [LAYOUT_WARNING] = "#9a6700",
                                          [LAYOUT_BAD] = "#b42318",
                                          [LAYOUT_NEUTRAL] = "#57606a"};

    (void)unused;
    for (int tone = LAYOUT_GOOD; tone <= LAYOUT_NEUTRAL; tone++) {
        struct layout layout = {0};
        struct text out = {0};
        const char *cell;

        layout_status(&layout, (enum layout_tone)tone, "STATE", "%s", "headline");
        html_page_add(&out, "title", &layout);
        cell = strstr(out.value, "<td bgcolor=\"#");
        assert_non_null(cell);
        assert_memory_equal(cell + strlen("<td bgcolor=\""), colours[tone], strlen(colours[tone]));
        layout_free(&layout);
        text_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaping),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(blocks_in_any_order),
        cmocka_unit_test(tones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
