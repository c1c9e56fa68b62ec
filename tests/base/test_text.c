#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Memory that runs out: the allocation that many calls from now fails, and all after it; -1 never. */
static int allocations_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

static bool memory_is_left(void) {
    if (allocations_left > 0)
        allocations_left--;
    else if (allocations_left == 0)
        return false;
    return true;
}

void *__wrap_malloc(size_t size) {
    return memory_is_left() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
    return memory_is_left() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size) {
    return memory_is_left() ? __real_realloc(memory, size) : NULL;
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size) {
    return memory_is_left() ? __real_reallocarray(memory, count, size) : NULL;
}

struct sample {
    const char *value;
    size_t length;
    const char *printable;
};

#define SAMPLE(value, printable)                                                                                       \
    { value, sizeof(value) - 1, printable }

static const struct sample samples[] = {
    SAMPLE("", ""),
    SAMPLE("plain ~ text\\", "plain ~ text\\"),
    SAMPLE("a\0b", "a\\x00b"),
    SAMPLE("\x01\t\n\r\x1b[31m\x1f\x7f", "\\x01\\x09\\x0a\\x0d\\x1b[31m\\x1f\\x7f"),
    /* one character of each length, and the first and last of each */
    SAMPLE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"),
    SAMPLE("\xc2\xa1\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd", "\xc2\xa1\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd"),
    SAMPLE("\xf0\x90\x80\x80\xf0\xbf\xbf\xbd", "\xf0\x90\x80\x80\xf0\xbf\xbf\xbd"),
    /* C1 controls */
    SAMPLE("\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f"),
    /* bytes that never occur, a lone continuation, characters cut short */
    SAMPLE("\xc0\xc1\xf5\xf8\xfe\xff", "\\xc0\\xc1\\xf5\\xf8\\xfe\\xff"),
    SAMPLE("a\x80z", "a\\x80z"),
    SAMPLE("\xc3", "\\xc3"),
    SAMPLE("\xc3z", "\\xc3z"),
    SAMPLE("\xe2\x82", "\\xe2\\x82"),
    SAMPLE("\xe2\x82\xc3\xa9", "\\xe2\\x82\xc3\xa9"),
    SAMPLE("\xf0\x9f\x94", "\\xf0\\x9f\\x94"),
    /* longer than needed */
    SAMPLE("\xc0\xaf\xc1\xbf", "\\xc0\\xaf\\xc1\\xbf"),
    SAMPLE("\xe0\x80\xaf\xe0\x9f\xbf", "\\xe0\\x80\\xaf\\xe0\\x9f\\xbf"),
    SAMPLE("\xf0\x80\x80\xaf\xf0\x8f\xbf\xbf", "\\xf0\\x80\\x80\\xaf\\xf0\\x8f\\xbf\\xbf"),
    /* surrogates and their neighbours, beyond U+10FFFF */
    SAMPLE("\xed\x9f\xbf\xef\xa4\x80", "\xed\x9f\xbf\xef\xa4\x80"),
    SAMPLE("\xed\xa0\x80\xed\xbf\xbf", "\\xed\\xa0\\x80\\xed\\xbf\\xbf"),
    SAMPLE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
    /* direction marks, joiners, separators, overrides, isolates, with the visible neighbours */
    SAMPLE("\xd8\x9b\xd8\x9c\xd8\x9d", "\xd8\x9b\\xd8\\x9c\xd8\x9d"),
    SAMPLE("\xe2\x80\x8b\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
           "\\xe2\\x80\\x8b\\xe2\\x80\\x8d\\xe2\\x80\\x8e\\xe2\\x80\\x8f\xe2\x80\x90"),
    SAMPLE("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xa9"),
    SAMPLE("\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf\xe2\x80\xb0",
           "\\xe2\\x80\\xaa\\xe2\\x80\\xae\\xe2\\x80\\xaf\xe2\x80\xb0"),
    SAMPLE("\xe2\x81\x9f\xe2\x81\xa0\xe2\x81\xa9\xe2\x81\xaf\xe2\x81\xb0",
           "\\xe2\\x81\\x9f\\xe2\\x81\\xa0\\xe2\\x81\\xa9\\xe2\\x81\\xaf\xe2\x81\xb0"),
    /* blanks that are no space: no-break, ogham, em, ideographic, braille, Hangul filler; the byte order mark */
    SAMPLE("a b\xc2\xa0", "a b\\xc2\\xa0"),
    SAMPLE("\xe1\x9a\x80\xe2\x80\x83\xe3\x80\x80", "\\xe1\\x9a\\x80\\xe2\\x80\\x83\\xe3\\x80\\x80"),
    SAMPLE("\xe2\xa0\x80\xe3\x85\xa4\xef\xbb\xbf", "\\xe2\\xa0\\x80\\xe3\\x85\\xa4\\xef\\xbb\\xbf"),
    /* soft hyphen, combining grapheme joiner, variation selector, interlinear mark, a tag */
    SAMPLE("\xc2\xad\xcd\x8f\xef\xb8\x8f\xef\xbf\xb9\xf3\xa0\x81\x81",
           "\\xc2\\xad\\xcd\\x8f\\xef\\xb8\\x8f\\xef\\xbf\\xb9\\xf3\\xa0\\x81\\x81"),
    /* private use, noncharacters */
    SAMPLE("\xee\x80\x80\xef\xb7\x90\xf4\x8f\xbf\xbf", "\\xee\\x80\\x80\\xef\\xb7\\x90\\xf4\\x8f\\xbf\\xbf"),
    /* accents put on a letter are seen */
    SAMPLE("e\xcc\x81", "e\xcc\x81"),
};

