/*
 * Memory that is wiped before it is given back, for libraries that leave copies of secrets in what they free: keys and
 * passwords in OpenSSL's encoders and decoders, passwords and secret addresses in libcurl.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* To be called once, before anything of OpenSSL allocates. False when it is too late for that. */
bool heap_wipe_openssl(void) __attribute__((warn_unused_result));

/* As in the C library. */
void *heap_malloc(size_t size);
void *heap_calloc(size_t count, size_t size);
void *heap_realloc(void *block, size_t size);
char *heap_strdup(const char *text);
void heap_free(void *block);

#endif
