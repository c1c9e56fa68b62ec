#include "ldap/write/descriptor.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HEADER_SIZE 20
#define SELF_RELATIVE 0x8000u
#define DACL_PROTECTED 0x1000u
#define DACL_PRESENT 0x0004u

#define ACL_HEADER_SIZE 8
#define ACL_REVISION 2
#define ACL_REVISION_DS 4 /* may hold object entries */

#define ACE_HEADER_SIZE 8 /* with the access mask */
#define ACE_ALLOWED 0
#define ACE_DENIED 1
#define ACE_ALLOWED_OBJECT 5
#define ACE_DENIED_OBJECT 6
#define OBJECT_TYPE_PRESENT 1u
#define INHERITED_TYPE_PRESENT 2u
#define INHERIT_ONLY 0x08u
#define GENERIC_READ 0x80000000u
#define GENERIC_ALL 0x10000000u

/* Rights ([MS-ADTS] 5.1.3.2). */
#define FULL_CONTROL 0x000F01FFu
#define LIST_CHILDREN 0x00000004u
#define READ_PROPERTY 0x00000010u
#define WRITE_PROPERTY 0x00000020u
#define LIST_OBJECT 0x00000080u
#define READ_CONTROL 0x00020000u

#define SID_HEADER_SIZE 8
#define SUBAUTHORITIES_MOST 15
#define SUBAUTHORITY_SIZE 4
#define DOMAIN_SUBAUTHORITIES 4 /* 21 and three numbers that make the domain unlike any other */
#define RID_DOMAIN_ADMINS 512u
#define RID_ENTERPRISE_ADMINS 519u

