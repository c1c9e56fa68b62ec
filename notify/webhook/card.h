/*
 * The two forms for people: Teams' adaptive card and Slack's blocks, made of a note. Private to the webhook's body.
 */
#ifndef NOTIFY_WEBHOOK_CARD_H
#define NOTIFY_WEBHOOK_CARD_H

#include <jansson.h>

#include "notify/webhook/note.h"

/* A new object, or NULL when out of memory. */
json_t *webhook_teams(const struct webhook_note *note);
json_t *webhook_slack(const struct webhook_note *note);

#endif
