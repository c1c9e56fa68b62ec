/*
 * A certificate that is to come, as `inventory --new` answers it, and the request for one. Nothing here judges. True
 * when everything was written.
 */
#ifndef MONITOR_SHOW_UPCOMING_PREFLIGHT_H
#define MONITOR_SHOW_UPCOMING_PREFLIGHT_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/upcoming.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

bool show_preflight_text(const struct shown *shown, const struct preflight *preflight, time_t now,
                         FILE *out) MUST_CHECK;
bool show_preflight_json(const struct shown *shown, const struct preflight *preflight, FILE *out) MUST_CHECK;

bool show_request_text(const struct strings *commands, FILE *out) MUST_CHECK;
bool show_request_json(const struct strings *names, const struct strings *commands, FILE *out) MUST_CHECK;

#endif
