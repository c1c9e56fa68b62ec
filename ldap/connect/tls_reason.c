#include "ldap/connect/tls_reason.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/time.h"
#include "core/anchors.h"
#include "ldap/connect/dial.h"
#include "ldap/connect/peer.h"

#define NAME_SIZE 256

static bool instant(const ASN1_TIME *time, time_t *ret_time) {
    struct tm parts;

    memset(&parts, 0, sizeof(parts));
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *ret_time = timegm(&parts);
    return true;
}

static void judge_dates(const X509 *certificate, time_t now, struct strings *reasons) {
    char text[TIME_TEXT_SIZE];
    time_t begin;
    time_t end;

    if (instant(X509_get0_notBefore(certificate), &begin) && now < begin)
        strings_add(reasons, "its certificate is not valid before %s (is this host's clock right?)",
                    time_format_rfc3339(text, begin));
    if (instant(X509_get0_notAfter(certificate), &end) && now > end)
        strings_add(reasons, "its certificate expired on %s: renew it there", time_format_rfc3339(text, end));
}

static void judge_issuer(X509 *certificate, const char *ca_file, struct strings *reasons) {
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    char issuer[NAME_SIZE] = "";
    struct error why = {0};

    if (!store || !context)
        goto out;
    if (!anchors_load(ca_file, store, &why)) {
        strings_add(reasons, "%s", why.text);
        goto out;
    }
    if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) != 1 ||
        X509_STORE_CTX_init(context, store, certificate, NULL) != 1)
        goto out;
    if (X509_verify_cert(context) != 1) {
        X509_NAME_oneline(X509_get_issuer_name(certificate), issuer, sizeof(issuer));
        strings_add(reasons, "its certificate is issued by %s, for which no CA in %s vouches: put that CA into ca_file",
                    issuer, ca_file);
    }
out:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    ERR_clear_error();
}

void tls_reason_judge(const unsigned char *der, size_t length, const char *host, const char *ca_file, time_t now,
                      struct strings *reasons) {
    const unsigned char *at = der;
    X509 *certificate = length <= LONG_MAX ? d2i_X509(NULL, &at, (long)length) : NULL;

    if (!certificate) {
        ERR_clear_error();
        return;
    }
    judge_dates(certificate, now, reasons);
    peer_judge(certificate, host, reasons);
    judge_issuer(certificate, ca_file, reasons);
    X509_free(certificate);
    ERR_clear_error();
}

void tls_reason_explain(const struct directory_settings *settings, const char *uri, time_t now, struct error *err) {
    struct connection *connection = NULL;
    struct berval der = {0};
    struct strings reasons = {0};
    bool distrusted;

    if (!dial_server(settings, uri, false, &connection, &distrusted, NULL))
        return;
    if (ldap_get_option(connection->handle, LDAP_OPT_X_TLS_PEERCERT, &der) == LDAP_OPT_SUCCESS && der.bv_val)
        tls_reason_judge((const unsigned char *)der.bv_val, der.bv_len, connection->uri.host,
                         connection_ca_file(settings), now, &reasons);
    if (reasons.count > 0)
        peer_refuse(&reasons, err);
    strings_free(&reasons);
    ber_memfree(der.bv_val);
    connection_close(connection);
}
