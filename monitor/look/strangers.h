/*
 * Certificates in servers' documents that the auth configuration does not name. An auth certificate among them is
 * nothing but worth a remark: a server still serves what was rotated away. One with another subject shows that
 * something else answers there. Borrows everything.
 */
#ifndef MONITOR_LOOK_STRANGERS_H
#define MONITOR_LOOK_STRANGERS_H

#include "core/facts.h"
#include "core/probed.h"
#include "base/text.h"

/* The first certificate of this good document that is in no slot, not our candidate, and has not the subject of an auth
 * certificate; NULL when there is none. */
const struct certificate *strangers_foreign(const struct probed *probed, const struct probed_server *answer,
                                            const struct facts *facts);

#define STRANGERS_MOST 5 /* certificates that are told of */

struct stranger {
    const char *thumbprint;
    struct text servers; /* the first of those that serve it */
    size_t count;
};

/* Empty when zeroed. */
struct strangers {
    struct stranger items[STRANGERS_MOST];
    size_t count;
};

/* Takes in what a document lists that was not put aside. */
void strangers_note(struct strangers *strangers, const struct probed_server *answer, const struct facts *facts);

/* A remark for each of them, with the servers. Frees. */
void strangers_end(struct strangers *strangers, bool tell, struct facts *facts);

#endif
