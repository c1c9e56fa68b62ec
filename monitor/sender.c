#include "monitor/sender.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/text.h"

bool sender_init(struct sender *sender, const char *config_path, time_t now, struct error *err) {
    unsigned char random[8];
    char host[256] = "";
    int length;

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return error_set(err, ERROR_CRYPTO, "cannot get random bytes for the run's name");
    if (gethostname(host, sizeof(host) - 1) != 0 || !text_is_host_name(host))
        snprintf(host, sizeof(host), "localhost");
    memcpy(sender->host, host, sizeof(host));
    length = snprintf(sender->run_id, sizeof(sender->run_id), "%lld-", (long long)now);
    for (size_t i = 0; i < sizeof(random); i++)
        length += snprintf(sender->run_id + length, sizeof(sender->run_id) - (size_t)length, "%02x", random[i]);
    sender->mail = (struct mail_sender){
        .host = sender->host, .version = AUTHCERT_VERSION, .run_id = sender->run_id, .config = config_path};
    return true;
}
