/*
 * The part of `doctor` about the Exchange servers: where one gave no document it looks again as someone who trusts
 * nobody, to say which names its TLS certificate carries, which CA is missing, what answers in its place, and which
 * tls_name would do for all. Servers with the same trouble share one sentence.
 */
#ifndef MONITOR_DOCTOR_SERVERS_H
#define MONITOR_DOCTOR_SERVERS_H

#include "monitor/doctor/finding.h"
#include "monitor/session/glance.h"

/* Says what came of the asking of a look that could read; nothing where no server is to be asked. */
void doctor_servers(struct doctor *doctor, const struct glance *glance);

#endif
