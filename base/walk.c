#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel's own limit */

static bool at_end(struct error *err) {
    if (err)
        err->kind = ERROR_NONE;
    return false;
}

static void close_part(struct walk *walk) {
    if (walk->part >= 0)
        close(walk->part);
    walk->part = -1;
}

/* Puts `before` in front of what is still to be walked. */
static bool add_before(struct walk *walk, const char *before, struct error *err) {
    char rest[PATH_MAX];
    int length = snprintf(rest, sizeof(rest), "%s/%s", before, walk->rest);

    if (length < 0 || (size_t)length >= sizeof(rest))
        return error_errno(err, ENAMETOOLONG, "cannot walk to %.200s", walk->rest);
    memcpy(walk->rest, rest, (size_t)length + 1);
    return true;
}

static bool go_to_root(struct walk *walk, struct error *err) {
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root < 0)
        return error_errno(err, errno, "cannot open the root folder");
    if (walk->folder >= 0)
        close(walk->folder);
    walk->folder = root;
    walk->above = 0;
    return true;
}

bool walk_begin(struct walk *walk, const char *path, struct error *err) {
    char here[PATH_MAX];

    *walk = (struct walk){.folder = -1, .part = -1};
    if (strlen(path) >= sizeof(walk->rest))
        return error_errno(err, ENAMETOOLONG, "cannot walk to %.200s", path);
    snprintf(walk->rest, sizeof(walk->rest), "%s", path);
    if (path[0] != '/' && !getcwd(here, sizeof(here)))
        return error_errno(err, errno, "cannot find the working folder");
    return (path[0] == '/' || add_before(walk, here, err)) && go_to_root(walk, err);
}

void walk_end(struct walk *walk) {
    close_part(walk);
    if (walk->folder >= 0)
        close(walk->folder);
    walk->folder = -1;
}

/* Steps into the part: into its folder, or to where its link leads. */
static bool step_in(struct walk *walk, struct error *err) {
    char target[PATH_MAX];
    ssize_t length;

    if (walk->part < 0)
        return true;
    if (!S_ISLNK(walk->status.st_mode)) {
        close(walk->folder);
        walk->folder = walk->part;
        walk->part = -1;
        walk->above = strlen(walk->place);
        return true;
    }
    length = readlinkat(walk->part, "", target, sizeof(target));
    if (length < 0)
        return error_errno(err, errno, "cannot read the link %s", walk->place);
    if ((size_t)length >= sizeof(target) || ++walk->links > LINKS_MOST)
        return error_errno(err, (size_t)length >= sizeof(target) ? ENAMETOOLONG : ELOOP, "cannot follow the link %s",
                           walk->place);
    target[length] = '\0';
    close_part(walk);
    return add_before(walk, target, err) && (target[0] != '/' || go_to_root(walk, err));
}

static bool open_part(struct walk *walk, struct error *err) {
    walk->part = openat(walk->folder, walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    walk->missing = walk->part < 0 && errno == ENOENT;
    if (walk->missing)
        return true;
    if (walk->part < 0 || fstat(walk->part, &walk->status) != 0)
        return error_errno(err, errno, "cannot look at %s", walk->place);
    return true;
}

bool walk_next(struct walk *walk, struct error *err) {
    size_t skip;
    size_t length;

    if (walk->missing)
        return at_end(err);
    if (walk->part >= 0 && !S_ISLNK(walk->status.st_mode) && walk->rest[strspn(walk->rest, "/")] == '\0')
        return at_end(err);
    if (!step_in(walk, err))
        return false;
    skip = strspn(walk->rest, "/");
    length = strcspn(walk->rest + skip, "/");
    if (length > NAME_MAX)
        return error_errno(err, ENAMETOOLONG, "cannot walk to %.200s", walk->rest);
    /* The root has no name of its own. */
    snprintf(walk->name, sizeof(walk->name), "%.*s", length > 0 ? (int)length : 1,
             length > 0 ? walk->rest + skip : ".");
    memmove(walk->rest, walk->rest + skip + length, strlen(walk->rest + skip + length) + 1);
    if (walk->above + 1 + strlen(walk->name) >= sizeof(walk->place))
        return error_errno(err, ENAMETOOLONG, "cannot walk to %s", walk->name);
    snprintf(walk->place + walk->above, sizeof(walk->place) - walk->above, "/%s", walk->name);
    return open_part(walk, err);
}

bool walk_again(struct walk *walk, struct error *err) {
    if (!open_part(walk, err))
        return false;
    return !walk->missing || error_errno(err, ENOENT, "cannot open %s, which was just made", walk->name);
}

bool walk_owner(const char *path, uid_t *ret_owner, gid_t *ret_group, struct error *err) {
    struct walk walk;
    bool found = false;

    if (walk_begin(&walk, path, err))
        while (!found && walk_next(&walk, err))
            found = !walk.missing && walk.status.st_uid != 0;
    if (found) {
        *ret_owner = walk.status.st_uid;
        *ret_group = walk.status.st_gid;
    }
    walk_end(&walk);
    return found;
}

static bool is_ours(uid_t owner) {
    return owner == 0 || owner == geteuid();
}

bool walk_folder(const char *path, int *ret_folder, struct error *err) {
    struct walk walk;
    bool ok = walk_begin(&walk, path, err);

    while (ok && walk_next(&walk, err))
        if (walk.missing)
            break;
        else if (S_ISLNK(walk.status.st_mode) && !is_ours(walk.status.st_uid))
            ok = error_set(err, ERROR_LOCAL, "cannot follow the link %s on the way to %s: user %lu made it", walk.place,
                           path, (unsigned long)walk.status.st_uid);
    ok = ok && (!err || err->kind == ERROR_NONE);
    if (ok && !walk.missing && !S_ISDIR(walk.status.st_mode))
        ok = error_set(err, ERROR_LOCAL, "cannot use %s: it is no folder", path);
    if (ok && walk.missing)
        ok = at_end(err);
    else if (ok) {
        *ret_folder = walk.part;
        walk.part = -1;
    }
    walk_end(&walk);
    return ok;
}

bool walk_holder(const char *path, int *ret_folder, const char **ret_name, struct error *err) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct error failure = {0};
    char holder[PATH_MAX] = ".";
    size_t length = (size_t)(name - path);

    if (length >= sizeof(holder) || name[0] == '\0')
        return error_errno(err, name[0] == '\0' ? EISDIR : ENAMETOOLONG, "cannot use %.200s as a file", path);
    if (length > 0)
        snprintf(holder, sizeof(holder), "%.*s", (int)length, path);
    if (!walk_folder(holder, ret_folder, &failure)) {
        if (failure.kind == ERROR_NONE)
            error_set(&failure, ERROR_LOCAL, "there is no folder %s", holder);
        if (err)
            *err = failure;
        return false;
    }
    *ret_name = name;
    return true;
}

