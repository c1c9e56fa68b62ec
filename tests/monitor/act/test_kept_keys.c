#include "monitor/act/kept_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/monitor/scene.h"
#include "tests/scratch.h"

#define THUMBPRINT "0123456789ABCDEF0123456789ABCDEF01234567"

static struct facts facts;
static struct policy policy;
static struct kept_key key;

/* A retired pair whose certificate ended long ago, and an organization that is well. */
static int set(void **state) {
    static struct stage stage;
    static const struct scene scene = {.current = ENDS(YEAR)};

    (void)state;
    scene_build(&scene, &stage, &facts);
    policy_default(&policy);
    key = (struct kept_key){.not_before = NOW - 6 * YEAR, .not_after = NOW - 31 * DAY, .key_bits = 2048};
    memcpy(key.thumbprint, THUMBPRINT, sizeof(THUMBPRINT));
    return 0;
}

static void goes_thirty_days_after_its_end(void **state) {
    (void)state;
    assert_true(kept_key_may_go(&key, &facts, false, NOW));
    key.candidate = true;
    assert_true(kept_key_may_go(&key, &facts, false, NOW));
    key.not_after = NOW - 30 * DAY - 1;
    assert_true(kept_key_may_go(&key, &facts, false, NOW));
    key.not_after = NOW - 30 * DAY;
    assert_false(kept_key_may_go(&key, &facts, false, NOW));
    key.not_after = NOW + YEAR;
    assert_false(kept_key_may_go(&key, &facts, false, NOW));
}

static void stays_where_a_slot_names_it(void **state) {
    (void)state;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        set(NULL);
        memcpy(facts.slots.thumbprint[slot], THUMBPRINT, sizeof(THUMBPRINT));
        assert_false(kept_key_may_go(&key, &facts, false, NOW));
        assert_int_equal(kept_key_use_of(&key, &facts, &policy, NOW), KEPT_IN_SLOT);
    }
    set(NULL);
    memcpy(facts.slots.other_next, THUMBPRINT, sizeof(THUMBPRINT));
    assert_false(kept_key_may_go(&key, &facts, false, NOW));
}

static void stays_while_anything_is_unsure(void **state) {
    (void)state;
    assert_false(kept_key_may_go(&key, &facts, true, NOW));
    facts.read = false;
    assert_false(kept_key_may_go(&key, &facts, false, NOW));
    for (unsigned bit = MALFORMED_NO_VALUE; bit <= MALFORMED_HIDDEN; bit <<= 1) {
        set(NULL);
        facts.slots.malformed = bit;
        assert_false(kept_key_may_go(&key, &facts, false, NOW));
    }
}

static void knows_what_a_pair_is_good_for(void **state) {
    (void)state;
    assert_int_equal(kept_key_use_of(&key, &facts, &policy, NOW), KEPT_RETIRED);
    key =
        (struct kept_key){.thumbprint = THUMBPRINT, .candidate = true, .not_before = NOW - 89 * DAY, .key_bits = 2048};
    key.not_after = time_add_span(key.not_before, policy.lifetime);
    assert_int_equal(kept_key_use_of(&key, &facts, &policy, NOW), KEPT_CANDIDATE);
    assert_int_equal(kept_key_use_of(&key, &facts, &policy, NOW + DAY), KEPT_UNUSED);
    policy.key_bits = 3072;
    assert_int_equal(kept_key_use_of(&key, &facts, &policy, NOW), KEPT_UNUSED);
}

static void prunes_the_store_and_nothing_else(void **state) {
    const time_t born[] = {NOW - 6 * YEAR, NOW - 6 * YEAR + DAY, NOW - 4 * YEAR};
    struct keypair pairs[3] = {0};
    struct scratch scratch;
    struct strings removed = {0}, unused = {0};
    struct error err = {0};
    struct keystore store = {0};
    bool is_new = false;

    (void)state;
    scratch_make(&scratch);
    store.state = scratch.folder;
    for (int i = 0; i < 3; i++) {
        assert_true(keypair_make(2048, (struct span){.years = 5}, born[i], &pairs[i], &err));
        assert_true(keystore_import(&store, &pairs[i], &is_new, &err));
    }
    memcpy(facts.slots.thumbprint[SLOT_PREVIOUS], pairs[1].certificate->thumbprint, THUMBPRINT_SIZE);
    assert_true(kept_keys_list_unused(&store, &facts, &policy, NOW, &unused, &err));
    assert_int_equal(unused.count, 2);
    assert_non_null(strstr(unused.items[0], pairs[2].certificate->thumbprint));
    assert_true(kept_keys_prune(&store, &facts, true, NOW, &removed, &err));
    assert_int_equal(removed.count, 0);
    assert_true(kept_keys_prune(&store, &facts, false, NOW, &removed, &err));
    assert_int_equal(removed.count, 1);
    assert_string_equal(removed.items[0], pairs[0].certificate->thumbprint);
    for (int i = 0; i < 3; i++) {
        struct keypair pair = {0};

        assert_int_equal(keystore_open(&store, pairs[i].certificate->thumbprint, &pair, &err), i != 0);
        keypair_free(&pair);
        keypair_free(&pairs[i]);
    }
    strings_free(&removed);
    strings_free(&unused);
    scratch_remove(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(goes_thirty_days_after_its_end, set),
        cmocka_unit_test_setup(stays_where_a_slot_names_it, set),
        cmocka_unit_test_setup(stays_while_anything_is_unsure, set),
        cmocka_unit_test_setup(knows_what_a_pair_is_good_for, set),
        cmocka_unit_test_setup(prunes_the_store_and_nothing_else, set),
    };

    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
