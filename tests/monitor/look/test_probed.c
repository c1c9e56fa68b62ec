#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"
#include "base/time.h"
#include "monitor/look/delivered.h"
#include "monitor/look/probed.h"
#include "monitor/decide/sites.h"
#include "tests/core/make_certificate.h"
#include "tests/monitor/sample.h"

/* An organization of three servers in two sites, a current certificate that ends in a year, and what each server said.
 * Each test changes one thing of it. */

#define NOW SAMPLE_NOW
#define HOUR ((time_t)SECONDS_PER_HOUR)
#define LONG_AGO (100 * (time_t)SECONDS_PER_DAY)
#define REALM "contoso.test"
#define SERVICE "00000002-0000-0ff1-ce00-000000000000"
#define SERVERS 3

struct said {
    enum probed_outcome outcome;
    const char *lists[3]; /* thumbprints */
    const char *realm;    /* NULL = REALM */
    const char *service;  /* NULL = SERVICE */
    int64_t ahead;
};

struct scene {
    struct said said[SERVERS];
    const char *realm; /* of the directory; NULL = none */
    time_t changed;    /* before now; 0 = LONG_AGO, -1 = not known */
    time_t ends;       /* from now; 0 = a year */
    bool previous, next, unknown;
};

static const char *const names[SERVERS] = {"ex1.contoso.test", "ex2.contoso.test", "ex3.contoso.test"};
static struct probed probed;
static struct facts facts;
static struct certificate *foreign, *old;

static void *need(void *memory) {
    if (memory == NULL)
        abort();
    return memory;
}

static void add_answer(struct probed_server *server, const char *name, const struct said *said) {
    *server = (struct probed_server){.fqdn = need(strdup(name)),
                                     .outcome = said->outcome,
                                     .clock_known = true,
                                     .clock_ahead = said->ahead,
                                     .thumbprints = need(calloc(3, THUMBPRINT_SIZE))};
    if (said->outcome != PROBED_READ) {
        server->trouble = need(strdup("the connection was refused"));
        return;
    }
    server->realm = need(strdup(said->realm != NULL ? said->realm : REALM));
    server->service_name = need(strdup(said->service != NULL ? said->service : SERVICE));
    for (; server->thumbprint_count < 3 && said->lists[server->thumbprint_count] != NULL; server->thumbprint_count++)
        memcpy(server->thumbprints[server->thumbprint_count], said->lists[server->thumbprint_count], THUMBPRINT_SIZE);
}

static struct certificate *certificate_of(const char *subject) {
    struct recipe recipe = recipe_good();

    recipe.subject = subject;
    return make_certificate(&recipe);
}

static void clear(void) {
    probed_free(&probed);
    facts_free(&facts);
}

