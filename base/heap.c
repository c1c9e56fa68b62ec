#include "base/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void *heap_malloc(size_t size) {
    return malloc(size);
}

void *heap_calloc(size_t count, size_t size) {
    return calloc(count, size);
}

char *heap_strdup(const char *text) {
    return strdup(text);
}

void heap_free(void *block) {
    if (block != NULL)
        explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

/* Never in place or by the C library, which would leave the old block as it was. */
void *heap_realloc(void *block, size_t size) {
    size_t before = block != NULL ? malloc_usable_size(block) : 0;
    void *larger = size > 0 ? malloc(size) : NULL;

    if (larger == NULL && size > 0)
        return NULL;
    if (larger != NULL && block != NULL)
        memcpy(larger, block, before < size ? before : size);
    heap_free(block);
    return larger;
}

static void *take(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return heap_malloc(size);
}

static void give_back(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    heap_free(block);
}

static void *resize(void *block, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return heap_realloc(block, size);
}

bool heap_wipe_openssl(void) {
    return CRYPTO_set_mem_functions(take, resize, give_back) == 1;
}
