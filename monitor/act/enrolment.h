/*
 * The key pairs made for Entra alone: before one ends another takes its place, given to Entra by the one before. Where
 * none was made by `entra enroll`, none is ever made.
 */
#ifndef MONITOR_ACT_ENROLMENT_H
#define MONITOR_ACT_ENROLMENT_H

#include "monitor/act/actor.h"

#include <stdbool.h>

/* So long before its end another one is made. */
#define ENROLMENT_RENEW (60 * (time_t)SECONDS_PER_DAY)

/* The pairs made for Entra alone, the newest first; at most ENTRA_OWN_MOST. */
bool enrolment_list(const struct entra_port *entra, struct entra_own *ret_own, size_t *ret_count,
                    struct error *err) MUST_CHECK;

/* Makes one, keeps its certificate beside the others and gives it to Entra where a key of ours is accepted already. The
 * certificate is the caller's; NULL, with the reason in looker->troubles, when none could be made. */
struct certificate *enrolment_make(struct actor *actor);

/* Goes on with the renewal of the present one; true when something was tried. */
bool enrolment_renew(struct actor *actor);

#endif