/* The scene as facts before they are judged. */
static void set(const struct scene *scene) {
    time_t end = NOW + (scene->ends != 0 ? scene->ends : 365 * (time_t)SECONDS_PER_DAY);

    clear();
    facts = (struct facts){.read = true, .servers_read = ANSWER_YES};
    sample_text(&facts.realm, scene->realm != NULL ? scene->realm : "");
    sample_text(&facts.service_name, SERVICE);
    sample_slot(&facts, SLOT_CURRENT, SAMPLE_CURRENT, NOW - LONG_AGO, scene->unknown ? 0 : end);
    if (scene->previous)
        sample_slot(&facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, NOW - LONG_AGO, end);
    if (scene->next)
        sample_slot(&facts, SLOT_NEXT, SAMPLE_NEXT, NOW - LONG_AGO, end);
    for (size_t i = 0; i < SERVERS; i++)
        sample_server(&facts, names[i], i < 2 ? "Berlin" : "Paris", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    facts.attribute_changed = scene->changed < 0 ? 0 : NOW - (scene->changed != 0 ? scene->changed : LONG_AGO);
    probed.servers = need(calloc(SERVERS, sizeof(*probed.servers)));
    probed.server_count = SERVERS;
    for (size_t i = 0; i < SERVERS; i++)
        add_answer(&probed.servers[i], names[i], &scene->said[i]);
    probed.certificates = need(calloc(2, sizeof(*probed.certificates)));
    probed.certificates[0] = certificate_of("mail.contoso.test");
    probed.certificates[1] = certificate_of(MADE_NAME);
    probed.certificate_count = 2;
    foreign = probed.certificates[0];
    old = probed.certificates[1];
}

static void judge(const struct scene *scene) {
    set(scene);
    probed_judge(&probed, NULL, NOW, &facts);
}

static enum presence presence(size_t server, enum slot slot) {
    return facts.servers[server].presence[slot];
}

#define GOOD                                                                                                           \
    {                                                                                                                  \
        .outcome = PROBED_READ, .lists = { SAMPLE_CURRENT }                                                            \
    }
#define WITHOUT                                                                                                        \
    { .outcome = PROBED_READ }

static void test_presence(void **state) {
    const struct {
        struct scene scene;
        enum presence expected; /* of current on the second server */
    } cases[] = {
        {{.said = {GOOD, GOOD, GOOD}}, PRESENCE_PRESENT},
        {{.said = {GOOD, WITHOUT, GOOD}}, PRESENCE_MISSING},
        {{.said = {GOOD, WITHOUT, GOOD}, .changed = 25 * HOUR + 1}, PRESENCE_MISSING},
        {{.said = {GOOD, WITHOUT, GOOD}, .changed = 25 * HOUR}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, WITHOUT, GOOD}, .changed = -1}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, WITHOUT, GOOD}, .ends = 12 * HOUR + 1}, PRESENCE_MISSING},
        /* West of Greenwich a server may take it for ended already, and lists it no more. */
        {{.said = {GOOD, WITHOUT, GOOD}, .ends = 12 * HOUR}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, WITHOUT, GOOD}, .ends = -1}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, WITHOUT, GOOD}, .unknown = true}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, {.outcome = PROBED_UNCLEAR}, GOOD}}, PRESENCE_UNKNOWN},
        {{.said = {GOOD, {.outcome = PROBED_UNREACHABLE}, GOOD}}, PRESENCE_UNREACHABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i].scene);
        assert_true(facts.probed);
        assert_int_equal(presence(0, SLOT_CURRENT), PRESENCE_PRESENT);
        if (presence(1, SLOT_CURRENT) != cases[i].expected)
            fail_msg("case %zu: %s", i, presence_name(presence(1, SLOT_CURRENT)));
        assert_int_equal(facts.servers[1].serves[SLOT_CURRENT], cases[i].expected == PRESENCE_PRESENT);
    }
    assert_int_equal(facts.servers[1].reached, ANSWER_NO);
    assert_string_equal(facts.servers[1].trouble, "the connection was refused");
    assert_int_equal(facts.servers[0].reached, ANSWER_YES);
    assert_null(facts.servers[0].trouble);
}

/* Documents do not list next, so one without it says nothing; previous they do. */
static void test_other_slots(void **state) {
    (void)state;
    judge(&(struct scene){.said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT, SAMPLE_PREVIOUS}}},
                          .previous = true,
                          .next = true});
    assert_int_equal(presence(0, SLOT_PREVIOUS), PRESENCE_MISSING);
    assert_int_equal(presence(1, SLOT_PREVIOUS), PRESENCE_PRESENT);
    assert_int_equal(presence(0, SLOT_NEXT), PRESENCE_UNKNOWN);
    assert_int_equal(presence(2, SLOT_NEXT), PRESENCE_UNREACHABLE);
    assert_int_equal(presence(2, SLOT_PREVIOUS), PRESENCE_UNREACHABLE);
}

static void test_what_is_put_aside(void **state) {
    const struct {
        struct scene scene;
        const char *trouble;
    } cases[] = {
        {{.said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "fabrikam.test"}, GOOD},
          .realm = "CONTOSO.test"},
         "is of the realm \"fabrikam.test\""},
        {{.said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "fabrikam.test"}, GOOD}},
         "is of the realm \"fabrikam.test\""},
        {{.said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .service = "another"}, GOOD}},
         "the service name \"another\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i].scene);
        assert_int_equal(presence(0, SLOT_CURRENT), PRESENCE_PRESENT);
        assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_UNKNOWN);
        assert_false(facts.servers[1].serves[SLOT_CURRENT]);
        assert_int_equal(facts.servers[1].reached, ANSWER_YES);
        assert_non_null(strstr(facts.servers[1].trouble, cases[i].trouble));
        assert_int_equal(facts.remarks.count, i == 1 ? 1 : 0);
    }
}

