/*
 * Looks at the certificates of many ports at one time: connects, lets the other side show its certificate (after
 * STARTTLS where the port speaks SMTP), and hangs up. Nothing is sent but what a handshake needs; nobody is trusted,
 * nothing is verified here, and one slow or dead peer never holds up the others. What peers say is hostile text.
 */
#ifndef PROBE_PORTS_ASK_H
#define PROBE_PORTS_ASK_H

#include "base/error.h"
#include "core/inventory/inventory.h"

#include <stdbool.h>

struct ask_settings {
    int timeout;  /* seconds that one port may take from the first packet to the last */
    int parallel; /* how many are talked to at one time */
};

/* Asks every place that has a host and was not asked: sets its state, and what it shows or why it shows nothing. False
 * only when nobody could be asked at all. */
bool ask_places(const struct ask_settings *settings, struct inventory *inventory, struct error *err) MUST_CHECK;

/* Asks those that showed a certificate whether they still take TLS 1.0 (`version` 0) or TLS 1.1 (1), where that can be
 * used against them: HTTPS and SMTP. */
bool ask_old_tls(const struct ask_settings *settings, int version, struct inventory *inventory,
                 struct error *err) MUST_CHECK;

#endif
