/*
 * From a decision to the change that carries it out: what the slots should hold, and the smallest modify that leads
 * there from what was read. Pure; nothing is written here. The rules are those of the lifecycle table: whatever becomes
 * current, previous becomes the old current unless that is known to be unusable.
 */
#ifndef RENEW_PLAN_H
#define RENEW_PLAN_H

#include "core/change.h"
#include "base/error.h"
#include "core/facts.h"

#include <stdbool.h>
#include <time.h>

/* What the slots hold now, as far as they could be decoded; a date that belongs to no next is none. */
struct desired plan_present(const struct facts *facts);

/* `thumbprint` is staged as next with its date; what was next goes. */
struct desired plan_stage(const struct facts *facts, const char *thumbprint, time_t date);

/* `thumbprint` becomes current: the one in a slot (promote, restore, activate) or a new one (replace). Previous becomes
 * the old current unless it is known to be unusable at `now`, else the present previous while usable and not itself
 * promoted, else none; where `thumbprint` is current already, previous stays. Next and its date go when next is what
 * was promoted, was the old current, or is unusable at its date (at `now` where that has passed); a date without next
 * goes. */
struct desired plan_make_current(const struct facts *facts, const char *thumbprint, time_t now);

struct desired plan_retire(const struct facts *facts);
struct desired plan_withdraw(const struct facts *facts);
struct desired plan_reschedule(const struct facts *facts, time_t date);

/* Mends what loses nothing: writes values as Exchange reads them; clears a date without next, and a next that is
 * current; gives a next its `date`, or clears one that has none where that is 0; of two nexts takes out our candidate.
 */
struct desired plan_mend(const struct facts *facts, time_t date);

/* The modify from what was read (raw_values and raw_date alone) to `desired`, which is reached from any bytes: deletes
 * exactly the bytes read, adds upper-case values with a prefix, touches nothing else that stays. Values that are no
 * part of `desired` go. A value that says what is desired stays as it is spelled, unless Exchange does not see it;
 * a bare current alone is written with its prefix on any change. An empty value behind a prefix stays while it is its
 * slot's only one and nothing is put there.
 *
 * What is added is guarded, so that of two who change the same state at once only one succeeds: by the values deleted,
 * for an empty next slot by the date, which is then always part of the change (where it is the very one that was left
 * behind, the new one is a second later), and where no value stood for current but others stay, by replacing the whole
 * attribute. The whole is replaced too where no value was read.
 *
 * DATA error when there are more values than a change holds; BUG for what cannot be guarded and no act needs: next
 * without a date, or previous by itself, put into an empty slot; and for a date beyond the years 1601 to 9999. */
bool plan_change(const struct facts *facts, const struct desired *desired, struct change *ret_change,
                 struct error *err) MUST_CHECK;

/* Exchange's own checks before it takes a certificate as next, which an LDAP write bypasses: RSA of at least 2048 bits,
 * key usage and EKU if present fit, NotBefore <= now, NotAfter > date, date not in the past (`now` itself is allowed).
 * DATA error that names the check. The private key's presence is the caller's to prove. */
bool plan_check_certificate(const struct certificate *certificate, time_t date, time_t now,
                            struct error *err) MUST_CHECK;

#endif
