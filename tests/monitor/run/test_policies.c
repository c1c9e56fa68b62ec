#include "monitor/run/run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "monitor/decide/decide.h"
#include "monitor/run/exit.h"
#include "tests/core/make_certificate.h"
#include "tests/monitor/scene.h"
#include "tests/monitor/run/years.h"

#define GENERATIONS 4
#define WITHOUT_TOUCH (36 * HOUR) /* a nightly run and a pass of Exchange fit between a date and an end */
#define REST (37 * HOUR)

/* xorshift: the same cases in every run, so a failure can be looked at again. */
static uint64_t seed = 0x9e3779b97f4a7c15u;

static int64_t random_below(int64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)below);
}

static bool chance(int of) {
    return random_below(of) == 0;
}

/* What one organization goes through. */
struct life {
    struct policy policy;
    int64_t left; /* of the first current, in seconds */
    bool previous;
    bool fresh;    /* promoted within the last two days */
    bool exchange; /* its servicelet promotes by itself */
    bool probed, shows_changes;
    bool outages;       /* servers are down for weeks, and are set up anew without certificates */
    bool misses;        /* nights are missed */
    bool loses_history; /* the history is lost now and then */
    bool every_night;   /* else the nights in which nothing can be due are passed over */
};

struct watch {
    struct life life;
    struct years years;
    struct history history;
    time_t next_pass, outage_until, outage_allowed;
    time_t promoted;    /* when the present current became it */
    bool known;         /* `promoted` is known */
    int current;        /* as last seen, like the next three */
    int previous, next; /* or YEARS_NOBODY */
    time_t date;
    unsigned nights, generation, writes_before, made_before;
    char last[512]; /* what the last run came to */
    bool exchange_acts;
    bool harmed; /* an outage or a lost night in this generation: dates may slip */
};

static char *describe(const struct watch *watch, char *out, size_t size) {
    const struct life *life = &watch->life;
    char lifetime[TIME_TEXT_SIZE], now[TIME_TEXT_SIZE];

    snprintf(out, size,
             "renew_before %.2fd, activate_after %.2fd, min_lead %.2fd, retire_after %.2fd, lifetime %s, confirm %d, "
             "%.2f days left%s%s%s%s%s%s%s; night %u, generation %u, %s, %u writes; %s",
             (double)life->policy.renew_before / DAY, (double)life->policy.activate_after / DAY,
             (double)life->policy.min_lead / DAY, (double)life->policy.retire_after / DAY,
             span_format(lifetime, life->policy.lifetime), (int)life->policy.confirm, (double)life->left / DAY,
             life->fresh      ? ", fresh previous"
             : life->previous ? ", previous"
                              : "",
             life->exchange ? ", Exchange promotes" : "", life->probed ? ", probed" : "",
             life->shows_changes ? ", shows changes" : "", life->outages ? ", outages" : "",
             life->misses ? ", misses" : "", life->loses_history ? ", loses history" : "", watch->nights,
             watch->generation, time_format_rfc3339(now, watch->years.now), watch->years.writes, watch->last);
    return out;
}

