#include <stdint.h>
#include <stdlib.h>

#include "kerberos/keytab.h"

/* The input is a key table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = {0};

    if (keytab_check(data, size, &err))
        /* The shortest entry has a realm and a key of one byte. */
        need(size >= 26 && data[0] == 5 && data[1] == 2);
    else
        need(err.kind == ERROR_CONFIG && err.text[0] != '\0');
    return 0;
}
