#include "tests/scratch.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(struct scratch *ret_scratch) {
    const char *base = getenv("TMPDIR");
    int length = snprintf(ret_scratch->path, sizeof(ret_scratch->path), "%s/authcert-test-XXXXXX",
                          base && base[0] == '/' ? base : "/tmp");

    if (length < 0 || (size_t)length >= sizeof(ret_scratch->path))
        errx(1, "TMPDIR is too long");
    if (!mkdtemp(ret_scratch->path))
        err(1, "cannot make %s", ret_scratch->path);
    ret_scratch->folder = open(ret_scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ret_scratch->folder < 0)
        err(1, "cannot open %s", ret_scratch->path);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status;
    (void)type;
    (void)where;
    if (remove(path) != 0)
        warn("cannot remove %s", path);
    return 0;
}

void scratch_remove(struct scratch *scratch) {
    close(scratch->folder);
    if (nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        err(1, "cannot remove %s", scratch->path);
}

void scratch_put(const struct scratch *scratch, const char *name, mode_t mode, const void *data, size_t length) {
    int file = openat(scratch->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (file < 0 || write(file, data, length) != (ssize_t)length || fchmod(file, mode) != 0 || close(file) != 0)
        err(1, "cannot write %s/%s", scratch->path, name);
}

mode_t scratch_mode(const struct scratch *scratch, const char *name) {
    struct stat status;

    if (fstatat(scratch->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        err(1, "cannot look at %s/%s", scratch->path, name);
    return status.st_mode & 07777;
}

size_t scratch_count(const struct scratch *scratch) {
    DIR *folder = opendir(scratch->path);
    const struct dirent *entry;
    size_t count = 0;

    if (!folder)
        err(1, "cannot read %s", scratch->path);
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    }
    closedir(folder);
    return count;
}

const char *scratch_path(const struct scratch *scratch, const char *name) {
    static char path[SCRATCH_PATH_SIZE + 256];

    snprintf(path, sizeof(path), "%s/%s", scratch->path, name);
    return path;
}
