/*
 * What one run works on, and the ports through which it reaches the world: shared by looks, acts and telling.
 */
#ifndef MONITOR_LOOK_LOOKER_H
#define MONITOR_LOOK_LOOKER_H

#include "base/error.h"
#include "base/text.h"
#include "core/policy.h"
#include "core/ports.h"
#include "core/probed.h"
#include "core/proof.h"
#include "core/report.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define CHANNELS_MOST 4

struct watch;

/* The emergency gone through without effect. */
struct drill_port {
    void *context;
    /* What would lack, a sentence each. NULL when this command does not rehearse. */
    bool (*rehearse)(void *context, const struct facts *facts, const struct history *history,
                     struct strings *ret_lacking, struct error *err);
};

struct run_ports {
    struct directory_port directory;
    struct servers_port servers; /* ask == NULL when servers are not to be asked */
    struct windows_port windows; /* look == NULL likewise over WinRM */
    struct shelf_port shelf;
    struct channel_port channels[CHANNELS_MOST]; /* those that are configured, none of them without `tell` */
    size_t channel_count;
    struct writer_port writer;  /* write == NULL when this command changes nothing */
    struct keys_port keys;      /* survey == NULL likewise */
    struct entra_port entra;    /* ask == NULL when Entra is not asked */
    struct record_port records; /* keep == NULL when nothing is recorded */
    struct keeper_port keeper;  /* save == NULL in a dry run */
    struct progress_port progress;
    struct drill_port drill;
    struct watch *watch; /* the other certificates, of a run; NULL = they are not looked at */
};

/* Adds a channel; one without `tell` is not configured and is left out. */
void ports_add_channel(struct run_ports *ports, const struct channel_port *channel);

/* What one run works on. The pointers are the caller's; facts and report are empty or as the last look left
 * them. */
struct looker {
    const struct run_ports *ports;
    const struct policy *policy;
    time_t now;
    struct history *history;
    struct facts *facts;
    struct report *report;
    struct strings *troubles;
    struct strings tried; /* thumbprints whose delivery this run has tried; owned */
    struct probed probed; /* what the servers said in this run; every look of it judges by that */
    bool asked;           /* they were asked, which one run does once */
    struct error unasked; /* why nobody could be asked; ERROR_NONE = all were */
    struct proofs proofs; /* what servers showed over WinRM, when asked or delivered to; owned */
    bool proofs_asked;    /* likewise once in a run */
    struct error unproved;
    struct strings entra_asked; /* thumbprints about which Entra was asked in this run; owned */
};

struct looker looker_of(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
                        struct facts *facts, struct report *report, struct strings *troubles);

/* Frees what the looker owns. */
void looker_end(struct looker *looker);

#endif
