/*
 * pfx_driver legacy|modern PASSWORD_FILE PFX_FILE [BITS]: makes a key pair that lives five years from now and writes
 * its PFX, for programs of others to read. Prints the thumbprint. PFX_FILE is made anew with mode 0600.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/secret.h"
#include "renew/keys/keypair.h"
#include "renew/keys/pfx_write.h"

int main(int count, char **words) {
    struct secret password = {0};
    struct secret pfx = {0};
    struct keypair pair = {0};
    struct error err = {0};
    time_t now = time(NULL);
    enum pfx_form form;
    int bits;
    bool done;

    if (count < 4 || count > 5 || (strcmp(words[1], "legacy") != 0 && strcmp(words[1], "modern") != 0)) {
        fprintf(stderr, "usage: pfx_driver legacy|modern PASSWORD_FILE PFX_FILE [BITS]\n");
        return 2;
    }
    form = strcmp(words[1], "legacy") == 0 ? PFX_LEGACY : PFX_MODERN;
    bits = count == 5 ? (int)strtol(words[4], NULL, 10) : 2048;
    done = secret_read_file(words[2], &password, &err) &&
           keypair_make(bits, (struct span){.years = 5}, now, &pair, &err) &&
           pfx_write(&pair, &password, form, now, &pfx, &err) &&
           file_write(AT_FDCWD, words[3], 0600, pfx.value, pfx.length, &err);
    if (done)
        printf("%s\n", pair.certificate->thumbprint);
    else
        fprintf(stderr, "pfx_driver: %s\n", err.text);
    secret_free(&pfx);
    secret_free(&password);
    keypair_free(&pair);
    return done ? 0 : 1;
}
