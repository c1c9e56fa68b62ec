/*
 * Reports made by hand for the tests of messages: an organization Contoso as it stands 21 days before the end of its
 * certificate, to be changed by each test. Everything is static or in the struct; nothing needs freeing but the lists
 * that sample_free frees.
 */
#ifndef TESTS_NOTIFY_SAMPLE_H
#define TESTS_NOTIFY_SAMPLE_H

#include "core/facts.h"
#include "core/policy.h"
#include "core/report.h"
#include "notify/words/speaker.h"

#define SAMPLE_NOW ((time_t)1795226400) /* 2026-11-21T02:00:00Z */
#define SAMPLE_DAY ((time_t)86400)
#define SAMPLE_CURRENT "1111111111111111111111111111111111111111"
#define SAMPLE_NEXT "2222222222222222222222222222222222222222"
#define SAMPLE_PREVIOUS "3333333333333333333333333333333333333333"
#define SAMPLE_CANDIDATE "4444444444444444444444444444444444444444"
#define SAMPLE_SERVERS 60
#define SAMPLE_DONE 4

struct sample {
    struct facts facts;
    struct policy policy;
    struct report report;
    struct certificate certificates[SLOT_COUNT];
    struct server_facts servers[SAMPLE_SERVERS];
    char names[SAMPLE_SERVERS][64];
    struct done done[SAMPLE_DONE];
};

extern const struct speaker sample_speaker;

/* Current ends in 21 days, nothing is staged, mode is monitor: stage is due and held back. Three servers. */
void sample_make(struct sample *ret_sample);

/* Puts a certificate into a slot; `end` 0 leaves its bytes unknown. */
void sample_slot(struct sample *sample, enum slot slot, time_t end);

/* Adds a counted server. */
void sample_server(struct sample *sample, const char *name, enum presence current, enum presence next);

/* Another decision, without reasons and dates. */
void sample_decide(struct sample *sample, enum row row, enum act act, enum block by, enum status status);

/* Adds something that was done, or failed. `detail` is borrowed. */
void sample_did(struct sample *sample, enum act act, const char *thumbprint, bool ok, const char *detail);

void sample_due(struct sample *sample, enum due_what what, time_t at);
void sample_free(struct sample *sample);

#endif
