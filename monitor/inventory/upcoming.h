/*
 * A certificate that is to come, held against what is used now: which names it lacks, which connectors would not find
 * it, who would trust it, and everything that is to be typed, in order. Pure.
 */
#ifndef MONITOR_INVENTORY_UPCOMING_H
#define MONITOR_INVENTORY_UPCOMING_H

#include "base/error.h"
#include "base/text.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/settings.h"

#include <stdbool.h>
#include <time.h>

struct preflight {
    struct strings covered;    /* names that clients use and it is for */
    struct strings lacking;    /* names that clients use and it is not for */
    struct strings fitting;    /* connectors that find it as they found the old one */
    struct strings connectors; /* connectors that would not find it */
    struct strings problems;   /* sentences: what is wrong with it */
    struct strings commands;   /* everything to type, in order */
    char *places;              /* where it will be used, in words */
};

void preflight_free(struct preflight *preflight);

/* `shown`: the new one, in inventory->shown, which no place shows. */
bool upcoming_check(const struct inventory_settings *settings, struct inventory *inventory, size_t shown, time_t now,
                    struct preflight *ret_preflight, struct error *err) MUST_CHECK;

/* The names that clients use, the most used first, each once. */
bool upcoming_names(const struct inventory *inventory, struct strings *ret_names, struct error *err) MUST_CHECK;

/* The lines that make a request for a certificate with exactly these names. */
bool upcoming_request(const struct strings *names, time_t now, struct strings *ret_commands,
                      struct error *err) MUST_CHECK;

#endif