#define MUST(watch, condition)                                                                                         \
    do {                                                                                                               \
        char described[1400];                                                                                          \
        if (!(condition))                                                                                              \
            fail_msg("%s\n    in %s", #condition, describe(watch, described, sizeof(described)));                      \
    } while (0)

static time_t end_of(const struct watch *watch, int certificate) {
    return watch->years.certificates[certificate].not_after;
}

/* There never was enough time, or how long ago the last promotion was is not known. */
static bool may_be_late(const struct watch *watch) {
    return watch->harmed || (watch->generation == 0 && watch->life.left < 4 * DAY);
}

/* Current changed, by our hand or by Exchange's. */
static void see_promotion(struct watch *watch, int current) {
    time_t now = watch->years.now;
    /* By some server's clock it may have ended already: Exchange compares local time with UTC. */
    bool expired =
        !years_usable(&watch->years, watch->current) || now + CERTIFICATE_BEHIND >= end_of(watch, watch->current);
    unsigned writes = watch->years.writes - watch->writes_before;
    time_t rested = watch->known && watch->previous != YEARS_NOBODY ? watch->promoted + REST : 0;
    time_t due = rested > watch->date ? rested : watch->date;

    /* Every certificate that becomes current was next before, unless the old one had ended. */
    if (watch->next != YEARS_NOBODY) {
        MUST(watch, current == watch->next);
        MUST(watch, expired || watch->date <= now);
        MUST(watch, now - due <= 26 * HOUR || may_be_late(watch));
        MUST(watch, expired || now <= end_of(watch, watch->current) - 10 * HOUR || may_be_late(watch));
    } else if (!expired) {
        /* Staged and activated in one run, because there was no time for a lead. */
        MUST(watch, end_of(watch, watch->current) - now < watch->life.policy.min_lead + WITHOUT_TOUCH);
    }
    MUST(watch, end_of(watch, current) > end_of(watch, watch->current));
    /* Exchange itself never rests. */
    if (!watch->exchange_acts)
        MUST(watch, expired || now >= rested);
    /* Stage, activate and retire, and for each trouble one reschedule. */
    MUST(watch, writes <= (watch->harmed ? 6u : 3u));
    watch->writes_before = watch->years.writes;
    watch->made_before = watch->years.made;
    watch->promoted = now;
    watch->known = true;
    watch->generation++;
    watch->harmed = watch->outage_until > now;
}

static void see_slots(struct watch *watch) {
    struct years *years = &watch->years;
    int current = years_slot(years, SLOT_CURRENT), previous = years_slot(years, SLOT_PREVIOUS);
    time_t now = years->now;

    MUST(watch, current != YEARS_NOBODY);
    if (current != watch->current) {
        see_promotion(watch, current);
    } else if (previous != watch->previous) {
        MUST(watch, previous == YEARS_NOBODY);
        MUST(watch, !watch->known || now - watch->promoted >= watch->life.policy.retire_after);
    }
    watch->current = current;
    watch->previous = previous;
    watch->next = years_slot(years, SLOT_NEXT);
    watch->date = years->date;
    MUST(watch, (watch->next == YEARS_NOBODY) == (watch->date == 0));
    if (watch->next != YEARS_NOBODY) {
        MUST(watch, end_of(watch, watch->next) > end_of(watch, current));
        MUST(watch, watch->date < end_of(watch, current));
    }
    if (watch->known && previous != YEARS_NOBODY && !watch->harmed && !watch->life.misses)
        MUST(watch, now - watch->promoted <= watch->life.policy.retire_after + 3 * DAY);
}

static void see_current_usable(struct watch *watch) {
    if (watch->nights == 0 && watch->life.left <= 0)
        return;
    MUST(watch, years_usable(&watch->years, years_slot(&watch->years, SLOT_CURRENT)));
}

static void exchange_until(struct watch *watch, time_t until) {
    for (; watch->next_pass <= until; watch->next_pass += 12 * HOUR) {
        if (!watch->life.exchange)
            continue;
        watch->years.now = watch->next_pass;
        if (!watch->life.outages)
            see_current_usable(watch);
        years_exchange(&watch->years);
        watch->exchange_acts = true;
        see_slots(watch);
        watch->exchange_acts = false;
    }
    watch->years.now = until;
}

static void note_run(struct watch *watch, const struct report *report, const struct strings *troubles) {
    const struct done *done = report->done_count > 0 ? &report->done[report->done_count - 1] : NULL;

    snprintf(watch->last, sizeof(watch->last), "row %s, blocked by %s; %s %s; %s", row_name(report->decision.row),
             block_name(report->decision.blocked), done != NULL ? act_name(done->act) : "nothing done",
             done != NULL ? done->detail : "", troubles->count > 0 ? troubles->items[troubles->count - 1] : "");
}

static void one_night(struct watch *watch) {
    struct run_ports ports = years_ports(&watch->years);
    struct strings troubles = {0};
    struct facts facts;
    struct report report;
    struct error err = {0};
    int status = -1;

    /* While every server of a site is down, planned acts wait, and the night after the end brings next in. */
    if (!watch->life.outages)
        see_current_usable(watch);
    if (!run_pass(&ports, &watch->life.policy, watch->years.now, &watch->history, &facts, &report, &troubles, &status,
                  &err))
        fail_msg("%s", err.text);
    note_run(watch, &report, &troubles);
    if (!watch->life.outages)
        MUST(watch, status == EXIT_DONE && troubles.count == 0);
    report_free(&report);
    facts_free(&facts);
    strings_free(&troubles);
    see_slots(watch);
    watch->nights++;
    see_current_usable(watch);
    MUST(watch, watch->years.refused == 0);
    /* A candidate that waited long for its delivery may be too old for a short lifetime. */
    MUST(watch, watch->years.made - watch->made_before <= (watch->harmed ? 2u : 1u));
}

/* For weeks a server is down, or all of a site; afterwards it may be a new one. */
static void fate(struct watch *watch) {
    struct years *years = &watch->years;
    int64_t longest = watch->life.policy.renew_before / 3 < 28 * DAY ? watch->life.policy.renew_before / 3 : 28 * DAY;

    if (!watch->life.outages || watch->generation == 0)
        return;
    if (watch->outage_until != 0 && years->now >= watch->outage_until) {
        for (int i = 0; i < YEARS_SERVERS; i++) {
            if (years->servers[i].down && chance(2))
                years->servers[i].holds = 0;
            years->servers[i].down = false;
        }
        watch->outage_until = 0;
        watch->outage_allowed = years->now + 2 * longest;
    }
    if (watch->outage_until == 0 && years->now >= watch->outage_allowed && chance(20)) {
        int first = (int)random_below(YEARS_SERVERS);

        watch->outage_until = years->now + DAY + random_below(longest);
        watch->harmed = true;
        years->servers[first].down = true;
        if (chance(3))
            years->servers[(first + 1) % YEARS_SERVERS].down = true;
    }
}

/* The next night, or, where nothing but the end of current can be due, one a week before that. */
static time_t next_night(const struct watch *watch) {
    const struct years *years = &watch->years;
    int64_t days = 1;
    time_t due = end_of(watch, watch->current) - watch->life.policy.renew_before;

    if (watch->life.misses && watch->generation > 0)
        days += chance(10) ? 1 + random_below(3) : 0;
    if (!watch->life.every_night && watch->next == YEARS_NOBODY && watch->previous == YEARS_NOBODY &&
        watch->outage_until == 0 && due - years->now > 14 * DAY)
        days = (due - years->now) / DAY - 7;
    /* The timer begins at two o'clock and waits up to an hour. */
    return (years->now - NOW + 4 * HOUR) / DAY * DAY + NOW + days * DAY + random_below(HOUR);
}

static unsigned live(const struct life *life, const unsigned char *der, size_t der_length, double *years_passed) {
    struct watch watch = {.life = *life};
    unsigned nights;

    watch.years.der = der;
    watch.years.der_length = der_length;
    watch.years.probed = life->probed;
    watch.years.shows_changes = life->shows_changes;
    years_begin(&watch.years, NOW, life->left, life->previous);
    if (life->fresh) {
        watch.years.changed = watch.promoted = NOW - random_below(2 * DAY);
        watch.known = true;
    }
    watch.next_pass = NOW + random_below(12 * HOUR);
    watch.current = years_slot(&watch.years, SLOT_CURRENT);
    watch.previous = years_slot(&watch.years, SLOT_PREVIOUS);
    watch.next = YEARS_NOBODY;
    /* And on until the last one's previous is cleared, or pushed out by one more. */
    while (watch.generation < GENERATIONS || (watch.generation == GENERATIONS && watch.previous != YEARS_NOBODY)) {
        one_night(&watch);
        fate(&watch);
        if (life->loses_history && chance(30)) {
            history_free(&watch.history);
            watch.harmed = true;
        }
        /* No policy lets a certificate live on beyond its end. */
        MUST(&watch, watch.years.now < NOW + 100 * YEAR);
        exchange_until(&watch, next_night(&watch));
    }
    MUST(&watch, life->outages || watch.years.made <= watch.generation + 1);
    history_free(&watch.history);
    nights = watch.nights;
    *years_passed += (double)(watch.years.now - NOW) / YEAR;
    return nights;
}

static const int64_t renew_befores[] = {3 * DAY, 10 * DAY, 30 * DAY, 90 * DAY, 180 * DAY};
static const int64_t activate_afters[] = {1, HOUR, 2 * DAY, 14 * DAY, 30 * DAY, 100 * DAY};
static const int64_t min_leads[] = {1, 49 * HOUR, 10 * DAY, 60 * DAY};
static const int64_t retire_afters[] = {37 * HOUR, 7 * DAY, 60 * DAY};
static const double lefts[] = {-1, 0.1, 0.5, 1, 1.4, 1.6, 2, 3, 3.6, 5, 7, 9, 14, 30, 45, 90, 91, 120};
#define PICK(list) (list[random_below(sizeof(list) / sizeof(list[0]))])

static struct span random_lifetime(const struct policy *policy) {
    static const int years[] = {1, 2, 5, 10};
    int64_t shortest = policy->activate_after + policy->renew_before + 7 * DAY;
    struct span span = {.years = years[random_below(4)]};

    switch (random_below(3)) {
    case 0:
        return (struct span){.seconds = shortest};
    case 1:
        return (struct span){.seconds = shortest + random_below(40 * DAY)};
    default:
        return span.years * YEAR >= shortest ? span : (struct span){.years = 10};
    }
}

static struct life random_life(void) {
    struct life life = {.left = (int64_t)(PICK(lefts) * DAY),
                        .exchange = chance(2),
                        .probed = chance(2),
                        .shows_changes = chance(2),
                        .every_night = chance(8)};

    policy_default(&life.policy);
    life.policy.mode = MODE_RENEW;
    life.policy.method = DELIVERY_BY_COMMAND;
    if (!chance(4)) {
        life.policy.renew_before = PICK(renew_befores);
        life.policy.activate_after = PICK(activate_afters);
        life.policy.min_lead = PICK(min_leads);
        life.policy.retire_after = PICK(retire_afters);
    }
    life.policy.lifetime = random_lifetime(&life.policy);
    life.policy.confirm = (enum confirm)random_below(3);
    life.previous = life.shows_changes && life.left > 0 && chance(4);
    life.fresh = life.previous && life.left >= 7 * DAY && chance(2);
    return life;
}

struct finding {
    unsigned char *der;
    size_t der_length;
};

static int set_up(void **state) {
    static struct finding proof;
    struct recipe recipe = recipe_good();

    proof.der = make_der(&recipe, &proof.der_length);
    *state = &proof;
    return 0;
}

static int tear_down(void **state) {
    struct finding *proof = *state;

    OPENSSL_free(proof->der);
    return 0;
}

static void live_many(void **state, int count, void (*change)(struct life *life)) {
    const struct finding *proof = *state;
    double years = 0;
    unsigned nights = 0;

    for (int i = 0; i < count; i++) {
        struct life life = random_life();

        if (change != NULL)
            change(&life);
        nights += live(&life, proof->der, proof->der_length, &years);
    }
    print_message("%d organizations, %.0f years, %u nights\n", count, years, nights);
}

static void test_quiet_lives(void **state) {
    live_many(state, 1000, NULL);
}

static void lose_history(struct life *life) {
    life->loses_history = true;
    life->shows_changes = true;
}

static void test_the_history_is_lost(void **state) {
    live_many(state, 200, lose_history);
}

/* With Exchange to promote, and time enough between the staging and the end. */
static void miss_nights(struct life *life) {
    life->misses = life->exchange = true;
    if (life->policy.renew_before < 30 * DAY)
        life->policy.renew_before = 30 * DAY;
    life->policy.lifetime = random_lifetime(&life->policy);
}

static void test_nights_are_missed(void **state) {
    live_many(state, 200, miss_nights);
}

static void fail_servers(struct life *life) {
    life->outages = true;
    if (life->policy.renew_before < 30 * DAY)
        life->policy.renew_before = 30 * DAY;
    life->policy.lifetime = random_lifetime(&life->policy);
}

static void test_servers_are_down_for_weeks(void **state) {
    live_many(state, 400, fail_servers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet_lives),
        cmocka_unit_test(test_the_history_is_lost),
        cmocka_unit_test(test_nights_are_missed),
        cmocka_unit_test(test_servers_are_down_for_weeks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
