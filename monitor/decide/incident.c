#include "monitor/decide/incident.h"

#include <string.h>

/* Does the server still lack what the step is about? */
static bool is_left(const struct server_facts *server, enum incident_step step) {
    if (!server->counted)
        return false;
    return step == INCIDENT_MADE || step == INCIDENT_DELIVERED ? server->candidate != PRESENCE_PRESENT
                                                               : !server->serves[SLOT_CURRENT];
}

static size_t count_left(const struct facts *facts, enum incident_step step) {
    size_t count = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        count += is_left(&facts->servers[i], step);
    return count;
}

/* Documents show when it is served. Where servers are not asked, or there are none, time alone tells. */
static enum incident_step step_of_written(const struct facts *facts, const struct emergency *emergency, time_t now) {
    if (now < emergency->written_at || now - emergency->written_at >= EMERGENCY_SETTLES)
        return INCIDENT_NONE;
    return facts->probed && facts_counted(facts) > 0 && count_left(facts, INCIDENT_WRITTEN) == 0 ? INCIDENT_SERVED
                                                                                                 : INCIDENT_WRITTEN;
}

enum incident_step incident_step_of(const struct facts *facts, const struct history *history, time_t now) {
    const struct emergency *emergency = history != NULL ? &history->emergency : NULL;

    if (emergency == NULL || emergency->since == 0 || !facts->read)
        return INCIDENT_NONE;
    if (emergency->written_at != 0 && strcmp(facts->slots.thumbprint[SLOT_CURRENT], emergency->thumbprint) == 0)
        return step_of_written(facts, emergency, now);
    if (facts_slot_state(facts, SLOT_CURRENT, now) == SLOT_USABLE && facts->slots.malformed == 0)
        return INCIDENT_NONE;
    if (strcmp(facts->candidate.thumbprint, emergency->thumbprint) != 0)
        return INCIDENT_NONE;
    return facts->candidate.delivery == DELIVERY_ENOUGH ? INCIDENT_DELIVERED : INCIDENT_MADE;
}

struct incident_report incident_of(const struct facts *facts, const struct history *history, time_t now) {
    struct incident_report incident = {.step = incident_step_of(facts, history, now)};

    if (incident.step == INCIDENT_NONE)
        return incident;
    incident.since = history->emergency.since;
    memcpy(incident.thumbprint, history->emergency.thumbprint, THUMBPRINT_SIZE);
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_left(&facts->servers[i], incident.step))
            strings_add(&incident.servers_left, "%s", facts->servers[i].fqdn);
    return incident;
}
