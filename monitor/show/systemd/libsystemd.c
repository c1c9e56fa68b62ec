#include "monitor/show/systemd/libsystemd.h"

#include <stddef.h>
#include <string.h>

#include <dlfcn.h>

void libsystemd_find(const char *name, void *ret_function) {
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    void *function = library != NULL ? dlsym(library, name) : NULL;

    /* ISO C has no cast from a pointer to data to one to a function; POSIX wants them alike. */
    memcpy(ret_function, &function, sizeof(function));
}
