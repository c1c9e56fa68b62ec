#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/facts.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define BEGIN 1000
#define END 2000

static struct certificate usable(void) {
    return (struct certificate){
        .thumbprint = A, .not_before = BEGIN, .not_after = END, .rsa = true, .key_bits = CERTIFICATE_KEY_BITS};
}

static enum slot_state state_with(struct certificate *certificate, time_t at) {
    struct facts facts = {.slots = {.thumbprint = {A}}};

    facts.slot[SLOT_CURRENT].certificate = certificate;
    return facts_slot_state(&facts, SLOT_CURRENT, at);
}

static void judges_a_slot(void **state) {
    struct certificate certificate = usable();
    struct facts empty = {0};

    (void)state;
    assert_int_equal(facts_slot_state(&empty, SLOT_NEXT, BEGIN), SLOT_EMPTY);
    assert_int_equal(state_with(NULL, BEGIN), SLOT_UNKNOWN);
    assert_int_equal(state_with(&certificate, BEGIN - 1), SLOT_UNUSABLE);
    assert_int_equal(state_with(&certificate, BEGIN), SLOT_USABLE);
    assert_int_equal(state_with(&certificate, END - 1), SLOT_USABLE);
    assert_int_equal(state_with(&certificate, END), SLOT_UNUSABLE);

    certificate.key_bits = CERTIFICATE_KEY_BITS - 1;
    assert_int_equal(state_with(&certificate, BEGIN), SLOT_UNUSABLE);
    certificate = usable();
    certificate.rsa = false;
    assert_int_equal(state_with(&certificate, BEGIN), SLOT_UNUSABLE);
    certificate = usable();
    memcpy(certificate.thumbprint, B, sizeof(B));
    assert_int_equal(state_with(&certificate, BEGIN), SLOT_UNKNOWN);
}

/* "site:presence" with p, m, r (unreachable), u; a capital letter is a server that is not counted. */
struct row {
    const char *servers[6];
    enum answer held;
};

static const struct row rows[] = {
    {{NULL}, ANSWER_UNKNOWN},
    {{"one:P"}, ANSWER_UNKNOWN},
    {{"one:M"}, ANSWER_UNKNOWN},
    {{"one:p"}, ANSWER_YES},
    {{"one:m"}, ANSWER_NO},
    {{"one:r"}, ANSWER_UNKNOWN},
    {{"one:u"}, ANSWER_UNKNOWN},
    {{"one:p", "one:m"}, ANSWER_YES},
    {{"one:m", "one:m", "two:m"}, ANSWER_NO},
    {{"one:m", "two:r"}, ANSWER_UNKNOWN},
    {{"one:m", "two:u"}, ANSWER_UNKNOWN},
    {{"one:m", "one:P"}, ANSWER_NO},
    {{"one:p", "two:m"}, ANSWER_UNKNOWN},
    {{"one:p", "two:M"}, ANSWER_YES},
    {{"one:p", "two:r"}, ANSWER_UNKNOWN},
    {{"one:m", "two:u", "ONE:p", "Two:p"}, ANSWER_YES},
    {{"one:m", "two:m", "one:m", "two:p", "one:p", "two:m"}, ANSWER_YES},
    {{"one:m", "two:m", "three:m", "two:p", "one:p", "two:m"}, ANSWER_UNKNOWN},
    {{":p", "one:m"}, ANSWER_UNKNOWN},
    {{":p", ":u"}, ANSWER_YES},
};

static void fill(struct server_facts *server, const char *spec, char *site, size_t size) {
    const char *colon = strrchr(spec, ':');

    assert_non_null(colon);
    snprintf(site, size, "%.*s", (int)(colon - spec), spec);
    server->site = site;
    server->counted = strchr("pmru", colon[1]) != NULL;
    switch (colon[1] | 0x20) {
    case 'p':
        server->presence[SLOT_NEXT] = PRESENCE_PRESENT;
        break;
    case 'm':
        server->presence[SLOT_NEXT] = PRESENCE_MISSING;
        break;
    case 'r':
        server->presence[SLOT_NEXT] = PRESENCE_UNREACHABLE;
        break;
    default:
        server->presence[SLOT_NEXT] = PRESENCE_UNKNOWN;
    }
}

static void judges_held(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct server_facts servers[6] = {0};
        char sites[6][16];
        struct facts facts = {.servers = servers};

        while (facts.server_count < 6 && rows[i].servers[facts.server_count] != NULL) {
            size_t at = facts.server_count++;

            fill(&servers[at], rows[i].servers[at], sites[at], sizeof(sites[at]));
        }
        print_message("  row %zu\n", i);
        assert_int_equal(facts_held(&facts, SLOT_NEXT), rows[i].held);
        /* The other slots' presence is its own. */
        if (facts_counted(&facts) > 0)
            assert_int_equal(facts_held(&facts, SLOT_CURRENT), ANSWER_UNKNOWN);
    }
}

