#include "ldap/connect/peer.h"

#include <limits.h>
#include <string.h>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#define NAMES_SHOWN 6
#define NAME_SIZE 256
#define STRENGTH 112 /* bits of security: RSA of 2048 bits, SHA-224 */

static void add_name(struct text *names, const GENERAL_NAME *name) {
    char printable[NAME_SIZE] = "";
    const ASN1_OCTET_STRING *address = name->d.iPAddress;
    int length;

    if (name->type == GEN_DNS)
        text_printable(printable, sizeof(printable), ASN1_STRING_get0_data(name->d.dNSName),
                       (size_t)ASN1_STRING_length(name->d.dNSName));
    else if (name->type == GEN_IPADD && ((length = ASN1_STRING_length(address)) == 4 || length == 16))
        inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), printable, sizeof(printable));
    if (printable[0])
        text_format(names, "%s%s", names->length ? ", " : "", printable);
}

static void judge_names(X509 *certificate, const char *host, struct strings *reasons) {
    const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    unsigned char address[sizeof(struct in6_addr)];
    bool literal = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
    GENERAL_NAMES *alternatives;
    struct text names = {0};

    if (literal ? X509_check_ip_asc(certificate, host, 0) == 1
                : host[0] != '.' && X509_check_host(certificate, host, strlen(host), flags, NULL) == 1)
        return;
    alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives) && i < NAMES_SHOWN; i++)
        add_name(&names, sk_GENERAL_NAME_value(alternatives, i));
    if (names.value && !names.failed)
        strings_add(reasons,
                    "its certificate is not for the host name %s but for %s (subject alternative names; a common name "
                    "does not count): use one of its names in uri",
                    host, names.value);
    else
        strings_add(reasons,
                    "its certificate is not for the host name %s but for no name at all: it has no subject alternative "
                    "name, and its common name does not count. Give the server one with its name as SAN",
                    host);
    GENERAL_NAMES_free(alternatives);
    text_free(&names);
}

static void judge_purpose(X509 *certificate, struct strings *reasons) {
    const uint32_t usable = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT;

    /* Extensions that are not there allow all. */
    if (X509_get_extension_flags(certificate) & EXFLAG_INVALID)
        strings_add(reasons, "its certificate has damaged extensions: renew it there");
    else if (!(X509_get_extended_key_usage(certificate) & (XKU_SSL_SERVER | XKU_ANYEKU)) ||
             !(X509_get_key_usage(certificate) & usable))
        strings_add(reasons, "its certificate is not meant for TLS servers (extended key usage without server "
                             "authentication, or a key usage without signing): give the server one that is");
}

static void judge_strength(X509 *certificate, struct strings *reasons) {
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    bool ec = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    int digest = NID_undef, strength = 0;

    if (!key || EVP_PKEY_get_security_bits(key) < STRENGTH || (ec && bits < PEER_EC_BITS))
        strings_add(reasons,
                    "its certificate's key (%s of %d bits) is too weak: renew it there with RSA of at least %d bits, "
                    "or an elliptic curve of %d",
                    key ? OBJ_nid2sn(EVP_PKEY_get_base_id(key)) : "unknown", bits, PEER_RSA_BITS, PEER_EC_BITS);
    if (X509_get_signature_info(certificate, &digest, NULL, &strength, NULL) != 1 || strength < STRENGTH)
        strings_add(reasons,
                    "its certificate is signed with a digest that can be forged (%s): renew it there with "
                    "SHA-256",
                    OBJ_nid2sn(digest != NID_undef ? digest : X509_get_signature_nid(certificate)));
}

void peer_judge(X509 *certificate, const char *host, struct strings *reasons) {
    judge_names(certificate, host, reasons);
    judge_purpose(certificate, reasons);
    judge_strength(certificate, reasons);
    ERR_clear_error();
}

bool peer_refuse(const struct strings *reasons, struct error *err) {
    struct text all = {0};

    for (size_t i = 0; i < reasons->count; i++)
        text_format(&all, "%s%s", i ? "; " : "", reasons->items[i]);
    if (reasons->failed || all.failed || !all.value)
        error_memory(err);
    else
        error_set(err, ERROR_NETWORK, "the server cannot be trusted, so nothing was sent to it: %s", all.value);
    text_free(&all);
    return false;
}

bool peer_check(const struct connection *connection, struct error *err) {
    struct berval der = {0};
    struct strings reasons = {0};
    const unsigned char *at;
    X509 *certificate = NULL;
    bool ok;

    if (!connection->encrypted)
        return true;
    if (ldap_get_option(connection->handle, LDAP_OPT_X_TLS_PEERCERT, &der) == LDAP_OPT_SUCCESS && der.bv_val &&
        der.bv_len <= LONG_MAX) {
        at = (const unsigned char *)der.bv_val;
        certificate = d2i_X509(NULL, &at, (long)der.bv_len);
    }
    if (certificate)
        peer_judge(certificate, connection->uri.host, &reasons);
    else
        strings_add(&reasons, "its certificate cannot be read");
    ok = (reasons.count == 0 && !reasons.failed) || peer_refuse(&reasons, err);
    strings_free(&reasons);
    X509_free(certificate);
    ber_memfree(der.bv_val);
    ERR_clear_error();
    return ok;
}
