/*
 * What is left to be done in Entra after all other acts of a run or of a command that was typed.
 */
#ifndef MONITOR_ACT_SEE_TO_ENTRA_H
#define MONITOR_ACT_SEE_TO_ENTRA_H

#include "base/error.h"
#include "monitor/act/actor.h"

#include <stdbool.h>

/* Where keys may be changed there: gives what next and current lack, takes back what is of no use any more, renews the
 * key pair made for Entra alone; then looks again where it did anything. False only when out of memory. */
bool see_to_entra(struct actor *actor, struct error *err) MUST_CHECK;

#endif
