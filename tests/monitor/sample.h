/*
 * Facts and reports made by hand for tests: a good organization, and ways to bend it. What is made here is freed with
 * facts_free and report_free; out of memory ends the test.
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

/* A report on the facts: decision none, one reason, status warning, one date to come. Borrows facts and policy. */
void sample_report(struct report *ret_report, const struct facts *facts, const struct policy *policy, time_t now);

/* Replaces *text by a copy of `value`. */
void sample_text(char **text, const char *value);

/* Everything that `show` writes, as a string that the caller frees. `show` gets the report, the stream and `context`,
 * and tells whether it wrote everything. */
char *sample_shown(bool (*show)(const struct report *report, void *context, FILE *out), const struct report *report,
                   void *context);

#endif