static void makes_any_bytes_printable(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *sample = &samples[i];
        /* A copy of exactly that length: what is read behind it is seen by AddressSanitizer. */
        char *value = malloc(sample->length + 1);
        char *exact = realloc(value, sample->length > 0 ? sample->length : 1);
        char out[128];
        char *copy;

        assert_non_null(exact);
        memcpy(exact, sample->value, sample->length);
        assert_ptr_equal(text_printable(out, sizeof(out), exact, sample->length), out);
        assert_string_equal(out, sample->printable);
        copy = text_printable_copy(exact, sample->length, sizeof(out));
        assert_string_equal(copy, sample->printable);
        /* Made printable again, it stays as it is. */
        text_printable(out, sizeof(out), copy, strlen(copy));
        assert_string_equal(out, sample->printable);
        free(copy);
        free(exact);
    }
    assert_string_equal(text_printable((char[8]){"x"}, 8, NULL, 0), "");
}

/* The printable text with every place where it may be cut. */
static void check_cut(const char *value, const bool *ends, size_t size) {
    char out[64];
    size_t full = strlen(value);
    size_t kept;

    memset(out, '#', sizeof(out));
    text_printable(out, size, "a\x1b\xe2\x82\xac\xc3\xa9\xf0\x9f\x94\x91\xff", 12);
    assert_true(memchr(out, '\0', size) != NULL);
    assert_int_equal(out[size], '#');
    if (full < size) {
        assert_string_equal(out, value);
        return;
    }
    for (kept = size - 4; !ends[kept]; kept--)
        continue;
    assert_memory_equal(out, value, kept);
    assert_string_equal(out + kept, "...");
}

static void cuts_between_characters(void **state) {
    static const char value[] = "a\\x1b\xe2\x82\xac\xc3\xa9\xf0\x9f\x94\x91\\xff";
    static const size_t starts[] = {0, 1, 5, 8, 10, 14, 18};
    bool ends[sizeof(value)] = {false};

    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        ends[starts[i]] = true;
    for (size_t size = 8; size < 40; size++)
        check_cut(value, ends, size);
}

static void copies_at_most_that_much(void **state) {
    char *copy;

    (void)state;
    copy = text_printable_copy("0123456789", 10, 10);
    assert_string_equal(copy, "0123456789");
    free(copy);
    copy = text_printable_copy("0123456789", 10, 9);
    assert_string_equal(copy, "012345...");
    free(copy);
    copy = text_printable_copy("0123456789", 10, 2);
    assert_string_equal(copy, "..");
    free(copy);
    copy = text_printable_copy("0123456789", 10, 0);
    assert_string_equal(copy, "");
    free(copy);
    copy = text_printable_copy("\x01", 1, SIZE_MAX);
    assert_string_equal(copy, "\\x01");
    free(copy);
    allocations_left = 0;
    copy = text_printable_copy("0123456789", 10, 100);
    allocations_left = -1;
    assert_null(copy);
}

static void knows_host_names(void **state) {
    static const char *const no_hosts[] = {"a..b", "a.test..", ".", "a-.test", "a.-b", "a.test-", "a.-"};
    char longest[255];

    (void)state;
    assert_true(text_is_host_name("a"));
    assert_true(text_is_host_name("DC1.contoso-01.test."));
    assert_true(text_is_host_name("127.0.0.1"));
    assert_false(text_is_host_name(""));
    assert_false(text_is_host_name("-oProxyCommand"));
    assert_false(text_is_host_name(".test"));
    for (size_t i = 0; i < sizeof(no_hosts) / sizeof(no_hosts[0]); i++)
        assert_false(text_is_host_name(no_hosts[i]));
    for (int character = 1; character < 256; character++) {
        const char name[] = {'a', (char)character, 'a', '\0'};
        bool allowed = character < 128 &&
                       strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-", character) != NULL;

        assert_int_equal(text_is_host_name(name), allowed);
    }
    memset(longest, 'a', sizeof(longest));
    longest[254] = '\0';
    for (size_t dot = 63; dot < sizeof(longest) - 1; dot += 64)
        longest[dot] = '.';
    assert_false(text_is_host_name(longest));
    longest[253] = '\0';
    assert_true(text_is_host_name(longest));
    longest[63] = 'a';
    assert_false(text_is_host_name(longest));
}

