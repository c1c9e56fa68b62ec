#include "monitor/show/tenants.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

static const char *word_of(const struct tenant_facts *tenant, const struct facts *facts, enum slot slot) {
    const struct tenant_key *key = &tenant->slot[slot];

    if (facts->slots.thumbprint[slot][0] == '\0')
        return "-";
    if (key->by[0] != '\0')
        return "vouched";
    return key->not_yet ? "not yet" : answer_name(key->accepts);
}

static void put_row(struct text_page *page, struct text_page_table *table, const struct facts *facts,
                    const struct tenant_facts *tenant) {
    const struct tenant_key *current = &tenant->slot[SLOT_CURRENT], *next = &tenant->slot[SLOT_NEXT];
    const time_t at = current->asked_at > next->asked_at ? current->asked_at : next->asked_at;
    char asked[TIME_TEXT_SIZE] = "never";
    const char *const cells[] = {tenant->tenant.id[0] != '\0' ? tenant->tenant.id : "unknown",
                                 tenant->tenant.application[0] != '\0' ? tenant->tenant.application : "unknown",
                                 word_of(tenant, facts, SLOT_CURRENT), word_of(tenant, facts, SLOT_NEXT), asked};

    if (at != 0)
        (void)time_format_date(asked, at);
    text_page_row(page, table, cells);
}

/* Who vouched, which a table has no room for. */
static void put_vouched(struct text_page *page, const struct facts *facts) {
    for (size_t i = 0; i < facts->tenant_count; i++)
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
            const struct tenant_facts *tenant = &facts->tenants[i];

            if (slot != SLOT_PREVIOUS && tenant->slot[slot].by[0] != '\0')
                fprintf(page->out, "  %s vouched that tenant %s accepts %s.\n", tenant->slot[slot].by,
                        tenant->tenant.id, slot_name((enum slot)slot));
        }
}

void show_tenants(struct text_page *page, const struct report *report) {
    static const struct text_page_column columns[] = {
        {"TENANT", false}, {"APPLICATION", false}, {"CURRENT", false}, {"NEXT", false}, {"ASKED (UTC)", false}};
    const struct facts *facts = report->facts;
    struct text_page_table *table;

    if (facts->tenant_count == 0)
        return;
    text_page_title(page, "Entra: does it accept the key");
    table = text_page_table(page, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < facts->tenant_count; i++)
        put_row(page, table, facts, &facts->tenants[i]);
    text_page_table_end(page, table);
    put_vouched(page, facts);
    if (report->policy != NULL && report->policy->entra == ENTRA_OFF)
        fputs("  It is not asked: mode = off in [entra].\n", page->out);
}
