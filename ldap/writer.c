#include "ldap/writer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ldap/read/names.h"
#include "ldap/read/search.h"
#include "ldap/connect/uri.h"

#define OWNER "fSMORoleOwner"
#define HOST "dNSHostName"
#define READ_ONLY "msDS-isRODC"

/* One value of one object, as text. */
struct wanted {
    const char *attribute;
    char *value; /* NULL when there is none, or it makes no sense */
};

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct wanted *wanted = context;

    return wanted->value || entry_text(entry, wanted->attribute, NAME_DN_MOST, &wanted->value, err);
}

/* Reads it; an object that is not there, or not to be seen, is one without the value. */
static bool read_value(struct connection *connection, const char *dn, const char *attribute, char **ret_value,
                       struct error *err) {
    const char *const attributes[] = {attribute, NULL};
    struct wanted wanted = {.attribute = attribute};
    int code = LDAP_SUCCESS;

    if (!search_object(connection, dn, attributes, take, &wanted, &code, err)) {
        free(wanted.value);
        if (code != LDAP_NO_SUCH_OBJECT && code != LDAP_INSUFFICIENT_ACCESS && code != LDAP_REFERRAL)
            return false;
        wanted.value = NULL;
    }
    *ret_value = wanted.value;
    return true;
}

/* The host name of the server whose NTDS Settings object this is: its parent holds it. */
static bool find_host(struct connection *connection, const char *settings_dn, char **ret_host, struct error *err) {
    const char *parent = name_parent(settings_dn);
    char *host = NULL;

    if (parent && !read_value(connection, parent, HOST, &host, err))
        return false;
    if (host && !text_is_host_name(host)) {
        free(host);
        host = NULL;
    }
    *ret_host = host;
    return true;
}

static bool find_owner(struct connection *connection, const struct rootdse *rootdse, struct writer *writer,
                       struct error *err) {
    struct text partitions = {0};
    char *owner = NULL;
    bool ok = false;

    /* Without such an object it is no Active Directory, which alone knows the role. */
    if (!rootdse->settings)
        return true;
    text_format(&partitions, "CN=Partitions,%s", rootdse->configuration);
    if (partitions.failed) {
        error_memory(err);
        goto out;
    }
    if (!read_value(connection, partitions.value, OWNER, &owner, err))
        goto out;
    ok = true;
    if (!owner)
        goto out;
    writer->named = true;
    writer->here = rootdse->settings && name_equal(owner, rootdse->settings);
    if (writer->here && rootdse->server)
        ok = (writer->host = strdup(rootdse->server)) != NULL || error_memory(err);
    else
        ok = find_host(connection, owner, &writer->host, err);
out:
    free(owner);
    text_free(&partitions);
    return ok;
}

bool writer_find(struct connection *connection, const struct rootdse *rootdse,
                 const struct directory_settings *settings, struct writer *ret_writer, struct error *err) {
    const struct directory_uri *uri = &connection->uri;
    struct writer writer = {0};

    if (settings->writer) {
        writer.named = true;
        writer.here = strcasecmp(settings->writer, uri->host) == 0 ||
                      (rootdse->server && strcasecmp(settings->writer, rootdse->server) == 0);
        writer.host = strdup(settings->writer);
        if (!writer.host)
            return error_memory(err);
    } else if (!find_owner(connection, rootdse, &writer, err)) {
        return false;
    }
    if (directory_uri_is_catalog(uri))
        writer.here = false;
    *ret_writer = writer;
    return true;
}

bool writer_is_read_only(struct connection *connection, const struct rootdse *rootdse) {
    char *value = NULL;
    bool read_only = rootdse->read_only;

    if (!read_only && rootdse->settings && read_value(connection, rootdse->settings, READ_ONLY, &value, NULL) && value)
        read_only = strcasecmp(value, "TRUE") == 0;
    free(value);
    return read_only;
}
