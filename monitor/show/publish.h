/*
 * What a run leaves for others to read: last.json in the state folder and the textfile for Prometheus' node exporter.
 * Both are replaced atomically.
 */
#ifndef MONITOR_SHOW_PUBLISH_H
#define MONITOR_SHOW_PUBLISH_H

#include "base/error.h"
#include "core/report.h"
#include "monitor/show/show.h"

#include <stdbool.h>

bool publish_last(int state, const struct report *report, struct error *err) MUST_CHECK;

/* `path` is absolute. */
bool publish_metrics(const char *path, const struct report *report, const struct ran *ran,
                     struct error *err) MUST_CHECK;

#endif
