/*
 * A path walked part by part from the root, each opened in the one before it and never through a link, so that whoever
 * walks decides by what was opened and not by a name that may lead elsewhere a moment later. And the one rule for what
 * directs secrets (a configuration, a list of CAs, a certificate to seal to): it counts only when nobody but root and
 * the effective user could have written it, or put another one in its place.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include "base/error.h"
#include "base/file.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct walk {
    int folder;              /* what the next part is looked for in; O_PATH */
    int part;                /* the last one that was opened, O_PATH; -1 before the first and when it is missing */
    struct stat status;      /* of `part` */
    bool missing;            /* there is no such part; `rest` is what would come after it */
    char name[NAME_MAX + 1]; /* of the part, in `folder` */
    char place[PATH_MAX];    /* its whole path, links resolved */
    size_t above;            /* bytes of `place` that are the folder's */
    char rest[PATH_MAX];
    int links; /* how many were followed */
};

/* Begins at the root, or in the working folder for a path that does not begin with a slash: that folder's own path is
 * walked first. LOCAL errors. End it with walk_end, also after a failure. */
bool walk_begin(struct walk *walk, const char *path, struct error *err) MUST_CHECK;

/* Opens the next part. False with ERROR_NONE at the end of the path, and when a part before was missing. A link is a
 * part of its own; the call after it follows it, so whoever does not trust its owner stops there. LOCAL errors. */
bool walk_next(struct walk *walk, struct error *err) MUST_CHECK;

/* The part that is missing was made. */
bool walk_again(struct walk *walk, struct error *err) MUST_CHECK;

void walk_end(struct walk *walk);

/* The first owner other than root on the way, whether the last part exists or not; false with ERROR_NONE when all that
 * there is belongs to root. */
bool walk_owner(const char *path, uid_t *ret_owner, gid_t *ret_group, struct error *err) MUST_CHECK;

/* Opens a folder for names in it (O_PATH). Links on the way are followed only when root or the effective user made
 * them, so nobody else can have chosen where it is. A missing folder is ERROR_NONE and false. */
bool walk_folder(const char *path, int *ret_folder, struct error *err) MUST_CHECK;

/* walk_folder of the folder that `path` names a file in; *ret_name is the file's name, within `path`. LOCAL error when
 * there is none. */
bool walk_holder(const char *path, int *ret_folder, const char **ret_name, struct error *err) MUST_CHECK;

/* Opens a regular file that directs secrets, to read it. Every part of the way and the file belong to root or the
 * effective user and are not writable by others: not by a group either, unless it is root's, and no access list may say
 * otherwise; a folder may be sticky, like /tmp. A missing file is ERROR_NONE and false. CONFIG errors say what to type;
 * LOCAL ones when it cannot be opened. */
bool trust_open(const char *path, int *ret_file, struct error *err) MUST_CHECK;

/* trust_open, then all of it, at most `most` bytes (DATA error beyond). */
bool trust_read(const char *path, size_t most, struct bytes *ret_bytes, struct error *err) MUST_CHECK;

#endif
