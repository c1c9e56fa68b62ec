#include "monitor/ports/mail.h"

#include <unistd.h>

#include "base/file.h"
#include "notify/outbox.h"

bool mail_port_open(struct mail_port *port, const struct config *config, int state, time_t now,
                    struct channel_port *ret_port, struct error *err) {
    struct error failure = {0};
    int outbox;

    if (config->mail.relays.count == 0) {
        *ret_port = (struct channel_port){0};
        /* What an earlier configuration left waits all the same. */
        port->open = folder_open(state, MAIL_OUTBOX, false, 0, true, &port->channel.outbox, NULL);
        return true;
    }
    if (!sender_init(&port->sender, config->path, now, err))
        return false;
    if (!folder_open(state, MAIL_OUTBOX, true, 0700, false, &outbox, &failure)) {
        if (err != NULL)
            *err = failure;
        return error_context(err, "the outbox cannot be used");
    }
    port->channel =
        (struct mail_channel){.settings = &config->mail, .speaker = &port->sender.speaker, .outbox = outbox};
    port->open = true;
    *ret_port = (struct channel_port){
        .name = "mail", .context = &port->channel, .tell = mail_tell, .flush = mail_flush, .heard = mail_heard};
    return true;
}

void mail_port_close(struct mail_port *port) {
    if (port->open)
        close(port->channel.outbox);
    port->open = false;
}

size_t mail_port_pending(const struct mail_port *port) {
    return port->open ? outbox_pending(port->channel.outbox) : 0;
}

size_t mail_port_given_up(const struct mail_port *port) {
    return port->open ? outbox_given_up(port->channel.outbox) : 0;
}
