/*
 * What the files that judge share: the inventory with the names of its certificates taken apart, and the words that
 * many findings need. Nothing here reads a clock or asks anybody.
 */
#ifndef MONITOR_INVENTORY_JUDGING_H
#define MONITOR_INVENTORY_JUDGING_H

#include "base/error.h"
#include "base/text.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/settings.h"
#include "monitor/inventory/windows_name.h"
#include "monitor/state/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define JUDGING_CRITICAL_DAYS 7
#define JUDGING_PARTNER_DAYS 60 /* for what others have to be told of */
#define JUDGING_NAMED 8         /* of a list in a sentence */

/* The names of one shown certificate; not `known` where a part of them is no text. */
struct judged_names {
    bool known;
    struct windows_name subject;
    struct windows_name issuer;
};

struct judging {
    const struct inventory_settings *settings;
    const struct memory *memory;
    struct inventory *inventory;
    struct judged_names *names; /* of each of inventory->shown */
    bool *told_older;           /* of each place: a finding says already that it shows an older one */
    time_t now;
};

/* A set of places, in their order. */
struct place_set {
    const struct place **items;
    size_t count;
};

/* Room for all. False without memory. */
bool place_set_open(const struct judging *judging, struct place_set *set, struct error *err) MUST_CHECK;

/* Adds a finding. `place` and `about` are copied, `text` is taken over and empty afterwards, also on failure. NULL
 * without memory. */
struct inventory_finding *judging_add(struct judging *judging, enum finding_id id, enum finding_severity severity,
                                      const char *place, const char *about, struct text *text, struct error *err);

/* "ends in 3 days (2029-12-04)", "ended 2 days ago (2029-11-29)". */
void judging_end_words(const struct judging *judging, struct text *out, time_t end);

/* How grave it is that a certificate ends then: nothing but a remark before `days`, or a third of its life. */
enum finding_severity judging_end(const struct judging *judging, const struct certificate *certificate, int days);

/* Do they have a name in common that is not a server's own? Wildcards count. */
bool judging_share_names(const struct inventory *inventory, const struct strings *one, const struct strings *other);

/* Takes the names of all that is shown apart; end with judging_end_names. */
bool judging_begin_names(struct judging *judging, struct error *err) MUST_CHECK;
void judging_end_names(struct judging *judging);

/* For the same purpose: they have the same subject, or a name in common that is not a server's own. */
bool judging_same_purpose(const struct judging *judging, size_t one, size_t other);

/* Certificates are the same by their bytes, whatever came along. */
bool judging_same_certificate(const struct judging *judging, size_t one, size_t other);

/* Does what is shown answer to this name? */
bool judging_fits(const struct judging *judging, const struct windows_pair *pair, size_t shown);

/* The newest certificate for the same purpose, by its beginning, that any place shows; `shown` itself where there is no
 * newer one. */
size_t judging_newest(const struct judging *judging, size_t shown);

#endif
