#include "monitor/show/servers.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SERVERS_FEW 12 /* up to here each server has its line */
#define SITES_FEW 12   /* up to here each site has its line, beyond only those in trouble */
#define SITES_MOST 20
#define NAMES_MOST 10
#define PRESENCE_COUNT 4
#define NUMBER_SIZE 24
#define CELL_SIZE 64
#define NAME_SIZE 256
#define NO_SITE "(no site)"

/* The counted servers of one site. */
struct site {
    const char *name;
    size_t servers;
    size_t count[SLOT_COUNT][PRESENCE_COUNT];
};

/* Servers are asked for current and next only. */
static bool slot_watched(const struct facts *facts, enum slot slot) {
    return slot != SLOT_PREVIOUS && facts->slots.thumbprint[slot][0] != '\0';
}

/* A column is as wide as its widest cell, so a text without end must not get into it whole. */
static const char *cell(char out[CELL_SIZE], const char *value, const char *when_empty) {
    if (value == NULL || value[0] == '\0')
        return when_empty;
    return text_printable(out, CELL_SIZE, value, strlen(value));
}

/* A host name of full length stays whole; what is none may be longer. */
static const char *name_shown(char out[NAME_SIZE], const struct server_facts *server) {
    return text_printable(out, NAME_SIZE, server->fqdn, strlen(server->fqdn));
}

/* What a server's own document lists of the slots. */
static const char *served(const struct server_facts *server) {
    if (server->serves[SLOT_CURRENT])
        return server->serves[SLOT_PREVIOUS] ? "current, previous" : "current";
    if (server->serves[SLOT_PREVIOUS])
        return "previous";
    return server->serves[SLOT_NEXT] ? "next" : "-";
}

static bool any_serves(const struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (strcmp(served(&facts->servers[i]), "-") != 0)
            return true;
    return false;
}

static int compare_sites(const void *left, const void *right) {
    const struct server_facts *const *one = left;
    const struct server_facts *const *other = right;

    return text_compare_names((*one)->site != NULL ? (*one)->site : "", (*other)->site != NULL ? (*other)->site : "");
}

/* By site, within it in the directory's order; those that are not counted last. */
static int compare_places(const void *left, const void *right) {
    const struct server_facts *const *one = left;
    const struct server_facts *const *other = right;
    int order = compare_sites(left, right);

    if ((*one)->counted != (*other)->counted)
        return (*one)->counted ? -1 : 1;
    return order != 0 ? order : (*one > *other) - (*one < *other);
}

static void put_row(struct text_page *page, struct text_page_table *table, const struct server_facts *server, bool next,
                    bool serves) {
    char name[NAME_SIZE];
    char site[CELL_SIZE];
    char version[CELL_SIZE];
    const char *cells[TEXT_PAGE_CELLS_MOST];
    size_t count = 0;

    cells[count++] = name_shown(name, server);
    cells[count++] = cell(site, server->site, NO_SITE);
    cells[count++] = cell(version, server->version, "-");
    cells[count++] = server->counted ? server_word(server, SLOT_CURRENT) : "not counted";
    if (next)
        cells[count++] = server->counted ? server_word(server, SLOT_NEXT) : "not counted";
    if (serves)
        cells[count++] = server->counted ? served(server) : "-";
    text_page_row(page, table, cells);
}

/* Why servers gave no clear answer, those in the same case together. */
static void put_troubles(struct text_page *page, const struct facts *facts) {
    struct strings troubles = {0};

    facts_add_troubles(facts, &troubles);
    for (size_t i = 0; i < troubles.count && i < NAMES_MOST; i++)
        text_page_paragraph(page, "", troubles.items[i]);
    if (troubles.count > NAMES_MOST)
        fprintf(page->out, "(and %zu more, which authcert doctor explains)\n", troubles.count - NAMES_MOST);
    page->failed = page->failed || troubles.failed;
    strings_free(&troubles);
}

static void put_each(struct text_page *page, const struct facts *facts) {
    struct text_page_column columns[TEXT_PAGE_CELLS_MOST] = {
        {"SERVER", false}, {"SITE", false}, {"VERSION", false}, {"CURRENT", false}};
    const struct server_facts *sorted[SERVERS_FEW];
    bool next = slot_watched(facts, SLOT_NEXT);
    bool serves = any_serves(facts);
    size_t count = 4;
    struct text_page_table *table;

    if (next)
        columns[count++] = (struct text_page_column){"NEXT", false};
    if (serves)
        columns[count++] = (struct text_page_column){"SERVES", false};
    for (size_t i = 0; i < facts->server_count; i++)
        sorted[i] = &facts->servers[i];
    qsort(sorted, facts->server_count, sizeof(sorted[0]), compare_places);
    table = text_page_table(page, columns, count);
    for (size_t i = 0; i < facts->server_count; i++)
        put_row(page, table, sorted[i], next, serves);
    text_page_table_end(page, table);
}

/* The counted servers by site, sites in alphabetical order; the caller frees. NULL when out of memory. */
static struct site *sites_collect(const struct facts *facts, size_t *ret_count) {
    const struct server_facts **sorted = calloc(facts->server_count + 1, sizeof(*sorted));
    struct site *sites = calloc(facts->server_count + 1, sizeof(*sites));
    size_t counted = 0;
    size_t count = 0;

