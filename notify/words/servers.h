/*
 * The Exchange servers in a message: how many have each certificate, and by name those that lack it, could not be
 * reached or gave no clear answer, with what that means and what to do. Judges nothing; names are validated host names.
 */
#ifndef NOTIFY_WORDS_SERVERS_H
#define NOTIFY_WORDS_SERVERS_H

#include "core/facts.h"
#include "notify/words/layout.h"

/* Adds them as fields. `facts` were read. */
void servers_add(struct layout *out, const struct facts *facts);

#endif
