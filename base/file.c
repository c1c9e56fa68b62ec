#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"

#define TEMPORARY_SIZE 40
#define TEMPORARY_BEGIN ".authcert-"
#define TEMPORARY_END ".tmp"
#define TEMPORARY_TRIES 8
#define PARENT_MODE 0755

/* "There is no such thing" as a result of its own, not a failure. */
static bool not_there(struct error *err) {
    if (err) {
        err->kind = ERROR_NONE;
        err->text[0] = '\0';
    }
    return false;
}

void bytes_free(struct bytes *bytes) {
    if (!bytes)
        return;
    if (bytes->data)
        explicit_bzero(bytes->data, bytes->length);
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static const char *last_part(const char *name) {
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

/* Opens the folder that holds `name`, for names within it and for fsync. False with errno. */
static bool open_holder(int folder, const char *name, int *ret_holder) {
    char path[PATH_MAX] = ".";
    size_t length = (size_t)(last_part(name) - name);
    int holder;

    if (length >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (length > 0) {
        memcpy(path, name, length);
        path[length] = '\0';
    }
    holder = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (holder < 0)
        return false;
    *ret_holder = holder;
    return true;
}

/* Makes what happened to the names of a folder durable. False with errno. */
static bool sync_folder(int folder) {
    /* EINVAL: this file system has no such thing as an fsync of a folder. */
    return fsync(folder) == 0 || errno == EINVAL;
}

bool file_read_open(int file, void *out, size_t size, size_t *ret_length) {
    size_t length = 0;

    while (length < size) {
        ssize_t got = read(file, (char *)out + length, size - length);

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return false;
        length += got > 0 ? (size_t)got : 0;
    }
    *ret_length = length;
    return true;
}

bool file_write_open(int file, const void *data, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t put = write(file, (const char *)data + done, length - done);

        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* Reads all of `file`, which had `expected` bytes when it was opened and may grow meanwhile, which costs a second
 * reading. */
static bool read_all(int file, const char *name, size_t expected, size_t most, struct bytes *ret_bytes,
                     struct error *err) {
    size_t size = expected + 1; /* one more, so that the end is met */
    struct bytes bytes = {.data = malloc(size + 1)};

    if (!bytes.data)
        return error_memory(err);
    if (!file_read_open(file, bytes.data, size, &bytes.length)) {
        error_errno(err, errno, "cannot read %s", name);
        bytes.length = size; /* how much came before is not known, and it may be of a key */
    } else if (bytes.length > most) {
        error_set(err, ERROR_DATA, "cannot use %s: it holds more than %zu bytes", name, most);
    } else if (bytes.length == size) {
        bytes_free(&bytes);
        return lseek(file, 0, SEEK_SET) == 0 ? read_all(file, name, most, most, ret_bytes, err)
                                             : error_errno(err, errno, "cannot read %s", name);
    } else {
        bytes.data[bytes.length] = '\0';
        *ret_bytes = bytes;
        return true;
    }
    bytes_free(&bytes);
    return false;
}

static bool check_private(const struct stat *status, const char *name, enum error_kind blame, struct error *err) {
    if (status->st_uid != 0 && status->st_uid != geteuid())
        return error_set(err, blame,
                         "cannot trust %s: it belongs to user %lu; make root or the user who runs the program its "
                         "owner",
                         name, (unsigned long)status->st_uid);
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error_set(err, blame,
                         "cannot trust %s: its mode is %04o, so others than its owner can get at it; make it 0600",
                         name, (unsigned)(status->st_mode & 07777));
    return true;
}

/* All of a file that was just opened. `blame`: the kind of error when it is the file that is wrong. */
static bool read_open(int file, const char *name, size_t most, enum error_kind blame, struct bytes *ret_bytes,
                      struct error *err) {
    struct stat status;

    if (fstat(file, &status) != 0)
        return error_errno(err, errno, "cannot look at %s", name);
    if (most >= SIZE_MAX - 1 || (uintmax_t)status.st_size > most)
        return error_set(err, blame == ERROR_LOCAL ? ERROR_DATA : blame, "cannot use %s: it holds more than %zu bytes",
                         name, most);
    return read_all(file, name, (size_t)status.st_size, most, ret_bytes, err);
}

static bool read_regular(int folder, const char *name, size_t most, bool private, enum error_kind blame,
                         struct bytes *ret_bytes, struct error *err) {
    /* O_NONBLOCK: a named pipe must not hold the program up before it is seen to be no regular file. */
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    bool done = false;

    if (file < 0) {
        if (errno == ENOENT)
            return not_there(err);
        if (errno == ELOOP)
            return error_set(err, blame, "cannot open %s: it is a symbolic link; name the file itself", name);
        return error_errno(err, errno, "cannot open %s", name);
    }
    if (fstat(file, &status) != 0)
        error_errno(err, errno, "cannot look at %s", name);
    else if (!S_ISREG(status.st_mode))
        error_set(err, blame, "cannot read %s: it is not a regular file", name);
    else if (!private || check_private(&status, name, blame, err))
        done = read_open(file, name, most, blame, ret_bytes, err);
    close(file);
    return done;
}

bool file_read_whole(int file, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) {
    return read_open(file, name, most, ERROR_LOCAL, ret_bytes, err);
}

bool file_read(int folder, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) {
    return read_regular(folder, name, most, false, ERROR_LOCAL, ret_bytes, err);
}

bool file_read_private(int folder, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) {
    return read_regular(folder, name, most, true, ERROR_LOCAL, ret_bytes, err);
}

bool file_read_secret(int folder, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) {
    return read_regular(folder, name, most, true, ERROR_CONFIG, ret_bytes, err);
}

/* A new empty file of its own name in `holder`. False with errno. */
static bool create_temporary(int holder, char ret_name[TEMPORARY_SIZE], int *ret_file) {
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        unsigned long long random;
        int file;

        if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
            return false;
        /* The name does not grow with the file's, which may have the longest name there can be. */
        snprintf(ret_name, TEMPORARY_SIZE, TEMPORARY_BEGIN "%016llx" TEMPORARY_END, random);
        file = openat(holder, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file >= 0) {
            *ret_file = file;
            return true;
        }
        if (errno != EEXIST)
            return false;
    }
    return false;
}

bool file_write(int folder, const char *name, mode_t mode, const void *data, size_t length, struct error *err) {
    char temporary[TEMPORARY_SIZE] = "";
    int holder = -1;
    int file = -1;
    bool made = false;
    bool done = false;
    int closed;

    if (!open_holder(folder, name, &holder) || !create_temporary(holder, temporary, &file))
        goto out;
    made = true;
    if (!file_write_open(file, data, length) || fchmod(file, mode) != 0 || fsync(file) != 0)
        goto out;
    closed = close(file);
    file = -1;
    if (closed != 0 || renameat(holder, temporary, holder, last_part(name)) != 0)
        goto out;
    made = false;
    done = sync_folder(holder);

out:
    if (!done)
        error_errno(err, errno, "cannot write %s", name);
    if (file >= 0)
        close(file);
    if (made)
        unlinkat(holder, temporary, 0);
    if (holder >= 0)
        close(holder);
    return done;
}

static bool is_temporary(const char *name) {
    size_t begin = strlen(TEMPORARY_BEGIN);

    return strncmp(name, TEMPORARY_BEGIN, begin) == 0 && strspn(name + begin, "0123456789abcdef") == 16 &&
           strcmp(name + begin + 16, TEMPORARY_END) == 0;
}

static void sweep(int folder, bool deeper) {
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;

    if (!names && copy >= 0)
        close(copy);
    while (names && (entry = readdir(names))) {
        int inner = -1;

        if (is_temporary(entry->d_name))
            (void)unlinkat(folder, entry->d_name, 0);
        else if (deeper && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            inner = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (inner >= 0) {
            sweep(inner, false);
            close(inner);
        }
    }
    if (names)
        closedir(names);
}

void file_sweep(int folder) {
    sweep(folder, true);
}

/* Renames, never over another file. False with errno. */
static bool rename_new(int holder, const char *from, const char *to) {
    if (renameat2(holder, from, holder, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* This file system cannot: a second link refuses an existing name just as well. */
    return linkat(holder, from, holder, to, 0) == 0 && unlinkat(holder, from, 0) == 0;
}

bool file_set_aside(int folder, const char *name, time_t now, struct error *err) {
    char stamp[TIME_TEXT_SIZE];
    char aside[NAME_MAX + 1];
    int length;
    int holder = -1;
    bool done = false;

    time_format_generalized(stamp, now); /* 20260101120000.0Z */
    length = snprintf(aside, sizeof(aside), "%s.damaged-%.8sT%.6sZ", last_part(name), stamp, stamp + 8);
    if (length < 0 || (size_t)length >= sizeof(aside))
        return error_errno(err, ENAMETOOLONG, "cannot set %s aside", name);
    done = open_holder(folder, name, &holder) && rename_new(holder, last_part(name), aside) && sync_folder(holder);
    if (!done)
        error_errno(err, errno, "cannot set %s aside as %s", name, aside);
    if (holder >= 0)
        close(holder);
    return done;
}

bool file_rename(int folder, const char *name, const char *to, struct error *err) {
    struct stat status;
    /* After a crash the new name may be there without being durable yet: only the fsync makes sure. */
    bool done =
        (rename_new(folder, name, to) || (errno == ENOENT && fstatat(folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0)) &&
        sync_folder(folder);

    return done ? true : error_errno(err, errno, "cannot rename %s to %s", name, to);
}

bool file_remove(int folder, const char *name, struct error *err) {
    int holder = -1;
    bool done = false;

    if (!open_holder(folder, name, &holder)) {
        if (errno == ENOENT)
            return true;
        return error_errno(err, errno, "cannot remove %s", name);
    }
    /* A missing one may have been removed just before a crash: only the fsync makes sure that it stays away. */
    done = (unlinkat(holder, last_part(name), 0) == 0 || errno == ENOENT) && sync_folder(holder);
    if (!done)
        error_errno(err, errno, "cannot remove %s", name);
    close(holder);
    return done;
}

/* Makes one folder with exactly this mode, unless it is there, and makes that durable. False with errno. */
static bool make_folder(int parent, const char *path, mode_t mode) {
    int holder = -1;
    int folder = -1;
    int number = 0;
    mode_t mask;
    bool made;
    bool done = false;

    if (!open_holder(parent, path, &holder))
        return false;
    /* A umask that takes away the owner's own rights would keep us from opening what we have made. */
    mask = umask(S_IRWXG | S_IRWXO);
    made = mkdirat(holder, last_part(path), 0700) == 0;
    umask(mask);
    if (!made) {
        done = errno == EEXIST;
        goto out;
    }
    folder = openat(holder, last_part(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    done = folder >= 0 && fchmod(folder, mode) == 0 && sync_folder(folder) && sync_folder(holder);

out:
    number = errno;
    if (folder >= 0)
        close(folder);
    close(holder);
    errno = number;
    return done;
}

/* Makes the folder and those above it that are missing. `path` is changed on the way, and as it was afterwards. */
static bool make_folders(int parent, char *path, mode_t mode) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        bool made;

        if (slash[-1] == '/')
            continue;
        *slash = '\0';
        made = make_folder(parent, path, PARENT_MODE);
        *slash = '/';
        if (!made)
            return false;
    }
    return make_folder(parent, path, mode);
}

bool folder_check(int folder, const char *name, bool only_read, struct error *err) {
    struct stat status;

    if (fstat(folder, &status) != 0)
        return error_errno(err, errno, "cannot look at the folder %s", name);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return error_set(err, ERROR_LOCAL,
                         "cannot trust the folder %s: it belongs to user %lu; make root or the user who runs the "
                         "program its owner",
                         name, (unsigned long)status.st_uid);
    if (!only_read && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return error_set(err, ERROR_LOCAL,
                         "cannot trust the folder %s: its mode is %04o, so others than its owner can change it; take "
                         "away the right to write from group and others",
                         name, (unsigned)(status.st_mode & 07777));
    return true;
}

/* Copies a folder's path without what makes the kernel follow a link in its last part. */
static bool plain_path(const char *name, char ret_path[PATH_MAX], struct error *err) {
    size_t length = strlen(name);

    while (length > 1 && (name[length - 1] == '/' || (name[length - 1] == '.' && name[length - 2] == '/')))
        length--;
    if (length == 0 || length >= PATH_MAX)
        return error_errno(err, length == 0 ? EINVAL : ENAMETOOLONG, "cannot open the folder \"%s\"", name);
    memcpy(ret_path, name, length);
    ret_path[length] = '\0';
    return true;
}

bool folder_open(int parent, const char *name, bool create, mode_t mode, bool only_read, int *ret_folder,
                 struct error *err) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    char path[PATH_MAX];
    int folder;

    if (!plain_path(name, path, err))
        return false;
    folder = openat(parent, path, flags);
    if (folder < 0 && errno == ENOENT) {
        if (!create)
            return not_there(err);
        if (!make_folders(parent, path, mode))
            return error_errno(err, errno, "cannot make the folder %s", name);
        folder = openat(parent, path, flags);
    }
    if (folder < 0 && (errno == ENOTDIR || errno == ELOOP))
        return error_set(err, ERROR_LOCAL, "cannot open the folder %s: it is a symbolic link or no folder at all",
                         name);
    if (folder < 0)
        return error_errno(err, errno, "cannot open the folder %s", name);
    if (!only_read && !folder_check(folder, name, false, err)) {
        close(folder);
        return false;
    }
    *ret_folder = folder;
    return true;
}
