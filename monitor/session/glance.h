/*
 * One look that changes nothing, for commands that only tell: the same look as that of a run, through ports that write
 * nothing and tell nobody. It sends requests and reads files; the history in it is never saved.
 */
#ifndef MONITOR_SESSION_GLANCE_H
#define MONITOR_SESSION_GLANCE_H

#include "base/error.h"
#include "monitor/look/look.h"
#include "monitor/ports/directory.h"
#include "monitor/ports/entra.h"
#include "monitor/ports/keys.h"
#include "monitor/ports/servers.h"
#include "monitor/ports/shelf.h"
#include "monitor/session/invocation.h"

#include <stdbool.h>

struct glance {
    struct facts facts;
    struct report report;    /* about them */
    struct history history;  /* as earlier runs left it; empty where there is none */
    struct strings troubles; /* sentences for standard error */
    struct run_ports ports;
    struct looker looker; /* with what the servers said */
    struct shelf shelf;
    struct look_port look;
    struct servers_port_context servers;
    struct keys_port_context keys;
    struct entra_port_context entra;
};

/* What a glance goes by. */
enum glance_how { GLANCE_LOOK, GLANCE_ENTRA /* and asks Entra */, GLANCE_LAST /* what the last run left */ };

/* Looks, from the state folder `state` (-1 = none); fills it in place (it points into itself: do not copy). The
 * configuration is borrowed. False only when out of memory; facts and report are then empty. Free in any case. */
bool glance_take(struct glance *glance, const struct invocation *invocation, const struct config *config, int state,
                 enum glance_how how, struct error *err) MUST_CHECK;

/* The same of what the last run saw. None, or one older than 36 hours, is unreadable. */
bool glance_take_last(struct glance *glance, const struct invocation *invocation, const struct config *config,
                      int state, struct error *err) MUST_CHECK;

void glance_free(struct glance *glance);

#endif
