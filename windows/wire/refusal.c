#include "windows/wire/refusal.h"

#include <string.h>

#define SHOWN_MOST 120

bool refusal_no_answer(const struct http *http, int port, bool reached, struct error *err) {
    const char *words = http_words(http);

    switch (http_failure(http)) {
    case HTTP_FAILURE_NAME:
        return error_set(err, ERROR_NETWORK, "its name is not known to DNS: check the name servers of this host");
    case HTTP_FAILURE_CONNECTION:
        return error_set(err, ERROR_NETWORK,
                         "there is no connection to port %d (%s): on the server, winrm enumerate winrm/config/listener "
                         "shows what listens, winrm quickconfig sets it up; the firewall must let this host in; and "
                         "where the group policy \"Allow remote server management through WinRM\" has an empty filter, "
                         "it listens nowhere",
                         port, words);
    case HTTP_FAILURE_LATE:
        if (!reached)
            return error_set(err, ERROR_NETWORK,
                             "port %d does not answer: the server is down, or a firewall drops what comes from this "
                             "host; on the server, winrm enumerate winrm/config/listener shows whether WinRM listens",
                             port);
        return error_set(err, ERROR_NETWORK, "it stopped answering");
    case HTTP_FAILURE_TRUST:
        return error_set(
            err, ERROR_NETWORK,
            "the TLS certificate of port %d is not trusted (%s): name its CA with ca_file in [windows], or "
            "put it into this host's store; and it has to be for the server's own name",
            port, words);
    case HTTP_FAILURE_BROKEN:
        return error_set(err, ERROR_NETWORK, "the connection broke off (%s)", words);
    case HTTP_FAILURE_LOCAL:
        break;
    }
    return error_context(err, "this host cannot ask it");
}

bool refusal_of_status(const struct http_answer *answer, struct error *err) {
    switch (answer->status) {
    case 403:
    case 404:
        return error_set(err, ERROR_CONFIG,
                         "what answers at this port is no WinRM, or has another address than /wsman (HTTP %d): winrm "
                         "get winrm/config/listener on the server; an IIS or a proxy may stand there, check port in "
                         "[windows]",
                         answer->status);
    case 400:
    case 411:
        return error_set(err, ERROR_NETWORK,
                         "it does not understand the request (HTTP %d): WinRM may be starting, a later run tries "
                         "again; else something between changes what is sent",
                         answer->status);
    case 413:
        return error_set(err, ERROR_CONFIG,
                         "it finds the request too large (HTTP 413): MaxEnvelopeSizekb was made smaller than Windows' "
                         "own 150 (winrm get winrm/config)");
    case 500:
        return error_set(err, ERROR_CONFIG,
                         "it refuses without a reason that can be read (HTTP 500): the Windows Remote Management event "
                         "log on the server may tell it");
    case 503:
        return error_set(err, ERROR_NETWORK, "WinRM is busy or starting there (HTTP 503): a later run tries again");
    default:
        return error_set(err, ERROR_NETWORK, "its answer is none of WinRM (HTTP %d, %s)", answer->status,
                         answer->type[0] != '\0' ? answer->type : "no content type");
    }
}

bool refusal_offers_nothing(const struct strings *challenges, struct error *err) {
    char shown[SHOWN_MOST];
    const char *first = challenges->count > 0 ? challenges->items[0] : "nothing";

    text_printable(shown, sizeof(shown), first, strcspn(first, " ,"));
    return error_set(err, ERROR_CONFIG,
                     "WinRM takes no Kerberos there (it offers %s): allow it, winrm set winrm/config/service/auth "
                     "@{Kerberos=\"true\"}, or end the group policy that disallows Kerberos and Negotiate",
                     shown);
}

bool refusal_by_all(const char *host, bool tls, struct error *err) {
    return error_set(err, ERROR_CREDENTIALS,
                     "it takes no ticket of Kerberos (HTTP 401): setspn -Q WSMAN/%s, HOST/%s and HTTP/%s tell whose "
                     "names they are, which has to be this computer's; w32tm /query /status compares its clock%s; and "
                     "the account must have the right to log on from the network",
                     host, host, host,
                     tls ? "; where something between opens TLS, the channel binding cannot fit "
                           "(winrm get winrm/config/service/auth, CbtHardeningLevel)"
                         : "");
}

bool refusal_lost(struct error *err) {
    return error_set(err, ERROR_NETWORK, "the connection was lost, and with it the log-in");
}