/* An access list puts its mask where the group's bits are: who may write stands in the list. Asked by the descriptor's
 * name in /proc, as one that was opened with O_PATH cannot be asked itself. */
static bool has_access_list(int file) {
    char name[64];

    snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
    return getxattr(name, "system.posix_acl_access", NULL, 0) > 0;
}

static bool others_write(const struct stat *status, int file) {
    if ((status->st_mode & S_IWOTH) != 0)
        return true;
    return (status->st_mode & S_IWGRP) != 0 && (status->st_gid != 0 || has_access_list(file));
}

/* The one rule. `place` is the part of `path` that `status` is of. */
static bool trust_part(const struct stat *status, int file, const char *path, const char *place, struct error *err) {
    bool itself = strcmp(path, place) == 0;

    if (!is_ours(status->st_uid))
        return error_set(err, ERROR_CONFIG,
                         "cannot trust %s: %s belongs to user %lu, who could change what it says; type: chown root: %s",
                         path, itself ? "it" : place, (unsigned long)status->st_uid, place);
    if (S_ISLNK(status->st_mode) || (S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0))
        return true;
    if (others_write(status, file))
        return error_set(err, ERROR_CONFIG,
                         "cannot trust %s: %s has mode %04o and group %lu, so others than its owner could change what "
                         "%s says; type: chmod go-w %s",
                         path, itself ? "it" : place, (unsigned)(status->st_mode & 07777),
                         (unsigned long)status->st_gid, itself ? "it" : "the file", place);
    return true;
}

static bool open_last(const struct walk *walk, const char *path, int *ret_file, struct error *err) {
    /* O_NONBLOCK: a named pipe must not hold the program up before it is seen to be no regular file. */
    int file = openat(walk->folder, walk->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;

    if (file < 0)
        return error_errno(err, errno, "cannot open %s", path);
    if (fstat(file, &status) != 0)
        error_errno(err, errno, "cannot look at %s", path);
    else if (!S_ISREG(status.st_mode))
        error_set(err, ERROR_LOCAL, "cannot read %s: it is not a regular file", path);
    else if (trust_part(&status, file, path, walk->place, err)) {
        *ret_file = file;
        return true;
    }
    close(file);
    return false;
}

bool trust_open(const char *path, int *ret_file, struct error *err) {
    struct error failure = {0};
    struct walk walk;
    bool ok = walk_begin(&walk, path, &failure);

    while (ok && walk_next(&walk, &failure) && !walk.missing)
        ok = trust_part(&walk.status, walk.part, path, walk.place, &failure);
    ok = ok && failure.kind == ERROR_NONE && !walk.missing && open_last(&walk, path, ret_file, &failure);
    walk_end(&walk);
    if (!ok && err)
        *err = failure;
    return ok;
}

bool trust_read(const char *path, size_t most, struct bytes *ret_bytes, struct error *err) {
    int file;
    bool done;

    if (!trust_open(path, &file, err))
        return false;
    done = file_read_whole(file, path, most, ret_bytes, err);
    close(file);
    return done;
}
