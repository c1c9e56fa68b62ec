/*
 * Why a server's answer is no document: one sentence for the admin that says what happened, what it probably means and
 * what to do. Pure: an answer in, text out.
 */
#ifndef PROBE_REASON_H
#define PROBE_REASON_H

#include "core/probed.h"
#include "base/text.h"
#include "probe/answer.h"

/* Adds the sentence to `sentence` and returns what the answer comes to; PROBED_READ adds nothing: there is a body to
 * be read. `host` is the name that the certificate was checked against, `timeout` the seconds that were given. */
enum probed_outcome reason_explain(const struct answer *answer, const char *host, int timeout, struct text *sentence);

#endif
