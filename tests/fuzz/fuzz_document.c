#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "probe/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_printable(const char *text) {
    for (const char *c = text; *c != '\0'; c++)
        must((unsigned char)*c >= 0x20 && *c != 0x7f);
}

/* What is listed is a certificate, once, under its own thumbprint; and a second reading with all of them known lists
 * the same ones. */
static void check(const struct document *document, const uint8_t *data, size_t size) {
    struct probed known = {.certificates = (struct certificate **)(uintptr_t)document->certificates,
                           .certificate_count = document->count};
    struct document again = {0};

    check_printable(document->realm);
    check_printable(document->service_name);
    must(document->count <= DOCUMENT_KEYS_MOST);
    for (size_t i = 0; i < document->count; i++) {
        must(document->certificates[i] != NULL);
        must(strcmp(document->certificates[i]->thumbprint, document->thumbprints[i]) == 0);
        for (size_t j = 0; j < i; j++)
            must(strcmp(document->thumbprints[i], document->thumbprints[j]) != 0);
    }
    must(document_parse((const char *)data, size, &known, &again, NULL));
    must(again.count == document->count);
    for (size_t i = 0; i < again.count; i++)
        must(again.certificates[i] == NULL && strcmp(again.thumbprints[i], document->thumbprints[i]) == 0);
    document_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct document document = {0};
    struct error err = {0};

    if (document_parse((const char *)data, size, NULL, &document, &err)) {
        check(&document, data, size);
        document_free(&document);
    } else {
        must(err.kind == ERROR_DATA && err.text[0] != '\0' && document.realm == NULL);
    }
    must(ERR_peek_error() == 0);
    return 0;
}
