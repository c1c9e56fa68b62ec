#include "ldap/read/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/read/names.h"

/* versionNumber of Exchange 2013 and later, and of what comes after version 15. */
#define VERSION_15 1941962752L
#define VERSION_16 1946157056L

#define ROLE_CAFE 1L
#define ROLE_MAILBOX 2L
#define ROLE_EDGE 64L
#define ROLE_PROVISIONED 4096L

#define BUILD_OFFSET 30000
#define VALUE_MOST 1024 /* bytes of an attribute's value that is taken */
#define VERSION_SIZE 64

static bool skip(const char **at, const char *end, const char *text) {
    size_t length = strlen(text);
    bool found = (size_t)(end - *at) >= length && memcmp(*at, text, length) == 0;

    *at += found ? length : 0;
    return found;
}

static bool read_number(const char **at, const char *end, int digits_most, unsigned *ret_number) {
    const char *begin = *at;

    for (; *at < end && **at >= '0' && **at <= '9' && *at - begin < digits_most; (*at)++)
        *ret_number = *ret_number * 10 + (unsigned)(**at - '0');
    return *at > begin;
}

bool server_version_parse(const char *text, size_t length, char *out, size_t size) {
    static const char *const before[] = {"Version ", ".", " (Build ", "."};
    static const int digits[] = {4, 4, 6, 6};
    const char *end = text + length;
    unsigned numbers[4] = {0};

    for (size_t i = 0; i < 4; i++)
        if (!skip(&text, end, before[i]) || !read_number(&text, end, digits[i], &numbers[i]))
            return false;
    if (!skip(&text, end, ")") || text != end)
        return false;
    if (numbers[2] >= BUILD_OFFSET)
        numbers[2] -= BUILD_OFFSET;
    snprintf(out, size, "%u.%u.%u.%u", numbers[0], numbers[1], numbers[2], numbers[3]);
    return true;
}

/* Its name in the ncacn_ip_tcp value of networkAddress; NULL when it has none. */
static char *address_of(const struct entry *entry) {
    static const char prefix[] = "ncacn_ip_tcp:";
    const size_t length = sizeof(prefix) - 1;
    BerVarray values = entry_values(entry, "networkAddress");

    for (size_t i = 0; values && values[i].bv_val; i++)
        if (values[i].bv_len > length && strncasecmp(values[i].bv_val, prefix, length) == 0)
            return text_printable_copy(values[i].bv_val + length, values[i].bv_len - length, VALUE_MOST);
    return NULL;
}

static char *site_of(const struct entry *entry) {
    const struct berval *value = entry_single(entry, "msExchServerSite");
    char *dn = value && value->bv_len <= NAME_DN_MOST ? strndup(value->bv_val, value->bv_len) : NULL;
    char *site = dn ? name_value(dn, 0) : NULL;

    free(dn);
    return site ? site : strdup("");
}

static char *version_of(const struct entry *entry) {
    const struct berval *value = entry_single(entry, "serialNumber");
    char version[VERSION_SIZE] = "";

    if (value && !server_version_parse(value->bv_val, value->bv_len, version, sizeof(version)))
        version[0] = '\0';
    return strdup(version);
}

/* What the entry says about its Exchange: of version 15 or not known to be another, and its roles. */
struct standing {
    bool version_known;
    bool version_15;
    bool roles_known;
    long roles;
};

static struct standing standing_of(const struct entry *entry, const char *version) {
    struct standing standing = {0};
    long number = 0;

    standing.version_known = entry_number(entry, "versionNumber", &number);
    standing.version_15 = standing.version_known && number >= VERSION_15 && number < VERSION_16;
    if (!standing.version_known && version[0]) {
        standing.version_known = true;
        standing.version_15 = strncmp(version, "15.", 3) == 0;
    }
    standing.roles_known = entry_number(entry, "msExchCurrentServerRoles", &standing.roles);
    return standing;
}

bool server_fits(const char *fqdn, const char *entry) {
    size_t label = strcspn(fqdn, ".");

    return strcasecmp(fqdn, entry) == 0 || (strlen(entry) == label && strncasecmp(fqdn, entry, label) == 0);
}

bool server_is_ignored(const char *fqdn, const struct strings *ignore) {
    for (size_t i = 0; ignore && i < ignore->count; i++)
        if (server_fits(fqdn, ignore->items[i]))
            return true;
    return false;
}

