/*
 * A scene is an organization in a few numbers: the slots by the seconds until they end, the date, the servers. It is
 * built into facts without any certificate bytes. Nothing is allocated: facts point into the stage.
 */
#ifndef TESTS_MONITOR_SCENE_H
#define TESTS_MONITOR_SCENE_H

#include "core/facts.h"
#include "core/policy.h"
#include "monitor/state/history.h"

#define NOW ((time_t)1795226400) /* 2026-11-21T02:00:00Z */
#define MINUTE ((int64_t)60)
#define HOUR ((int64_t)3600)
#define DAY ((int64_t)86400)
#define YEAR (365 * DAY)
#define SCENE_SERVERS 4

enum known { IS_KNOWN = 0, IS_UNKNOWN };

struct scene_slot {
    bool set;
    enum known known;
    int64_t starts; /* seconds from now; 0 = a year ago */
    int64_t ends;   /* seconds from now */
    int bits;       /* 0 = 2048 */
    bool not_rsa;
    bool key_kept;
    enum delivery delivery;
};

struct scene_server {
    const char *site; /* NULL = no server */
    bool not_counted;
    enum answer holds; /* of one that is not counted */
    enum answer reached;
    enum presence current, previous, next;
};

struct scene {
    struct scene_slot current, previous, next;
    bool dated;
    int64_t date; /* seconds from now */
    unsigned malformed, leftover;
    bool hidden;
    bool other_next_is_candidate;
    struct scene_server servers[SCENE_SERVERS]; /* none: one of which nothing is known, unless: */
    bool no_servers;
    bool probed;
    enum answer hybrid, may_write;
    int64_t skew;
    bool no_clock, servers_clocks_off, writer_down, unreadable, bare, read_only, record_foreign;
    size_t controllers_agree, controllers_differ, controllers_unknown; /* of the other domain controllers */
    int64_t changed; /* the attribute's last change, seconds before now; 0 = not known */
    const char *candidate;
    int64_t candidate_ends; /* seconds from now; 0 = in five years */
    enum delivery candidate_delivery;
};

/* Certificates and servers that the facts of one scene point to. */
struct stage {
    struct certificate certificates[SLOT_COUNT];
    struct server_facts servers[SCENE_SERVERS];
    struct controller_facts controllers[SCENE_SERVERS];
};

void scene_build(const struct scene *scene, struct stage *stage, struct facts *ret_facts);

/* A certificate that is usable and ends in `ends` seconds. */
#define ENDS(seconds)                                                                                                  \
    { .set = true, .ends = (seconds) }

#endif
