#include "monitor/config/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* False where nobody can be said to own it. */
static bool folder_owner(const char *path, uid_t *ret_owner) {
    struct stat status;
    const char *slash = strrchr(path, '/');
    char *parent;
    bool found = stat(path, &status) == 0;

    if (!found && slash != NULL && slash != path) {
        parent = strndup(path, (size_t)(slash - path));
        found = parent != NULL && stat(parent, &status) == 0;
        free(parent);
    }
    if (found)
        *ret_owner = status.st_uid;
    return found;
}

bool owner_begin(const char *state_directory, const char *path, struct error *err) {
    struct stat status;
    uid_t owner;

    if (geteuid() != 0 || lstat(path, &status) != 0 || status.st_uid == 0)
        return true;
    if (!folder_owner(state_directory, &owner) || owner != status.st_uid)
        return true;
    if (seteuid(owner) != 0)
        return error_errno(err, errno, "cannot read %s as its owner, user %lu", path, (unsigned long)owner);
    return true;
}

void owner_end(void) {
    if (getuid() != 0 || geteuid() == 0)
        return;
    if (seteuid(0) != 0)
        abort();
    /* The change of user has put back what main forbade: a core dump, which would hold passwords. */
    (void)prctl(PR_SET_DUMPABLE, 0);
}
