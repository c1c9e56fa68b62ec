#include "monitor/inventory/remedy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINES_MOST 12 /* servers with a line of their own */

/* PowerShell takes U+2018 to U+201B for single quotes too. */
static size_t single_quote(const char *at) {
    const unsigned char *bytes = (const unsigned char *)at;

    if (*at == '\'')
        return 1;
    return bytes[0] == 0xE2 && bytes[1] == 0x80 && bytes[2] >= 0x98 && bytes[2] <= 0x9B ? 3 : 0;
}

static bool is_plain(const char *value) {
    for (const char *at = value; *at != '\0'; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
              strchr(" ._-()\\:/@", *at) != NULL))
            return false;
    return true;
}

void remedy_quote(struct text *out, const char *value) {
    const bool plain = is_plain(value);

    text_add(out, plain ? "\"" : "'");
    for (const char *at = value; *at != '\0'; at++) {
        size_t quote = plain ? 0 : single_quote(at);

        text_add_bytes(out, at, quote > 0 ? quote : 1);
        if (quote > 0)
            text_add_bytes(out, at, quote);
        at += quote > 1 ? quote - 1 : 0;
    }
    text_add(out, plain ? "\"" : "'");
}

void remedy_server(struct text *out, const struct inventory *inventory, const char *fqdn) {
    const struct inventory_server *server = inventory_server_of(inventory, fqdn);
    const char *name = server != NULL ? server->name : fqdn;

    if (text_is_host_name(name))
        text_add(out, name);
    else if (text_is_host_name(fqdn))
        text_add(out, fqdn);
    else
        remedy_quote(out, name);
}

/* What Enable-ExchangeCertificate calls the services that these places of one server are of. */
static void add_services(struct text *out, const struct place_set *places, const char *server) {
    static const struct {
        enum place_kind kind;
        const char *name;
    } services[] = {{PLACE_HTTPS, "IIS"}, {PLACE_SMTP, "SMTP"}, {PLACE_IMAP, "IMAP"}, {PLACE_POP, "POP"}};
    bool any = false;

    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        for (size_t j = 0; j < places->count; j++)
            if (places->items[j]->kind == services[i].kind && strcasecmp(places->items[j]->server, server) == 0) {
                text_format(out, "%s%s", any ? "," : "", services[i].name);
                any = true;
                break;
            }
}

static bool is_service(const struct place *place) {
    return place->server != NULL && (place->kind == PLACE_HTTPS || place->kind == PLACE_SMTP ||
                                     place->kind == PLACE_IMAP || place->kind == PLACE_POP);
}

static bool is_first(const struct place_set *places, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (is_service(places->items[i]) && strcasecmp(places->items[i]->server, places->items[index]->server) == 0)
            return false;
    return true;
}

static void add_line(const struct inventory *inventory, const struct place_set *places, const char *server,
                     const char *thumbprint, bool import, struct strings *commands) {
    struct text name = {0};
    struct text services = {0};

    remedy_server(&name, inventory, server);
    add_services(&services, places, server);
    if (name.failed || services.failed || services.value == NULL)
        commands->failed = true;
    else if (import)
        strings_add(commands,
                    "Import-ExchangeCertificate -Server %s -FileData ([IO.File]::ReadAllBytes(\"C:\\new.pfx\")) "
                    "-Password (Read-Host -AsSecureString)",
                    name.value);
    else
        strings_add(commands, "Enable-ExchangeCertificate -Server %s -Thumbprint %s -Services %s", name.value,
                    thumbprint, services.value);
    text_free(&name);
    text_free(&services);
}

bool remedy_enable(const struct judging *judging, const struct place_set *places, const char *thumbprint, bool import,
                   struct inventory_finding *finding, struct error *err) {
    const char *named = thumbprint != NULL ? thumbprint : REMEDY_NEW;
    size_t lines = 0;

    for (int step = import ? 0 : 1; step < 2; step++) {
        lines = 0;
        for (size_t i = 0; i < places->count; i++) {
            if (!is_service(places->items[i]) || !is_first(places, i))
                continue;
            if (lines++ < LINES_MOST)
                add_line(judging->inventory, places, places->items[i]->server, named, step == 0, &finding->commands);
        }
        if (lines > LINES_MOST)
            strings_add(&finding->commands, "# and likewise on %zu more servers", lines - LINES_MOST);
    }
    if (lines > 0 && finding->then == NULL) {
        finding->then = strdup(REMEDY_ANSWER_NO);
        if (finding->then == NULL)
            return error_memory(err);
    }
    return !finding->commands.failed || error_memory(err);
}

bool remedy_connector(const struct connector *connector, const char *thumbprint, struct strings *commands,
                      struct error *err) {
    static const char name[] = "\"<I>$($c.Issuer)<S>$($c.Subject)\"";
    struct text quoted = {0};

    strings_add(commands, "$c = Get-ExchangeCertificate -Thumbprint %s", thumbprint != NULL ? thumbprint : REMEDY_NEW);
    remedy_quote(&quoted, connector->name);
    if (quoted.failed) {
        text_free(&quoted);
        return error_memory(err);
    }
    switch (connector->kind) {
    case CONNECTOR_SEND:
        strings_add(commands, "Set-SendConnector %s -TlsCertificateName %s", quoted.value, name);
        break;
    case CONNECTOR_RECEIVE:
        strings_add(commands, "Set-ReceiveConnector %s -TlsCertificateName %s", quoted.value, name);
        break;
    case CONNECTOR_HYBRID:
        strings_add(commands, "Set-HybridConfiguration -TlsCertificateName %s", name);
        break;
    }
    text_free(&quoted);
    return !commands->failed || error_memory(err);
}

bool remedy_name(const struct name_use *use, char **ret_command, struct error *err) {
    static const struct {
        const char *command;
        const char *internal;
        const char *external;
    } of[USE_KIND_COUNT] = {
        [USE_AUTODISCOVER] = {"Set-ClientAccessService", "AutoDiscoverServiceInternalUri",
                              "AutoDiscoverServiceInternalUri"},
        [USE_OWA] = {"Set-OwaVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_ECP] = {"Set-EcpVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_EWS] = {"Set-WebServicesVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_OAB] = {"Set-OabVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_ACTIVESYNC] = {"Set-ActiveSyncVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_MAPI] = {"Set-MapiVirtualDirectory", "InternalUrl", "ExternalUrl"},
        [USE_OUTLOOK_ANYWHERE] = {"Set-OutlookAnywhere", "InternalHostname", "ExternalHostname"},
        [USE_POWERSHELL] = {"Set-PowerShellVirtualDirectory", "InternalUrl", "ExternalUrl"},
    };
    struct text command = {0};

    *ret_command = NULL;
    if (of[use->kind].command == NULL)
        return true;
    text_format(&command, "%s ", of[use->kind].command);
    remedy_quote(&command, use->identity);
    text_format(&command, " -%s ", use->external ? of[use->kind].external : of[use->kind].internal);
    if (use->kind == USE_OUTLOOK_ANYWHERE) {
        text_add(&command, "RIGHT-NAME");
    } else {
        struct text url = {0};

        text_format(&url, "https://RIGHT-NAME%s", use->path);
        if (url.failed)
            command.failed = true;
        else
            remedy_quote(&command, url.value);
        text_free(&url);
    }
    *ret_command = text_take(&command);
    return *ret_command != NULL || error_memory(err);
}
