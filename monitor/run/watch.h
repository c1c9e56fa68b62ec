/*
 * The other certificates in a night's run: looked at after the auth certificate, remembered from night to night, and
 * told when something began, grew worse, came nearer or is over. They never change what is said of the auth
 * certificate, nor what is done about it.
 */
#ifndef MONITOR_RUN_WATCH_H
#define MONITOR_RUN_WATCH_H

#include "base/error.h"
#include "base/text.h"
#include "core/inventory/news.h"
#include "core/ports.h"
#include "monitor/inventory/settings.h"
#include "monitor/look/looker.h"
#include "monitor/state/memory.h"

#include <stdbool.h>
#include <time.h>

struct watch {
    struct inventory_port port; /* look == NULL: they are not looked at */
    const struct inventory_settings *settings;
    struct memory memory; /* of earlier nights, and of this one when it is over */
    struct inventory inventory;
    struct inventory_news news;
    bool looked;
};

/* Looks, judges, and counts who was silent. Nothing where nobody wants it, or the directory was not read. False without
 * memory. */
bool watch_look(struct watch *watch, struct looker *looker, struct error *err) MUST_CHECK;

/* What is to be told; NULL = nothing. Borrowed until the next call or watch_end. */
bool watch_choose(struct watch *watch, time_t now, const struct inventory_news **ret_news,
                  struct error *err) MUST_CHECK;

/* It was told, in the conversation `thread` ("" where the channel knows none); or there was nothing to tell. */
bool watch_remember(struct watch *watch, const struct thread *thread, time_t now, struct error *err) MUST_CHECK;

void watch_end(struct watch *watch);

#endif
