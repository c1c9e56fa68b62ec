/*
 * --dry-run: the same steps with ports that change nothing. What would be written is printed as LDIF, what would be
 * made or delivered as comments in it. A certificate that would be made is made in memory alone, so that the LDIF is
 * exact but for its thumbprint.
 */
#ifndef MONITOR_PORTS_DRY_RUN_H
#define MONITOR_PORTS_DRY_RUN_H

#include "core/policy.h"
#include "core/ports.h"
#include "monitor/look/looker.h"

#include <stdbool.h>
#include <stdio.h>

struct dry_run {
    FILE *out;
    struct run_ports real;
    struct certificate *made; /* owned; NULL until one was */
    struct strings given;     /* thumbprints that Entra would have been given */
};

/* Takes the ports' places: nothing is written, made, delivered or told from here on, and Entra is only asked. In the
 * dry run deliveries succeed, and Entra accepts what it would be given, so that the LDIF behind them is shown. */
void dry_run_begin(struct dry_run *dry, FILE *out, struct policy *policy, struct run_ports *ports);
void dry_run_end(struct dry_run *dry);

#endif
