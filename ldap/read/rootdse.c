#include "ldap/read/rootdse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "ldap/read/names.h"
#include "ldap/read/search.h"

/* LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID ([MS-ADTS] 3.1.1.3.4.3): a domain controller says it that keeps only a
 * part of the secrets, which is a read-only one. */
#define PARTIAL_SECRETS "1.2.840.113556.1.4.1920"

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct rootdse *rootdse = context;
    const struct berval *clock_value = entry_single(entry, "currentTime");

    rootdse_free(rootdse);
    if (!entry_text(entry, "configurationNamingContext", NAME_DN_MOST, &rootdse->configuration, err) ||
        !entry_text(entry, "dnsHostName", NAME_DN_MOST, &rootdse->server, err) ||
        !entry_text(entry, "dsServiceName", NAME_DN_MOST, &rootdse->settings, err))
        return false;
    if (rootdse->server && !text_is_host_name(rootdse->server)) {
        free(rootdse->server);
        rootdse->server = NULL;
    }
    rootdse->read_only = values_contain(entry_values(entry, "supportedCapabilities"), PARTIAL_SECRETS);
    rootdse->clock_known =
        clock_value && time_parse_generalized(clock_value->bv_val, clock_value->bv_len, &rootdse->clock, NULL);
    rootdse->paged = values_contain(entry_values(entry, "supportedControl"), LDAP_CONTROL_PAGEDRESULTS);
    return true;
}

bool rootdse_read(struct connection *connection, struct rootdse *ret_rootdse, struct error *err) {
    static const char *const attributes[] = {
        "configurationNamingContext", "dnsHostName", "currentTime", "supportedControl", "dsServiceName",
        "supportedCapabilities",      NULL};
    struct rootdse rootdse = {0};

    if (!search_object(connection, "", attributes, take, &rootdse, NULL, err)) {
        rootdse_free(&rootdse);
        return false;
    }
    if (!rootdse.configuration || name_depth(rootdse.configuration) == 0) {
        rootdse_free(&rootdse);
        return error_set(err, ERROR_DIRECTORY,
                         "the server names no configuration partition (configurationNamingContext in "
                         "its rootDSE), so it is no domain controller of Active Directory: name one "
                         "in uri");
    }
    *ret_rootdse = rootdse;
    return true;
}

void rootdse_free(struct rootdse *rootdse) {
    free(rootdse->configuration);
    free(rootdse->server);
    free(rootdse->settings);
    *rootdse = (struct rootdse){0};
}
