#include "probe/ports/handshake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#define DETAIL_MOST 200
/* What is seen is only looked at: also what nobody should use any more is to be seen. */
#define CIPHERS "DEFAULT@SECLEVEL=0"
#define QUIT "QUIT\r\n"

/* In the place of X509_verify_cert. */
static int on_chain(X509_STORE_CTX *context, void *own) {
    struct handshake *handshake = own;
    const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(context);

    for (int i = 0; i < sk_X509_num(sent) && handshake->chain_count < INVENTORY_CHAIN_MOST; i++) {
        struct bytes *bytes = &handshake->chain[handshake->chain_count];
        int length = i2d_X509(sk_X509_value(sent, i), NULL);
        unsigned char *at;

        if (length <= 0 || length > CERTIFICATE_MOST)
            break;
        at = bytes->data = malloc((size_t)length + 1);
        handshake->failed = handshake->failed || bytes->data == NULL;
        if (bytes->data == NULL)
            break;
        bytes->length = (size_t)i2d_X509(sk_X509_value(sent, i), &at);
        bytes->data[bytes->length] = '\0';
        handshake->chain_count++;
    }
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

static CURLcode on_context(CURL *curl, void *tls, void *own) {
    (void)curl;
    SSL_CTX_set_cert_verify_callback(tls, on_chain, own);
    return CURLE_OK;
}

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

static CURLcode set_tls(CURL *curl, struct handshake *handshake, enum handshake_version version) {
    static const long ranges[] = {
        [HANDSHAKE_ANY] = CURL_SSLVERSION_TLSv1_0,
        [HANDSHAKE_TLS_1_0] = (long)CURL_SSLVERSION_TLSv1_0 | (long)CURL_SSLVERSION_MAX_TLSv1_0,
        [HANDSHAKE_TLS_1_1] = (long)CURL_SSLVERSION_TLSv1_1 | (long)CURL_SSLVERSION_MAX_TLSv1_1};
    CURLcode result = CURLE_OK;

    SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    SET(CURLOPT_SSLVERSION, ranges[version]);
    SET(CURLOPT_SSL_CIPHER_LIST, CIPHERS);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 0L);
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_CTX_FUNCTION, on_context);
    SET(CURLOPT_SSL_CTX_DATA, handshake);
    return result;
}

static CURLcode set_all(struct handshake *handshake, const char *url, int timeout, enum handshake_version version) {
    CURL *curl = handshake->member.curl;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "https,smtp");
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_CONNECT_TO, handshake->connect_to);
    SET(CURLOPT_ERRORBUFFER, handshake->text);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT, (long)timeout);
    SET(CURLOPT_CONNECTTIMEOUT, (long)timeout);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    if (result == CURLE_OK)
        result = set_tls(curl, handshake, version);
    return result;
}

/* The URL says the name that is asked for, connect_to whom. An address of IPv6 stands in brackets. */
static bool set_target(const struct place *place, struct handshake *handshake, struct text *url) {
    const char *to = place->address != NULL ? place->address : place->host;
    bool six = strchr(to, ':') != NULL;
    struct text connect_to = {0};

    text_format(url, "%s://%s:%d/", handshake->smtp ? "smtp" : "https", place->sni, place->port);
    text_format(&connect_to, "::%s%s%s:%d", six ? "[" : "", to, six ? "]" : "", place->port);
    if (!url->failed && !connect_to.failed)
        handshake->connect_to = curl_slist_append(NULL, connect_to.value);
    text_free(&connect_to);
    return handshake->connect_to != NULL;
}

bool handshake_make(const struct place *place, size_t index, int timeout, enum handshake_version version,
                    struct handshake **ret_handshake, struct error *err) {
    struct handshake *handshake = calloc(1, sizeof(*handshake));
    struct text url = {0};
    CURLcode result;

    if (handshake == NULL)
        return error_memory(err);
    handshake->index = index;
    handshake->smtp = place->kind == PLACE_SMTP || place->kind == PLACE_MX;
    handshake->member.curl = curl_easy_init();
    if (handshake->member.curl == NULL || !set_target(place, handshake, &url)) {
        text_free(&url);
        handshake_free(&handshake->member);
        return error_memory(err);
    }
    result = set_all(handshake, url.value, timeout, version);
    text_free(&url);
    if (result != CURLE_OK) {
        handshake_free(&handshake->member);
        return error_set(err, ERROR_LOCAL, "cannot prepare a connection to %s: %s", place->name,
                         curl_easy_strerror(result));
    }
    *ret_handshake = handshake;
    return true;
}

static const char *words_of(struct handshake *handshake, CURLcode result, char *out, size_t size) {
    const char *words = handshake->text[0] != '\0' ? handshake->text : curl_easy_strerror(result);

    return text_printable(out, size, words, strlen(words));
}

static enum place_state no_connection(CURL *curl, struct text *trouble) {
    long number = 0;

    if (curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number == ECONNREFUSED) {
        text_add(trouble, "nobody listens there");
        return PLACE_CLOSED;
    }
    text_format(trouble, "there is no connection (%s); look for a firewall between this host and it",
                number != 0 ? strerror((int)number) : "no reason known");
    return PLACE_SILENT;
}

enum place_state handshake_end(struct handshake *handshake, CURLcode result, int timeout, struct text *trouble) {
    char words[DETAIL_MOST];
    size_t sent = 0;

    if (result == CURLE_OK && handshake->smtp)
        (void)curl_easy_send(handshake->member.curl, QUIT, strlen(QUIT), &sent);
    if (handshake->chain_count > 0)
        return PLACE_SHOWN;
    switch (result) {
    case CURLE_OK:
        text_add(trouble, "it showed no certificate");
        return PLACE_UNCLEAR;
    case CURLE_COULDNT_RESOLVE_HOST:
        text_add(trouble, "its name has no address here");
        return PLACE_SILENT;
    case CURLE_COULDNT_CONNECT:
        return no_connection(handshake->member.curl, trouble);
    case CURLE_OPERATION_TIMEDOUT:
        text_format(trouble, "it %s within %d seconds",
                    sockets_connected(&handshake->member.sockets) ? "took the connection and said nothing more"
                                                                  : "did not answer",
                    timeout);
        return PLACE_SILENT;
    case CURLE_USE_SSL_FAILED:
        text_format(trouble, "it offers no STARTTLS (%s)", words_of(handshake, result, words, sizeof(words)));
        return PLACE_NO_STARTTLS;
    default:
        text_format(trouble, "it showed no certificate (%s)", words_of(handshake, result, words, sizeof(words)));
        return PLACE_UNCLEAR;
    }
}

void handshake_free(struct crowd_member *member) {
    struct handshake *handshake = (struct handshake *)member;

    curl_easy_cleanup(member->curl);
    curl_slist_free_all(handshake->connect_to);
    for (size_t i = 0; i < handshake->chain_count; i++)
        bytes_free(&handshake->chain[i]);
    free(handshake);
}