static void knows_names_of_other_machines(void **state) {
    static const char *const others[] = {"ex1",   "EX-1.contoso.test", "7.x1", "localhost.contoso.test", "0x7f.test",
                                         "0xlab", "notlocalhost"};
    static const char *const here[] = {"127.0.0.1",
                                       "127.1",
                                       "2130706433",
                                       "0x7f000001",
                                       "0X7F.0.0.0x1",
                                       "017700000001",
                                       "ex1.7",
                                       "localhost",
                                       "LOCALHOST",
                                       "localhost.",
                                       "a.localhost",
                                       "127.0.0.1.",
                                       "localhost.localdomain",
                                       "ex1.contoso.test.",
                                       "a..b",
                                       "",
                                       "[::1]",
                                       "a_b"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_true(text_is_server_name(others[i]));
    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
        assert_false(text_is_server_name(here[i]));
}

static void builds_text(void **state) {
    struct text text = {0};
    char *taken;

    (void)state;
    taken = text_take(&text);
    assert_string_equal(taken, "");
    free(taken);

    text_add(&text, "");
    text_add_bytes(&text, NULL, 0);
    text_format(&text, "%s", "");
    assert_null(text.value);
    for (int i = 0; i < 1000; i++)
        text_format(&text, "%03d", i);
    text_add(&text, "abc");
    text_add_bytes(&text, "d\0e", 3);
    assert_int_equal(text.length, 3006);
    assert_memory_equal(text.value + 2994, "998999abcd\0e", 13);
    assert_memory_equal(text.value, "000001002", 9);
    taken = text_take(&text);
    assert_null(text.value);
    assert_int_equal(text.length, 0);
    free(taken);

    text_add(&text, "x");
    text_free(&text);
    assert_null(text.value);
    text_free(&text);
    text_free(NULL);
}

static void stays_failed_without_memory(void **state) {
    struct text text = {0};

    (void)state;
    text_add(&text, "first");
    allocations_left = 0;
    for (int i = 0; i < 20; i++)
        text_format(&text, "%010d", i);
    allocations_left = -1;
    assert_true(text.failed);
    text_add(&text, "more");
    text_format(&text, "%d", 1);
    assert_true(text.failed);
    assert_null(text_take(&text));
    assert_false(text.failed);
    assert_null(text.value);

    text.length = 0;
    text_add_bytes(&text, "x", SIZE_MAX);
    assert_true(text.failed);
    text_free(&text);

    allocations_left = 0;
    assert_null(text_take(&text));
    allocations_left = -1;
}

static void lists_strings(void **state) {
    struct strings list = {0};

    (void)state;
    assert_false(strings_contain(&list, "0"));
    for (int i = 0; i < 100; i++)
        strings_add(&list, "%d", i);
    strings_add(&list, "%s", "");
    assert_false(list.failed);
    assert_int_equal(list.count, 101);
    assert_string_equal(list.items[0], "0");
    assert_string_equal(list.items[64], "64");
    assert_string_equal(list.items[100], "");
    assert_true(strings_contain(&list, "99"));
    assert_true(strings_contain(&list, ""));
    assert_false(strings_contain(&list, "100"));
    strings_free(&list);
    assert_null(list.items);
    assert_int_equal(list.count, 0);
    strings_free(&list);
    strings_free(NULL);
}

/* Every allocation fails once: the list says that it is incomplete, and holds what was added before. */
static void lists_fail_without_memory(void **state) {
    struct strings list = {0};
    int failures = 0;

    (void)state;
    for (int left = 0;; left++) {
        size_t count;

        allocations_left = left;
        for (count = 0; count < 5 && !list.failed; count++)
            strings_add(&list, "item %zu", count);
        allocations_left = -1;
        for (size_t i = 0; i < list.count; i++)
            assert_non_null(strstr(list.items[i], "item "));
        if (!list.failed)
            break;
        assert_int_equal(list.count, count - 1);
        failures++;
        strings_free(&list);
        assert_false(list.failed);
    }
    assert_int_equal(list.count, 5);
    assert_int_equal(failures, 9); /* five strings, and the array for 1, 2, 4 and 8 */
    strings_free(&list);
}

/* Each name of the list comes before all that follow, whichever way round it is asked. */
static void names_are_ordered_as_people_do(void **state) {
    static const char *const ordered[] = {"",       "01",    "1",       "2",        "10",   "9999999999999999999999",
                                          "ex",     "ex1",   "ex02",    "EX2",      "ex2b", "ex12.a",
                                          "Ex12.b", "ex102", "ex102-1", "ex102-12", "fr",   "\xC3\xA4"};
    size_t count = sizeof(ordered) / sizeof(ordered[0]);

    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            assert_int_equal(text_compare_names(ordered[i], ordered[j]), (i > j) - (i < j));
    assert_int_equal(text_compare_names("Ex12", "eX12"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_any_bytes_printable),     cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(copies_at_most_that_much),      cmocka_unit_test(knows_host_names),
        cmocka_unit_test(knows_names_of_other_machines), cmocka_unit_test(builds_text),
        cmocka_unit_test(stays_failed_without_memory),   cmocka_unit_test(lists_strings),
        cmocka_unit_test(lists_fail_without_memory),     cmocka_unit_test(names_are_ordered_as_people_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
