#include "monitor/act/refresh.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "monitor/decide/promoted.h"

#define ASKED_EVERY 5000 /* milliseconds between two askings for the documents */
#define ASKED_MOST 12    /* times */

/* What one refreshing works on. */
struct refreshing {
    struct actor *actor;
    const struct certificate *certificate;
    struct strings left; /* servers that are still to be done */
    struct strings done;
    struct text failed; /* "ex3: why; ..." */
};

static bool names(const struct strings *list, const char *fqdn) {
    for (size_t i = 0; i < list->count; i++)
        if (strcasecmp(list->items[i], fqdn) == 0)
            return true;
    return false;
}

/* Without names: those that neither serve current already nor have begun with it before. */
static bool is_wanted(const struct looker *looker, const struct server_facts *server, const struct strings *wanted) {
    const struct refreshed_servers *before = &looker->history->refreshed;

    if (!server->counted || wanted)
        return server->counted && names(wanted, server->fqdn);
    return !server->serves[SLOT_CURRENT] &&
           (strcmp(before->thumbprint, looker->facts->slots.thumbprint[SLOT_CURRENT]) != 0 ||
            !names(&before->names, server->fqdn));
}

static bool any_is_wanted(const struct looker *looker) {
    for (size_t i = 0; i < looker->facts->server_count; i++)
        if (is_wanted(looker, &looker->facts->servers[i], NULL))
            return true;
    return false;
}

/* Whoever has begun with it need not do so again. */
static void remember(struct looker *looker, const char *thumbprint, const struct strings *done) {
    struct refreshed_servers *refreshed = &looker->history->refreshed;

    if (strcmp(refreshed->thumbprint, thumbprint) != 0) {
        strings_free(&refreshed->names);
        memcpy(refreshed->thumbprint, thumbprint, THUMBPRINT_SIZE);
    }
    for (size_t i = 0; i < done->count; i++)
        if (!names(&refreshed->names, done->items[i]))
            strings_add(&refreshed->names, "%s", done->items[i]);
}

bool refresh_is_due(const struct looker *looker) {
    const struct facts *facts = looker->facts;
    time_t promoted = facts->read ? promoted_surely_at(facts, looker->history) : 0;

    return looker->policy->refresh && looker->ports->windows.refresh && promoted != 0 &&
           looker->now - promoted <= PROBED_SETTLED && !looker->report->decision.clock_wrong &&
           facts_slot_state(facts, SLOT_CURRENT, looker->now) == SLOT_USABLE && any_is_wanted(looker);
}

static const char *site_of(const struct facts *facts, const char *fqdn) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (strcasecmp(facts->servers[i].fqdn, fqdn) == 0)
            return facts->servers[i].site ? facts->servers[i].site : "";
    return "";
}

/* One server of each site. */
static void choose(struct refreshing *refreshing, struct strings *chosen) {
    const struct facts *facts = refreshing->actor->looker->facts;
    struct strings rest = {0};

    for (size_t i = 0; i < refreshing->left.count; i++) {
        const char *fqdn = refreshing->left.items[i];
        bool taken = false;

        for (size_t c = 0; c < chosen->count && !taken; c++)
            taken = strcasecmp(site_of(facts, chosen->items[c]), site_of(facts, fqdn)) == 0;
        strings_add(taken ? &rest : chosen, "%s", fqdn);
    }
    strings_free(&refreshing->left);
    refreshing->left = rest;
}

static void take(struct refreshing *refreshing, struct refreshed *refreshed, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (refreshed[i].done)
            strings_add(&refreshing->done, "%s", refreshed[i].fqdn);
        else
            text_format(&refreshing->failed, "; %s: %s", refreshed[i].fqdn, refreshed[i].detail);
        free(refreshed[i].fqdn);
        free(refreshed[i].detail);
    }
    free(refreshed);
}

static bool do_round(struct refreshing *refreshing, struct error *err) {
    const struct looker *looker = refreshing->actor->looker;
    const struct windows_port *port = &looker->ports->windows;
    struct refreshed *refreshed = NULL;
    struct strings chosen = {0};
    bool ok;

    choose(refreshing, &chosen);
    if (chosen.failed || refreshing->left.failed) {
        strings_free(&chosen);
        return error_memory(err);
    }
    progress_begin(&looker->ports->progress, "refreshing the services of %s%s", chosen.items[0],
                   chosen.count > 1 ? " and others" : "");
    ok = port->refresh(port->context, &chosen, refreshing->certificate, &refreshed, err);
    progress_end(&looker->ports->progress);
    if (ok)
        take(refreshing, refreshed, chosen.count);
    strings_free(&chosen);
    return ok;
}

/* Do all of them serve the certificate? */
static bool serve_it(const struct probed *probed, const struct refreshing *refreshing) {
    for (size_t i = 0; i < refreshing->done.count; i++) {
        const struct probed_server *server = probed_server(probed, refreshing->done.items[i]);
        bool serves = false;

        for (size_t t = 0; server && t < server->thumbprint_count; t++)
            serves = serves || strcmp(server->thumbprints[t], refreshing->certificate->thumbprint) == 0;
        if (!serves)
            return false;
    }
    return true;
}

/* Services take a while to start. What is learned of the documents last is judged by the next look. */
static void await_documents(const struct refreshing *refreshing) {
    struct looker *looker = refreshing->actor->looker;
    const struct servers_port *port = &looker->ports->servers;
    const struct progress_port silent = {0}; /* the line that is shown stays */
    bool served = false;

    if (!port->ask || refreshing->done.count == 0)
        return;
    progress_begin(&looker->ports->progress, "waiting until the servers show the certificate");
    for (int i = 0; i < ASKED_MOST && !served; i++) {
        struct probed probed = {0};
        struct error ignored = {0};

        if (i > 0)
            clock_wait(ASKED_EVERY);
        served =
            port->ask(port->context, &refreshing->done, &silent, &probed, &ignored) && serve_it(&probed, refreshing);
        probed_free(&probed);
    }
    progress_end(&looker->ports->progress);
    probed_free(&looker->probed);
    looker->probed = (struct probed){0};
    looker->asked = false;
}

bool refresh_servers(struct actor *actor, const struct strings *wanted) {
    struct looker *looker = actor->looker;
    const struct facts *facts = looker->facts;
    struct refreshing refreshing = {.actor = actor, .certificate = facts->slot[SLOT_CURRENT].certificate};
    const char *thumbprint = facts->slots.thumbprint[SLOT_CURRENT];
    struct error err = {0};
    size_t count;
    bool ok = true;

    if (!refreshing.certificate) {
        actor_note(actor, ACT_REFRESH, thumbprint, false, "the bytes of the current certificate are not known");
        return false;
    }
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_wanted(looker, &facts->servers[i], wanted))
            strings_add(&refreshing.left, "%s", facts->servers[i].fqdn);
    count = refreshing.left.count;
    while (ok && refreshing.left.count > 0)
        ok = do_round(&refreshing, &err);
    await_documents(&refreshing);
    ok = ok && refreshing.done.count == count;
    if (err.kind != ERROR_NONE)
        text_format(&refreshing.failed, "; %s", err.text);
    actor_note(actor, ACT_REFRESH, thumbprint, ok,
               "MSExchangeServiceHost restarted and pools recycled on %zu of %zu "
               "servers%s",
               refreshing.done.count, count, refreshing.failed.value ? refreshing.failed.value : "");
    remember(looker, thumbprint, &refreshing.done);
    strings_free(&refreshing.left);
    strings_free(&refreshing.done);
    text_free(&refreshing.failed);
    return ok;
}
