/* The scripts in the program are those of the tree, byte for byte. */
#include "windows/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST 65536

/* Reads a file of the tree into `ret_text`. */
static size_t tree_read(const char *path, char *ret_text) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(ret_text, 1, MOST, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(length, 100, MOST - 1);
    return length;
}

static void test_bootstrap(void **state) {
    (void)state;
    static char text[MOST];
    size_t length = tree_read(WINDOWS_FOLDER "/bootstrap.ps1", text);
    assert_int_equal(strlen(script_bootstrap), length);
    assert_memory_equal(script_bootstrap, text, length);
}

static void test_import(void **state) {
    (void)state;
    static char text[MOST];
    size_t length = tree_read(WINDOWS_FOLDER "/import.ps1", text);
    assert_int_equal(script_import_length, length);
    assert_memory_equal(script_import, text, length);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_import),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
