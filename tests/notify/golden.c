#include "tests/notify/golden.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "notify/mail/html.h"
#include "notify/plain.h"
#include "notify/words/wording.h"

/* Does the element show what the plain form leaves out: names of bars and the legend beside the drawn time line? */
static bool is_drawn(const char *tag, size_t length) {
    static const char *const marks[] = {"<title", "<style", "width=\"64\"", "padding-top:6px"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (memmem(tag, length, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}

/* Adds the character that a reference stands for, or "&" itself, and returns how long the reference is. */
static size_t add_reference(struct text *out, const char *reference) {
    static const struct {
        const char *reference;
        const char *character;
    } table[] = {{"&nbsp;", " "}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strncmp(reference, table[i].reference, strlen(table[i].reference)) == 0) {
            text_add(out, table[i].character);
            return strlen(table[i].reference);
        }
    fail_msg("an unknown reference: %.10s", reference);
    return 1;
}

/* What a reader sees of the page. Only <span> and <b> stand within words. */
static char *visible(const char *html) {
    struct text out = {0};

    for (const char *p = html; *p != '\0';) {
        const size_t length = strcspn(p, ">") + 1;

        if (*p == '&') {
            p += add_reference(&out, p);
        } else if (*p != '<') {
            text_add_bytes(&out, p++, 1);
        } else if (is_drawn(p, length)) {
            /* Up to the end of this element, in which only spans lie. */
            do
                p = strstr(p + 1, "</");
            while (strncmp(p, "</span", 6) == 0);
        } else {
            if (strncmp(p, "<span", 5) != 0 && strncmp(p, "</span", 6) != 0 && strncmp(p, "<b>", 3) != 0 &&
                strncmp(p, "</b>", 4) != 0)
                text_add(&out, " ");
            p += length;
        }
    }
    return text_take(&out);
}

/* The next word; signs by which the plain form sets lines apart are none. */
static const char *next_word(const char **text, size_t *ret_length) {
    static const char *const signs[] = {"==", "-", "<--"};
    const char *word;
    bool sign;

    do {
        word = *text + strspn(*text, " \n");
        *ret_length = strcspn(word, " \n");
        *text = word + *ret_length;
        sign = false;
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
            sign = sign || (*ret_length == strlen(signs[i]) && memcmp(word, signs[i], *ret_length) == 0);
    } while (sign);
    return word;
}

/* Both forms say the same words in the same order; the state's word, which is first, has a colon in one of them. */
static void assert_same_words(const char *plain, const char *html) {
    char *seen = visible(html);
    const char *other = seen;
    bool first = true;
    size_t length, other_length;

    assert_non_null(seen);
    do {
        const char *word = next_word(&plain, &length);
        const char *other_word = next_word(&other, &other_length);

        if (length != other_length + (first && length > 0 ? 1 : 0) || memcmp(word, other_word, other_length) != 0)
            fail_msg("the text says \"%.60s\" where the page says \"%.60s\"", word, other_word);
        first = false;
    } while (length > 0);
    free(seen);
}

/* Subject, body and page of one message. */
static void make(const struct sample *sample, const struct occasion *occasion, char **ret_text, char **ret_html) {
    struct layout layout = {0};
    struct text subject = {0}, plain = {0}, html = {0}, text = {0};

    wording_subject(&sample->report, occasion, &subject);
    wording_body(&sample_speaker, &sample->report, occasion, &layout);
    plain_add(&plain, &layout);
    html_page_add(&html, subject.value, &layout);
    assert_false(subject.failed || plain.failed || html.failed);
    assert_same_words(plain.value, html.value);
    text_format(&text, "Subject: %s\n\n%s", subject.value, plain.value);
    *ret_text = text_take(&text);
    *ret_html = text_take(&html);
    assert_true(*ret_text != NULL && *ret_html != NULL);
    layout_free(&layout);
    text_free(&subject);
    text_free(&plain);
}

char *golden_words(const struct sample *sample, const struct occasion *occasion) {
    char *text, *html;

    make(sample, occasion, &text, &html);
    free(html);
    return text;
}

static void assert_golden(const char *text, const char *name, const char *suffix) {
    char path[512];
    struct bytes golden = {0};
    struct error err = {0};

    (void)snprintf(path, sizeof path, "%s/%s.%s", GOLDEN, name, suffix);
    if (getenv("GOLDEN_WRITE"))
        assert_true(file_write(AT_FDCWD, path, 0644, text, strlen(text), &err));
    if (!file_read(AT_FDCWD, path, 100000, &golden, &err))
        fail_msg("%s: %s", path, err.text);
    assert_string_equal(text, (const char *)golden.data);
    bytes_free(&golden);
}

/* Every page goes where a browser can look at it, if that is asked for. */
static void hand_out(const char *html, const char *name) {
    const char *folder = getenv("GOLDEN_PAGES");
    char path[512];
    struct error err = {0};

    if (folder == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/%s.html", folder, name);
    assert_true(file_write(AT_FDCWD, path, 0644, html, strlen(html), &err));
}

void golden_assert(const struct sample *sample, const struct occasion *occasion, const char *name) {
    char *text, *html;

    make(sample, occasion, &text, &html);
    assert_golden(text, name, "txt");
    hand_out(html, name);
    free(text);
    free(html);
}

void golden_assert_page(const struct sample *sample, const struct occasion *occasion, const char *name) {
    char *text, *html;

    golden_assert(sample, occasion, name);
    make(sample, occasion, &text, &html);
    assert_golden(html, name, "html");
    free(text);
    free(html);
}
