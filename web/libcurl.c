#include "web/libcurl.h"

#include <curl/curl.h>

#include "base/heap.h"

bool libcurl_begin(struct error *err) {
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, heap_malloc, heap_free, heap_realloc, heap_strdup, heap_calloc) ==
               CURLE_OK ||
           error_set(err, ERROR_LOCAL, "libcurl cannot be used on this host");
}
