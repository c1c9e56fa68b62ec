#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "core/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

/* What is shown to people holds no control character. */
static void check_printable(const char *text) {
    for (; *text != '\0'; text++)
        need((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_certificate(const struct certificate *certificate, const uint8_t *data, size_t size) {
    struct strings list = {0};

    need(certificate->der_length == size && memcmp(certificate->der, data, size) == 0);
    need(strlen(certificate->thumbprint) == THUMBPRINT_LENGTH);
    check_printable(certificate->subject);
    check_printable(certificate->issuer);
    check_printable(certificate->serial);
    check_printable(certificate->key);
    check_printable(certificate->signature);
    need(!certificate_usable(certificate, certificate->not_after));
    need(!certificate_usable(certificate, certificate->not_before - 1));
    if (certificate_usable(certificate, certificate->not_before))
        need(certificate->rsa && certificate->key_bits >= CERTIFICATE_KEY_BITS);
    certificate_problems(certificate, certificate->not_after, &list);
    need(list.count > certificate->problems.count || list.failed);
    for (size_t i = 0; i < list.count; i++)
        check_printable(list.items[i]);
    strings_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct certificate *certificate = NULL;
    struct error err = {0};

    if (certificate_parse(data, size, &certificate, &err)) {
        check_certificate(certificate, data, size);
        certificate_free(certificate);
    } else {
        need(err.kind == ERROR_DATA && certificate == NULL);
        check_printable(err.text);
    }
    need(ERR_peek_error() == 0);
    return 0;
}
