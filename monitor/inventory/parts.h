/*
 * The parts of the one judgement, each of a kind of place. Every one adds its findings; false only without memory.
 */
#ifndef MONITOR_INVENTORY_PARTS_H
#define MONITOR_INVENTORY_PARTS_H

#include "base/error.h"
#include "monitor/inventory/judging.h"

#include <stdbool.h>

/* Servers that still show an older certificate, or one of another purpose, than others do at the same port: `differs`.
 */
bool judge_differences(struct judging *judging, struct error *err) MUST_CHECK;

/* Of each certificate on the wire: `ends`, `weak`, `chain`. */
bool judge_certificates(struct judging *judging, struct error *err) MUST_CHECK;

/* Of each name that clients use: `name`, `trust`. */
bool judge_names(struct judging *judging, struct error *err) MUST_CHECK;

/* Of each connector that names a certificate, and the hybrid object: `connector-*`; and `trust` of those that speak
 * with Exchange Online. */
bool judge_connectors(struct judging *judging, struct error *err) MUST_CHECK;

/* Of ports as such: `no-starttls`, `old-tls`, `unknown`. */
bool judge_ports(struct judging *judging, struct error *err) MUST_CHECK;

/* Of what the directory holds: `transport`, `edge`, `federation`, `partner`. */
bool judge_directory(struct judging *judging, struct error *err) MUST_CHECK;

/* Of a certificate that is to come: which places still show an old one: `new`. */
bool judge_upcoming(struct judging *judging, struct error *err) MUST_CHECK;

#endif
