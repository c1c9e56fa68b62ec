#include "monitor/doctor/windows.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "windows/windows.h"

#define WHAT "WinRM"
#define NAMED_MOST 5
#define FREE_LEAST 200   /* megabytes, below which Windows itself is in trouble */
#define PROVIDER_TYPE 24 /* PROV_RSA_AES: what Exchange needs, and what signs with SHA-256 */

static const struct server_facts *server_of(const struct facts *facts, const char *fqdn) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (strcasecmp(facts->servers[i].fqdn, fqdn) == 0)
            return &facts->servers[i];
    return NULL;
}

/* What would keep a key from being imported; false when something does. */
static bool judge_host(struct doctor *doctor, const char *fqdn, const struct script_host *host) {
    const char *const language = host->language[0] != '\0' ? host->language : "unknown";
    bool good = true;

    if (!host->administrator) {
        finding_say(doctor, FINDING_FAILED, WHAT,
                    "%s: the account is no local administrator there, so it cannot import a key: put it into the "
                    "server's group Administrators (docs/windows.md)",
                    fqdn);
        good = false;
    }
    if (strcmp(language, "FullLanguage") != 0) {
        finding_say(doctor, FINDING_FAILED, WHAT,
                    "%s: PowerShell runs in %s there, in which no key can be imported: let AppLocker or WDAC allow the "
                    "script (docs/windows.md)",
                    fqdn, language);
        good = false;
    }
    if (strcmp(host->store, "writable") != 0) {
        finding_say(doctor, FINDING_FAILED, WHAT, "%s: the store LocalMachine\\My cannot be written: %s", fqdn,
                    host->store[0] != '\0' ? host->store : "no reason given");
        good = false;
    }
    if (host->provider != PROVIDER_TYPE) {
        finding_say(doctor, FINDING_FAILED, WHAT,
                    "%s: Windows does not know \"Microsoft Enhanced RSA and AES Cryptographic Provider\" as type %d, "
                    "which Exchange needs: certutil -csplist lists what it knows",
                    fqdn, PROVIDER_TYPE);
        good = false;
    }
    if (host->free_mb >= 0 && host->free_mb < FREE_LEAST)
        finding_say(doctor, FINDING_WARNING, WHAT, "%s: only %" PRId64 " MB are free on its system drive", fqdn,
                    host->free_mb);
    if (host->service[0] != '\0' && strcmp(host->service, "running") != 0)
        finding_say(doctor, FINDING_WARNING, WHAT,
                    "%s: the service MSExchangeServiceHost is %s there: Start-Service MSExchangeServiceHost", fqdn,
                    host->service);
    return good;
}

/* The store was looked at before: facts have what each server showed. */
static void say_good(struct doctor *doctor, const struct windows_result *result, const struct facts *facts) {
    const struct script_host *host = &result->answers[0].host;
    const struct server_facts *server = server_of(facts, result->fqdn);
    bool next = facts->slots.thumbprint[SLOT_NEXT][0] != '\0';

    finding_say(doctor, FINDING_OK, WHAT,
                "%s: logged in by %s, an administrator; Windows %s, PowerShell %s; current: %s%s%s", result->fqdn,
                result->service, host->os, host->powershell, server ? proof_name(server->proof[SLOT_CURRENT]) : "?",
                next ? ", next: " : "", next && server ? proof_name(server->proof[SLOT_NEXT]) : "");
    if (strcmp(result->service, "HTTP") == 0)
        finding_say(doctor, FINDING_WARNING, WHAT,
                    "%s: neither WSMAN/%s nor HOST/%s could be used, only HTTP/%s, which often belongs to an account "
                    "of its own: setspn -Q WSMAN/%s shows whose it is; the service WinRM registers it when it starts",
                    result->fqdn, result->fqdn, result->fqdn, result->fqdn, result->fqdn);
}

/* A trouble that several servers share is told once, with all of them. */
static void say_trouble(struct doctor *doctor, const struct windows_result *results, size_t count, size_t at) {
    struct text names = {0};
    size_t alike = 0;

    for (size_t i = 0; i < count; i++) {
        if (results[i].trouble == NULL || strcmp(results[i].trouble, results[at].trouble) != 0)
            continue;
        if (i < at) /* told with that one */
            goto out;
        text_add_name(&names, results[i].fqdn, alike++, NAMED_MOST);
    }
    text_add_more(&names, alike, NAMED_MOST);
    finding_say(doctor, FINDING_FAILED, WHAT, "%s: %s", names.failed ? results[at].fqdn : names.value,
                results[at].trouble);
out:
    text_free(&names);
}

static void say_server(struct doctor *doctor, const struct windows_result *result, const struct facts *facts) {
    const struct script_answer *answer = &result->answers[0];

    if (answer->state != SCRIPT_READY || !answer->host.known)
        finding_say(doctor, FINDING_FAILED, WHAT, "%s: %s", result->fqdn,
                    answer->message[0] != '\0' ? answer->message : "it gave no answer that can be used");
    else if (judge_host(doctor, result->fqdn, &answer->host))
        say_good(doctor, result, facts);
}

void doctor_windows(struct doctor *doctor, const struct facts *facts) {
    const struct config *config = doctor->config;
    const struct windows_errand errand = {.operation = "look"};
    const struct progress_port *progress = &doctor->invocation->progress;
    struct windows_result *results = NULL;
    struct strings servers = {0};
    struct error err = {0};
    bool ok;

    if (config->policy.method != DELIVERY_BY_WINRM)
        return;
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            strings_add(&servers, "%s", facts->servers[i].fqdn);
    progress_begin(progress, "asking %zu server%s over WinRM", servers.count, servers.count == 1 ? "" : "s");
    ok = servers.failed ? error_memory(&err) : windows_ask(&config->windows, &servers, &errand, &results, &err);
    progress_end(progress);
    if (!ok)
        finding_say(doctor, FINDING_FAILED, WHAT, "%s", err.text);
    for (size_t i = 0; ok && i < servers.count; i++) {
        if (results[i].trouble)
            say_trouble(doctor, results, servers.count, i);
        else
            say_server(doctor, &results[i], facts);
    }
    if (ok)
        windows_free(results, servers.count);
    strings_free(&servers);
}
