/*
 * An Exchange organization on a simulated clock, behind the ports of the run loop: an auth configuration that takes
 * changes exactly as a directory does, key pairs that cost nothing, servers that take deliveries or do not, and
 * Exchange's own servicelet. It counts what was done to it; nothing is judged here.
 */
#ifndef TESTS_MONITOR_RUN_YEARS_H
#define TESTS_MONITOR_RUN_YEARS_H

#include "core/change.h"
#include "core/facts.h"
#include "core/policy.h"
#include "monitor/look/looker.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define YEARS_CERTIFICATES 64 /* one bit each in what a server holds */
#define YEARS_VALUES 8
#define YEARS_SERVERS 3
#define YEARS_NOBODY (-1)

struct years_certificate {
    char thumbprint[THUMBPRINT_SIZE];
    time_t not_before, not_after;
    bool ours;     /* its key is kept */
    bool was_used; /* seen in a slot, so no candidate any more */
};

struct years_server {
    const char *site;
    bool down;
    uint64_t holds; /* a bit for each certificate */
};

struct years {
    time_t now;
    const unsigned char *der; /* any certificate that Exchange would take; shared by all */
    size_t der_length;
    char values[YEARS_VALUES][CHANGE_VALUE_SIZE];
    size_t value_count;
    time_t date;    /* 0 = none */
    time_t changed; /* last change of the thumbprints */
    struct years_certificate certificates[YEARS_CERTIFICATES];
    int certificate_count;
    struct years_server servers[YEARS_SERVERS];
    bool probed;        /* servers are asked for what they hold */
    bool shows_changes; /* the directory tells when the attribute was changed */
    bool blind;         /* the directory does not answer */
    unsigned writes, refused, made, deliveries;
};

/* An organization whose current certificate ends in `left` seconds, and which has a previous one if asked for. */
void years_begin(struct years *years, time_t now, int64_t left, bool previous);

/* The number of the certificate in a slot, or YEARS_NOBODY. */
int years_slot(const struct years *years, enum slot slot);
bool years_usable(const struct years *years, int certificate);

/* Exchange's servicelets at years->now: a next whose date has come becomes current, and servers of a site get from each
 * other what they lack. */
void years_exchange(struct years *years);

/* Ports without mail. */
struct run_ports years_ports(struct years *years);

#endif
