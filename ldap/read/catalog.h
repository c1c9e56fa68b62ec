/*
 * Everything of Exchange that one search below CN=Microsoft Exchange shows: organizations, their auth configurations'
 * names, their servers, the signs of hybrid. Collected entry by entry, so that only what is needed stays in memory.
 * Owns all it points to; free with catalog_free.
 */
#ifndef LDAP_READ_CATALOG_H
#define LDAP_READ_CATALOG_H

#include "base/error.h"
#include "core/facts.h"
#include "base/text.h"
#include "ldap/connect/connection.h"
#include "ldap/read/auth_server.h"
#include "ldap/read/rootdse.h"

#include <stdbool.h>
#include <stddef.h>

struct organization {
    char *name;                  /* printable */
    bool container;              /* its container can be seen */
    char *auth_dn;               /* its auth configuration as the server spells it; NULL when none can be seen */
    struct strings hybrid_signs; /* printable DNs of what shows that it is hybrid */
    bool hybrid_holds;           /* one of them may need something in Entra */
    size_t servers;              /* seen, counted or not */
    struct tenant_list tenants;  /* of Entra that need the auth certificate's key */
};

struct catalog {
    const char *chosen;           /* servers of other organizations are passed over; NULL = keep all */
    const struct strings *ignore; /* may be NULL */
    size_t depth;                 /* RDNs of the search base */
    char *folder;                 /* what the last entry deep in an organization lay in, */
    size_t folder_of;             /* and in which: thousands of servers lie side by side */
    struct organization *organizations;
    size_t organization_count;
    struct server_facts *servers;
    size_t server_count;
    size_t server_size;
    struct remarks remarks;
    size_t remarks_left_out;
    bool base_missing; /* CN=Microsoft Exchange is not there, or hidden */
};

/* Reads it all. A base that is not there is no error but base_missing. On failure the catalog is freed. */
bool catalog_read(struct connection *connection, const struct rootdse *rootdse,
                  const struct directory_settings *settings, struct catalog *ret_catalog, struct error *err) MUST_CHECK;

/* The one organization to look at, by its settings. DIRECTORY (or CONFIG, for a wrong or missing choice) errors list
 * what there is, and tell absence from missing rights as far as the server lets them be told apart. */
bool catalog_choose(const struct catalog *catalog, const struct rootdse *rootdse,
                    const struct directory_settings *settings, const struct organization **ret_organization,
                    struct error *err) MUST_CHECK;

void catalog_free(struct catalog *catalog);

#endif
