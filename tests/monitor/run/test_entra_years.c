/*
 * Ten years of nights of a hybrid organization with two tenants, one of which loses our key twice: no certificate
 * becomes current that a tenant does not accept, no key is there twice, and none of somebody else's goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "monitor/run/exit.h"
#include "monitor/run/run.h"
#include "tests/core/make_certificate.h"
#include "tests/monitor/run/years.h"
#include "tests/monitor/scene.h"

#define TENANTS 2
#define KEYS_MOST 32

struct key {
    char thumbprint[THUMBPRINT_SIZE];
    char id[GUID_STRING_SIZE];
    int spreads; /* questions that do not see it yet */
    bool ours;
};

struct application {
    struct key keys[KEYS_MOST];
    int count;
};

struct world {
    struct years years;
    struct run_ports real;
    struct application applications[TENANTS];
    unsigned added, removed, lost, asked;
    bool busy; /* it says neither yes nor no */
};

static const char *const ids[TENANTS] = {"11111111-2222-3333-4444-555555555555",
                                         "21111111-2222-3333-4444-555555555555"};

static struct application *application_of(struct world *world, const struct tenant *tenant) {
    return &world->applications[strcmp(tenant->id, ids[1]) == 0];
}

static struct key *find(struct application *application, const char *thumbprint) {
    for (int i = 0; i < application->count; i++)
        if (strcmp(application->keys[i].thumbprint, thumbprint) == 0)
            return &application->keys[i];
    return NULL;
}

static void drop(struct application *application, struct key *key) {
    memmove(key, key + 1, (size_t)(&application->keys[--application->count] - key) * sizeof(*key));
}

static void look(void *context, struct facts *ret_facts) {
    struct world *world = context;

    world->real.directory.look(world->real.directory.context, ret_facts);
    ret_facts->hybrid = ANSWER_YES;
    ret_facts->tenants = calloc(TENANTS, sizeof(*ret_facts->tenants));
    assert_non_null(ret_facts->tenants);
    ret_facts->tenant_count = TENANTS;
    for (int i = 0; i < TENANTS; i++) {
        snprintf(ret_facts->tenants[i].tenant.id, TENANT_ID_SIZE, "%s", ids[i]);
        snprintf(ret_facts->tenants[i].tenant.application, GUID_STRING_SIZE, "%s", ids[i]);
    }
}

static bool ask(void *context, const char *thumbprint, const struct tenant_facts *tenants, const bool *wanted,
                size_t count, struct entra_verdict *ret_verdicts, struct error *err) {
    struct world *world = context;

    (void)err;
    for (size_t i = 0; i < count; i++) {
        struct key *key = find(application_of(world, &tenants[i].tenant), thumbprint);

        if (!wanted[i])
            continue;
        world->asked++;
        ret_verdicts[i] = (struct entra_verdict){.accepts = world->busy                         ? ANSWER_UNKNOWN
                                                            : key != NULL && --key->spreads < 0 ? ANSWER_YES
                                                                                                : ANSWER_NO,
                                                 .said = "busy"};
    }
    return true;
}

static bool knows_object(void *context, const struct tenant *tenant) {
    (void)context;
    (void)tenant;
    return true;
}

static void put(struct application *application, const char *thumbprint, bool ours, unsigned number) {
    struct key *key = &application->keys[application->count++];

    assert_true(application->count < KEYS_MOST);
    assert_null(find(&(struct application){.count = 0}, thumbprint));
    *key = (struct key){.ours = ours, .spreads = ours ? 1 : 0};
    snprintf(key->thumbprint, sizeof(key->thumbprint), "%s", thumbprint);
    snprintf(key->id, sizeof(key->id), "00000000-0000-0000-0000-%012u", number);
}

static bool add(void *context, const struct tenant *tenant, const char *by, const struct certificate *certificate,
                struct entra_outcome *ret_outcome, struct error *err) {
    struct world *world = context;
    struct application *application = application_of(world, tenant);

    (void)err;
    assert_non_null(find(application, by));
    assert_null(find(application, certificate->thumbprint));
    put(application, certificate->thumbprint, true, ++world->added);
    *ret_outcome = (struct entra_outcome){.result = ENTRA_DONE};
    snprintf(ret_outcome->key_id, GUID_STRING_SIZE, "%s", application->keys[application->count - 1].id);
    return true;
}

static bool take_back(void *context, const struct tenant *tenant, const char *by, const char *key_id,
                      struct entra_outcome *ret_outcome, struct error *err) {
    struct world *world = context;
    struct application *application = application_of(world, tenant);

    (void)err;
    for (int i = 0; i < application->count; i++)
        if (strcmp(application->keys[i].id, key_id) == 0) {
            assert_true(application->keys[i].ours);
            assert_string_not_equal(application->keys[i].thumbprint, by);
            assert_non_null(find(application, by));
            drop(application, &application->keys[i]);
            world->removed++;
            *ret_outcome = (struct entra_outcome){.result = ENTRA_DONE};
            return true;
        }
    *ret_outcome = (struct entra_outcome){.result = ENTRA_REFUSED};
    return true;
}

static bool own(void *context, struct entra_own *ret_own, size_t *ret_count, struct error *err) {
    const struct years *years = &((struct world *)context)->years;

    (void)err;
    *ret_count = 0;
    for (int i = years->certificate_count - 1; i >= 0 && *ret_count < ENTRA_OWN_MOST; i--)
        if (years->certificates[i].ours) {
            struct entra_own *one = &ret_own[(*ret_count)++];

            *one = (struct entra_own){.not_before = years->certificates[i].not_before,
                                      .not_after = years->certificates[i].not_after};
            memcpy(one->thumbprint, years->certificates[i].thumbprint, THUMBPRINT_SIZE);
        }
    return true;
}

