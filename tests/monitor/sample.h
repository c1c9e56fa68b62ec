/*
 * Facts and reports made by hand for tests: a good organization, and ways to bend it. What is made here is freed with
 * facts_free, the sample with sample_tear_down; out of memory ends the test.
 */
#ifndef TESTS_MONITOR_SAMPLE_H
#define TESTS_MONITOR_SAMPLE_H

#include "core/facts.h"
#include "core/policy.h"
#include "core/report.h"

#include <stdio.h>
#include <time.h>

#define SAMPLE_NOW ((time_t)1795226400) /* 2026-11-21T02:00:00Z */
#define SAMPLE_CURRENT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SAMPLE_PREVIOUS "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define SAMPLE_NEXT "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

/* Contoso, read just now, no hybrid: current with `days_left` days to its end, from the local store, the other slots
 * empty; two counted servers that hold it, in the sites Berlin and Paris. */
void sample_facts(struct facts *ret_facts, time_t now, int days_left);

/* Adds a value of the attribute and decodes all of them again. */
void sample_value(struct facts *facts, const char *value);

/* Fills an empty slot: the value, and unless `not_after` is 0 a certificate that meets the profile. */
void sample_slot(struct facts *facts, enum slot slot, const char *thumbprint, time_t not_before, time_t not_after);

/* Sets the next effective date as the directory writes it. */
void sample_date(struct facts *facts, const char *generalized);

/* Adds a counted server. */
void sample_server(struct facts *facts, const char *fqdn, const char *site, enum presence current, enum presence next);

/* What a test bends: the good organization with 21 days left, the policy of an empty configuration, and a report on
 * both at SAMPLE_NOW: decision none, one reason, status warning, one date to come. */
struct sample {
    struct facts facts;
    struct policy policy;
    struct report report; /* borrows the two above */
};

extern struct sample sample;

/* Make and free the sample, around each test. */
int sample_set_up(void **state);
int sample_tear_down(void **state);

/* Replaces *text by a copy of `value`. */
void sample_text(char **text, const char *value);

/* Everything that `show` writes of the sample's report, as a string that the caller frees. `show` tells whether it
 * wrote everything. */
char *sample_shown(bool (*show)(const struct report *report, FILE *out));

#endif
