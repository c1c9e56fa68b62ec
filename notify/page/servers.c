#include "notify/page/servers.h"

#include <stdlib.h>
#include <string.h>

#include "notify/page/markup.h"

#define SERVERS_MOST 2000 /* rows */
#define SERVERS_FEW 24    /* beyond, sites are counted first, and the rows fold away */
#define TROUBLES_MOST 10
#define PRESENCE_COUNT 4

/* Counted ones first, by site and name; of nothing two are alike in all. */
static int compare(const void *left, const void *right) {
    const struct server_facts *one = *(const struct server_facts *const *)left;
    const struct server_facts *other = *(const struct server_facts *const *)right;
    int order;

    if (one->counted != other->counted)
        return one->counted ? -1 : 1;
    order = text_compare_names(one->site, other->site);
    return order != 0 ? order : text_compare_names(one->fqdn, other->fqdn);
}

static const char *tone(enum presence presence) {
    switch (presence) {
    case PRESENCE_PRESENT:
        return "good";
    case PRESENCE_MISSING:
        return "bad";
    case PRESENCE_UNREACHABLE:
        return "fair";
    case PRESENCE_UNKNOWN:
        break;
    }
    return "soft";
}

static void add_presence(struct text *out, const char *label, enum presence presence) {
    markup_add(out, "<td><span class=\"%s\">%s: %s</span></td>", tone(presence), label, presence_name(presence));
}

static bool has_next(const struct facts *facts) {
    return facts->slots.thumbprint[SLOT_NEXT][0] != '\0';
}

static void add_server(struct text *out, const struct facts *facts, const struct server_facts *server) {
    markup_add(out, "<tr><th scope=\"row\">%s", server->fqdn);
    if (server->version != NULL && server->version[0] != '\0')
        markup_add(out, " <span class=\"soft small\">%s</span>", server->version);
    if (server->trouble != NULL)
        markup_add(out, "<br><span class=\"fair small\">%s</span>", server->trouble);
    text_add(out, "</th>");
    if (!server->counted) {
        text_add(out, has_next(facts) ? "<td colspan=\"2\">" : "<td>");
        text_add(out, "<span class=\"soft\">not counted</span></td>");
    } else {
        add_presence(out, "current", server->presence[SLOT_CURRENT]);
        if (has_next(facts))
            add_presence(out, "next", server->presence[SLOT_NEXT]);
    }
    text_add(out, "</tr>\n");
}

static void add_site(struct text *out, const struct facts *facts, const struct server_facts *server) {
    markup_add(out, "<tr><th class=\"site\" scope=\"rowgroup\" colspan=\"%s\">%s%s</th></tr>\n",
               has_next(facts) ? "3" : "2", server->site[0] == '\0' ? "No site named" : "Site ", server->site);
}

static void add_rows(struct text *out, const struct facts *facts, const struct server_facts **rows) {
    const size_t shown = facts->server_count < SERVERS_MOST ? facts->server_count : SERVERS_MOST;

    text_add(out, "<table class=\"stack\">\n<thead><tr><th scope=\"col\">Server</th><th scope=\"col\">Current "
                  "certificate</th>");
    text_add(out, has_next(facts) ? "<th scope=\"col\">Next certificate</th></tr></thead>\n" : "</tr></thead>\n");
    for (size_t i = 0; i < shown; i++) {
        bool begins =
            i == 0 || rows[i]->counted != rows[i - 1]->counted || strcmp(rows[i]->site, rows[i - 1]->site) != 0;

        if (begins) {
            text_add(out, i == 0 ? "<tbody>\n" : "</tbody>\n<tbody>\n");
            add_site(out, facts, rows[i]);
        }
        add_server(out, facts, rows[i]);
    }
    text_add(out, "</tbody>\n</table>\n");
    if (facts->server_count > shown) {
        text_add(out, "<p>and ");
        markup_number(out, (long long)(facts->server_count - shown));
        text_add(out, " more, which <code>authcert check --format json</code> lists</p>\n");
    }
}

