/*
 * Looks at Exchange servers as someone who trusts nobody: connects without verification, so that it can be said what
 * stands in the way. What is learned here explains, it proves nothing and is never used as a fact.
 */
#ifndef PROBE_EXAMINE_H
#define PROBE_EXAMINE_H

#include "core/probed.h"
#include "probe/chain.h"
#include "probe/probe.h"

/* What one server shows. */
struct examined {
    char *fqdn;
    enum probed_outcome outcome; /* PROBED_READ: there is a good document behind the connection */
    char *trouble;               /* what stands in the way behind TLS, or before it; NULL with PROBED_READ */
    char *title;                 /* of a web page that answers instead, printable; NULL = none */
    bool shown;                  /* there is a certificate */
    struct chain chain;          /* with `shown` */
};

/* As probe_servers, of the same order; *ret_examined is the caller's to free with examined_free. */
bool probe_examine(const struct probe_settings *settings, const struct strings *servers, time_t now,
                   struct examined **ret_examined, struct error *err) MUST_CHECK;
void examined_free(struct examined *examined, size_t count);

#endif
