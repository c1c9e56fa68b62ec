#include "monitor/ports/notify.h"

#include <unistd.h>

#include "base/file.h"
#include "monitor/decide/explain.h"
#include "notify/outbox.h"

/* Where a channel is not wanted, what an earlier configuration left in its outbox waits all the same. */
static bool open_outbox(int state, const char *name, bool wanted, const char *trouble, int *ret_outbox, bool *ret_open,
                        struct error *err) {
    struct error failure = {0};

    *ret_open = folder_open(state, name, wanted, wanted ? 0700 : 0, !wanted, ret_outbox, &failure);
    if (*ret_open || !wanted)
        return true;
    if (err != NULL)
        *err = failure;
    return error_context(err, "%s", trouble);
}

bool notify_ports_open(struct notify_ports *ports, const struct config *config, int state, time_t now,
                       struct channel_port *ret_mail, struct channel_port *ret_webhook, struct error *err) {
    const bool mails = config->mail.relays.count > 0, hooks = config->webhook.url.value != NULL;

    if ((mails || hooks) && !sender_init(&ports->sender, config->path, now, err))
        return false;
    ports->sender.speaker.state = config->state_directory;
    ports->mail = (struct mail_channel){.settings = &config->mail, .speaker = &ports->sender.speaker};
    ports->webhook = (struct webhook_channel){.settings = &config->webhook, .speaker = &ports->sender.speaker};
    if (!open_outbox(state, MAIL_OUTBOX, mails, "the outbox cannot be used", &ports->mail.outbox, &ports->mail_open,
                     err) ||
        !open_outbox(state, WEBHOOK_OUTBOX, hooks, "the webhook's outbox cannot be used", &ports->webhook.outbox,
                     &ports->webhook_open, err)) {
        notify_ports_close(ports);
        return false;
    }
    *ret_mail = *ret_webhook = (struct channel_port){0};
    if (mails)
        *ret_mail = (struct channel_port){
            .name = "mail", .context = &ports->mail, .tell = mail_tell, .flush = mail_flush, .heard = mail_heard};
    if (hooks)
        *ret_webhook = (struct channel_port){.name = "webhook",
                                             .context = &ports->webhook,
                                             .tell = webhook_tell,
                                             .flush = webhook_flush,
                                             .heard = webhook_heard};
    return true;
}

void notify_ports_tell_stuck(const struct config *config, time_t now, const struct error *why,
                             struct strings *troubles) {
    const struct occasion occasion = {.kind = OCCASION_STUCK};
    struct sender sender = {0};
    struct mail_channel mail = {.settings = &config->mail, .speaker = &sender.speaker, .outbox = -1};
    struct webhook_channel webhook = {.settings = &config->webhook, .speaker = &sender.speaker, .outbox = -1};
    struct facts facts = {.unreadable = *why};
    struct report report = {0};
    struct error err = {0};

    if (config->mail.relays.count == 0 && config->webhook.url.value == NULL)
        return;
    if (!sender_init(&sender, config->path, now, &err) ||
        !explain_report(&facts, NULL, &config->policy, now, &report, &err)) {
        strings_add(troubles, "nobody could be notified: %s", err.text);
        return;
    }
    sender.speaker.state = config->state_directory;
    if (config->mail.relays.count > 0)
        (void)mail_tell(&mail, &report, &occasion, &err);
    if (err.kind != ERROR_NONE)
        strings_add(troubles, "%s", err.text);
    err = (struct error){0};
    if (config->webhook.url.value != NULL)
        (void)webhook_tell(&webhook, &report, &occasion, &err);
    if (err.kind != ERROR_NONE)
        strings_add(troubles, "%s", err.text);
    report_free(&report);
}

void notify_ports_close(struct notify_ports *ports) {
    if (ports->mail_open)
        close(ports->mail.outbox);
    if (ports->webhook_open)
        close(ports->webhook.outbox);
    ports->mail_open = ports->webhook_open = false;
}

size_t notify_ports_pending(const struct notify_ports *ports) {
    return (ports->mail_open ? outbox_pending(ports->mail.outbox) : 0) +
           (ports->webhook_open ? outbox_pending(ports->webhook.outbox) : 0);
}

size_t notify_ports_given_up(const struct notify_ports *ports) {
    return (ports->mail_open ? outbox_given_up(ports->mail.outbox) : 0) +
           (ports->webhook_open ? outbox_given_up(ports->webhook.outbox) : 0);
}
