#include "ldap/read/catalog.h"

#include <stdlib.h>

#include "base/letters/quote.h"
#include "ldap/read/names.h"

#define NAMES_SHOWN 10

/* An organization is what shows itself as one: its container, or its auth configuration. */
static bool shows(const struct organization *organization) {
    return organization->container || organization->auth_dn;
}

static const struct organization *find(const struct catalog *catalog, const char *name, size_t *ret_count) {
    const struct organization *found = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < catalog->organization_count; i++) {
        const struct organization *organization = &catalog->organizations[i];

        if (!shows(organization) || (name && !name_equal(name, organization->name)))
            continue;
        (*ret_count)++;
        found = organization;
    }
    return found;
}

/* `settings`: each as the line of the configuration that chooses it. */
static void list_names(const struct catalog *catalog, bool settings, struct text *names) {
    size_t shown = 0;

    for (size_t i = 0; i < catalog->organization_count; i++) {
        if (!shows(&catalog->organizations[i]))
            continue;
        if (shown == NAMES_SHOWN)
            text_add(names, ", ...");
        if (shown < NAMES_SHOWN && settings) {
            char *written = quote_written(catalog->organizations[i].name);

            text_format(names, "%sorganization = %s", shown ? ", or " : "", written ? written : "(out of memory)");
            free(written);
        } else if (shown < NAMES_SHOWN) {
            text_format(names, "%s%s", shown ? ", " : "", catalog->organizations[i].name);
        }
        shown++;
    }
}

static bool refuse_choice(const struct catalog *catalog, const char *chosen, struct error *err) {
    struct text names = {0};
    struct text settings = {0};

    list_names(catalog, false, &names);
    list_names(catalog, true, &settings);
    if (!names.value || names.failed || !settings.value || settings.failed)
        error_memory(err);
    else if (chosen)
        error_set(err, ERROR_CONFIG,
                  "there is no Exchange organization \"%s\" in this directory. There is: %s. Correct "
                  "organization in [directory]: %s",
                  chosen, names.value, settings.value);
    else
        error_set(err, ERROR_CONFIG,
                  "there are several Exchange organizations in this directory: %s. Choose one by "
                  "organization = NAME in [directory]: %s",
                  names.value, settings.value);
    text_free(&settings);
    text_free(&names);
    return false;
}

static bool refuse_nothing(const struct catalog *catalog, const struct rootdse *rootdse,
                           const struct directory_settings *settings, struct error *err) {
    const char *anonymous =
        settings->bind == BIND_ANONYMOUS ? " It was read without logging in (bind = anonymous)." : "";

    if (catalog->base_missing)
        return error_set(
            err, ERROR_DIRECTORY,
            "there is no CN=Microsoft Exchange,CN=Services,%s, or the account may not see it.%s If Exchange is "
            "installed in this forest, grant the account Read on that subtree; else name a domain controller "
            "of the right forest in uri",
            rootdse->configuration, anonymous);
    return error_set(
        err, ERROR_DIRECTORY,
        "CN=Microsoft Exchange,CN=Services,%s is there, but no Exchange organization can be seen below it: "
        "either there is none, or the account may not read it.%s Grant the account Read on that subtree",
        rootdse->configuration, anonymous);
}

static bool refuse_no_auth(const struct organization *organization, const struct rootdse *rootdse, struct error *err) {
    if (organization->servers)
        return error_set(
            err, ERROR_DIRECTORY,
            "the Exchange organization %s and %zu servers of it can be seen, but no auth configuration (class "
            "msExchAuthAuthConfig): either it does not exist, and Exchange's set-up has to make it, or the "
            "account may not read CN=Auth Configuration there: grant it Read",
            organization->name, organization->servers);
    return error_set(err, ERROR_DIRECTORY,
                     "the Exchange organization %s can be seen, but nothing in it, neither servers nor an auth "
                     "configuration: most likely the account may not read below it. Grant it Read on the subtree "
                     "CN=%s,CN=Microsoft Exchange,CN=Services,%s",
                     organization->name, organization->name, rootdse->configuration);
}

bool catalog_choose(const struct catalog *catalog, const struct rootdse *rootdse,
                    const struct directory_settings *settings, const struct organization **ret_organization,
                    struct error *err) {
    const struct organization *organization;
    size_t all = 0;
    size_t fitting = 0;

    find(catalog, NULL, &all);
    organization = find(catalog, settings->organization, &fitting);
    if (all == 0)
        return refuse_nothing(catalog, rootdse, settings, err);
    if (fitting != 1)
        return refuse_choice(catalog, settings->organization, err);
    if (!organization->auth_dn)
        return refuse_no_auth(organization, rootdse, err);
    *ret_organization = organization;
    return true;
}
