#include "monitor/decide/sites.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define NAMES_MOST 10

static const char *site_of(const struct server_facts *server) {
    return server->site != NULL ? server->site : "";
}

static bool same_site(const struct server_facts *one, const struct server_facts *other) {
    return strcasecmp(site_of(one), site_of(other)) == 0;
}

static bool answered(const struct server_facts *server) {
    return server->counted && server->reached == ANSWER_YES;
}

static bool has_candidate(const struct server_facts *server) {
    return server->counted && server->candidate == PRESENCE_PRESENT;
}

/* Is there a counted server of which `is` holds in this one's site? `hint` is the one found last: most questions are
 * about the same site again, which keeps organizations of thousands of servers cheap. */
static bool site_has(const struct facts *facts, const struct server_facts *server,
                     bool (*is)(const struct server_facts *server), size_t *hint) {
    if (is(server) || (*hint < facts->server_count && same_site(&facts->servers[*hint], server)))
        return true;
    for (size_t i = 0; i < facts->server_count; i++)
        if (is(&facts->servers[i]) && same_site(&facts->servers[i], server)) {
            *hint = i;
            return true;
        }
    return false;
}

/* The first counted server of a site that is cut off, from `begin` on; server_count when there is none. */
static size_t find_cut_off(const struct facts *facts, size_t begin) {
    size_t hint = SIZE_MAX;

    if (!facts->probed)
        return facts->server_count;
    for (size_t i = begin; i < facts->server_count; i++)
        if (facts->servers[i].counted && !site_has(facts, &facts->servers[i], answered, &hint))
            return i;
    return facts->server_count;
}

bool sites_cut_off(const struct facts *facts) {
    return find_cut_off(facts, 0) < facts->server_count;
}

/* A name that may stand beside commands: what the directory calls it, if that is an ordinary name. */
static const char *name_of(const struct server_facts *server) {
    const char *name = site_of(server);

    for (const char *p = name; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && (unsigned char)*p < 0x80 && strchr(" ._-", *p) == NULL)
            return "a site with an odd name";
    return name[0] != '\0' ? name : "no site";
}

static void add_site(const struct facts *facts, const struct server_facts *first, struct text *text) {
    size_t count = 0;

    text_format(text, "%s (", name_of(first));
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (server->counted && same_site(server, first) && text_is_server_name(server->fqdn))
            text_add_name(text, server->fqdn, count++, NAMES_MOST);
    }
    text_add_more(text, count, NAMES_MOST);
    text_add(text, ")");
}

void sites_add_cut_off(const struct facts *facts, struct text *text) {
    const struct server_facts *told[NAMES_MOST];
    size_t count = 0;
    bool more = false;

    for (size_t i = find_cut_off(facts, 0); i < facts->server_count && !more; i = find_cut_off(facts, i + 1)) {
        bool again = false;

        for (size_t j = 0; j < count && !again; j++)
            again = same_site(told[j], &facts->servers[i]);
        if (again)
            continue;
        more = count == NAMES_MOST;
        if (more)
            break;
        told[count++] = &facts->servers[i];
        text_add(text, count > 1 ? "; " : "");
        add_site(facts, &facts->servers[i], text);
    }
    if (more)
        text_add(text, "; and further sites");
}

bool sites_candidate_enough(const struct facts *facts, enum confirm confirm) {
    size_t answer_hint = SIZE_MAX, candidate_hint = SIZE_MAX;
    bool any = false;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!server->counted)
            continue;
        if (has_candidate(server))
            any = true;
        else if (confirm == CONFIRM_ANY || !site_has(facts, server, answered, &answer_hint))
            continue;
        else if (confirm == CONFIRM_ALL || !site_has(facts, server, has_candidate, &candidate_hint))
            return false;
    }
    return any;
}
