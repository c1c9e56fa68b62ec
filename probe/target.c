#include "probe/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SCHEME "https://"
#define PLACE "{fqdn}"

static void expand(struct text *out, const char *url, const char *fqdn) {
    const char *place;

    for (; (place = strstr(url, PLACE)) != NULL; url = place + strlen(PLACE)) {
        text_add_bytes(out, url, (size_t)(place - url));
        text_add(out, fqdn);
    }
    text_add(out, url);
}

/* Parts "HOST:PORT": how long the host is, with its brackets. */
static size_t host_length(const char *authority, size_t length) {
    for (size_t i = length; i > 0; i--) {
        if (authority[i - 1] == ']')
            break;
        if (authority[i - 1] == ':')
            return i - 1;
    }
    return length;
}

/* The URL under the name of the certificate, and the way to the server that it hides. */
static void rename_host(const char *url, const char *tls_name, struct text *renamed, struct text *connect_to,
                        struct text *header) {
    const char *authority = url + strlen(SCHEME);
    size_t length = strcspn(authority, "/?#");
    size_t host = host_length(authority, length);

    text_format(renamed, SCHEME "%s%s", tls_name, authority + host);
    text_format(connect_to, "::%.*s%s%.*s", (int)host, authority, host < length ? "" : ":", (int)(length - host),
                authority + host);
    text_format(header, "Host: %.*s", (int)length, authority);
}

bool target_make(const char *url, const char *tls_name, const char *fqdn, struct target *ret_target,
                 struct error *err) {
    struct text full = {0}, renamed = {0}, connect_to = {0}, header = {0}, name = {0};
    struct target target = {0};
    const char *authority;
    size_t length;

    if (!text_is_server_name(fqdn))
        return error_set(err, ERROR_DATA, "its name is no host name");
    expand(&full, url, fqdn);
    target.url = text_take(&full);
    if (!target.url)
        return error_memory(err);
    authority = target.url + strlen(SCHEME);
    if (strncmp(target.url, SCHEME, strlen(SCHEME)) != 0 ||
        (length = host_length(authority, strcspn(authority, "/?#"))) == 0) {
        free(target.url);
        return error_set(err, ERROR_CONFIG, "url in [servers] is no https:// address with a host");
    }
    if (tls_name) {
        rename_host(target.url, tls_name, &renamed, &connect_to, &header);
        free(target.url);
        target.url = text_take(&renamed);
        target.connect_to = text_take(&connect_to);
        target.host_header = text_take(&header);
        text_add(&name, tls_name);
    } else {
        text_add_bytes(&name, authority, length);
    }
    target.host = text_take(&name);
    if (!target.url || !target.host || (tls_name && (!target.connect_to || !target.host_header))) {
        target_free(&target);
        return error_memory(err);
    }
    *ret_target = target;
    return true;
}

void target_free(struct target *target) {
    free(target->url);
    free(target->host);
    free(target->connect_to);
    free(target->host_header);
    *target = (struct target){0};
}
