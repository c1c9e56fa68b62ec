/*
 * The CA certificates of a file that a setting names, whatever form an admin brings them in: PEM, DER (which Windows
 * exports by default) or PKCS #7 (P7B), told apart by content. Whether one of them vouches for a peer is not judged
 * here; a file that cannot be read as certificates is an error of its own, and never "no CA vouches".
 */
#ifndef CORE_ANCHORS_H
#define CORE_ANCHORS_H

#include "base/error.h"
#include "base/file.h"

#include <stdbool.h>

#include <openssl/x509.h>

/* Adds all of them to `store`. CONFIG error that names the file when it is not there, is not to be trusted
 * (base/walk.h), or holds no certificate, or a damaged one. */
bool anchors_load(const char *path, X509_STORE *store, struct error *err) MUST_CHECK;

/* The file as PEM text, for libraries that know nothing else; text that is PEM already is left as it is, and not looked
 * into. The same errors. To free with bytes_free. */
bool anchors_read_pem(const char *path, struct bytes *ret_pem, struct error *err) MUST_CHECK;

#endif