/* One document contradicts another; what it leaves out contradicts nothing. */
static void test_a_document_without_names_is_taken(void **state) {
    struct scene scene = {
        .said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "", .service = ""}, GOOD}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        scene.realm = i == 0 ? NULL : "CONTOSO.test";
        judge(&scene);
        assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_PRESENT);
        assert_int_equal(facts.remarks.count, 0);
    }
}

static void test_nobody_is_believed_where_no_realm_has_most(void **state) {
    (void)state;
    judge(
        &(struct scene){.said = {GOOD, {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "fabrikam.test"}}});
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(presence(i, SLOT_CURRENT), PRESENCE_UNKNOWN);
        assert_non_null(strstr(facts.servers[i].trouble, "names the realm"));
    }
    assert_int_equal(facts.remarks.count, 1);
}

static void test_unnamed_certificates(void **state) {
    struct scene scene = {.said = {GOOD, GOOD, GOOD}};
    char print[THUMBPRINT_SIZE];

    (void)state;
    set(&scene);
    memcpy(print, foreign->thumbprint, THUMBPRINT_SIZE);
    scene.said[1].lists[1] = print;
    judge(&scene);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_UNKNOWN);
    assert_non_null(strstr(facts.servers[1].trouble, "no auth certificate of this organization: CN=mail.contoso.test"));
    assert_int_equal(facts.remarks.count, 0);

    /* The candidate may look as it will: it is ours. */
    set(&scene);
    memcpy(facts.candidate.thumbprint, print, THUMBPRINT_SIZE);
    probed_judge(&probed, NULL, NOW, &facts);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_PRESENT);

    memcpy(print, old->thumbprint, THUMBPRINT_SIZE);
    judge(&scene);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_PRESENT);
    assert_int_equal(facts.remarks.count, 1);
    assert_non_null(strstr(facts.remarks.items[0].text, print));
    assert_non_null(strstr(facts.remarks.items[0].text, "served by ex2.contoso.test,"));
    scene.changed = 25 * HOUR;
    judge(&scene);
    assert_int_equal(facts.remarks.count, 0);
}

static void test_clocks(void **state) {
    const struct {
        int64_t ahead;
        bool off;
    } cases[] = {{86400, false}, {86401, true}, {-86400, false}, {-86401, true}};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int outcome = PROBED_UNCLEAR; outcome <= PROBED_READ; outcome++) {
            struct scene scene = {.said = {GOOD, GOOD, GOOD}};

            scene.said[2].ahead = cases[i].ahead;
            scene.said[2].outcome = (enum probed_outcome)outcome;
            judge(&scene);
            assert_false(facts.servers_clocks_off);
            assert_int_equal(facts.servers[2].clock_ahead, cases[i].off ? cases[i].ahead : 0);
            assert_int_equal(facts.servers[0].clock_ahead, 0);
            scene.said[1].ahead = cases[i].ahead;
            judge(&scene);
            assert_int_equal(facts.servers_clocks_off, cases[i].off && outcome == PROBED_READ);
        }
}