static void add_count(struct text *out, const char *label, enum presence presence, size_t count) {
    text_add(out, "<td>");
    if (count > 0) {
        markup_add(out, "<span class=\"%s\">%s: ", tone(presence), label);
        markup_number(out, (long long)count);
        text_add(out, "</span>");
    }
    text_add(out, "</td>");
}

/* A line for each site: how many servers hold the certificate in the slot. `rows` are sorted by site. */
static void add_sites(struct text *out, const struct server_facts *const *rows, size_t counted, enum slot slot) {
    static const enum presence all[] = {PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN};

    markup_add(out, "<table class=\"sites\">\n<caption>The %s certificate, by site</caption>\n<tbody>\n",
               slot_name(slot));
    for (size_t i = 0; i < counted;) {
        size_t found[PRESENCE_COUNT] = {0};
        const char *site = rows[i]->site;

        for (; i < counted && strcmp(rows[i]->site, site) == 0; i++)
            found[rows[i]->presence[slot]]++;
        markup_add(out, "<tr><th scope=\"row\">%s</th>", site[0] == '\0' ? "No site named" : site);
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++)
            add_count(out, presence_name(all[j]), all[j], found[all[j]]);
        text_add(out, "</tr>\n");
    }
    text_add(out, "</tbody>\n</table>\n");
}

/* What is wrong, servers in the same case together. */
static void add_troubles(struct text *out, const struct facts *facts) {
    struct strings troubles = {0};

    facts_add_troubles(facts, &troubles);
    if (troubles.count > 0)
        text_add(out, "<ul>\n");
    for (size_t i = 0; i < troubles.count && i < TROUBLES_MOST; i++)
        markup_add(out, "<li class=\"fair\">%s</li>\n", troubles.items[i]);
    if (troubles.count > 0)
        text_add(out, "</ul>\n");
    out->failed = out->failed || troubles.failed;
    strings_free(&troubles);
}

/* Sites and troubles, before the rows of many servers, which stay folded until somebody wants one. */
static void add_many(struct text *out, const struct facts *facts, const struct server_facts **rows) {
    const size_t counted = facts_counted(facts);

    add_sites(out, rows, counted, SLOT_CURRENT);
    if (has_next(facts))
        add_sites(out, rows, counted, SLOT_NEXT);
    add_troubles(out, facts);
    text_add(out, "<details>\n<summary>Each server</summary>\n");
    add_rows(out, facts, rows);
    text_add(out, "</details>\n");
}

static void add_summary(struct text *out, const struct facts *facts) {
    text_add(out, "<p class=\"soft\">");
    markup_number(out, (long long)facts_counted(facts));
    text_add(out, facts_counted(facts) == 1 ? " server holds" : " servers hold");
    text_add(out, " an auth certificate. ");
    if (facts->servers_read != ANSWER_YES)
        text_add(out, "The list could not be read whole. ");
    if (!facts->probed)
        text_add(out, "The servers themselves were not asked: what is known of them comes from deliveries.");
    text_add(out, "</p>\n");
}

void page_servers_add(struct text *out, const struct facts *facts) {
    const struct server_facts **rows = NULL;

    markup_section(out, "servers", "Servers");
    add_summary(out, facts);
    if (facts->server_count > 0) {
        rows = calloc(facts->server_count, sizeof *rows);
        if (rows == NULL) {
            out->failed = true;
            return;
        }
        for (size_t i = 0; i < facts->server_count; i++)
            rows[i] = &facts->servers[i];
        qsort(rows, facts->server_count, sizeof *rows, compare);
        if (facts->server_count > SERVERS_FEW)
            add_many(out, facts, rows);
        else
            add_rows(out, facts, rows);
    }
    text_add(out, "</section>\n");
    free(rows);
}
