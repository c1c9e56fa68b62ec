#include "monitor/doctor/channels.h"

#include "monitor/doctor/relays.h"
#include "monitor/ports/outboxes.h"
#include "notify/mail/mail.h"
#include "notify/ping.h"
#include "notify/webhook/webhook.h"

void doctor_relays(struct doctor *doctor) {
    const struct mail_settings *mail = &doctor->config->mail;
    const struct progress_port *progress = &doctor->invocation->progress;

    for (size_t i = 0; i < mail->relays.count; i++) {
        struct error err = {0};
        bool answers;

        progress_begin(progress, "trying %s", mail->relays.items[i]);
        answers = mail_probe(mail, mail->relays.items[i], &err);
        progress_end(progress);
        finding_say_outcome(doctor, answers, mail->relays.items[i], "answers, and takes TLS and log-in as configured",
                            &err);
    }
}

/* What waits for one of them, or may have gone out. */
static void examine_waiting(struct doctor *doctor, int state) {
    struct strings sentences = {0};

    outboxes_list(state, &sentences);
    for (size_t i = 0; i < sentences.count; i++)
        finding_say(doctor, FINDING_WARNING, "outbox", "%s", sentences.items[i]);
    strings_free(&sentences);
}

void doctor_channels(struct doctor *doctor, int state) {
    static const char answers[] =
        "answers, and its TLS certificate is trusted; authcert notify --test tells whether it "
        "takes messages";
    const struct config *config = doctor->config;
    struct error err = {0};

    doctor->counting = true;
    doctor_relays(doctor);
    doctor->counting = false;
    examine_waiting(doctor, state);
    if (config->webhook.url.value != NULL)
        finding_say_outcome(doctor, webhook_probe(&config->webhook, &err), "webhook", answers, &err);
    if (config->ping.url.value != NULL)
        finding_say_outcome(doctor, ping_probe(&config->ping, &err), "dead man's switch", answers, &err);
}

void doctor_relays_of_exchange(struct doctor *doctor, const struct facts *facts) {
    if (relays_are_exchange(&doctor->config->mail.relays, facts))
        finding_say(doctor, FINDING_WARNING, "relays",
                    "every relay in [mail] is one of the Exchange servers: when Exchange stops for want of its "
                    "certificate, the warnings stop with it; add a relay that is none");
}
