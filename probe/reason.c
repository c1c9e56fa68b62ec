#include "probe/reason.h"

#include <openssl/x509_vfy.h>

#include "web/verdict.h"

#define DOCTOR "authcert doctor shows what it carries"

static void explain_untrusted(const struct answer *answer, const char *host, struct text *sentence) {
    switch (answer->verify_result) {
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED: /* libcurl looks at the name before it asks for OpenSSL's verdict */
    case X509_V_ERR_HOSTNAME_MISMATCH:
        text_format(sentence,
                    "its TLS certificate is not for the name %s; set tls_name in [servers] to the name that it is for "
                    "(" DOCTOR ")",
                    host);
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        text_add(sentence, "its TLS certificate, or one above it, has expired; renew it there");
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        text_add(sentence, "its TLS certificate is not valid yet; is this host's clock right?");
        return;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        text_add(sentence, "its TLS certificate is self-signed; let the server use one of a CA, or put it into the "
                           "ca_file of [servers]");
        return;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        text_add(sentence, "its TLS certificate is of a CA that is not trusted here; put that CA into the ca_file of "
                           "[servers] (authcert doctor names it)");
        return;
    default:
        break;
    }
    text_add(sentence, "its TLS certificate is refused: ");
    if (!verdict_add_weakness(answer->verify_result, answer->detail, sentence))
        text_format(sentence, "%s; have it issued again, as one for servers (" DOCTOR ")", answer->detail);
}

static void explain_no_tls(const struct answer *answer, struct text *sentence) {
    text_add(sentence, "TLS failed: ");
    if (!verdict_add_weakness(X509_V_OK, answer->detail, sentence))
        text_format(sentence, "%s; it must offer TLS 1.2 or later on this port", answer->detail);
}

static void explain_late(const struct answer *answer, int timeout, struct text *sentence) {
    if (!answer->connected)
        text_format(sentence,
                    "no connection within %d seconds; it is off, or a firewall between drops what this host sends",
                    timeout);
    else if (!answer->secured)
        text_format(sentence, "it took the connection, but did not finish TLS within %d seconds", timeout);
    else if (answer->status == 0)
        text_format(sentence, "it took the request, but did not answer within %d seconds", timeout);
    else
        text_format(sentence, "its answer was not complete after %d seconds", timeout);
}

static void explain_ending(const struct answer *answer, const char *host, int timeout, struct text *sentence) {
    switch (answer->ending) {
    case ENDING_ANSWERED:
        break;
    case ENDING_NO_NAME:
        text_add(sentence, "its name is not known to DNS"); /* libcurl would say no more than the name */
        break;
    case ENDING_NO_CONNECTION:
        text_format(sentence, "no connection (%s); it is off, its web server is stopped, or a firewall is between",
                    answer->detail);
        break;
    case ENDING_LATE:
        explain_late(answer, timeout, sentence);
        break;
    case ENDING_NO_TLS:
        explain_no_tls(answer, sentence);
        break;
    case ENDING_UNTRUSTED:
        explain_untrusted(answer, host, sentence);
        break;
    case ENDING_HEADERS_LONG:
        text_add(sentence, "it sent more headers than any web server does; what answers there?");
        break;
    case ENDING_BODY_LONG:
        text_add(sentence, "it sent more than a metadata document can hold; what answers there?");
        break;
    case ENDING_BROKEN:
        text_format(sentence, "the conversation broke off (%s)", answer->detail);
        break;
    case ENDING_LOCAL:
        text_format(sentence, "this host could not ask it (%s)", answer->detail);
        break;
    }
}

static void explain_status(const struct answer *answer, struct text *sentence) {
    int status = answer->status;

    if (status >= 300 && status < 400)
        text_format(sentence,
                    "it answers with HTTP %d and points to %s: a log-in page or a load balancer stands before it; let "
                    "url in [servers] lead to the server itself",
                    status, answer->location[0] ? answer->location : "nowhere");
    else if (status == 401 || status == 407)
        text_format(sentence,
                    "it answers with HTTP %d and wants a log-in: a load balancer that asks for one stands before it, "
                    "or anonymous access to its metadata is switched off",
                    status);
    else if (status == 403)
        text_add(sentence, "it forbids this host the document (HTTP 403): an address filter, or a rule of what stands "
                           "before it");
    else if (status == 404)
        text_add(sentence, "it has no such document (HTTP 404): is this an Exchange server, and is url in [servers] "
                           "right?");
    else if (status == 503)
        text_add(sentence, "its service is not available (HTTP 503): in maintenance, or its application pool is "
                           "stopped");
    else if (status >= 500)
        text_format(sentence,
                    "it could not make its document (HTTP %d), as a server does that lacks the current auth "
                    "certificate; look into its event log",
                    status);
    else
        text_format(sentence, "it answers with HTTP %d instead of a document", status);
}

enum probed_outcome reason_explain(const struct answer *answer, const char *host, int timeout, struct text *sentence) {
    bool unreachable = answer->ending == ENDING_NO_NAME || answer->ending == ENDING_NO_CONNECTION ||
                       (answer->ending == ENDING_LATE && !answer->connected);

    if (answer->ending != ENDING_ANSWERED)
        explain_ending(answer, host, timeout, sentence);
    else if (answer->status != 200)
        explain_status(answer, sentence);
    else if (answer->encoding[0] != '\0')
        text_format(sentence, "its answer is encoded (%s), although that was not asked for; what stands before it?",
                    answer->encoding);
    else
        return PROBED_READ;
    return unreachable ? PROBED_UNREACHABLE : PROBED_UNCLEAR;
}
