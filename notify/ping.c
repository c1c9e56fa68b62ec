#include "notify/ping.h"

#include <stdio.h>

#include "web/https.h"

static bool call(const struct ping_settings *settings, const char *suffix, struct error *err) {
    const struct https_request request = {
        .address = &settings->url, .suffix = suffix, .proxy = settings->proxy, .timeout = PING_TIMEOUT};
    struct https_answer answer;
    bool unclear;

    if (!https_send(&request, &answer, &unclear, err))
        return error_context(err, "the dead man's switch ([metrics] ping_url_file)%s",
                             unclear ? ", which got the signal whole and may count it" : "");
    if (answer.status >= 200 && answer.status < 300)
        return true;
    return error_set(err, answer.status < 500 ? ERROR_CONFIG : ERROR_NETWORK,
                     "the dead man's switch ([metrics] ping_url_file) answered %d%s%s%s", answer.status,
                     answer.said[0] != '\0' ? ", and said: " : "", answer.said,
                     answer.status >= 300 && answer.status < 400
                         ? "; a redirect is not followed since the address is a secret: put the final one into the file"
                         : "");
}

bool ping_start(const struct ping_settings *settings, struct error *err) {
    return call(settings, "/start", err);
}

bool ping_end(const struct ping_settings *settings, int status, struct error *err) {
    char suffix[16];

    (void)snprintf(suffix, sizeof suffix, "/%d", status);
    return call(settings, status == 0 ? NULL : suffix, err);
}

bool ping_probe(const struct ping_settings *settings, struct error *err) {
    const struct https_request request = {.address = &settings->url, .proxy = settings->proxy, .timeout = PING_TIMEOUT};

    return https_probe(&request, err);
}
