#include "ldap/uri.h"

#include <stdio.h>
#include <string.h>

#include <ldap.h>

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
    if (!uri.local)
        snprintf(uri.host, sizeof(uri.host), "%s", parsed->lud_host);
    ldap_free_urldesc(parsed);
    *ret_uri = uri;
    return true;
}
