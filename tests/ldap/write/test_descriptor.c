#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ldap/write/descriptor.h"

#define ACCOUNT 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0
#define ROOT 1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0
#define EVERYBODY 1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0 /* S-1-5-11, Authenticated Users */
#define EVERYBODY_LENGTH 12
#define LIST 20 /* where the access list of a built descriptor begins */
#define ENTRIES 28

static const unsigned char account_bytes[] = {ACCOUNT, 0x4E, 4, 0, 0};
static const unsigned char root_bytes[] = {ROOT};

struct made {
    unsigned char bytes[1024];
    size_t length;
};

static struct principals principals(void) {
    struct principals principals;
    struct sid account;

    assert_true(sid_parse(account_bytes, sizeof(account_bytes), &account));
    assert_true(principals_of(&account, NULL, &principals));
    return principals;
}

static void append(struct made *made, const void *data, size_t length) {
    assert_true(made->length + length <= sizeof(made->bytes));
    memcpy(made->bytes + made->length, data, length);
    made->length += length;
}

/* What a server gives back for a built one: with an owner behind the list. */
static struct made with_owner(const void *owner, size_t length) {
    struct principals allowed = principals();
    struct made made = {0};

    made.length = descriptor_build(&allowed, made.bytes);
    made.bytes[4] = (unsigned char)(made.length & 0xFF);
    made.bytes[5] = (unsigned char)(made.length >> 8);
    append(&made, owner, length);
    return made;
}

static struct made good(void) {
    return with_owner(account_bytes, sizeof(account_bytes));
}

/* Puts one more entry before the first. */
static struct made with_entry(const unsigned char *entry, size_t length) {
    struct made before = good(), made = before;
    size_t owner = (size_t)before.bytes[4] + (size_t)before.bytes[5] * 256 + length;
    size_t size = (size_t)before.bytes[LIST + 2] + (size_t)before.bytes[LIST + 3] * 256 + length;

    made.length = ENTRIES;
    append(&made, entry, length);
    append(&made, before.bytes + ENTRIES, before.length - ENTRIES);
    made.bytes[4] = (unsigned char)(owner & 0xFF);
    made.bytes[5] = (unsigned char)(owner >> 8);
    made.bytes[LIST] = 4;
    made.bytes[LIST + 2] = (unsigned char)(size & 0xFF);
    made.bytes[LIST + 3] = (unsigned char)(size >> 8);
    made.bytes[LIST + 4]++;
    return made;
}

static void assert_open(const struct made *made, const char *words) {
    struct principals allowed = principals();
    struct error err = {0};

    assert_false(descriptor_is_closed(made->bytes, made->length, &allowed, &err));
    assert_int_equal(err.kind, ERROR_DIRECTORY);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.text, words);
}

static void assert_closed(const struct made *made) {
    struct principals allowed = principals();
    struct error err = {0};

    if (!descriptor_is_closed(made->bytes, made->length, &allowed, &err))
        fail_msg("%s", err.text);
}

static void knows_the_principals(void **state) {
    static const char *const expected[] = {"S-1-5-21-1-2-3-1102", "S-1-5-18", "S-1-5-32-544", "S-1-5-21-1-2-3-512",
                                           "S-1-5-21-7-8-9-519"};
    struct principals found;
    struct sid account, root, other;
    char text[SID_TEXT_SIZE];

    (void)state;
    assert_true(sid_parse(account_bytes, sizeof(account_bytes), &account));
    assert_true(sid_parse(root_bytes, sizeof(root_bytes), &root));
    assert_true(principals_of(&account, &root, &found));
    assert_int_equal(found.count, 5);
    for (size_t i = 0; i < found.count; i++)
        assert_string_equal(sid_format(&found.sids[i], text), expected[i]);
    assert_true(principals_of(&account, NULL, &found));
    assert_string_equal(sid_format(&found.sids[4], text), "S-1-5-21-1-2-3-519");
    assert_true(sid_parse((const unsigned char[]){EVERYBODY}, EVERYBODY_LENGTH, &other));
    assert_false(principals_of(&other, NULL, &found));
    assert_false(principals_of(&account, &other, &found));
    assert_false(principals_of(&root, NULL, &found));
}

