/*
 * Files that survive a crash and folders that nobody else can change. All opens are relative to a folder's descriptor
 * and never follow a symbolic link. Writing is: a temporary name in the same folder (O_EXCL), fsync, rename, fsync of
 * the folder. Descriptors returned are the caller's to close.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A whole file in memory. */
struct bytes {
    unsigned char *data; /* followed by a NUL that `length` does not count; NULL when there is none */
    size_t length;
};
void bytes_free(struct bytes *bytes); /* wipes it too */

/* Reads an open file to its end, at most `size` bytes. False with errno. */
bool file_read_open(int file, void *out, size_t size, size_t *ret_length) MUST_CHECK;

/* Writes all of it to an open file. False with errno. */
bool file_write_open(int file, const void *data, size_t length) MUST_CHECK;

/* Reads `name` in `folder` (AT_FDCWD for a path the user gave), a regular file of at most `most` bytes. When there is
 * no such file: ERROR_NONE in err->kind, and false. Other errors are LOCAL, and DATA when it is too large. */
bool file_read(int folder, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) MUST_CHECK;

/* The same for a file that nobody else may see: one that belongs to another than root or the effective user, or to
 * which group or others have any right, is refused (LOCAL). */
bool file_read_private(int folder, const char *name, size_t most, struct bytes *ret_bytes,
                       struct error *err) MUST_CHECK;

/* The same for one that the configuration names: it is that which is to be mended (CONFIG), except when reading fails.
 */
bool file_read_secret(int folder, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) MUST_CHECK;

/* All of a regular file that is open, at most `most` bytes; `name` is what errors call it. LOCAL and DATA errors. */
bool file_read_whole(int file, const char *name, size_t most, struct bytes *ret_bytes, struct error *err) MUST_CHECK;

/* Replaces `name` in `folder` atomically and durably; `mode` is exact, whatever the umask. On failure the old file is
 * as it was (only where the last step, the folder's fsync, failed the new one may be there) and no temporary file
 * stays. A link of that name is replaced, not followed. LOCAL errors. */
bool file_write(int folder, const char *name, mode_t mode, const void *data, size_t length,
                struct error *err) MUST_CHECK;

/* Removes what a file_write left behind that was killed on its way, in `folder` and in the folders right in it: it may
 * hold a key. Only for who knows that nobody else writes there. What cannot be removed stays. */
void file_sweep(int folder);

/* Moves `name` aside as NAME.damaged-YYYYMMDDTHHMMSSZ in the same folder, durably, never over another file. LOCAL error
 * also when there is no such file. */
bool file_set_aside(int folder, const char *name, time_t now, struct error *err) MUST_CHECK;

/* Gives `name` the name `to`, plain names in the same folder both, durably and never over another file. Done already
 * (`to` is there and `name` is not) is success. LOCAL errors. */
bool file_rename(int folder, const char *name, const char *to, struct error *err) MUST_CHECK;

/* Removes `name` durably; a missing one is success. */
bool file_remove(int folder, const char *name, struct error *err) MUST_CHECK;

/* Opens folder `name` below `parent` (AT_FDCWD for a path); the last part is never followed through a link. It must be
 * owned by root or the effective user and not be writable by group or others, unless `only_read`, which checks no
 * owner. With `create`, a missing folder is made with `mode` (missing parents with 0755). Without, a missing folder is
 * ERROR_NONE and false. */
bool folder_open(int parent, const char *name, bool create, mode_t mode, bool only_read, int *ret_folder,
                 struct error *err) MUST_CHECK;

/* Whether an open folder belongs to root or the effective user, and is not writable by group or others, unless
 * `only_read`. LOCAL error that calls it `name`. */
bool folder_check(int folder, const char *name, bool only_read, struct error *err) MUST_CHECK;

#endif
