#include "renew/deliver/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITABLE_BY_OTHERS (S_IWGRP | S_IWOTH)

static bool refuse_link(const char *path, struct error *err) {
    char *real = realpath(path, NULL);

    if (real)
        error_set(err, ERROR_CONFIG, "cannot run %s: a symbolic link is on its way; configure %s instead", path, real);
    else
        error_set(err, ERROR_CONFIG, "cannot run %s: a symbolic link that leads nowhere is on its way", path);
    free(real);
    return false;
}

/* `place` is what `status` was read of: the beginning of `path` up to that folder. */
static bool folder_check(const struct stat *status, const char *path, const char *place, struct error *err) {
    if (S_ISLNK(status->st_mode))
        return refuse_link(path, err);
    if (!S_ISDIR(status->st_mode))
        return error_set(err, ERROR_CONFIG, "cannot run %s: %s is not a folder", path, place);
    if (status->st_uid != 0)
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: the folder %s belongs to user %lu, who could put another program there; put "
                         "it into a folder that belongs to root",
                         path, place, (unsigned long)status->st_uid);
    if ((status->st_mode & WRITABLE_BY_OTHERS) != 0 && (status->st_mode & S_ISVTX) == 0)
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: the mode of the folder %s is %04o, so others could put another program "
                         "there; take the right to write from group and others (chmod go-w)",
                         path, place, (unsigned)(status->st_mode & 07777));
    return true;
}

static bool file_check(const struct stat *status, const char *path, struct error *err) {
    if (S_ISLNK(status->st_mode))
        return refuse_link(path, err);
    if (!S_ISREG(status->st_mode))
        return error_set(err, ERROR_CONFIG, "cannot run %s: it is not a regular file", path);
    if (status->st_uid != 0)
        return error_set(err, ERROR_CONFIG, "cannot run %s: it belongs to user %lu; make root its owner", path,
                         (unsigned long)status->st_uid);
    if ((status->st_mode & WRITABLE_BY_OTHERS) != 0)
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: its mode is %04o, so others than root can change it; make it 0755", path,
                         (unsigned)(status->st_mode & 07777));
    return true;
}

static bool refuse_missing(int number, const char *path, const char *place, struct error *err) {
    if (number == ENOENT)
        return error_set(err, ERROR_CONFIG, "cannot run %s: there is no %s", path, place);
    if (number == EACCES)
        return error_set(err, ERROR_CONFIG,
                         "cannot run %s: user %lu may not look into the folder of %s; allow it (chmod go+x)", path,
                         (unsigned long)geteuid(), place);
    return error_errno(err, number, "cannot look at %s on the way to %s", place, path);
}

/* Opens and checks what `name` is in `folder`; `place` ends with it. */
static bool step_open(int folder, const char *name, bool last, const char *path, const char *place, int *ret_file,
                      struct error *err) {
    int file = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (file < 0)
        return refuse_missing(errno, path, place, err);
    if (fstat(file, &status) != 0) {
        error_errno(err, errno, "cannot look at %s", place);
    } else if (!last ? folder_check(&status, path, place, err) : file_check(&status, path, err)) {
        if (!last || faccessat(folder, name, X_OK, AT_EACCESS) == 0) {
            *ret_file = file;
            return true;
        }
        error_set(err, ERROR_CONFIG, "cannot run %s: user %lu may not execute it; make it 0755", path,
                  (unsigned long)geteuid());
    }
    close(file);
    return false;
}

/* Every part of the path is opened in the folder that was checked before it, so nothing can be exchanged meanwhile. */
bool program_check(const char *path, struct error *err) {
    char place[PATH_MAX];
    size_t at = 0;
    int folder = -1;

    if (path[0] != '/' || strlen(path) >= sizeof(place))
        return error_set(err, ERROR_CONFIG, "cannot run %s: an absolute path of less than %d bytes is needed", path,
                         PATH_MAX);
    if (!step_open(AT_FDCWD, "/", false, path, "/", &folder, err))
        return false;
    for (bool last = false; !last;) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path + ++at, "/");
        int next = -1;
        bool good = false;

        last = path[at + length] == '\0';
        if (length == 0 || length > NAME_MAX) {
            error_set(err, ERROR_CONFIG, "cannot run %s: its path has an empty or too long part", path);
        } else {
            memcpy(name, path + at, length);
            name[length] = '\0';
            at += length;
            memcpy(place, path, at);
            place[at] = '\0';
            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                error_set(err, ERROR_CONFIG, "cannot run %s: write its path without . and ..", path);
            else
                good = step_open(folder, name, last, path, place, &next, err);
        }
        close(folder);
        if (!good)
            return false;
        folder = next;
    }
    close(folder);
    return true;
}
