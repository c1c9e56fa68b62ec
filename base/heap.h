/*
 * Memory of OpenSSL that is wiped before it is given back. Its encoders and decoders leave copies of keys and passwords
 * in what they free; with this nothing of them stays behind.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/error.h"

#include <stdbool.h>

/* To be called once, before anything of OpenSSL allocates. False when it is too late for that. */
bool heap_wipe_openssl(void) MUST_CHECK;

#endif
