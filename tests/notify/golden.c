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
#include "notify/words/plain.h"
#include "notify/words/wording.h"

char *golden_words(const struct sample *sample, const struct occasion *occasion) {
    struct layout layout = {0};
    struct text text = {0};
    char *value;

    text_add(&text, "Subject: ");
    wording_subject(&sample->report, occasion, &text);
    text_add(&text, "\n\n");
    wording_body(&sample_speaker, &sample->report, occasion, &layout);
    plain_add(&text, &layout);
    layout_free(&layout);
    value = text_take(&text);
    assert_non_null(value);
    return value;
}

char *golden_html(const struct sample *sample, const struct occasion *occasion) {
    struct layout layout = {0};
    struct text subject = {0};
    struct text html = {0};
    char *value;

    wording_subject(&sample->report, occasion, &subject);
    wording_body(&sample_speaker, &sample->report, occasion, &layout);
    html_page_add(&html, subject.value, &layout);
    text_free(&subject);
    layout_free(&layout);
    value = text_take(&html);
    assert_non_null(value);
    return value;
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

void golden_assert(const struct sample *sample, const struct occasion *occasion, const char *name) {
    char *text = golden_words(sample, occasion);
    char *html = golden_html(sample, occasion);

    assert_golden(text, name, "txt");
    assert_golden(html, name, "html");
    free(text);
    free(html);
}
