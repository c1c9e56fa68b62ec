#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs a fuzz target on every file of the folder given, as an ordinary test. A crash or an abort is the failure; so is
 * a folder without files, which would test nothing. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(int folder, const char *name) {
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    struct stat status;
    uint8_t *data;
    size_t size;

    if (file < 0 || fstat(file, &status) != 0)
        err(1, "cannot open %s", name);
    size = (size_t)status.st_size;
    /* Exactly as large as the input, so that AddressSanitizer sees the first byte read behind it. */
    data = malloc(size > 0 ? size : 1);
    if (!data)
        err(1, "cannot read %s", name);
    if (read(file, data, size) != (ssize_t)size)
        err(1, "cannot read %s", name);
    close(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv) {
    const struct dirent *entry;
    size_t count = 0;
    DIR *folder;

    if (argc != 2)
        errx(2, "usage: %s FOLDER", argv[0]);
    folder = opendir(argv[1]);
    if (!folder)
        err(1, "cannot read %s", argv[1]);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        /* Said before, so that the last name printed is the one that broke it. */
        printf("%s\n", entry->d_name);
        fflush(stdout);
        replay_file(dirfd(folder), entry->d_name);
        count++;
    }
    closedir(folder);
    if (count == 0)
        errx(1, "%s holds no file", argv[1]);
    printf("%zu inputs replayed\n", count);
    return 0;
}
