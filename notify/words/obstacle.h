/*
 * What holds back a write, and what to do about it: one sentence each, for messages, for the terminal and for whoever
 * typed a command. Pure wording.
 */
#ifndef NOTIFY_WORDS_OBSTACLE_H
#define NOTIFY_WORDS_OBSTACLE_H

#include "base/text.h"
#include "core/report.h"

#include <stdbool.h>

/* The clock of this host, the directory or a server. */
void obstacle_add_clock(struct text *out, const struct facts *facts);

/* The domain controller that all write to is down. */
void obstacle_add_writer(struct text *out, const struct directory_facts *directory);

/* What was read takes no writes. */
void obstacle_add_read_only(struct text *out, const struct directory_facts *directory);

/* The account may not write. */
void obstacle_add_rights(struct text *out);

/* Another domain controller has another auth configuration; false and nothing when none has. */
bool obstacle_add_disagreeing(struct text *out, const struct facts *facts);

/* There is no counted server to bring a key pair to. */
void obstacle_add_no_server(struct text *out, const struct facts *facts);

/* No server of these sites answered. */
void obstacle_add_sites(struct text *out, const struct text *sites);

/* The organization is hybrid, or may be. */
void obstacle_add_hybrid(struct text *out, const struct facts *facts);

/* What Entra has to be given before a new certificate is used, and how: one sentence. */
#define OBSTACLE_ENTRA                                                                                                 \
    "before its date the dedicated hybrid application in Entra must have the new certificate "                         \
    "(ConfigureExchangeHybridApplication.ps1 -UpdateCertificate, from Microsoft's CSS-Exchange)"

/* "CN=..., CN=... and 3 more" of the objects that show hybrid; nothing when there is none. */
void obstacle_add_signs(struct text *out, const struct facts *facts);

/* What holds the decision's act back, as in "it waits: ...". Static. */
const char *obstacle_reason(const struct report *report);

#endif
