#include "monitor/ports/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "monitor/show/systemd/journal.h"

/* What a service starts inherits the id too, but only what speaks to the journal is found by it. It is no name for a
 * message: a unit may run several organizations one after the other. */
static void note_invocation(struct sender *sender) {
    const char *id = getenv("INVOCATION_ID");
    const size_t length = sizeof(sender->invocation) - 1;

    sender->invocation[0] = '\0';
    if (id != NULL && journal_is_stderr() && strlen(id) == length && strspn(id, "0123456789abcdef") == length)
        memcpy(sender->invocation, id, length + 1);
}

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
    note_invocation(sender);
    sender->speaker = (struct speaker){.host = sender->host,
                                       .version = AUTHCERT_VERSION,
                                       .run_id = sender->run_id,
                                       .config = config_path,
                                       .invocation = sender->invocation[0] != '\0' ? sender->invocation : NULL};
    return true;
}