/* The median of those whose documents are good: what a put-aside or failed answer says of the time is not heard. */
static void test_the_median_clock(void **state) {
    const struct {
        int64_t ahead[3];
        int unclear; /* so many of the last give no good document */
        bool off;
    } cases[] = {{{90000, 90000, 90000}, 0, true},  {{90000, 90000, 0}, 0, true},     {{90000, -90000, 0}, 0, false},
                 {{90000, -90000, 90000}, 0, true}, {{90000, 0, 0}, 1, false},        {{90000, 90000, 0}, 1, true},
                 {{90000, -90000, 0}, 1, false},    {{90000, 90000, 90000}, 2, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene = {.said = {GOOD, GOOD, GOOD}};

        for (int server = 0; server < 3; server++) {
            scene.said[server].ahead = cases[i].ahead[server];
            if (server >= 3 - cases[i].unclear)
                scene.said[server].outcome = PROBED_UNCLEAR;
        }
        judge(&scene);
        assert_int_equal(facts.servers_clocks_off, cases[i].off);
    }
    /* Another organization's documents. */
    judge(&(struct scene){
        .said = {GOOD,
                 {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "a.test", .ahead = 90000},
                 {.outcome = PROBED_READ, .lists = {SAMPLE_CURRENT}, .realm = "b.test", .ahead = 90000}}});
    assert_false(facts.servers_clocks_off);
}

static void test_where_bytes_come_from(void **state) {
    (void)state;
    set(&(struct scene){.said = {GOOD}, .unknown = true});
    memcpy(facts.slots.thumbprint[SLOT_CURRENT], old->thumbprint, THUMBPRINT_SIZE);
    probed_fill(&probed, &facts);
    assert_int_equal(facts.slot[SLOT_CURRENT].source, SOURCE_METADATA);
    assert_string_equal(facts.slot[SLOT_CURRENT].certificate->thumbprint, old->thumbprint);
    facts.slot[SLOT_CURRENT].source = SOURCE_IMPORT;
    probed_fill(&probed, &facts);
    assert_int_equal(facts.slot[SLOT_CURRENT].source, SOURCE_METADATA);
    facts.slot[SLOT_CURRENT].source = SOURCE_STORE;
    probed_fill(&probed, &facts);
    assert_int_equal(facts.slot[SLOT_CURRENT].source, SOURCE_STORE);
}

/* A directory whose whenChanged stands still cannot say that the pair is older than a look which saw another. */
static void test_history_proves_a_change(void **state) {
    struct history history = {.pair.since = NOW - 2 * HOUR, .pair.seen = NOW - HOUR, .pair.after = NOW - 20 * HOUR};

    (void)state;
    set(&(struct scene){.said = {GOOD, WITHOUT, GOOD}});
    memcpy(history.pair.current, facts.slots.thumbprint[SLOT_CURRENT], THUMBPRINT_SIZE);
    probed_judge(&probed, &history, NOW, &facts);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_UNKNOWN);
    set(&(struct scene){.said = {GOOD, WITHOUT, GOOD}});
    history.pair.after = NOW - 26 * HOUR;
    probed_judge(&probed, &history, NOW, &facts);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_MISSING);
    set(&(struct scene){.said = {GOOD, WITHOUT, GOOD}, .changed = -1});
    probed_judge(&probed, &history, NOW, &facts);
    assert_int_equal(presence(1, SLOT_CURRENT), PRESENCE_UNKNOWN);
}

static enum presence after_delivery(const struct scene *scene, bool present, time_t at) {
    struct history history = {0};
    struct strings tried = {0};
    struct policy policy;

    policy_default(&policy);
    judge(scene);
    assert_true(deliveries_note(&history.deliveries, SAMPLE_CURRENT, "EX2.contoso.test", present, at, NULL));
    delivered_apply(&history, &policy, &tried, NOW, &facts);
    history_free(&history);
    return presence(1, SLOT_CURRENT);
}

static void test_documents_and_deliveries(void **state) {
    const struct scene without = {.said = {GOOD, WITHOUT, GOOD}};
    const struct scene young = {.said = {GOOD, WITHOUT, GOOD}, .changed = HOUR};
    const struct scene with = {.said = {GOOD, GOOD, GOOD}};
    const struct scene away = {.said = {GOOD, {.outcome = PROBED_UNREACHABLE}, GOOD}};

    (void)state;
    assert_int_equal(after_delivery(&without, true, NOW - 25 * HOUR), PRESENCE_PRESENT);
    assert_int_equal(after_delivery(&without, true, NOW - 25 * HOUR - 1), PRESENCE_MISSING);
    assert_int_equal(after_delivery(&without, true, 0), PRESENCE_MISSING);
    assert_int_equal(after_delivery(&young, true, 0), PRESENCE_PRESENT);
    assert_int_equal(after_delivery(&young, false, NOW), PRESENCE_MISSING);
    assert_int_equal(after_delivery(&with, false, NOW), PRESENCE_PRESENT);
    assert_int_equal(after_delivery(&away, true, 0), PRESENCE_PRESENT);
    assert_int_equal(after_delivery(&away, false, 0), PRESENCE_MISSING);
}