    if (sorted == NULL || sites == NULL) {
        free(sorted);
        free(sites);
        return NULL;
    }
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            sorted[counted++] = &facts->servers[i];
    qsort(sorted, counted, sizeof(*sorted), compare_sites);
    for (size_t i = 0; i < counted; i++) {
        struct site *site;

        if (i == 0 || compare_sites(&sorted[i - 1], &sorted[i]) != 0)
            sites[count++].name = sorted[i]->site;
        site = &sites[count - 1];
        site->servers++;
        for (size_t slot = 0; slot < SLOT_COUNT; slot++)
            site->count[slot][sorted[i]->presence[slot]]++;
    }
    free(sorted);
    *ret_count = count;
    return sites;
}

static const char *number(char out[NUMBER_SIZE], size_t value) {
    snprintf(out, NUMBER_SIZE, "%zu", value);
    return out;
}

static void put_sites(struct text_page *page, const struct site *sites, size_t count, enum slot slot) {
    static const struct text_page_column columns[] = {{"SITE", false},   {"SERVERS", true},     {"PRESENT", true},
                                                      {"MISSING", true}, {"UNREACHABLE", true}, {"UNKNOWN", true}};
    static const enum presence order[] = {PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN};
    struct text_page_table *table = text_page_table(page, columns, sizeof(columns) / sizeof(columns[0]));
    size_t shown = 0;
    size_t left_out = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t *found = sites[i].count[slot];
        char numbers[1 + PRESENCE_COUNT][NUMBER_SIZE];
        char name[CELL_SIZE];
        const char *cells[2 + PRESENCE_COUNT] = {cell(name, sites[i].name, NO_SITE),
                                                 number(numbers[0], sites[i].servers)};

        if (count > SITES_FEW && found[PRESENCE_MISSING] == 0 && found[PRESENCE_UNREACHABLE] == 0)
            continue;
        if (shown == SITES_MOST) {
            left_out++;
            continue;
        }
        for (size_t j = 0; j < PRESENCE_COUNT; j++)
            cells[2 + j] = number(numbers[1 + j], found[order[j]]);
        text_page_row(page, table, cells);
        shown++;
    }
    text_page_table_end(page, table);
    if (left_out > 0)
        fprintf(page->out, "(and %zu more sites with servers in trouble)\n", left_out);
}

/* "LEADa, b, c and 7 more." of the servers that `wanted` takes; nothing when there are none. */
static void put_names(struct text_page *page, const struct facts *facts, const char *lead,
                      bool (*wanted)(const struct server_facts *server, enum slot slot), enum slot slot) {
    struct text names = {0};
    size_t found = 0;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];
        char name[NAME_SIZE];

        if (wanted(server, slot))
            text_add_name(&names, name_shown(name, server), found++, NAMES_MOST);
    }
    text_add_more(&names, found, NAMES_MOST);
    if (names.failed)
        page->failed = true;
    else if (found > 0)
        text_page_paragraph(page, lead, names.value);
    text_free(&names);
}

static bool is_missing(const struct server_facts *server, enum slot slot) {
    return server->counted && server->presence[slot] == PRESENCE_MISSING;
}

/* Whose trouble has a sentence of its own is named there. */
static bool is_unreachable(const struct server_facts *server, enum slot slot) {
    return server->counted && server->trouble == NULL && server->presence[slot] == PRESENCE_UNREACHABLE;
}

static bool is_unclear(const struct server_facts *server, enum slot slot) {
    return server->counted && server->trouble == NULL && server->presence[slot] == PRESENCE_UNKNOWN &&
           server->reached == ANSWER_YES;
}

static bool is_not_counted(const struct server_facts *server, enum slot slot) {
    (void)slot;
    return !server->counted;
}

static void put_slot(struct text_page *page, const struct facts *facts, const struct site *sites, size_t site_count,
                     enum slot slot) {
    fprintf(page->out, "%s certificate: present on %zu, missing on %zu, unreachable %zu, unknown %zu\n",
            slot == SLOT_CURRENT ? "Current" : "Next", facts_count_presence(facts, slot, PRESENCE_PRESENT),
            facts_count_presence(facts, slot, PRESENCE_MISSING),
            facts_count_presence(facts, slot, PRESENCE_UNREACHABLE),
            facts_count_presence(facts, slot, PRESENCE_UNKNOWN));
    put_sites(page, sites, site_count, slot);
    put_names(page, facts, "Missing on:  ", is_missing, slot);
    put_names(page, facts, "Unreachable: ", is_unreachable, slot);
    if (slot == SLOT_CURRENT)
        put_names(page, facts, "Unknown on:  ", is_unclear, slot);
}

static void put_many(struct text_page *page, const struct facts *facts) {
    size_t count = 0;
    struct site *sites = sites_collect(facts, &count);

    if (sites == NULL) {
        page->failed = true;
        return;
    }
    fprintf(page->out, "%zu servers in %zu site%s hold an auth certificate.\n", facts_counted(facts), count,
            count == 1 ? "" : "s");
    for (enum slot slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot_watched(facts, slot))
            put_slot(page, facts, sites, count, slot);
    put_names(page, facts, "Not counted: ", is_not_counted, SLOT_CURRENT);
    free(sites);
}

void show_servers(struct text_page *page, const struct facts *facts) {
    text_page_title(page, "Exchange servers");
    if (facts->server_count == 0)
        text_page_paragraph(page, "", "None was seen in the directory.");
    else if (facts->server_count <= SERVERS_FEW)
        put_each(page, facts);
    else
        put_many(page, facts);
    put_troubles(page, facts);
    if (facts->servers_read != ANSWER_YES)
        text_page_paragraph(page, "", "The list of servers could not be read completely: some may be missing here.");
}
