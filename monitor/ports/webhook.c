#include "monitor/ports/webhook.h"

#include <unistd.h>

#include "base/file.h"
#include "notify/outbox.h"

bool webhook_port_open(struct webhook_port *port, const struct config *config, int state, time_t now,
                       struct channel_port *ret_port, struct error *err) {
    struct error failure = {0};
    int outbox;

    if (config->webhook.url.value == NULL) {
        *ret_port = (struct channel_port){0};
        /* What an earlier configuration left waits all the same. */
        port->open = folder_open(state, WEBHOOK_OUTBOX, false, 0, true, &port->channel.outbox, NULL);
        return true;
    }
    if (!sender_init(&port->sender, config->path, now, err))
        return false;
    if (!folder_open(state, WEBHOOK_OUTBOX, true, 0700, false, &outbox, &failure)) {
        if (err != NULL)
            *err = failure;
        return error_context(err, "the webhook's outbox cannot be used");
    }
    port->channel =
        (struct webhook_channel){.settings = &config->webhook, .speaker = &port->sender.speaker, .outbox = outbox};
    port->open = true;
    *ret_port = (struct channel_port){.name = "webhook",
                                      .context = &port->channel,
                                      .tell = webhook_tell,
                                      .flush = webhook_flush,
                                      .heard = webhook_heard};
    return true;
}

void webhook_port_close(struct webhook_port *port) {
    if (port->open)
        close(port->channel.outbox);
    port->open = false;
}

size_t webhook_port_pending(const struct webhook_port *port) {
    return port->open ? outbox_pending(port->channel.outbox) : 0;
}

size_t webhook_port_given_up(const struct webhook_port *port) {
    return port->open ? outbox_given_up(port->channel.outbox) : 0;
}