static void takes_only_whole_sids(void **state) {
    unsigned char longest[SID_SIZE_MOST + 4] = {1, 15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    char text[SID_TEXT_SIZE];
    struct sid sid;

    (void)state;
    for (size_t length = 0; length < sizeof(account_bytes); length++)
        assert_false(sid_parse(account_bytes, length, &sid));
    assert_false(sid_parse(NULL, 0, &sid));
    memset(longest + 8, 0xFF, sizeof(longest) - 8);
    assert_true(sid_parse(longest, SID_SIZE_MOST, &sid));
    assert_true(strlen(sid_format(&sid, text)) < SID_TEXT_SIZE - 1);
    assert_false(sid_parse(longest, sizeof(longest), &sid));
    longest[1] = 16;
    assert_false(sid_parse(longest, sizeof(longest), &sid));
}

static void what_is_built_is_closed_once_it_has_an_owner(void **state) {
    static const unsigned char everybody[] = {EVERYBODY};
    struct principals allowed = principals();
    struct made made = good();

    (void)state;
    assert_closed(&made);
    for (size_t i = 0; i < allowed.count; i++) {
        made = with_owner(allowed.sids[i].bytes, allowed.sids[i].length);
        assert_closed(&made);
    }
    made = with_owner(everybody, sizeof(everybody));
    assert_open(&made, "owner is S-1-5-11");
    made.length = descriptor_build(&allowed, made.bytes);
    assert_open(&made, "cannot be understood");
}

static void another_s_leave_opens_it(void **state) {
    /* kind, flags, size, mask, who */
    static const unsigned char plain[] = {0, 0, 20, 0, 0x10, 0, 0, 0, EVERYBODY};
    static const unsigned char inherited[] = {0, 0x10, 20, 0, 0x94, 0, 2, 0, EVERYBODY};
    static const unsigned char generic[] = {0, 0, 20, 0, 0, 0, 0, 0x80, EVERYBODY};
    static const unsigned char world[] = {0, 0, 20, 0, 0x10, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    static const unsigned char bare_object[] = {5, 0, 24, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, EVERYBODY};
    static const unsigned char object[] = {5, 0, 40, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 1, 2,        3,
                                           4, 5, 6,  7, 8,    9, 0, 1, 2, 3, 4, 5, 6, EVERYBODY};
    static const unsigned char callback[] = {9, 0, 20, 0, 0x10, 0, 0, 0, EVERYBODY};
    static const unsigned char denied[] = {1, 0, 20, 0, 0x10, 0, 0, 0, EVERYBODY};
    static const unsigned char own_object[] = {5, 0, 40, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, ACCOUNT, 0x4E, 4, 0, 0};
    struct made made;

    (void)state;
#define WITH(entry) (made = with_entry(entry, sizeof(entry)))
    WITH(plain);
    assert_open(&made, "lets S-1-5-11 at it");
    WITH(inherited);
    assert_open(&made, "lets S-1-5-11 at it");
    WITH(generic);
    assert_open(&made, "lets S-1-5-11 at it");
    WITH(world);
    assert_open(&made, "lets S-1-1-0 at it");
    WITH(bare_object);
    assert_open(&made, "lets S-1-5-11 at it");
    WITH(object);
    assert_open(&made, "lets S-1-5-11 at it");
    WITH(callback);
    assert_open(&made, "unknown kind 9");
    WITH(denied);
    assert_closed(&made);
    WITH(own_object);
    assert_closed(&made);
#undef WITH
}

static void no_list_or_one_that_inherits_is_open(void **state) {
    struct made made = good();

    (void)state;
    made.bytes[3] &= 0xEF; /* no longer protected */
    assert_open(&made, "inherits");
    made = good();
    made.bytes[2] = 0; /* no list at all */
    assert_open(&made, "no access list");
    made = good();
    memset(made.bytes + 16, 0, 4);
    assert_open(&made, "no access list");
    made = good();
    made.bytes[3] &= 0x7F; /* not in one piece */
    assert_open(&made, "cannot be understood");
}

static void no_part_is_taken_for_the_whole(void **state) {
    struct made made = good();
    size_t whole = made.length;

    (void)state;
    for (size_t length = 0; length < whole; length++) {
        made.length = length;
        assert_open(&made, "");
    }
    for (size_t at = LIST + 2; at < LIST + 6; at++) { /* the list's size and count */
        made = good();
        made.bytes[at] = 0xFF;
        assert_open(&made, "cannot be understood");
    }
    for (size_t size = 0; size < ENTRIES + 8; size++) {
        made = good();
        made.bytes[ENTRIES + 2] = (unsigned char)size;
        assert_open(&made, "");
    }
    made = good();
    made.bytes[7] = 0xFF; /* the owner far behind the end */
    assert_open(&made, "cannot be understood");
}

#define TYPE 'T'
#define SET 'S'

static enum answer lets(const struct made *made, const struct sid *token, size_t count, bool in_set) {
    struct attribute_guids guids = {.in_set = in_set};

    memset(guids.attribute, TYPE, GUID_SIZE);
    memset(guids.set, SET, GUID_SIZE);
    return descriptor_lets_read(made->bytes, made->length, token, count, &guids);
}

/* An entry about everybody: of this kind, with these flags and this type, 0 = none. */
static struct made with_read(unsigned char kind, unsigned char flags, char type) {
    unsigned char entry[8 + 4 + GUID_SIZE + EVERYBODY_LENGTH] = {kind, flags, 0, 0, 0x10, 0, 0, 0};
    const unsigned char everybody[] = {EVERYBODY};
    size_t at = 8;

    if (kind == 5 || kind == 6) {
        entry[at] = type != 0;
        at += 4;
    }
    if (type != 0) {
        memset(entry + at, type, GUID_SIZE);
        at += GUID_SIZE;
    }
    memcpy(entry + at, everybody, sizeof(everybody));
    at += sizeof(everybody);
    entry[2] = (unsigned char)at;
    return with_entry(entry, at);
}

static void tells_who_may_read(void **state) {
    const struct {
        unsigned char kind, flags;
        char type;
        bool in_set;
        enum answer everybody, account; /* who may read everything by a later entry */
    } cases[] = {
        {0, 0, 0, false, ANSWER_YES, ANSWER_YES},   {1, 0, 0, false, ANSWER_NO, ANSWER_YES},
        {0, 0x0A, 0, false, ANSWER_NO, ANSWER_YES}, {5, 0, TYPE, false, ANSWER_YES, ANSWER_YES},
        {5, 0, 'x', false, ANSWER_NO, ANSWER_YES},  {5, 0, SET, true, ANSWER_YES, ANSWER_YES},
        {5, 0, SET, false, ANSWER_NO, ANSWER_YES},  {6, 0, TYPE, false, ANSWER_NO, ANSWER_YES},
        {6, 0, 'x', false, ANSWER_NO, ANSWER_YES},  {9, 0, 0, false, ANSWER_UNKNOWN, ANSWER_UNKNOWN},
    };
    const unsigned char bytes[] = {EVERYBODY};
    struct sid token[2];

    (void)state;
    assert_true(sid_parse(bytes, sizeof(bytes), &token[0]));
    assert_true(sid_parse(account_bytes, sizeof(account_bytes), &token[1]));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct made made = with_read(cases[i].kind, cases[i].flags, cases[i].type);

        assert_int_equal(lets(&made, &token[0], 1, cases[i].in_set), cases[i].everybody);
        assert_int_equal(lets(&made, &token[1], 1, cases[i].in_set), cases[i].account);
        /* What denies comes first, and holds for whoever has both identities. */
        if (cases[i].kind == 1 || (cases[i].kind == 6 && cases[i].type == TYPE))
            assert_int_equal(lets(&made, token, 2, cases[i].in_set), ANSWER_NO);
    }
}

static void a_part_of_a_list_proves_nothing(void **state) {
    const unsigned char bytes[] = {EVERYBODY};
    struct made made = with_read(5, 0, 'x');
    struct sid nobody;

    (void)state;
    assert_true(sid_parse(bytes, sizeof(bytes), &nobody));
    assert_int_equal(lets(&made, &nobody, 1, false), ANSWER_NO);
    for (made.length--; made.length > 0; made.length--)
        if (made.length < (size_t)made.bytes[4] + (size_t)made.bytes[5] * 256)
            assert_int_equal(lets(&made, &nobody, 1, false), ANSWER_UNKNOWN);
    made.bytes[2] = 0;
    assert_int_equal(descriptor_lets_read(NULL, 0, &nobody, 1, &(struct attribute_guids){0}), ANSWER_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_principals),
        cmocka_unit_test(takes_only_whole_sids),
        cmocka_unit_test(what_is_built_is_closed_once_it_has_an_owner),
        cmocka_unit_test(another_s_leave_opens_it),
        cmocka_unit_test(no_list_or_one_that_inherits_is_open),
        cmocka_unit_test(no_part_is_taken_for_the_whole),
        cmocka_unit_test(tells_who_may_read),
        cmocka_unit_test(a_part_of_a_list_proves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
