#include "monitor/look/looker.h"

#include <assert.h>

void ports_add_channel(struct run_ports *ports, const struct channel_port *channel) {
    assert(channel->tell == NULL || ports->channel_count < CHANNELS_MOST);
    if (channel->tell != NULL)
        ports->channels[ports->channel_count++] = *channel;
}

struct looker looker_of(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
                        struct facts *facts, struct report *report, struct strings *troubles) {
    return (struct looker){
        .ports = ports,
        .policy = policy,
        .now = now,
        .history = history,
        .facts = facts,
        .report = report,
        .troubles = troubles,
    };
}

void looker_end(struct looker *looker) {
    strings_free(&looker->tried);
    strings_free(&looker->entra_asked);
    probed_free(&looker->probed);
    proofs_free(&looker->proofs);
}
