#include "web/libcurl.h"

#include <stddef.h>
#include <string.h>

#include <dlfcn.h>

bool libcurl_load(struct libcurl *ret_libcurl, struct error *err) {
    static const struct {
        const char *name;
        size_t place;
    } functions[] = {
#define FUNCTION(name) {"curl_" #name, offsetof(struct libcurl, name)},
        LIBCURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };
    struct libcurl loaded;
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return error_set(err, ERROR_LOCAL, "libcurl is not to be had (%s). Install it: libcurl4", dlerror());
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        void *function = dlsym(library, functions[i].name);

        if (!function)
            return error_set(err, ERROR_LOCAL, "this libcurl has no %s. Install a newer one: libcurl4",
                             functions[i].name);
        /* ISO C has no cast from a pointer to data to one to a function; POSIX wants them alike. */
        memcpy((char *)&loaded + functions[i].place, &function, sizeof(function));
    }
    *ret_libcurl = loaded;
    return true;
}
