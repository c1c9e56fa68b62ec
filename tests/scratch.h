/*
 * A temporary folder for one test. scratch_make creates it and returns its descriptor; scratch_remove closes that and
 * removes the folder with all that is in it. Failures end the test program: there is nothing to test without a folder.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stddef.h>
#include <sys/types.h>

#define SCRATCH_PATH_SIZE 512

struct scratch {
    char path[SCRATCH_PATH_SIZE];
    int folder;
};

void scratch_make(struct scratch *ret_scratch);
void scratch_remove(struct scratch *scratch);

/* Puts a file of exactly this mode there, without any help of the code under test. */
void scratch_put(const struct scratch *scratch, const char *name, mode_t mode, const void *data, size_t length);

/* The permission bits of what is there by that name; a symbolic link's own. */
mode_t scratch_mode(const struct scratch *scratch, const char *name);

/* How many names there are in the folder. */
size_t scratch_count(const struct scratch *scratch);

/* PATH/NAME in a buffer that the next call uses again. */
const char *scratch_path(const struct scratch *scratch, const char *name);

#endif
