/*
 * How much work a password-protected file may ask for before its password can even be tried: one measure for every
 * reader. Private to renew.
 */
#ifndef RENEW_KEYS_WORK_H
#define RENEW_KEYS_WORK_H

#include <stdbool.h>

#include <openssl/x509.h>

/* A password is stretched this often at the most: some seconds of work. Windows writes 2000, OpenSSL 2048. */
#define WORK_ROUNDS_MOST 5000000

/* `rounds` may be NULL: one. */
bool work_rounds_allowed(const ASN1_INTEGER *rounds);

/* PBEParameter (RFC 7292 C), and PBES2 with PBKDF2-params (RFC 8018 A.2) or scrypt-params (RFC 7914 7). Parameters of
 * another shape are allowed here: they fail when they are used. OpenSSL's error queue is empty afterwards. */
bool work_allowed(const X509_ALGOR *algorithm);

#endif
