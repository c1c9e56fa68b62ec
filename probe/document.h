/*
 * The metadata document of an Exchange server (/autodiscover/metadata/json/1): the certificates that it signs with, its
 * realm and service name. Pure: bytes in, plain data out. A document counts as a whole or not at all. It is good when
 * it is one JSON object without duplicate keys, has a list "keys" whose signing entries each hold a certificate that is
 * the one its x5t names, and "realm" and "serviceName" are strings where they stand. Entries of another usage or type
 * are passed over.
 */
#ifndef PROBE_DOCUMENT_H
#define PROBE_DOCUMENT_H

#include "core/certificate.h"
#include "base/error.h"
#include "core/probed.h"

#include <stdbool.h>
#include <stddef.h>

#define DOCUMENT_MOST ((size_t)256 * 1024) /* bytes */
#define DOCUMENT_KEYS_MOST 32

struct document {
    char *realm;        /* printable; "" when it has none */
    char *service_name; /* likewise */
    char thumbprints[DOCUMENT_KEYS_MOST][THUMBPRINT_SIZE];
    struct certificate *certificates[DOCUMENT_KEYS_MOST]; /* of each thumbprint; NULL where `known` has it */
    size_t count;
};

/* `known`: certificates of earlier documents, which need not be parsed again; may be NULL. Errors are DATA and say what
 * is wrong with the document, without its server. */
bool document_parse(const char *text, size_t length, const struct probed *known, struct document *ret_document,
                    struct error *err) MUST_CHECK;
void document_free(struct document *document);

#endif