static void test_cut_off_sites(void **state) {
    const struct scene away = {.said = {GOOD, {.outcome = PROBED_UNREACHABLE}}};
    struct text text = {0};

    (void)state;
    judge(&(struct scene){.said = {GOOD, {.outcome = PROBED_UNREACHABLE}, {.outcome = PROBED_UNCLEAR}}});
    assert_false(sites_cut_off(&facts));
    judge(&away);
    assert_true(sites_cut_off(&facts));
    sites_add_cut_off(&facts, &text);
    assert_string_equal(text.value, "Paris (ex3.contoso.test)");
    text_free(&text);
    assert_false(sites_candidate_enough(&facts, CONFIRM_ONE_PER_SITE));
    facts.servers[1].candidate = PRESENCE_PRESENT;
    assert_true(sites_candidate_enough(&facts, CONFIRM_ONE_PER_SITE));
    assert_false(sites_candidate_enough(&facts, CONFIRM_ALL));
    assert_true(sites_candidate_enough(&facts, CONFIRM_ANY));
    assert_false(facts_candidate_enough(&facts, CONFIRM_ONE_PER_SITE));
    facts.servers[0].candidate = PRESENCE_PRESENT;
    assert_true(sites_candidate_enough(&facts, CONFIRM_ALL));
    facts.servers[2].counted = false;
    assert_false(sites_cut_off(&facts));
    facts.servers[2].counted = true;
    facts.probed = false;
    assert_false(sites_cut_off(&facts));
}

/* No site is waited for that cannot be reached, but only where current is of no use any more. */
static void test_an_emergency_does_not_wait(void **state) {
    const struct scene away = {.said = {GOOD, GOOD}};
    const struct scene ended = {.said = {GOOD, GOOD}, .ends = -1};
    const struct scene *const scenes[] = {&away, &ended};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct history history = {0};
        struct strings tried = {0};
        struct policy policy;

        policy_default(&policy);
        judge(scenes[i]);
        memcpy(facts.candidate.thumbprint, SAMPLE_NEXT, THUMBPRINT_SIZE);
        assert_true(deliveries_note(&history.deliveries, SAMPLE_NEXT, names[0], true, NOW, NULL));
        delivered_apply(&history, &policy, &tried, NOW, &facts);
        assert_int_equal(facts.candidate.delivery, i == 0 ? DELIVERY_WAITING : DELIVERY_ENOUGH);
        history_free(&history);
    }
}

static bool nobody(void *context, const struct strings *servers, const struct progress_port *progress,
                   struct probed *ret_probed, struct error *err) {
    (void)progress;
    size_t *asked = context;

    (void)ret_probed;
    *asked += servers->count;
    return error_set(err, ERROR_LOCAL, "there is no libcurl");
}

static void test_who_is_asked(void **state) {
    size_t asked = 0;
    const struct servers_port port = {.context = &asked, .ask = nobody}, none = {0};
    const struct progress_port silent = {0};
    struct probed nothing = {0};
    struct error err;

    (void)state;
    set(&(struct scene){.said = {GOOD}});
    facts.servers[1].counted = false;
    assert_true(probed_ask(&none, &silent, &facts, &nothing, &err));
    assert_false(probed_ask(&port, &silent, &facts, &nothing, &err));
    assert_int_equal(asked, 2);
    facts.read = false;
    assert_true(probed_ask(&port, &silent, &facts, &nothing, &err));
    facts.read = true;
    facts.servers[0].counted = facts.servers[2].counted = false;
    assert_true(probed_ask(&port, &silent, &facts, &nothing, &err));
    assert_int_equal(asked, 2);
    probed_judge(&nothing, NULL, NOW, &facts);
    assert_false(facts.probed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presence),
        cmocka_unit_test(test_other_slots),
        cmocka_unit_test(test_what_is_put_aside),
        cmocka_unit_test(test_a_document_without_names_is_taken),
        cmocka_unit_test(test_nobody_is_believed_where_no_realm_has_most),
        cmocka_unit_test(test_unnamed_certificates),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_the_median_clock),
        cmocka_unit_test(test_where_bytes_come_from),
        cmocka_unit_test(test_history_proves_a_change),
        cmocka_unit_test(test_documents_and_deliveries),
        cmocka_unit_test(test_cut_off_sites),
        cmocka_unit_test(test_an_emergency_does_not_wait),
        cmocka_unit_test(test_who_is_asked),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    clear();
    return failed;
}
