#include "monitor/state/silence.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"

#define HTTP_REFUSED 500

void silence_free(struct silence *silence) {
    for (size_t i = 0; i < silence->count; i++)
        free(silence->servers[i].fqdn);
    free(silence->servers);
    *silence = (struct silence){0};
}

static bool any_learned(const struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted && facts->servers[i].learned)
            return true;
    return false;
}

bool silence_refuses(const struct silence *silence, const struct facts *facts) {
    size_t refused = 0;

    if (silence == NULL || !facts->asked || silence->good == 0)
        return silence != NULL && !facts->asked && silence->refusing;
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!server->counted || server->reached != ANSWER_YES)
            continue;
        if (server->http_status != HTTP_REFUSED)
            return false;
        refused++;
    }
    return refused > 0;
}

int silence_nights(const struct silence *silence, const struct facts *facts, time_t now) {
    const int nights = silence != NULL ? silence->nights : 0;
    bool new_date;

    if (any_learned(facts))
        return 0;
    if (!facts->asked || facts_counted(facts) == 0)
        return nights;
    new_date = nights == 0 || time_utc_date(silence->night) != time_utc_date(now);
    return nights + new_date;
}

/* Silent servers stand in the directory's order, so the next one is found at once, if it was silent before. */
static time_t since_of(const struct silence *silence, const char *fqdn, size_t *hint) {
    for (size_t i = 0; i < silence->count; i++) {
        const struct silent_server *one = &silence->servers[(*hint + i) % silence->count];

        if (strcasecmp(one->fqdn, fqdn) != 0)
            continue;
        *hint = (*hint + i + 1) % silence->count;
        return one->since;
    }
    return 0;
}

void silence_apply(const struct silence *silence, time_t now, struct facts *facts) {
    size_t hint = 0;

    for (size_t i = 0; i < facts->server_count; i++) {
        struct server_facts *server = &facts->servers[i];

        if (!server->counted || server->learned)
            continue;
        server->silent_since = since_of(silence, server->fqdn, &hint);
        if (server->silent_since == 0 && facts->asked)
            server->silent_since = now;
    }
}

bool silence_add(struct silence *silence, const char *fqdn, time_t since, struct error *err) {
    struct silent_server *servers = reallocarray(silence->servers, silence->count + 1, sizeof(*servers));
    char *name = strdup(fqdn);

    if (servers != NULL)
        silence->servers = servers;
    if (servers == NULL || name == NULL) {
        free(name);
        return error_memory(err);
    }
    servers[silence->count++] = (struct silent_server){.fqdn = name, .since = since};
    return true;
}

bool silence_note(struct silence *silence, const struct facts *facts, time_t now, struct error *err) {
    struct silence after = {.good = silence->good};
    size_t hint = 0;

    if (!facts->read || (facts->asked && facts_counted(facts) == 0))
        return true;
    if (facts->asked) {
        after.nights = silence_nights(silence, facts, now);
        after.night = after.nights > 0 ? now : 0;
        after.good = after.nights > 0 ? silence->good : now;
        after.refusing = silence_refuses(silence, facts);
    }
    for (size_t i = 0; facts->asked && i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];
        time_t since = server->counted && !server->learned ? since_of(silence, server->fqdn, &hint) : 0;

        if (server->counted && !server->learned && !silence_add(&after, server->fqdn, since != 0 ? since : now, err)) {
            silence_free(&after);
            return false;
        }
    }
    silence_free(silence);
    *silence = after;
    return true;
}
