#include "ldap/connect/uri.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ldap.h>

#define CATALOG_PORT 3268
#define CATALOG_TLS_PORT 3269

/* libldap takes blanks and commas for separators of a list, and an empty host for this machine. */
static bool fits(const char *text, const LDAPURLDesc *parsed) {
    bool scheme = strcmp(parsed->lud_scheme, "ldap") == 0 || strcmp(parsed->lud_scheme, "ldaps") == 0 ||
                  strcmp(parsed->lud_scheme, "ldapi") == 0;
    bool host = parsed->lud_host && parsed->lud_host[0] && strlen(parsed->lud_host) < URI_HOST_SIZE;
    bool behind = (parsed->lud_dn && parsed->lud_dn[0]) || parsed->lud_attrs || parsed->lud_filter || parsed->lud_exts;

    return scheme && host && !behind && !strpbrk(text, " \t\r\n,") && strlen(text) < URI_MOST;
}

bool directory_uri_parse(const char *text, struct directory_uri *ret_uri, struct error *err) {
    LDAPURLDesc *parsed = NULL;
    struct directory_uri uri = {.text = text};

    if (ldap_url_parse(text, &parsed) != LDAP_URL_SUCCESS || !fits(text, parsed)) {
        ldap_free_urldesc(parsed);
        return error_set(
            err, ERROR_CONFIG,
            "\"%s\" is no directory URI: write ldaps://HOST, ldap://HOST or ldapi://PATH, with :PORT where "
            "it is not the usual one, and nothing behind",
            text);
    }
    uri.tls = strcmp(parsed->lud_scheme, "ldaps") == 0;
    uri.local = strcmp(parsed->lud_scheme, "ldapi") == 0;
    uri.port = uri.local ? 0 : parsed->lud_port;
    if (!uri.local)
        snprintf(uri.host, sizeof(uri.host), "%s", parsed->lud_host);
    ldap_free_urldesc(parsed);
    *ret_uri = uri;
    return true;
}

bool directory_uri_is_catalog(const struct directory_uri *uri) {
    return uri->port == CATALOG_PORT || uri->port == CATALOG_TLS_PORT;
}

bool directory_uri_names(const char *text, const char *host) {
    struct directory_uri uri;

    return directory_uri_parse(text, &uri, NULL) && !directory_uri_is_catalog(&uri) && strcasecmp(uri.host, host) == 0;
}

char *directory_uri_make(bool tls, const char *host, int port, char out[URI_MOST]) {
    const char *scheme = tls ? "ldaps" : "ldap";

    if (port != 0 && port != (tls ? LDAPS_PORT : LDAP_PORT))
        snprintf(out, URI_MOST, "%s://%s:%d", scheme, host, port);
    else
        snprintf(out, URI_MOST, "%s://%s", scheme, host);
    return out;
}
