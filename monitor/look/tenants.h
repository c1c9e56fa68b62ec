/*
 * What Entra says of the keys: asked at most once a run about each, remembered in the history, and put into the facts.
 * What it does not say is not known; what an earlier run learned, or a person vouched for, stands until it says
 * otherwise.
 */
#ifndef MONITOR_LOOK_TENANTS_H
#define MONITOR_LOOK_TENANTS_H

#include "monitor/look/looker.h"

#include <stdbool.h>

/* Current is asked about so often: each question is a row in the tenant's sign-in log. */
#define TENANTS_CURRENT_EVERY (7 * 86400 - 3600)

/* Asks about next, and about current as often as above and as long as it is not accepted, where their keys are kept
 * here; then applies. Troubles go to looker->troubles. */
void tenants_look(struct looker *looker);

/* Asks every tenant that is not known to accept it in this run about one key, whenever it was asked last; then applies.
 * True when all of them accept it. */
bool tenants_ask(struct looker *looker, const char *thumbprint);

/* Puts what is known into the facts. */
void tenants_apply(struct looker *looker);

#endif
