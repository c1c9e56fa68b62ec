#include "monitor/config/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/walk.h"

bool owner_begin(const char *state_directory, const char *path, struct error *err) {
    struct error none = {0};
    uid_t agent, owner;
    gid_t group;

    if (geteuid() != 0 || !walk_owner(path, &owner, &group, &none) ||
        !walk_owner(state_directory, &agent, &group, &none) || agent != owner)
        return true;
    if (seteuid(agent) != 0)
        return error_errno(err, errno, "cannot read %s as its owner, user %lu", path, (unsigned long)agent);
    return true;
}

bool owner_trusts(const char *state_directory, const char *path, struct error *err) {
    struct error failure = {0};
    int file = -1;
    bool ok = owner_begin(state_directory, path, &failure) && trust_open(path, &file, &failure);

    owner_end();
    if (file >= 0)
        close(file);
    /* What is not there, or cannot be read, is told by who needs it. */
    if (ok || failure.kind != ERROR_CONFIG)
        return true;
    if (err != NULL)
        *err = failure;
    return false;
}

void owner_end(void) {
    if (getuid() != 0 || geteuid() == 0)
        return;
    if (seteuid(0) != 0)
        abort();
    /* The change of user has put back what main forbade: a core dump, which would hold passwords. */
    (void)prctl(PR_SET_DUMPABLE, 0);
}
