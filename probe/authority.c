#include "probe/authority.h"

#include <stddef.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

bool authority_check(const char *ca_file, struct error *err) {
    X509_STORE *store;
    bool ok;

    if (!ca_file)
        return true;
    store = X509_STORE_new();
    if (!store)
        return error_memory(err);
    ok = X509_STORE_load_file(store, ca_file) == 1 ||
         error_openssl(err, ERROR_CONFIG, "cannot use ca_file = %s of [servers] (it must hold CA certificates in PEM)",
                       ca_file);
    X509_STORE_free(store);
    return ok;
}