static void pass_time(void *context, int seconds) {
    (void)context;
    (void)seconds;
}

static struct run_ports ports_of(struct world *world) {
    struct run_ports ports;

    world->real = years_ports(&world->years);
    ports = world->real;
    ports.directory = (struct directory_port){.context = world, .look = look};
    ports.entra = (struct entra_port){.context = world,
                                      .adds = true,
                                      .ask = ask,
                                      .knows_object = knows_object,
                                      .add = add,
                                      .remove = take_back,
                                      .own = own,
                                      .wait = pass_time};
    return ports;
}

static const char *thumbprint_of(const struct years *years, enum slot slot) {
    int number = years_slot(years, slot);

    return number == YEARS_NOBODY ? "" : years->certificates[number].thumbprint;
}

/* Somebody's tool writes back the list of keys that it read before ours was added. */
static void lose_next(struct world *world) {
    struct key *key = find(&world->applications[1], thumbprint_of(&world->years, SLOT_NEXT));

    if (key != NULL && world->lost < 2) {
        drop(&world->applications[1], key);
        world->lost++;
    }
}

static void night(struct world *world, const struct run_ports *ports, const struct policy *policy,
                  struct history *history) {
    struct facts facts;
    struct report report;
    struct strings troubles = {0};
    struct error err = {0};
    int result;

    assert_true(run_pass(ports, policy, world->years.now, history, &facts, &report, &troubles, &result, &err));
    assert_int_equal(result, EXIT_DONE);
    assert_int_equal(troubles.count, 0);
    strings_free(&troubles);
    report_free(&report);
    facts_free(&facts);
}

static void two_tenants_follow_for_ten_years(void **state) {
    struct world world = {.years.probed = true, .years.shows_changes = true};
    struct history history = {0};
    struct policy policy;
    struct run_ports ports;
    struct recipe recipe = recipe_good();
    unsigned char *der = make_der(&recipe, &world.years.der_length);
    char before[THUMBPRINT_SIZE];
    unsigned rotations = 0;

    (void)state;
    world.years.der = der;
    years_begin(&world.years, NOW, 100 * DAY, false);
    world.years.certificates[years_slot(&world.years, SLOT_CURRENT)].ours = true;
    for (int i = 0; i < TENANTS; i++)
        put(&world.applications[i], thumbprint_of(&world.years, SLOT_CURRENT), false, 900);
    policy_default(&policy);
    policy.mode = MODE_RENEW;
    policy.entra = ENTRA_ADD;
    policy.method = DELIVERY_BY_COMMAND;
    policy.lifetime = (struct span){.years = 2};
    ports = ports_of(&world);
    for (int day = 0; day < 3653; day++) {
        memcpy(before, thumbprint_of(&world.years, SLOT_CURRENT), THUMBPRINT_SIZE);
        world.busy = day % 11 < 2;
        if ((world.years.date - world.years.now) / DAY == 20)
            lose_next(&world);
        years_exchange(&world.years);
        night(&world, &ports, &policy, &history);
        if (strcmp(before, thumbprint_of(&world.years, SLOT_CURRENT)) != 0) {
            rotations++;
            for (int i = 0; i < TENANTS; i++)
                assert_non_null(find(&world.applications[i], thumbprint_of(&world.years, SLOT_CURRENT)));
        }
        world.years.now += DAY;
    }
    assert_int_equal(world.lost, 2);
    assert_true(rotations >= 5);
    assert_int_equal(world.years.made, rotations + (years_slot(&world.years, SLOT_NEXT) != YEARS_NOBODY));
    assert_int_equal(world.added, TENANTS * world.years.made + world.lost);
    /* The first was uploaded by a person. Each of ours but the last is taken back. */
    assert_int_equal(world.removed, TENANTS * (rotations - 1));
    /* A question a night while next waits and one a week for current, and some on the days of a rotation. */
    assert_true(world.asked < TENANTS * (rotations * 45 + 3653 / 6));
    OPENSSL_free(der);
    history_free(&history);
}

/* What an earlier run of the same second learned is no answer of this one. */
static void a_run_right_after_another_asks_again(void **state) {
    struct world world = {.years.probed = true, .years.shows_changes = true, .busy = true};
    struct history history = {0};
    struct policy policy;
    struct run_ports ports;
    struct recipe recipe = recipe_good();
    unsigned char *der = make_der(&recipe, &world.years.der_length);

    (void)state;
    world.years.der = der;
    years_begin(&world.years, NOW, 60 * DAY, false);
    world.years.certificates[years_slot(&world.years, SLOT_CURRENT)].ours = true;
    for (int i = 0; i < TENANTS; i++)
        put(&world.applications[i], thumbprint_of(&world.years, SLOT_CURRENT), false, 900);
    policy_default(&policy);
    policy.mode = MODE_RENEW;
    policy.entra = ENTRA_ADD;
    policy.method = DELIVERY_BY_COMMAND;
    ports = ports_of(&world);
    night(&world, &ports, &policy, &history);
    assert_int_equal(years_slot(&world.years, SLOT_NEXT), YEARS_NOBODY);
    world.busy = false;
    night(&world, &ports, &policy, &history);
    assert_int_not_equal(years_slot(&world.years, SLOT_NEXT), YEARS_NOBODY);
    OPENSSL_free(der);
    history_free(&history);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_tenants_follow_for_ten_years),
                                       cmocka_unit_test(a_run_right_after_another_asks_again)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
