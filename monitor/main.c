#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/limits.h"
#include "monitor/commands/commands.h"
#include "monitor/doctor/doctor.h"
#include "monitor/session/command_line.h"
#include "monitor/run/exit.h"
#include "monitor/show/systemd/journal.h"

/* In the order of the help. */
static const struct command *const commands[] = {
    &command_status,  &command_check,     &command_run,
    &command_renew,   &command_activate,  &command_retire,
    &command_recover, &command_deliver,   &command_refresh,
    &command_entra,   &command_export,    &command_import,
    &command_doctor,  &command_inventory, &command_history,
    &command_report,  &command_notify,    &command_config,
    &command_help,    &command_version,   NULL,
};

int main(int argc, char **argv) {
    struct invocation invocation = {.now = time(NULL)};
    const char *no_colour = getenv("NO_COLOR");

    limits_set();
    author_find(&invocation.author, argv);
    if (!heap_wipe_openssl()) {
        fputs("authcert: OpenSSL was at work before its memory could be seen to\n", stderr);
        return EXIT_FAILED;
    }
    /* Whoever hangs up while it is written to is an error, not the end of the program. */
    (void)signal(SIGPIPE, SIG_IGN);
    invocation.journal = journal_is_stdout();
    journal_take_stderr();
    (void)setlocale(LC_CTYPE, ""); /* names of organizations and sites are not all ASCII */
    umask(022);
    invocation.colour = isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0');
    return command_line_run(commands, argc, argv, &invocation);
}
