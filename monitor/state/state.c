#include "monitor/state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "base/walk.h"

#define LOCK_NAME "lock"

/* From here on this process is the owner of what was opened, so nothing that a lesser account can change is ever
 * followed with root's rights. */
static bool become_owner(const struct walk *walk, struct error *err) {
    const uid_t owner = walk->status.st_uid;
    const gid_t group = walk->status.st_gid;

    if (geteuid() != 0 || owner == 0)
        return true;
    if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 || setresuid(owner, owner, owner) != 0)
        return error_errno(err, errno, "cannot become the owner of %s (user %ju)", walk->place, (uintmax_t)owner);
    /* The change of user has put back what main forbade: a core dump, which would hold passwords. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    return true;
}

static bool make_part(struct walk *walk, struct error *err) {
    int made;

    if (!folder_open(walk->folder, walk->name, true, 0755, true, &made, err))
        return false;
    close(made);
    return walk_again(walk, err);
}

static bool accept_part(const struct walk *walk, const char *path, struct error *err) {
    const bool last = walk->rest[strspn(walk->rest, "/.")] == '\0';

    if (S_ISDIR(walk->status.st_mode) ||
        (S_ISLNK(walk->status.st_mode) && !last && (walk->status.st_uid == 0 || walk->status.st_uid == geteuid())))
        return true;
    if (S_ISLNK(walk->status.st_mode) && !last)
        return error_set(err, ERROR_LOCAL, "cannot follow the link %s: user %ju made it", walk->place,
                         (uintmax_t)walk->status.st_uid);
    return error_set(err, ERROR_LOCAL, "cannot open the folder %s: it is a symbolic link or no folder at all",
                     last ? path : walk->place);
}

/* A missing folder is ERROR_NONE and false, unless it is to be made. */
static bool open_folder(const char *path, enum state_use use, int *ret_folder, struct error *err) {
    const bool began_as_root = geteuid() == 0;
    struct walk walk;
    bool ok = walk_begin(&walk, path, err);
    int folder = -1;

    while (ok && walk_next(&walk, err)) {
        if (walk.missing && use != STATE_WRITE)
            break;
        ok = (!walk.missing || make_part(&walk, err)) && become_owner(&walk, err) && accept_part(&walk, path, err);
    }
    ok = ok && err->kind == ERROR_NONE && !walk.missing;
    if (ok) {
        folder = openat(walk.part, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ok = folder >= 0 || error_errno(err, errno, "cannot open the folder %s", path);
    }
    ok = ok && ((!began_as_root && use == STATE_READ) || folder_check(folder, path, use == STATE_READ, err));
    walk_end(&walk);
    if (ok)
        *ret_folder = folder;
    else if (folder >= 0)
        close(folder);
    return ok;
}

static void read_holder(int lock, char *out, size_t size) {
    char text[256];
    ssize_t length = pread(lock, text, sizeof(text), 0);

    if (length > 0)
        text_printable(out, size, text, (size_t)length);
    else
        snprintf(out, size, "another process");
}

static bool take_lock(const char *path, struct state *state, time_t now, struct error *err) {
    char text[256], date[TIME_TEXT_SIZE];
    bool named;
    int length;

    /* Not readable by others: whoever can open it can lock it, and so keep every run from starting. */
    state->lock = openat(state->folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (state->lock < 0)
        return error_errno(err, errno, "cannot open %s in the state folder %s", LOCK_NAME, path);
    if (flock(state->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return error_errno(err, errno, "cannot lock the state folder %s", path);
        read_holder(state->lock, text, sizeof(text));
        return error_set(err, ERROR_LOCAL,
                         "the state folder %s is in use by %s; wait until it has ended, and try again", path, text);
    }
    length = snprintf(text, sizeof(text), "process %jd since %s", (intmax_t)getpid(), time_format_rfc3339(date, now));
    /* The lock holds without a name in it too, as on a full disk, where acts that need no room still must be done. */
    named = ftruncate(state->lock, 0) == 0 && pwrite(state->lock, text, (size_t)length, 0) == length;
    (void)named;
    file_sweep(state->folder);
    return true;
}

bool state_open(const char *path, enum state_use use, time_t now, struct state *ret_state, struct error *err) {
    struct state state = {.folder = -1, .lock = -1};
    struct error failure = {0};

    if (!open_folder(path, use, &state.folder, &failure)) {
        if (failure.kind != ERROR_NONE || use == STATE_WRITE) {
            if (err != NULL)
                *err = failure;
            return error_context(err, "the state folder %s cannot be used", path);
        }
    } else if (use == STATE_WRITE && !take_lock(path, &state, now, err)) {
        state_close(&state);
        return false;
    }
    *ret_state = state;
    return true;
}

void state_close(struct state *state) {
    if (state->lock >= 0)
        close(state->lock);
    if (state->folder >= 0)
        close(state->folder);
    *state = (struct state){.folder = -1, .lock = -1};
}

bool state_in_use(const struct state *state, char *out, size_t size) {
    int lock = openat(state->folder, LOCK_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool held = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (held)
        read_holder(lock, out, size);
    if (lock >= 0)
        close(lock);
    return held;
}
