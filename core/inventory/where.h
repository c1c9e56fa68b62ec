/*
 * Many places in few words: "ex1 ex2: 443 25 993; ex3: 25; mail.contoso.com". Servers with the same ports stand
 * together. Pure text.
 */
#ifndef CORE_INVENTORY_WHERE_H
#define CORE_INVENTORY_WHERE_H

#include "base/text.h"
#include "core/inventory/inventory.h"

#include <stddef.h>

/* `places`, `count` of them; of what stands side by side at most `most` are named, and how many more there are. */
void where_add(struct text *out, const struct place *const *places, size_t count, size_t most);

/* The first label of a server's name, as far as it fits. */
#define WHERE_SHORT_SIZE 64
const char *where_short(const char *fqdn, char out[WHERE_SHORT_SIZE]);

#endif
