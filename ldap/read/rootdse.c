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

/* NULL also when the value holds a NUL or is too long to make sense. */
static char *copy_text(const struct berval *value) {
    if (!value || value->bv_len == 0 || value->bv_len > NAME_DN_MOST || memchr(value->bv_val, '\0', value->bv_len))
        return NULL;
    return strndup(value->bv_val, value->bv_len);
}

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct rootdse *rootdse = context;
    const struct berval *clock_value = entry_single(entry, "currentTime");

    (void)err;
    rootdse_free(rootdse);
    rootdse->configuration = copy_text(entry_single(entry, "configurationNamingContext"));
    rootdse->server = copy_text(entry_single(entry, "dnsHostName"));
    if (rootdse->server && !text_is_host_name(rootdse->server)) {
        free(rootdse->server);
        rootdse->server = NULL;
    }
    rootdse->settings = copy_text(entry_single(entry, "dsServiceName"));
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
    struct search search = {
        .base = "",
        .scope = LDAP_SCOPE_BASE,
        .filter = "(objectClass=*)",
        .attributes = attributes,
        .most = 1,
        .take = take,
        .context = &rootdse,
    };

    if (!search_run(connection, &search, NULL, err)) {
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