static enum answer judge(const struct standing *standing) {
    if (standing->version_known && !standing->version_15)
        return ANSWER_NO;
    if (standing->roles_known &&
        ((standing->roles & (ROLE_EDGE | ROLE_PROVISIONED)) || !(standing->roles & (ROLE_MAILBOX | ROLE_CAFE))))
        return ANSWER_NO;
    return standing->version_known && standing->roles_known ? ANSWER_YES : ANSWER_UNKNOWN;
}

/* Says why one that may hold an auth certificate is not counted; nothing when it is. */
static void remark_left_out(const struct standing *standing, const char *address, const char *name,
                            struct text *remark) {
    if (!standing->version_known)
        text_format(remark, "The Exchange server %s is not counted: the directory does not tell its version.", name);
    else if (!standing->roles_known)
        text_format(remark, "The Exchange server %s is not counted: the directory does not tell its roles.", name);
    else if (!address)
        text_format(remark, "The Exchange server %s is not counted: its networkAddress names no host (ncacn_ip_tcp).",
                    name);
    else if (!text_is_server_name(address))
        text_format(remark,
                    "The Exchange server %s is not counted: its networkAddress \"%s\" is no valid host name "
                    "of another machine.",
                    name, address);
}

bool server_read(const struct entry *entry, const struct strings *ignore, struct server_facts *ret_server,
                 char **ret_remark, struct error *err) {
    struct server_facts server = {0};
    struct text remark = {0};
    char *name = name_value(entry->dn, 0);
    char *address = address_of(entry);
    struct standing standing;
    char *said = NULL;

    server.site = site_of(entry);
    server.version = version_of(entry);
    server.fqdn = address ? strdup(address) : name ? strdup(name) : NULL;
    if (!name || !server.site || !server.version || !server.fqdn)
        goto out;
    standing = standing_of(entry, server.version);
    server.holds = judge(&standing);
    if (server.holds != ANSWER_NO && !server_is_ignored(server.fqdn, ignore)) {
        remark_left_out(&standing, address, name, &remark);
        server.counted = !remark.length && !remark.failed;
    }
    if (remark.failed || (remark.length && !(said = text_take(&remark))))
        goto out;
    free(name);
    free(address);
    *ret_server = server;
    *ret_remark = said;
    return true;
out:
    text_free(&remark);
    free(server.fqdn);
    free(server.site);
    free(server.version);
    free(name);
    free(address);
    return error_memory(err);
}

/* By name, and among the same ones in the directory's order. */
static int compare(const void *one, const void *other) {
    const struct server_facts *const *first = one;
    const struct server_facts *const *second = other;
    int order = strcasecmp((*first)->fqdn, (*second)->fqdn);

    return order != 0 ? order : (*first > *second) - (*first < *second);
}

/* Of entries with one name the counted one comes first. */
static int by_name(const void *left, const void *right) {
    const struct server_facts *one = left;
    const struct server_facts *other = right;
    int order = text_compare_names(one->fqdn, other->fqdn);

    return order != 0 ? order : (int)other->counted - (int)one->counted;
}

void server_sort(struct server_facts *servers, size_t count) {
    if (count > 1)
        qsort(servers, count, sizeof(*servers), by_name);
}

bool server_count_once(struct server_facts *servers, size_t count, struct remarks *remarks, struct error *err) {
    struct server_facts **counted = calloc(count + 1, sizeof(struct server_facts *));
    const char *name = NULL;
    size_t found = 0, again = 0;

    if (!counted)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        if (servers[i].counted)
            counted[found++] = &servers[i];
    qsort(counted, found, sizeof(struct server_facts *), compare);
    for (size_t i = 1; i < found; i++) {
        if (strcasecmp(counted[i]->fqdn, counted[i - 1]->fqdn) != 0)
            continue;
        name = counted[i]->fqdn;
        counted[i]->counted = false;
        again++;
    }
    if (again > 0)
        remarks_add(remarks, "server-twice",
                    "%zu Exchange server%s the host name of another one, such as %s, and %s not counted again: look "
                    "for what is left over from an earlier installation.",
                    again, again == 1 ? " has" : "s have", name, again == 1 ? "is" : "are");
    free(counted);
    return !remarks->failed || error_memory(err);
}
