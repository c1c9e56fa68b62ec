#include "ldap/connect/discover.h"

#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include "ldap/connect/uri.h"

#define NAME_SIZE 1024
#define FOUND_MOST 256 /* records of one answer */
#define SRV_FIXED 6    /* bytes before the target: priority, weight, port */

bool discover_below(const char *host, const char *domain) {
    size_t length = strlen(host), tail = strlen(domain);

    return length > tail + 1 && host[length - tail - 1] == '.' && strcasecmp(host + length - tail, domain) == 0;
}

static bool take_record(ns_msg *message, const ns_rr *record, const char *domain, struct discovered *ret_found) {
    const unsigned char *data = ns_rr_rdata(*record);
    char target[NS_MAXDNAME];
    size_t length;

    if (ns_rr_rdlen(*record) <= SRV_FIXED ||
        dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + SRV_FIXED, target, sizeof(target)) < 0)
        return false;
    length = strlen(target);
    if (length > 0 && target[length - 1] == '.')
        target[--length] = '\0';
    if (length >= sizeof(ret_found->host) || !text_is_host_name(target) || !discover_below(target, domain))
        return false;
    memcpy(ret_found->host, target, length + 1);
    ret_found->priority = (int)ns_get16(data);
    ret_found->weight = (int)ns_get16(data + 2);
    ret_found->port = (int)ns_get16(data + 4);
    return true;
}

bool discover_parse(const unsigned char *answer, size_t length, const char *domain, struct discovered *found,
                    size_t most, size_t *ret_count, size_t *ret_refused, struct error *err) {
    size_t count = 0, refused = 0;
    ns_msg message;

    if (length > DISCOVER_ANSWER_MOST || ns_initparse(answer, (int)length, &message) != 0)
        return error_set(err, ERROR_DATA, "the DNS server's answer is damaged");
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < most; i++) {
        ns_rr record;

        if (ns_parserr(&message, ns_s_an, i, &record) != 0)
            return error_set(err, ERROR_DATA, "the DNS server's answer is damaged");
        if (ns_rr_type(record) != ns_t_srv || ns_rr_class(record) != ns_c_in)
            continue;
        if (take_record(&message, &record, domain, &found[count]))
            count++;
        else
            refused++;
    }
    *ret_count = count;
    *ret_refused = refused;
    return true;
}

static int by_priority(const void *a, const void *b) {
    const struct discovered *left = a, *right = b;

    if (left->priority != right->priority)
        return left->priority < right->priority ? -1 : 1;
    /* Those without weight stand first, or they would never be chosen. */
    return (left->weight > right->weight) - (left->weight < right->weight);
}

/* Of those that share the first one's priority, one at random by weight goes to the front. */
static void choose_first(struct discovered *found, size_t count, unsigned (*below)(unsigned)) {
    unsigned sum = 0, at, chosen = 0;
    struct discovered first;

    for (size_t i = 0; i < count; i++)
        sum += (unsigned)found[i].weight;
    at = below(sum + 1);
    for (unsigned passed = (unsigned)found[0].weight; passed < at; passed += (unsigned)found[chosen].weight)
        chosen++;
    first = found[chosen];
    memmove(found + 1, found, chosen * sizeof(*found));
    found[0] = first;
}

void discover_order(struct discovered *found, size_t count, unsigned (*below)(unsigned)) {
    qsort(found, count, sizeof(*found), by_priority);
    for (size_t i = 0; i < count; i++) {
        size_t end = i;

        while (end < count && found[end].priority == found[i].priority)
            end++;
        choose_first(found + i, end - i, below);
    }
}

/* One question to DNS. No record, or no such name, is true with a count of 0 and `ret_why`. */
static bool ask(const char *name, const char *domain, struct discovered *found, size_t *ret_count, const char **ret_why,
                struct error *err) {
    struct __res_state state = {0};
    unsigned char *answer = malloc(DISCOVER_ANSWER_MOST);
    size_t refused = 0;
    int length, why;
    bool ok = false;

    *ret_count = 0;
    if (answer == NULL)
        return error_memory(err);
    if (res_ninit(&state) != 0) {
        error_set(err, ERROR_LOCAL, "the DNS resolver of this host cannot be set up (/etc/resolv.conf)");
        goto out;
    }
    length = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, DISCOVER_ANSWER_MOST);
    why = state.res_h_errno;
    res_nclose(&state);
    if (length >= 0) {
        *ret_why = "every name in it is refused, for it is none of a host below the domain";
        ok = discover_parse(answer, (size_t)length, domain, found, FOUND_MOST, ret_count, &refused, err);
        if (ok && *ret_count == 0 && refused == 0)
            *ret_why = "the answer holds no such record";
    } else if (why == HOST_NOT_FOUND || why == NO_DATA) {
        *ret_why = why == NO_DATA ? "there is no such record" : "there is no such name";
        ok = true;
    } else {
        error_set(err, ERROR_NETWORK,
                  "cannot find the domain controllers of %s: no DNS server of /etc/resolv.conf answers (asked for the "
                  "SRV records of %s): check this host's DNS, or name domain controllers in uri",
                  domain, name);
    }
out:
    free(answer);
    return ok;
}

static void add(const struct discovered *found, size_t count, bool tls, struct strings *uris) {
    char uri[URI_MOST];

    for (size_t i = 0; i < count && uris->count < DISCOVER_MOST; i++) {
        directory_uri_make(tls, found[i].host, tls ? 0 : found[i].port, uri);
        if (!strings_contain(uris, uri))
            strings_add(uris, "%s", uri);
    }
}

static bool ask_domain(const char *domain, const char *site, bool tls, struct strings *ret_uris, struct error *err) {
    struct discovered *found = calloc(FOUND_MOST, sizeof(*found));
    const char *why = "";
    struct strings uris = {0};
    char name[NAME_SIZE];
    size_t count = 0;
    bool ok = false;

    if (found == NULL)
        return error_memory(err);
    for (int general = site == NULL; general < 2; general++) {
        if (general)
            snprintf(name, sizeof(name), "_ldap._tcp.dc._msdcs.%s", domain);
        else
            snprintf(name, sizeof(name), "_ldap._tcp.%s._sites.dc._msdcs.%s", site, domain);
        if (!ask(name, domain, found, &count, &why, err))
            goto out;
        discover_order(found, count, arc4random_uniform);
        add(found, count, tls, &uris);
    }
    if (uris.failed) {
        error_memory(err);
    } else if (uris.count == 0) {
        error_set(err, ERROR_NETWORK,
                  "cannot find the domain controllers of %s: asked for the SRV records of %s, DNS gives none that can "
                  "be used: %s. Check the "
                  "domain's name and that this host asks the domain's DNS servers, or name domain controllers in uri",
                  domain, name, why);
    } else {
        *ret_uris = uris;
        uris = (struct strings){0};
        ok = true;
    }
out:
    strings_free(&uris);
    free(found);
    return ok;
}

bool discover_servers(const struct directory_settings *settings, struct strings *ret_uris, struct error *err) {
    struct strings uris = {0};

    if (settings->domain)
        return ask_domain(settings->domain, settings->site, settings->tls == DIRECTORY_TLS_LDAPS, ret_uris, err);
    if (settings->uris.count == 0)
        return error_set(err, ERROR_CONFIG, "no directory is configured: set uri or domain in [directory]");
    for (size_t i = 0; i < settings->uris.count; i++)
        strings_add(&uris, "%s", settings->uris.items[i]);
    if (uris.failed) {
        strings_free(&uris);
        return error_memory(err);
    }
    *ret_uris = uris;
    return true;
}
