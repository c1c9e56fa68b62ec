#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "windows/windows.h"

static void read_file(const char *path, struct bytes *ret_bytes) {
    struct error err = {0};

    if (!file_read(AT_FDCWD, path, 1 << 20, ret_bytes, &err))
        errx(2, "%s: %s", path, err.text);
}

/* Goes to servers without a directory: windows_driver KEYTAB http|https CA-FILE|- TIMEOUT PARALLEL DER|- OPERATION
 * FQDN... Prints a line for each server: FQDN STATE TRIPS SERVICE WHY. */
int main(int argc, char **argv) {
    static const char *const states[] = {"silent",  "present",        "refreshed",      "absent",
                                         "no-key",  "wrong-provider", "not-exportable", "no-access",
                                         "removed", "ready",          "failed"};
    struct windows_settings settings = {0};
    struct windows_result *results = NULL;
    const struct certificate *given = NULL;
    struct windows_errand errand = {0};
    struct certificate *certificate = NULL;
    struct strings servers = {0};
    struct bytes keytab = {0};
    struct error err = {0};

    if (argc < 9)
        errx(2, "see the source");
    read_file(argv[1], &keytab);
    settings.keytab = (struct secret){.value = (char *)keytab.data, .length = keytab.length};
    settings.tls = strcmp(argv[2], "https") == 0;
    settings.port = settings.tls ? 5986 : 5985;
    settings.ca_file = strcmp(argv[3], "-") != 0 ? argv[3] : NULL;
    settings.timeout = (int)strtol(argv[4], NULL, 10);
    settings.parallel = (int)strtol(argv[5], NULL, 10);
    if (strcmp(argv[6], "-") != 0) {
        struct bytes der = {0};

        read_file(argv[6], &der);
        if (!certificate_parse(der.data, der.length, &certificate, &err))
            errx(2, "%s: %s", argv[6], err.text);
        bytes_free(&der);
        given = certificate;
        errand.certificates = &given;
        errand.count = 1;
    }
    errand.operation = argv[7];
    for (int i = 8; i < argc; i++)
        strings_add(&servers, "%s", argv[i]);
    if (!windows_ask(&settings, &servers, &errand, &results, &err))
        errx(1, "%s", err.text);
    for (size_t i = 0; i < servers.count; i++)
        printf("%s %s %d %s %s%s\n", results[i].fqdn,
               results[i].trouble ? (results[i].lost ? "lost" : "trouble") : states[results[i].answers[0].state],
               results[i].trips, results[i].service ? results[i].service : "-", results[i].reached ? "" : "unreached: ",
               results[i].trouble ? results[i].trouble : results[i].answers[0].message);
    windows_free(results, servers.count);
    strings_free(&servers);
    certificate_free(certificate);
    bytes_free(&keytab);
    return 0;
}
