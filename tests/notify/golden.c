#include "tests/notify/golden.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file.h"
#include "notify/wording.h"

char *golden_words(const struct sample *sample, const struct occasion *occasion) {
    struct text text = {0};
    char *value;

    text_add(&text, "Subject: ");
    wording_subject(&sample->report, occasion, &text);
    text_add(&text, "\n\n");
    wording_body(&sample_sender, &sample->report, occasion, &text);
    value = text_take(&text);
    assert_non_null(value);
    return value;
}

void golden_assert(const struct sample *sample, const struct occasion *occasion, const char *name) {
    char path[512];
    struct bytes golden = {0};
    struct error err = {0};
    char *text = golden_words(sample, occasion);

    (void)snprintf(path, sizeof path, "%s/%s.txt", GOLDEN, name);
    if (getenv("GOLDEN_WRITE"))
        assert_true(file_write(AT_FDCWD, path, 0644, text, strlen(text), &err));
    if (!file_read(AT_FDCWD, path, 100000, &golden, &err))
        fail_msg("%s: %s", path, err.text);
    assert_string_equal(text, (const char *)golden.data);
    bytes_free(&golden);
    free(text);
}
