/*
 * Giving Entra the keys that it lacks, and taking ours back: with the newest key of our own that it accepts. What was
 * begun is saved before it is sent, so that a run which is cut off leaves no key there twice. Only keys that we gave
 * are ever taken back, and only while another of ours is accepted.
 */
#ifndef MONITOR_ACT_ENTRA_H
#define MONITOR_ACT_ENTRA_H

#include "monitor/act/actor.h"

#include <stdbool.h>

/* May keys be given and taken back now: it is so configured, and a run of mode renew with a clock that can be trusted,
 * or a command that was typed. */
bool entra_may_change(const struct actor *actor);

/* Asks every tenant about the key of this certificate, gives it to those that lack it where that may be done, and waits
 * a little until they accept it. True when all do, and where there is nobody to ask. */
bool entra_give(struct actor *actor, const char *thumbprint);

/* The same for next and current: what was lost is given again, and after an emergency what was not yet. True when
 * something was tried. */
bool entra_give_slots(struct actor *actor);

/* Takes back the keys that we gave and that nothing names any more: of slots from the run after that on, and at once
 * where another agent's certificate was staged in place of ours. True when something was tried. */
bool entra_take_back(struct actor *actor);

#endif
