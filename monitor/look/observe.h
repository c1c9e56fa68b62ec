/*
 * One look: asks the directory, then finds the bytes of every thumbprint among the sources in their order and proves
 * them by SHA-1. Nothing is judged here.
 */
#ifndef MONITOR_LOOK_OBSERVE_H
#define MONITOR_LOOK_OBSERVE_H

#include "core/facts.h"
#include "core/ports.h"

#include <stdbool.h>

/* Fills facts; facts->read tells whether the directory could be read. Damaged bytes of a source become remarks, and the
 * next source is asked. */
void observe_slots(const struct directory_port *directory, const struct shelf_port *shelf,
                   const struct progress_port *progress, struct facts *ret_facts);

/* The certificate of any thumbprint, in a slot or not, from the same sources in the same order; *ret_certificate is the
 * caller's, NULL when no source has it. False when a source could not be read. */
bool observe_find(const struct shelf_port *shelf, const struct probed *probed, const struct facts *facts,
                  const char *thumbprint, struct certificate **ret_certificate, struct error *err) MUST_CHECK;

/* Keeps on this host what another source had, because an expired certificate disappears from the others on the very
 * night it matters. What could not be kept goes to `troubles`. */
void observe_keep(const struct shelf_port *shelf, const struct facts *facts, struct strings *troubles);

/* Finds the certificates of the slots of facts that were not read from a directory but from last.json; their sources
 * stay as they were then. */
void observe_kept(const struct shelf_port *shelf, struct facts *facts);

#endif
