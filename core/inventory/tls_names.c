#include "core/inventory/tls_names.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define NAME_MOST 256
#define NAMES_MOST 2000

static void add_printable(struct strings *names, const unsigned char *bytes, int length) {
    char text[NAME_MOST];

    strings_add(names, "%s", text_printable(text, sizeof(text), bytes, length > 0 ? (size_t)length : 0));
}

void tls_names_list(const X509 *certificate, struct strings *names) {
    GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives) && names->count < NAMES_MOST; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(alternatives, i);
        char address[INET6_ADDRSTRLEN];

        if (name->type == GEN_DNS)
            add_printable(names, ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName));
        else if (name->type == GEN_IPADD &&
                 inet_ntop(ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6,
                           ASN1_STRING_get0_data(name->d.iPAddress), address, sizeof(address)) &&
                 (ASN1_STRING_length(name->d.iPAddress) == 4 || ASN1_STRING_length(name->d.iPAddress) == 16))
            strings_add(names, "%s", address);
    }
    GENERAL_NAMES_free(alternatives);
    if (names->count == 0 && place >= 0) {
        const ASN1_STRING *common = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place));

        add_printable(names, ASN1_STRING_get0_data(common), ASN1_STRING_length(common));
    }
    ERR_clear_error();
}

bool tls_names_cover(const struct strings *names, const char *host) {
    const char *rest = strchr(host, '.');

    for (size_t i = 0; i < names->count; i++) {
        const char *own = names->items[i];

        if (strcasecmp(own, host) == 0 || (own[0] == '*' && own[1] == '.' && rest && strcasecmp(own + 1, rest) == 0))
            return true;
    }
    return false;
}
