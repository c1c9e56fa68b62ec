#include "notify/mail/remedy.h"

#include <string.h>

#define NO_PASSWORDS                                                                                                   \
    "it is not the password: this relay takes no log-in with name and password from this account (SMTP AUTH, basic "   \
    "authentication). Have an administrator allow authenticated SMTP for it, or name a relay that takes mail from "    \
    "this host without log-in and remove username"
#define APP_PASSWORD "the account needs an app password here: make one, and put it into the password file of [mail]"
#define WRONG_PASSWORD "check username and the password in [mail]"
#define MAY_NOT_SEND                                                                                                   \
    "the account may not send as this address: set from in [mail] to its own one, or grant it Send As there"
#define NO_RELAYING                                                                                                    \
    "it does not relay to other domains for this host: let its administrator allow this host's address to relay, set " \
    "username in [mail], or name recipients of its own domains"
#define WANTS_LOGIN                                                                                                    \
    "it wants a log-in first: set username and password_file in [mail], or let it take mail from this host's address"
#define WANTS_TLS "it takes nothing without TLS: set tls = required in [mail], or use smtps://"
#define NOT_THIS_HOST                                                                                                  \
    "it refuses this host's address, not the letter: let its administrator allow the address, or take it off the "     \
    "block list that it names"
#define SENDER_DOMAIN                                                                                                  \
    "the domain of from in [mail] does not let this host or relay send for it (SPF, DKIM, DMARC), or is not known: "   \
    "use an address of a domain that does"
#define BAD_RECIPIENT "check this address in to or escalate_to of [mail]"
#define TOO_LARGE "the letter is larger than the relay takes: raise its limit to 1 MB for this host"
#define MAILBOX_FULL "the mailbox is full or switched off: repair that, or name another address in [mail]"
#define GREYLIST                                                                                                       \
    "nothing is wrong: it wants everybody new to come again, and a later run does; an exception for this host's "      \
    "address spares the wait"
#define NO_RESOURCES "it lacks disk space or memory, or is being shut down; a later run tries again"
#define TOO_MANY "it limits how many connections or letters it takes; a later run tries again"
#define HELLO                                                                                                          \
    "it does not like this host's name in EHLO: give this host a full name in DNS (hostname -f), or let the relay "    \
    "take others"

#define AUTH_ONLY 1u
#define RECIPIENT_ONLY 2u
#define SENDER_ONLY 4u

