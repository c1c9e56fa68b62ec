#include "monitor/session/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monitor/run/exit.h"

bool ask_leave(struct session *session, const char *what, int *ret_exit) {
    const struct invocation *invocation = session->invocation;
    char answer[16];

    if (invocation->yes || invocation->dry_run)
        return true;
    if (!isatty(STDIN_FILENO)) {
        *ret_exit =
            session_misuse(session, "this would %s, and there is no terminal to ask on; --yes goes on unasked", what);
        return false;
    }
    fprintf(stderr, "This will %s. Go on? [y/N] ", what);
    if (fgets(answer, sizeof(answer), stdin) != NULL && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
        return true;
    fputs("authcert: nothing was done\n", stderr);
    *ret_exit = EXIT_FAILED;
    return false;
}