static const struct sid system_sid = {{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, 12};
static const struct sid administrators_sid = {{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}, 16};

static uint32_t get16(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at) {
    return get16(at) | get16(at + 2) << 16;
}

static void put16(unsigned char *at, uint32_t value) {
    at[0] = (unsigned char)(value & 0xFF);
    at[1] = (unsigned char)(value >> 8 & 0xFF);
}

static void put32(unsigned char *at, uint32_t value) {
    put16(at, value & 0xFFFF);
    put16(at + 2, value >> 16);
}

/* The SID at the front of the bytes. */
static bool sid_take(const unsigned char *data, size_t length, struct sid *ret_sid) {
    size_t size;

    if (length < SID_HEADER_SIZE || data[0] != 1 || data[1] == 0 || data[1] > SUBAUTHORITIES_MOST)
        return false;
    size = SID_HEADER_SIZE + (size_t)data[1] * SUBAUTHORITY_SIZE;
    if (size > length)
        return false;
    *ret_sid = (struct sid){.length = size};
    memcpy(ret_sid->bytes, data, size);
    return true;
}

bool sid_parse(const void *data, size_t length, struct sid *ret_sid) {
    struct sid sid;

    if (data == NULL || !sid_take(data, length, &sid) || sid.length != length)
        return false;
    *ret_sid = sid;
    return true;
}

char *sid_format(const struct sid *sid, char out[SID_TEXT_SIZE]) {
    uint64_t authority = 0;
    size_t used;

    for (size_t i = 2; i < SID_HEADER_SIZE; i++)
        authority = authority << 8 | sid->bytes[i];
    used = (size_t)snprintf(out, SID_TEXT_SIZE, "S-1-%" PRIu64, authority);
    for (size_t at = SID_HEADER_SIZE; at < sid->length && used < SID_TEXT_SIZE; at += SUBAUTHORITY_SIZE)
        used += (size_t)snprintf(out + used, SID_TEXT_SIZE - used, "-%" PRIu32, get32(sid->bytes + at));
    return out;
}

/* The domain's SID is that of each of its accounts without the last number. */
static bool of_domain(const struct sid *sid, size_t subauthorities) {
    static const unsigned char begin[] = {0, 0, 0, 0, 0, 5, 21, 0, 0, 0};

    return sid->length == SID_HEADER_SIZE + subauthorities * SUBAUTHORITY_SIZE &&
           memcmp(sid->bytes + 2, begin, sizeof(begin)) == 0;
}

static struct sid member(const struct sid *of, uint32_t rid) {
    struct sid sid = *of;

    sid.bytes[1] = DOMAIN_SUBAUTHORITIES + 1;
    sid.length = SID_HEADER_SIZE + (DOMAIN_SUBAUTHORITIES + 1) * SUBAUTHORITY_SIZE;
    put32(sid.bytes + sid.length - SUBAUTHORITY_SIZE, rid);
    return sid;
}

bool principals_of(const struct sid *account, const struct sid *root_domain, struct principals *ret_principals) {
    if (!of_domain(account, DOMAIN_SUBAUTHORITIES + 1) ||
        (root_domain != NULL && !of_domain(root_domain, DOMAIN_SUBAUTHORITIES)))
        return false;
    *ret_principals = (struct principals){
        .sids = {*account, system_sid, administrators_sid, member(account, RID_DOMAIN_ADMINS),
                 member(root_domain != NULL ? root_domain : account, RID_ENTERPRISE_ADMINS)},
        .count = PRINCIPALS_MOST,
    };
    return true;
}

static bool is_one_of(const struct sid *sid, const struct principals *principals) {
    for (size_t i = 0; i < principals->count; i++)
        if (sid->length == principals->sids[i].length &&
            memcmp(sid->bytes, principals->sids[i].bytes, sid->length) == 0)
            return true;
    return false;
}

size_t descriptor_build(const struct principals *principals, unsigned char out[DESCRIPTOR_SIZE_MOST]) {
    size_t used = HEADER_SIZE + ACL_HEADER_SIZE;

    memset(out, 0, DESCRIPTOR_SIZE_MOST);
    out[0] = 1;
    put16(out + 2, SELF_RELATIVE | DACL_PROTECTED | DACL_PRESENT);
    put32(out + 16, HEADER_SIZE);
    for (size_t i = 0; i < principals->count; i++) {
        const struct sid *sid = &principals->sids[i];
        unsigned char *ace = out + used;

        ace[0] = ACE_ALLOWED;
        put16(ace + 2, (uint32_t)(ACE_HEADER_SIZE + sid->length));
        put32(ace + 4,
              i == 0 ? LIST_CHILDREN | READ_PROPERTY | WRITE_PROPERTY | LIST_OBJECT | READ_CONTROL : FULL_CONTROL);
        memcpy(ace + ACE_HEADER_SIZE, sid->bytes, sid->length);
        used += ACE_HEADER_SIZE + sid->length;
    }
    out[HEADER_SIZE] = ACL_REVISION;
    put16(out + HEADER_SIZE + 2, (uint32_t)(used - HEADER_SIZE));
    put16(out + HEADER_SIZE + 4, (uint32_t)principals->count);
    return used;
}

static bool garbled(struct error *err) {
    return error_set(err, ERROR_DIRECTORY, "its security descriptor cannot be understood");
}

/* Whom an entry of `size` bytes that allows or denies something is about. */
static bool trustee(const unsigned char *ace, size_t size, struct sid *ret_sid) {
    size_t at = ACE_HEADER_SIZE;

    if (ace[0] == ACE_ALLOWED_OBJECT || ace[0] == ACE_DENIED_OBJECT) {
        uint32_t flags;

        if (size < at + 4)
            return false;
        flags = get32(ace + at);
        at += 4;
        at += (flags & OBJECT_TYPE_PRESENT) != 0 ? GUID_SIZE : 0;
        at += (flags & INHERITED_TYPE_PRESENT) != 0 ? GUID_SIZE : 0;
    }
    return at < size && sid_parse(ace + at, size - at, ret_sid);
}

static bool entry_is_closed(const unsigned char *ace, size_t size, const struct principals *principals,
                            struct error *err) {
    char text[SID_TEXT_SIZE];
    struct sid sid;

    if (ace[0] == ACE_DENIED || ace[0] == ACE_DENIED_OBJECT)
        return true;
    if (ace[0] != ACE_ALLOWED && ace[0] != ACE_ALLOWED_OBJECT)
        return error_set(err, ERROR_DIRECTORY, "its access list has an entry of the unknown kind %u", (unsigned)ace[0]);
    if (!trustee(ace, size, &sid))
        return garbled(err);
    return is_one_of(&sid, principals) ||
           error_set(err, ERROR_DIRECTORY, "its access list lets %s at it too", sid_format(&sid, text));
}

/* The entries of an access list, one after the other. */
struct list {
    const unsigned char *acl;
    size_t size, count;
    size_t at; /* of the next one */
};

/* `length`: from the list's begin to the descriptor's end. */
static bool list_begin(const unsigned char *acl, size_t length, struct list *ret_list) {
    struct list list = {.acl = acl, .at = ACL_HEADER_SIZE};

    if (length < ACL_HEADER_SIZE || (acl[0] != ACL_REVISION && acl[0] != ACL_REVISION_DS))
        return false;
    list.size = get16(acl + 2);
    list.count = get16(acl + 4);
    if (list.size < ACL_HEADER_SIZE || list.size > length)
        return false;
    *ret_list = list;
    return true;
}

/* False when it does not lie in the list. */
static bool list_next(struct list *list, const unsigned char **ret_entry, size_t *ret_size) {
    size_t size;

    if (list->size - list->at < ACE_HEADER_SIZE)
        return false;
    size = get16(list->acl + list->at + 2);
    if (size < ACE_HEADER_SIZE || size > list->size - list->at)
        return false;
    *ret_entry = list->acl + list->at;
    *ret_size = size;
    list->at += size;
    return true;
}

static bool list_is_closed(const unsigned char *acl, size_t length, const struct principals *principals,
                           struct error *err) {
    struct list list;
    const unsigned char *entry;
    size_t size;

    if (!list_begin(acl, length, &list))
        return garbled(err);
    for (size_t i = 0; i < list.count; i++) {
        if (!list_next(&list, &entry, &size))
            return garbled(err);
        if (!entry_is_closed(entry, size, principals, err))
            return false;
    }
    return true;
}

bool descriptor_is_closed(const void *data, size_t length, const struct principals *principals, struct error *err) {
    const unsigned char *bytes = data;
    char text[SID_TEXT_SIZE];
    uint32_t control;
    size_t owner_at, list_at;
    struct sid owner;

    if (bytes == NULL || length < HEADER_SIZE || length > DESCRIPTOR_READ_MOST || bytes[0] != 1)
        return garbled(err);
    control = get16(bytes + 2);
    owner_at = get32(bytes + 4);
    list_at = get32(bytes + 16);
    if ((control & SELF_RELATIVE) == 0 || owner_at < HEADER_SIZE || owner_at >= length ||
        !sid_take(bytes + owner_at, length - owner_at, &owner))
        return garbled(err);
    if (!is_one_of(&owner, principals))
        return error_set(err, ERROR_DIRECTORY, "its owner is %s, who can open it to anybody", sid_format(&owner, text));
    if ((control & DACL_PRESENT) == 0 || list_at == 0)
        return error_set(err, ERROR_DIRECTORY, "it has no access list, so everybody may read it");
    if (list_at < HEADER_SIZE || list_at >= length)
        return garbled(err);
    if (!list_is_closed(bytes + list_at, length - list_at, principals, err))
        return false;
    return (control & DACL_PROTECTED) != 0 ||
           error_set(err, ERROR_DIRECTORY, "its access list inherits from the container, and can be widened there");
}

/* Is an entry about reading this attribute? One without a type is about all of them. */
static bool is_about(const unsigned char *ace, size_t size, const struct attribute_guids *guids) {
    bool object = ace[0] == ACE_ALLOWED_OBJECT || ace[0] == ACE_DENIED_OBJECT;
    const unsigned char *type = ace + ACE_HEADER_SIZE + 4;

    if ((ace[1] & INHERIT_ONLY) != 0 || (get32(ace + 4) & (READ_PROPERTY | GENERIC_READ | GENERIC_ALL)) == 0)
        return false;
    if (!object || size < ACE_HEADER_SIZE + 4 || (get32(ace + ACE_HEADER_SIZE) & OBJECT_TYPE_PRESENT) == 0)
        return true;
    if (size < ACE_HEADER_SIZE + 4 + GUID_SIZE)
        return true;
    return memcmp(type, guids->attribute, GUID_SIZE) == 0 ||
           (guids->in_set && memcmp(type, guids->set, GUID_SIZE) == 0);
}

static enum answer list_lets_read(const unsigned char *acl, size_t length, const struct sid *token, size_t count,
                                  const struct attribute_guids *guids) {
    struct list list;
    const unsigned char *entry;
    size_t size;

    if (!list_begin(acl, length, &list))
        return ANSWER_UNKNOWN;
    for (size_t i = 0; i < list.count; i++) {
        struct sid sid;

        if (!list_next(&list, &entry, &size))
            return ANSWER_UNKNOWN;
        if (!is_about(entry, size, guids))
            continue;
        if (entry[0] != ACE_ALLOWED && entry[0] != ACE_ALLOWED_OBJECT && entry[0] != ACE_DENIED &&
            entry[0] != ACE_DENIED_OBJECT)
            return ANSWER_UNKNOWN;
        if (!trustee(entry, size, &sid))
            return ANSWER_UNKNOWN;
        for (size_t j = 0; j < count; j++)
            if (sid.length == token[j].length && memcmp(sid.bytes, token[j].bytes, sid.length) == 0)
                return entry[0] == ACE_ALLOWED || entry[0] == ACE_ALLOWED_OBJECT ? ANSWER_YES : ANSWER_NO;
    }
    return ANSWER_NO;
}

enum answer descriptor_lets_read(const void *data, size_t length, const struct sid *token, size_t count,
                                 const struct attribute_guids *guids) {
    const unsigned char *bytes = data;
    size_t list_at;

    if (bytes == NULL || length < HEADER_SIZE || length > DESCRIPTOR_READ_MOST || bytes[0] != 1 ||
        (get16(bytes + 2) & SELF_RELATIVE) == 0)
        return ANSWER_UNKNOWN;
    list_at = get32(bytes + 16);
    if ((get16(bytes + 2) & DACL_PRESENT) == 0 || list_at == 0)
        return ANSWER_YES;
    if (list_at < HEADER_SIZE || list_at >= length)
        return ANSWER_UNKNOWN;
    return list_lets_read(bytes + list_at, length - list_at, token, count, guids);
}
