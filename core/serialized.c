#include "core/certificate.h"

#include <stdint.h>

/* The layout of CertSerializeCertificateStoreElement: records one after another up to the end. */
#define HEADER_LENGTH 12
#define ENCODING_X509 1
#define RECORD_CERTIFICATE 0x20

/* Properties stand beside the certificate: friendly name, key provider, descriptions. */
#define SERIALIZED_MOST (4 * CERTIFICATE_MOST)

struct record {
    uint32_t id;
    const unsigned char *bytes;
    size_t length;
};

static uint32_t little_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Takes the record at *data and moves behind it. False when what stands there is no record. */
static bool record_next(const unsigned char **data, size_t *length, struct record *ret_record) {
    uint32_t size;

    if (*length < HEADER_LENGTH || little_endian(*data + 4) != ENCODING_X509)
        return false;
    size = little_endian(*data + 8);
    if (size > *length - HEADER_LENGTH)
        return false;
    *ret_record = (struct record){.id = little_endian(*data), .bytes = *data + HEADER_LENGTH, .length = size};
    *data += HEADER_LENGTH + size;
    *length -= HEADER_LENGTH + size;
    return true;
}

/* A record begins with a 16-bit id and the encoding; the same bytes in DER would be a length with leading zeros. */
static bool looks_serialized(const unsigned char *data, size_t length) {
    return length >= HEADER_LENGTH && data[2] == 0 && data[3] == 0 && little_endian(data + 4) == ENCODING_X509;
}

bool certificate_parse_serialized(const unsigned char *data, size_t length, struct certificate **ret_certificate,
                                  struct error *err) {
    struct record found = {0};
    size_t whole = length;

    if (!looks_serialized(data, length))
        return certificate_parse(data, length, ret_certificate, err);
    if (length > SERIALIZED_MOST) {
        return error_set(
            err, ERROR_DATA,
            "the serialized certificate has %zu bytes; more than %d are not read; it is damaged or something else",
            length, SERIALIZED_MOST);
    }
    while (length > 0) {
        struct record record;

        if (!record_next(&data, &length, &record)) {
            return error_set(err, ERROR_DATA,
                             "the serialized certificate is damaged: no whole record stands at byte %zu of %zu",
                             whole - length, whole);
        }
        if (record.id != RECORD_CERTIFICATE)
            continue;
        if (found.bytes != NULL)
            return error_set(err, ERROR_DATA, "the serialized certificate is damaged: it holds two certificates");
        found = record;
    }
    if (found.bytes == NULL) {
        return error_set(err, ERROR_DATA,
                         "the serialized certificate is damaged: it holds properties, but no certificate");
    }
    return certificate_parse(found.bytes, found.length, ret_certificate, err);
}
