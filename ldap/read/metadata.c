#include "ldap/read/metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/time.h"
#include "ldap/read/names.h"

/* Copies the text of the one <element>; the values are DNs, names and times, with XML's five escapes at most. */
static bool element(const char *xml, const char *name, char *out, size_t size) {
    char open[64];
    char close[64];
    const char *begin;
    const char *end;

    snprintf(open, sizeof(open), "<%s>", name);
    snprintf(close, sizeof(close), "</%s>", name);
    begin = strstr(xml, open);
    if (!begin)
        return false;
    begin += strlen(open);
    end = strstr(begin, close);
    if (!end || (size_t)(end - begin) >= size || strstr(begin, open))
        return false;
    memcpy(out, begin, (size_t)(end - begin));
    out[end - begin] = '\0';
    return true;
}

static void unescape(char *text) {
    static const struct {
        const char *escape;
        char character;
    } escapes[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    char *to = text;

    for (const char *from = text; *from; from++) {
        *to = *from;
        for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
            if (strncmp(from, escapes[i].escape, strlen(escapes[i].escape)) == 0) {
                *to = escapes[i].character;
                from += strlen(escapes[i].escape) - 1;
                break;
            }
        to++;
    }
    *to = '\0';
}

/* CN=NTDS Settings,CN=<server>,CN=Servers,...; a deleted domain controller leaves the element empty. */
static void server_of(const char *dn, char out[METADATA_SERVER_SIZE]) {
    char *server = name_value(dn, 1);

    out[0] = '\0';
    if (server)
        text_printable(out, METADATA_SERVER_SIZE, server, strlen(server));
    free(server);
}

bool metadata_parse(const char *value, size_t length, const char *attribute, struct metadata *ret_metadata) {
    char xml[METADATA_VALUE_MOST + 1];
    char text[METADATA_VALUE_MOST + 1];
    struct metadata found = {0};

    while (length && (value[length - 1] == '\0' || value[length - 1] == '\n'))
        length--;
    if (length > METADATA_VALUE_MOST || memchr(value, '\0', length))
        return false;
    memcpy(xml, value, length);
    xml[length] = '\0';
    if (!element(xml, "pszAttributeName", text, sizeof(text)) || strcasecmp(text, attribute) != 0)
        return false;
    if (!element(xml, "ftimeLastOriginatingChange", text, sizeof(text)) ||
        !time_parse_rfc3339(text, &found.changed, NULL))
        return false;
    if (element(xml, "pszLastOriginatingDsaDN", text, sizeof(text))) {
        unescape(text);
        server_of(text, found.server);
    }
    *ret_metadata = found;
    return true;
}
