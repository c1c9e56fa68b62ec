#include "notify/mail/patience.h"

#define SECONDS INT64_C(1000)
#define MINUTES (60 * SECONDS)

const struct patience patience_standard = {
    .step =
        {
            [STEP_CONNECT] = 30 * SECONDS, /* ours: nothing is lost yet, and another relay may be up */
            [STEP_GREETING] = 5 * MINUTES, /* 4.5.3.2.1 */
            [STEP_COMMAND] = 5 * MINUTES,
            [STEP_SENDER] = 5 * MINUTES,    /* 4.5.3.2.2 */
            [STEP_RECIPIENT] = 5 * MINUTES, /* 4.5.3.2.3 */
            [STEP_DATA] = 2 * MINUTES,      /* 4.5.3.2.4 */
            [STEP_BLOCK] = 3 * MINUTES,     /* 4.5.3.2.5 */
            [STEP_FINAL] = 10 * MINUTES,    /* 4.5.3.2.6 */
            [STEP_QUIT] = 5 * SECONDS,      /* ours: everything is done */
        },
    /* systemd/authcert.service has TimeoutStartSec=30min. */
    .run = 20 * MINUTES,
};

const char *patience_awaited(enum mail_step step) {
    switch (step) {
    case STEP_CONNECT:
        return "take the connection";
    case STEP_GREETING:
        return "send its greeting";
    case STEP_COMMAND:
        return "answer a command";
    case STEP_SENDER:
        return "answer about the sender (MAIL)";
    case STEP_RECIPIENT:
        return "answer about a recipient (RCPT)";
    case STEP_DATA:
        return "ask for the letter (DATA)";
    case STEP_BLOCK:
        return "take a part of the letter";
    case STEP_FINAL:
        return "say whether it took the letter";
    case STEP_QUIT:
        return "say good-bye";
    }
    return "answer";
}
