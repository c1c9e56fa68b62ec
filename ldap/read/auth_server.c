#include "ldap/read/auth_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define AZURE_AD "5"
#define FLAG_ENABLED 1L

bool auth_server_is_entra(const struct entry *entry) {
    const struct berval *flags = entry_single(entry, "msExchAuthFlags");
    char text[16] = "";

    if (!values_contain(entry_values(entry, "msExchAuthAuthServerType"), AZURE_AD) || !flags ||
        flags->bv_len >= sizeof(text))
        return false;
    memcpy(text, flags->bv_val, flags->bv_len);
    return strtol(text, NULL, 10) & FLAG_ENABLED;
}

/* A GUID or a domain name as text, "" for anything else. */
static void take_id(const struct berval *value, char ret_id[TENANT_ID_SIZE]) {
    char text[TENANT_ID_SIZE] = "";

    if (!value || value->bv_len >= sizeof(text) || guid_parse(value->bv_val, value->bv_len, ret_id))
        return;
    memcpy(text, value->bv_val, value->bv_len);
    if (text_is_server_name(text) && strlen(text) == value->bv_len)
        memcpy(ret_id, text, sizeof(text));
}

/* The host name in an https:// address. */
static void take_login(const struct berval *value, char *ret_host, size_t size) {
    static const char scheme[] = "https://";
    char text[1024] = "";
    size_t length;

    if (!value || value->bv_len >= sizeof(text))
        return;
    memcpy(text, value->bv_val, value->bv_len);
    if (strncmp(text, scheme, strlen(scheme)) != 0)
        return;
    length = strcspn(text + strlen(scheme), "/:?#");
    text[strlen(scheme) + length] = '\0';
    if (length < size && text_is_host_name(text + strlen(scheme)))
        memcpy(ret_host, text + strlen(scheme), length + 1);
}

bool auth_server_tenant(const struct entry *entry, struct tenant_facts *ret_tenant) {
    const struct berval *application = entry_single(entry, "msExchAuthApplicationIdentifier");
    struct tenant_facts found = {0};

    if (!application || application->bv_len == 0)
        return false;
    (void)guid_parse(application->bv_val, application->bv_len, found.tenant.application);
    if (strcmp(found.tenant.application, FIRST_PARTY) == 0)
        return false;
    take_id(entry_single(entry, "msExchAuthRealm"), found.tenant.id);
    take_login(entry_single(entry, "msExchAuthIssuingUrl"), found.login, sizeof(found.login));
    *ret_tenant = found;
    return true;
}

static int compare(const struct tenant *one, const struct tenant *other) {
    int order = strcmp(one->id, other->id);

    return order != 0 ? order : strcmp(one->application, other->application);
}

bool tenant_list_add(struct tenant_list *list, const struct tenant_facts *tenant, struct error *err) {
    struct tenant_facts *grown;
    size_t place = 0;

    while (place < list->count && compare(&list->items[place].tenant, &tenant->tenant) < 0)
        place++;
    if (place < list->count && compare(&list->items[place].tenant, &tenant->tenant) == 0)
        return true;
    if (list->count == TENANTS_MOST)
        return error_set(err, ERROR_DATA,
                         "the directory shows more than %d tenants of Entra, and reading was ended there",
                         TENANTS_MOST);
    grown = reallocarray(list->items, list->count + 1, sizeof(*grown));
    if (!grown)
        return error_memory(err);
    list->items = grown;
    memmove(&grown[place + 1], &grown[place], (list->count - place) * sizeof(*grown));
    grown[place] = *tenant;
    list->count++;
    return true;
}
