/*
 * The auth servers of an organization: whom Exchange trusts to issue tokens. Those that stand for a tenant of Entra,
 * with a hybrid application of the organization's own in it, are the tenants that need the auth certificate's key.
 */
#ifndef LDAP_READ_AUTH_SERVER_H
#define LDAP_READ_AUTH_SERVER_H

#include "base/error.h"
#include "core/tenant.h"
#include "ldap/read/entry.h"

#include <stdbool.h>
#include <stddef.h>

#define AUTH_SERVER_CLASS "msExchAuthAuthServer"

/* Exchange Online itself, the same in every tenant; keys on it have no effect any more, and are a finding. */
#define FIRST_PARTY "00000002-0000-0ff1-ce00-000000000000"

/* What is read of one. */
#define AUTH_SERVER_ATTRIBUTES                                                                                         \
    "msExchAuthAuthServerType", "msExchAuthFlags", "msExchAuthApplicationIdentifier", "msExchAuthRealm",               \
        "msExchAuthIssuingUrl"

/* Is it enabled, and of the type that stands for Entra? */
bool auth_server_is_entra(const struct entry *entry);

/* Does it name a dedicated hybrid application? Exchange's own application, which all tenants share, is none. */
bool auth_server_tenant(const struct entry *entry, struct tenant_facts *ret_tenant);

/* Tenants by their identifiers, each with its application once. */
struct tenant_list {
    struct tenant_facts *items;
    size_t count;
};

/* Adds one. DATA error beyond TENANTS_MOST. */
bool tenant_list_add(struct tenant_list *list, const struct tenant_facts *tenant, struct error *err) MUST_CHECK;

#endif
