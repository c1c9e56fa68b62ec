#include "ldap/connect/trouble.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct meaning {
    int code;
    enum error_kind kind;
    const char *text;
};

static const struct meaning meanings[] = {
    {LDAP_INVALID_CREDENTIALS, ERROR_CREDENTIALS,
     "The name or the password is wrong, or the account may not log in: check bind_dn and the password file"},
    {LDAP_INAPPROPRIATE_AUTH, ERROR_CREDENTIALS, "The account cannot log in this way: check bind and bind_dn"},
    {LDAP_INSUFFICIENT_ACCESS, ERROR_CREDENTIALS,
     "The account may not do this: grant it Read on the subtree of the Exchange organization"},
    {LDAP_STRONG_AUTH_REQUIRED, ERROR_CONFIG,
     "The server wants an encrypted connection: use an ldaps:// URI or tls = starttls"},
    {LDAP_CONFIDENTIALITY_REQUIRED, ERROR_CONFIG,
     "The server wants an encrypted connection: use an ldaps:// URI or tls = starttls"},
    {LDAP_REFERRAL, ERROR_DIRECTORY,
     "The server refers to another one, and referrals are not followed: name a domain controller of this forest in "
     "uri"},
    {LDAP_NO_SUCH_OBJECT, ERROR_DIRECTORY, "There is no such object, or the account may not see it"},
    {LDAP_SIZELIMIT_EXCEEDED, ERROR_DIRECTORY,
     "The server cut the answer at its size limit, and a part is not taken for the whole: raise the limit for this "
     "account"},
    {LDAP_TIMELIMIT_EXCEEDED, ERROR_DIRECTORY,
     "The server cut the answer at its time limit, and a part is not taken for the whole: try again, or raise the "
     "limit "
     "for this account"},
    {LDAP_ADMINLIMIT_EXCEEDED, ERROR_DIRECTORY,
     "The server refuses so large an answer: raise its limits for this account"},
    {LDAP_UNWILLING_TO_PERFORM, ERROR_DIRECTORY, "The server is unwilling: see what it says"},
    {LDAP_BUSY, ERROR_NETWORK, "The server is too busy now: try again later, or name another one in uri"},
    {LDAP_UNAVAILABLE, ERROR_NETWORK, "The server cannot serve now: try again later, or name another one in uri"},
    {LDAP_SERVER_DOWN, ERROR_NETWORK,
     "Nothing answers there, or the connection broke: check host, port, firewall, and that the directory runs"},
    {LDAP_CONNECT_ERROR, ERROR_NETWORK, "The connection failed: check host, port and firewall"},
    {LDAP_TIMEOUT, ERROR_NETWORK,
     "No answer within the timeout: check that the directory is well, or raise timeout in the configuration"},
    {LDAP_RESULTS_TOO_LARGE, ERROR_DATA,
     "The server sends far more than the answer can have, and reading was ended there: check that it is the directory "
     "that answers there"},
    {LDAP_DECODING_ERROR, ERROR_DATA, "What answers there does not speak LDAP properly: check host and port"},
    {LDAP_PROTOCOL_ERROR, ERROR_DIRECTORY, "The server does not understand the request: see what it says"},
    {LDAP_NO_MEMORY, ERROR_LOCAL, "Out of memory on this host"},
};

/* The "data" number of Active Directory's text behind a refused log-in (Win32 error codes). */
static const struct {
    const char *data;
    const char *text;
} logons[] = {
    {"data 525,", "Active Directory knows no such account: check bind_dn"},
    {"data 52e,", "The password is wrong: check the password file"},
    {"data 530,", "The account may not log in at this time of day"},
    {"data 531,", "The account may not log in from this host"},
    {"data 532,", "The account's password has expired: set a new one, and let it not expire"},
    {"data 533,", "The account is disabled: enable it"},
    {"data 701,", "The account has expired"},
    {"data 773,", "The account must change its password first: set a new one without that flag"},
    {"data 775,", "The account is locked: unlock it, and look who tried wrong passwords"},
};

static struct meaning meaning_of(int code, const char *diagnostic) {
    struct meaning found = {code, ERROR_DIRECTORY, "See what the server says and its log"};

    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            found = meanings[i];
    if (code == LDAP_INVALID_CREDENTIALS)
        for (size_t i = 0; i < sizeof(logons) / sizeof(logons[0]); i++)
            if (strstr(diagnostic, logons[i].data))
                found.text = logons[i].text;
    /* What Active Directory answers to a search on a connection that did not log in (000004DC, 00002020). */
    if (code == LDAP_OPERATIONS_ERROR &&
        (strstr(diagnostic, "bind must be completed") || strstr(diagnostic, "without authentication"))) {
        found.kind = ERROR_CREDENTIALS;
        found.text =
            "The directory answers only accounts that logged in: use bind = gssapi or bind = simple with an account";
    }
    /* The answer to a change on a connection that did not log in, where reading needs no account. */
    if (code == LDAP_STRONG_AUTH_REQUIRED && strstr(diagnostic, "require authentication")) {
        found.kind = ERROR_CREDENTIALS;
        found.text =
            "Whoever changes something has to log in first: use bind = gssapi or bind = simple with an account";
    }
    return found;
}

bool trouble_say(int code, const char *diagnostic, const char *what, struct error *err) {
    const char *said = diagnostic ? diagnostic : "";
    struct meaning meaning = meaning_of(code, said);

    return error_set(err, meaning.kind, "cannot %s: %s%s%s (%d). %s", what, said, said[0] ? "; " : "",
                     ldap_err2string(code), code, meaning.text);
}

char *trouble_diagnostic(LDAP *handle, char out[TROUBLE_DIAGNOSTIC_SIZE]) {
    char *said = NULL;

    out[0] = '\0';
    if (handle && ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said) == LDAP_OPT_SUCCESS && said)
        text_printable(out, TROUBLE_DIAGNOSTIC_SIZE, said, strlen(said));
    ldap_memfree(said);
    return out;
}

bool trouble_set(LDAP *handle, int code, const char *what, struct error *err) {
    char said[TROUBLE_DIAGNOSTIC_SIZE];

    return trouble_say(code, trouble_diagnostic(handle, said), what, err);
}

bool trouble_elsewhere(const struct error *err) {
    return err->kind == ERROR_NETWORK || err->kind == ERROR_DATA;
}