static void counts_servers(void **state) {
    struct server_facts servers[] = {
        {.counted = true, .presence = {PRESENCE_PRESENT}},
        {.counted = true, .presence = {PRESENCE_MISSING}},
        {.counted = false, .presence = {PRESENCE_PRESENT}},
    };
    struct facts facts = {.servers = servers, .server_count = 3};

    (void)state;
    assert_int_equal(facts_counted(&facts), 2);
    assert_int_equal(facts_count_presence(&facts, SLOT_CURRENT, PRESENCE_PRESENT), 1);
    assert_int_equal(facts_count_presence(&facts, SLOT_CURRENT, PRESENCE_MISSING), 1);
    assert_int_equal(facts_count_presence(&facts, SLOT_NEXT, PRESENCE_UNKNOWN), 2);
}

/* 20,000 servers in one site per hundred: an answer at once, not after hundreds of millions of comparisons. */
static void stays_quick_with_many_servers(void **state) {
    enum { COUNT = 20000, SITES = 200 };
    struct server_facts *servers = calloc(COUNT, sizeof(*servers));
    char(*sites)[16] = calloc(SITES, sizeof(*sites));
    struct facts facts = {.servers = servers, .server_count = COUNT};
    clock_t begin;

    (void)state;
    assert_non_null(servers);
    assert_non_null(sites);
    for (size_t i = 0; i < SITES; i++)
        snprintf(sites[i], sizeof(sites[i]), "site-%zu", i);
    for (size_t i = 0; i < COUNT; i++)
        servers[i] = (struct server_facts){.site = sites[i / (COUNT / SITES)], .counted = true};
    for (size_t i = COUNT / SITES - 1; i < COUNT; i += COUNT / SITES)
        servers[i].presence[SLOT_NEXT] = PRESENCE_PRESENT;
    begin = clock();
    assert_int_equal(facts_held(&facts, SLOT_NEXT), ANSWER_YES);
    assert_true(clock() - begin < 5 * CLOCKS_PER_SEC);
    free(servers);
    free(sites);
}

static char *copy(const char *text) {
    char *value = strdup(text);

    assert_non_null(value);
    return value;
}

/* Everything that facts own; leaks are the sanitizer's to find. */
static void frees_everything(void **state) {
    struct facts facts = {.read = true};

    (void)state;
    facts.directory.uri = copy("uri");
    facts.directory.server = copy("server");
    facts.directory.dn = copy("dn");
    facts.organization = copy("organization");
    facts.realm = copy("");
    facts.service_name = copy("service");
    facts.changed_by = copy("dc");
    facts.raw_values = calloc(1, sizeof(struct bytes));
    facts.certificate_data = calloc(1, sizeof(struct bytes));
    facts.servers = calloc(1, sizeof(struct server_facts));
    assert_non_null(facts.raw_values);
    assert_non_null(facts.certificate_data);
    assert_non_null(facts.servers);
    facts.raw_values[0].data = (unsigned char *)copy("0:");
    facts.raw_count = 1;
    facts.raw_date.data = (unsigned char *)copy("date");
    facts.certificate_data[0].data = (unsigned char *)copy("der");
    facts.certificate_data_count = 1;
    facts.servers[0].fqdn = copy("fqdn");
    facts.servers[0].site = copy("site");
    facts.servers[0].version = copy("version");
    facts.server_count = 1;
    facts.slot[SLOT_NEXT].certificate = calloc(1, sizeof(struct certificate));
    remarks_add(&facts.remarks, "test", "remark");
    facts_free(&facts);
    assert_false(facts.read);
    assert_null(facts.servers);
    facts_free(&facts);
    facts_free(NULL);
}

static void names_as_in_the_contract(void **state) {
    (void)state;
    assert_string_equal(answer_name(ANSWER_UNKNOWN), "unknown");
    assert_string_equal(answer_name(ANSWER_NO), "no");
    assert_string_equal(answer_name(ANSWER_YES), "yes");
    assert_string_equal(source_name(SOURCE_UNKNOWN), "unknown");
    assert_string_equal(source_name(SOURCE_RECORD), "record");
    assert_string_equal(source_name(SOURCE_ATTRIBUTE), "attribute");
    assert_string_equal(source_name(SOURCE_STORE), "store");
    assert_string_equal(source_name(SOURCE_METADATA), "metadata");
    assert_string_equal(source_name(SOURCE_IMPORT), "import");
    assert_string_equal(presence_name(PRESENCE_UNKNOWN), "unknown");
    assert_string_equal(presence_name(PRESENCE_PRESENT), "present");
    assert_string_equal(presence_name(PRESENCE_MISSING), "missing");
    assert_string_equal(presence_name(PRESENCE_UNREACHABLE), "unreachable");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_a_slot),    cmocka_unit_test(judges_held),
        cmocka_unit_test(counts_servers),   cmocka_unit_test(stays_quick_with_many_servers),
        cmocka_unit_test(frees_everything), cmocka_unit_test(names_as_in_the_contract),
    };

    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
