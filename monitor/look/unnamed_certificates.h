/*
 * Certificates in servers' documents that the auth configuration does not name. An auth certificate among them is
 * nothing but worth a remark: a server still serves what was rotated away. One with another subject shows that
 * something else answers there. Borrows everything.
 */
#ifndef MONITOR_LOOK_UNNAMED_CERTIFICATES_H
#define MONITOR_LOOK_UNNAMED_CERTIFICATES_H

#include "core/facts.h"
#include "core/probed.h"
#include "base/text.h"

/* The first certificate of this good document that is in no slot, not our candidate, and has not the subject of an auth
 * certificate; NULL when there is none. */
const struct certificate *unnamed_certificates_foreign(const struct probed *probed, const struct probed_server *answer,
                                                       const struct facts *facts);

#define UNNAMED_CERTIFICATES_MOST 5 /* certificates that are told of */

struct unnamed_certificate {
    const char *thumbprint;
    struct text servers; /* the first of those that serve it */
    size_t count;
};

/* Empty when zeroed. */
struct unnamed_certificates {
    struct unnamed_certificate items[UNNAMED_CERTIFICATES_MOST];
    size_t count;
};

/* Takes in what a document lists that was not put aside. */
void unnamed_certificates_note(struct unnamed_certificates *unnamed, const struct probed_server *answer,
                               const struct facts *facts);

/* A remark for each of them, with the servers. Frees. */
void unnamed_certificates_end(struct unnamed_certificates *unnamed, bool tell, struct facts *facts);

#endif
