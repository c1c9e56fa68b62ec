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

#define LOCK_NAME "lock"

/* From here on this process is the folder's owner, so nothing in a folder that a lesser account can change is ever
 * followed with root's rights. */
static bool become_owner(const char *path, struct error *err) {
    struct stat status;

    if (geteuid() != 0)
        return true;
    if (stat(path, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ||
               error_errno(err, errno, "cannot look at the state folder %s", path);
    if (status.st_uid == 0)
        return true;
    if (setgroups(0, NULL) != 0 || setresgid(status.st_gid, status.st_gid, status.st_gid) != 0 ||
        setresuid(status.st_uid, status.st_uid, status.st_uid) != 0)
        return error_errno(err, errno, "cannot become the owner of the state folder %s (user %ju)", path,
                           (uintmax_t)status.st_uid);
    /* The change of user has put back what main forbade: a core dump, which would hold passwords. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    return true;
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

    if (!become_owner(path, err))
        return false;
    if (!folder_open(AT_FDCWD, path, use == STATE_WRITE, 0755, use == STATE_READ, &state.folder, &failure)) {
        state.folder = -1;
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
