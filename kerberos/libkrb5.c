#include "kerberos/libkrb5.h"

#include <stddef.h>
#include <string.h>

#include <dlfcn.h>

struct function {
    const char *name;
    size_t place;
};

static bool load(const char *library, const struct function *functions, size_t count, struct libkrb5 *loaded,
                 struct error *err) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        return error_set(err, ERROR_LOCAL, "Kerberos is not to be had (%s). Install it: libgssapi-krb5-2", dlerror());
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(handle, functions[i].name);

        if (!function)
            return error_set(err, ERROR_LOCAL, "this %s has no %s. Install a newer one: libgssapi-krb5-2", library,
                             functions[i].name);
        /* ISO C has no cast from a pointer to data to one to a function; POSIX wants them alike. */
        memcpy((char *)loaded + functions[i].place, &function, sizeof(function));
    }
    return true;
}

bool libkrb5_load(struct libkrb5 *ret_libkrb5, struct error *err) {
#define FUNCTION(name) {#name, offsetof(struct libkrb5, name)},
    static const struct function of_krb5[] = {LIBKRB5_FUNCTIONS(FUNCTION)};
    static const struct function of_gssapi[] = {LIBGSSAPI_FUNCTIONS(FUNCTION)};
#undef FUNCTION
    struct libkrb5 loaded = {0};

    if (!load("libkrb5.so.3", of_krb5, sizeof(of_krb5) / sizeof(of_krb5[0]), &loaded, err) ||
        !load("libgssapi_krb5.so.2", of_gssapi, sizeof(of_gssapi) / sizeof(of_gssapi[0]), &loaded, err))
        return false;
    *ret_libkrb5 = loaded;
    return true;
}
