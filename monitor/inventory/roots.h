/*
 * Who vouches for what places show: a CA that everybody trusts, one of the organization, nobody. The CAs are loaded
 * once; judging reads nothing and asks nobody. Whether a certificate has ended is not looked at here.
 */
#ifndef MONITOR_INVENTORY_ROOTS_H
#define MONITOR_INVENTORY_ROOTS_H

#include "base/error.h"
#include "core/inventory/inventory.h"

#include <stdbool.h>

/* Debian keeps the public CAs there, a file each, and everybody's own ones elsewhere. */
#define ROOTS_PUBLIC_FOLDER "/usr/share/ca-certificates/mozilla"

struct roots;

/* `public_folder` may be missing: then nobody is known to be public. `ca_file` may be NULL. CONFIG error for one that
 * cannot be read. */
bool roots_open(const char *public_folder, const char *ca_file, struct roots **ret_roots, struct error *err) MUST_CHECK;
void roots_close(struct roots *roots);

/* Judges everything that is shown, with the CAs of inventory->roots: sets trust and incomplete. */
bool roots_judge(struct roots *roots, struct inventory *inventory, struct error *err) MUST_CHECK;

#endif
