/*
 * What every command that looks and may act shares: configuration, locked state folder, history, the ports into the
 * rooms, and the answer at the end. Open, work on its looker, close.
 */
#ifndef MONITOR_SESSION_SESSION_H
#define MONITOR_SESSION_SESSION_H

#include "monitor/session/invocation.h"
#include "monitor/ports/keys.h"
#include "monitor/act/act.h"
#include "monitor/look/look.h"
#include "monitor/ports/directory.h"
#include "monitor/ports/entra.h"
#include "monitor/ports/inventory.h"
#include "monitor/ports/notify.h"
#include "monitor/ports/ping.h"
#include "monitor/ports/records.h"
#include "monitor/ports/dry_run.h"
#include "monitor/ports/servers.h"
#include "monitor/ports/shelf.h"
#include "monitor/run/watch.h"
#include "monitor/state/state.h"

#include <stdbool.h>

struct session {
    const struct invocation *invocation;
    struct config config;
    struct state state;
    struct shelf shelf;
    struct look_port look;
    struct servers_port_context servers;
    struct notify_ports notify;
    struct ping_port ping; /* begun by `run` alone */
    struct keys_port_context keys;
    struct entra_port_context entra;
    struct record_port_context records;
    struct dry_run dry_run; /* with --dry-run */
    struct run_ports ports;
    struct inventory_port_context inventory;
    struct watch watch; /* of `run` alone */
    struct history history;
    struct facts facts;
    struct report report;
    struct strings troubles;
    struct looker looker;
    struct actor actor;
    struct text closing; /* what the command came to and what comes next: the last lines of a terminal */
    bool steps_said;     /* it ends with steps for a person */
    bool answered;       /* with a mistake, which stands alone */
};

/* Opens it in place. `acts`: the command makes or opens keys or writes, whatever the mode; `run` acts as its mode says.
 * False when that failed: the reason was printed, also in the format asked for, and *ret_exit is the status to end
 * with; nothing is to be closed. */
bool session_open(struct session *session, const struct invocation *invocation, bool acts, int *ret_exit) MUST_CHECK;

/* Says "authcert: ..." on standard error, below the answer. Returns `exit`. */
int session_say(struct session *session, int exit, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says a mistake in the command line that only the facts show, as answer_misuse does; a program gets it in place of the
 * report. Returns EXIT_USAGE. */
int session_misuse(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has this session look at the other certificates too, where the configuration wants that. */
void session_watch(struct session *session);

/* Saves what is to be left (not with --dry-run, nor when the state folder belongs to another organization), prints the
 * report and the troubles, frees everything. Returns the exit status: `exit`, or EXIT_FAILED when saving or printing
 * failed and `exit` was EXIT_DONE. */
int session_close(struct session *session, int exit);

#endif
