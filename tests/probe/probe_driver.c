#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/probe.h"

/* Asks the servers that standard input names, one a line, and prints what each comes to and how many of each there are:
 * probe_driver URL CA_FILE TLS_NAME TIMEOUT PARALLEL [quiet]. TLS_NAME "-" = each its own; CA_FILE "-" = no
 * verification. */

static const char *outcome_name(enum probed_outcome outcome) {
    switch (outcome) {
    case PROBED_UNREACHABLE:
        return "unreachable";
    case PROBED_UNCLEAR:
        return "unclear";
    case PROBED_READ:
        return "read";
    }
    return "?";
}

static void show(const struct probed_server *server) {
    printf("%s %s", server->fqdn, outcome_name(server->outcome));
    if (server->clock_known)
        printf(" clock %lld", (long long)server->clock_ahead);
    for (size_t i = 0; i < server->thumbprint_count; i++)
        printf(" %s", server->thumbprints[i]);
    printf("%s%s\n", server->trouble ? ": " : "", server->trouble ? server->trouble : "");
}

int main(int argc, char **argv) {
    struct probe_settings settings = {.verify = true};
    struct strings servers = {0};
    struct probed probed = {0};
    struct error err = {0};
    size_t counts[PROBED_READ + 1] = {0};
    char *line = NULL;
    size_t size = 0;

    if (argc < 6)
        errx(2, "usage: %s URL CA_FILE TLS_NAME TIMEOUT PARALLEL [quiet]", argv[0]);
    settings.url = argv[1];
    settings.verify = strcmp(argv[2], "-") != 0;
    settings.ca_file = settings.verify ? argv[2] : NULL;
    settings.tls_name = strcmp(argv[3], "-") != 0 ? argv[3] : NULL;
    settings.timeout = (int)strtol(argv[4], NULL, 10);
    settings.parallel = (int)strtol(argv[5], NULL, 10);
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        strings_add(&servers, "%s", line);
    }
    free(line);
    if (!probe_servers(&settings, &servers, time(NULL), &(struct progress_port){0}, &probed, &err))
        errx(1, "%s", err.text);
    for (size_t i = 0; i < probed.server_count; i++) {
        counts[probed.servers[i].outcome]++;
        if (argc == 6)
            show(&probed.servers[i]);
    }
    printf("%zu read, %zu unclear, %zu unreachable, %zu certificates\n", counts[PROBED_READ], counts[PROBED_UNCLEAR],
           counts[PROBED_UNREACHABLE], probed.certificate_count);
    probed_free(&probed);
    strings_free(&servers);
    return 0;
}
