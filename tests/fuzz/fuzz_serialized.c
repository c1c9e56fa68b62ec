#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "core/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A certificate that comes out stands in the input, byte for byte, and reads alone as the same one. */
static void check(const struct certificate *certificate, const uint8_t *data, size_t size) {
    struct certificate *again = NULL;

    if (memmem(data, size, certificate->der, certificate->der_length) == NULL)
        abort();
    if (!certificate_parse(certificate->der, certificate->der_length, &again, NULL))
        abort();
    if (strcmp(again->thumbprint, certificate->thumbprint) != 0)
        abort();
    certificate_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct certificate *certificate = NULL;
    struct error err = {0};

    if (certificate_parse_serialized(data, size, &certificate, &err))
        check(certificate, data, size);
    else if (err.kind != ERROR_DATA || err.text[0] == '\0' || certificate != NULL)
        abort();
    if (ERR_peek_error() != 0)
        abort();
    certificate_free(certificate);
    return 0;
}