/* The first that fits counts. `code` fits a whole enhanced status code, or with a dot at its end all that begin so. */
static const struct {
    const char *words; /* in any case; NULL = whatever it says */
    const char *code;  /* NULL = whatever it is */
    unsigned when;     /* 0 = at any step */
    const char *advice;
} remedies[] = {
    {"credentials were incorrect", NULL, AUTH_ONLY, WRONG_PASSWORD},
    {"basic authentication is disabled", NULL, 0, NO_PASSWORDS},
    {"smtpclientauthentication is disabled", NULL, 0, NO_PASSWORDS},
    {"smtp auth is disabled", NULL, 0, NO_PASSWORDS},
    {"security defaults", NULL, 0, NO_PASSWORDS},
    {"application-specific password", NULL, 0, APP_PASSWORD},
    {"app password", NULL, 0, APP_PASSWORD},
    {NULL, "5.7.139", AUTH_ONLY, NO_PASSWORDS},
    {NULL, "5.7.9", AUTH_ONLY, APP_PASSWORD},
    {"must issue a starttls", NULL, 0, WANTS_TLS},
    {NULL, "5.7.10", 0, WANTS_TLS},
    {NULL, "5.7.11", 0, WANTS_TLS},
    {"encryption required", NULL, 0, WANTS_TLS},
    {NULL, NULL, AUTH_ONLY, WRONG_PASSWORD},

    {"greylist", NULL, 0, GREYLIST},
    {"graylist", NULL, 0, GREYLIST},
    {"send as this sender", NULL, 0, MAY_NOT_SEND},
    {"not owned by user", NULL, 0, MAY_NOT_SEND},
    {"send as on behalf", NULL, 0, MAY_NOT_SEND},
    {NULL, "5.7.60", 0, MAY_NOT_SEND},
    {"not authenticated", NULL, 0, WANTS_LOGIN},
    {"authentication required", NULL, 0, WANTS_LOGIN},
    {"authentication is required", NULL, 0, WANTS_LOGIN},
    {NULL, "5.7.57", 0, WANTS_LOGIN},
    {"relay access denied", NULL, 0, NO_RELAYING},
    {"unable to relay", NULL, 0, NO_RELAYING},
    {"relaying denied", NULL, 0, NO_RELAYING},
    {"relay not permitted", NULL, 0, NO_RELAYING},
    {"relaying not allowed", NULL, 0, NO_RELAYING},
    {"relay denied", NULL, 0, NO_RELAYING},
    {NULL, "5.7.54", 0, NO_RELAYING},
    {NULL, "5.7.64", 0, NO_RELAYING},
    {"client host", NULL, 0, NOT_THIS_HOST},
    {"blocked using", NULL, 0, NOT_THIS_HOST},
    {"banned sending ip", NULL, 0, NOT_THIS_HOST},
    {"block list", NULL, 0, NOT_THIS_HOST},
    {"blocklist", NULL, 0, NOT_THIS_HOST},
    {NULL, "5.7.25", 0, NOT_THIS_HOST},
    {NULL, "5.7.606", 0, NOT_THIS_HOST},
    {NULL, "5.7.511", 0, NOT_THIS_HOST},
    {"helo", NULL, 0, HELLO},
    {"ehlo", NULL, 0, HELLO},
    {"invalid domain name", NULL, 0, HELLO},
    {NULL, "5.7.23", 0, SENDER_DOMAIN},
    {NULL, "5.7.26", 0, SENDER_DOMAIN},
    {"dmarc", NULL, 0, SENDER_DOMAIN},
    {"spf", NULL, 0, SENDER_DOMAIN},
    {"domain not found", NULL, SENDER_ONLY, SENDER_DOMAIN},
    {NULL, "5.1.8", 0, SENDER_DOMAIN},
    {NULL, "5.1.7", 0, "check from in [mail]: the relay does not take this address as a sender"},
    {NULL, "5.3.4", 0, TOO_LARGE},
    {NULL, "5.2.3", 0, TOO_LARGE},
    {"size limit", NULL, 0, TOO_LARGE},
    {"too large", NULL, 0, TOO_LARGE},
    {"maximum message size", NULL, 0, TOO_LARGE},
    {NULL, "5.2.", 0, MAILBOX_FULL},
    {NULL, "4.2.2", 0, MAILBOX_FULL},
    {NULL, "5.1.", RECIPIENT_ONLY, BAD_RECIPIENT},
    {NULL, "5.4.1", RECIPIENT_ONLY, BAD_RECIPIENT},
    {"user unknown", NULL, RECIPIENT_ONLY, BAD_RECIPIENT},
    {"no such user", NULL, RECIPIENT_ONLY, BAD_RECIPIENT},
    {NULL, "4.3.", 0, NO_RESOURCES},
    {"insufficient system", NULL, 0, NO_RESOURCES},
    {"too many", NULL, 0, TOO_MANY},
    {"rate limit", NULL, 0, TOO_MANY},
    {NULL, "4.7.1", RECIPIENT_ONLY, GREYLIST},
};

/* "5.7.139" at the beginning of the text; 0 when it does not begin with one. */
static size_t enhanced_length(const char *text) {
    size_t class = strspn(text, "245");
    size_t subject, detail;

    if (class != 1 || text[1] != '.')
        return 0;
    subject = strspn(text + 2, "0123456789");
    if (subject == 0 || subject > 3 || text[2 + subject] != '.')
        return 0;
    detail = strspn(text + 3 + subject, "0123456789");
    return detail > 0 && detail <= 3 ? 3 + subject + detail : 0;
}

static bool code_fits(const char *wanted, const char *text, size_t length) {
    size_t known = strlen(wanted);

    if (wanted[known - 1] == '.')
        return length > known && strncmp(text, wanted, known) == 0;
    return length == known && strncmp(text, wanted, known) == 0;
}

const char *remedy_find(enum conversation_stage stage, int code, const char *text) {
    size_t length = enhanced_length(text);
    unsigned now = stage == CONVERSATION_AUTH         ? AUTH_ONLY
                   : stage == CONVERSATION_RECIPIENTS ? RECIPIENT_ONLY
                                                      : SENDER_ONLY;

    if (stage == CONVERSATION_AUTH && code < CONVERSATION_FOR_GOOD)
        return "it cannot check it for now: a later run tries again, and the relay's log says why";
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if ((remedies[i].when == 0 || remedies[i].when == now) &&
            (remedies[i].words == NULL || strcasestr(text, remedies[i].words) != NULL) &&
            (remedies[i].code == NULL || code_fits(remedies[i].code, text, length)))
            return remedies[i].advice;
    if (code < CONVERSATION_FOR_GOOD)
        return "it may take it later; the relay's log says why";
    if (code == 530)
        return WANTS_LOGIN;
    if (code == 552)
        return TOO_LARGE;
    return "check the addresses in [mail] and that the relay accepts mail from this host";
}
