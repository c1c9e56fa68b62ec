/*
 * For tests of writing: looks at a real directory, plans changes and writes them, one command per line on standard
 * input, one answer per line on standard output. The test decides what happens between a look and a write.
 *
 *     write_driver URI CA-FILE BIND-DN PASSWORD-FILE TIMEOUT
 *     look                                         read | unreadable TEXT
 *     desire CURRENT PREVIOUS NEXT DATE            planned | empty | refused TEXT      "-" is none, DATE in seconds
 *     promote THUMBPRINT                           likewise
 *     ldif                                         the record, then a line with a dot
 *     show                                         CURRENT PREVIOUS NEXT DATE
 *     write                                        done | lost TEXT | failed KIND TEXT
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ldap/look.h"
#include "ldap/write/auth_config.h"
#include "renew/ldif.h"
#include "renew/plan.h"

#define LINE 1024

struct driver {
    struct directory_settings settings;
    time_t now;
    struct facts facts;
    struct change change;
};

static void look(struct driver *driver) {
    facts_free(&driver->facts);
    driver->change = (struct change){0};
    directory_look(&driver->settings, NULL, driver->now, &driver->facts);
    if (driver->facts.read)
        puts("read");
    else
        printf("unreadable %s\n", driver->facts.unreadable.text);
}

static void plan(struct driver *driver, const struct desired *desired) {
    struct error err = {0};

    if (!plan_change(&driver->facts, desired, &driver->change, &err))
        printf("refused %s\n", err.text);
    else
        puts(change_is_empty(&driver->change) ? "empty" : "planned");
}

static void desire(struct driver *driver, const char *line) {
    char words[SLOT_COUNT][64];
    long long date = 0;
    struct desired desired = {0};

    if (sscanf(line, "desire %63s %63s %63s %lld", words[0], words[1], words[2], &date) != 4) {
        puts("refused, for it is no such command");
        return;
    }
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        if (strcmp(words[slot], "-") != 0)
            snprintf(desired.thumbprint[slot], THUMBPRINT_SIZE, "%.40s", words[slot]);
    desired.date = (time_t)date;
    plan(driver, &desired);
}

static void promote(struct driver *driver, const char *thumbprint) {
    struct desired desired = plan_make_current(&driver->facts, thumbprint, driver->now);

    plan(driver, &desired);
}

static void show_ldif(const struct driver *driver) {
    char *ldif = ldif_of_change(driver->facts.directory.dn, &driver->change);

    printf("%s.\n", ldif ? ldif : "");
    free(ldif);
}

static void show(const struct driver *driver) {
    const struct slots *slots = &driver->facts.slots;

    for (int slot = 0; slot < SLOT_COUNT; slot++)
        printf("%s ", slots->thumbprint[slot][0] ? slots->thumbprint[slot] : "-");
    printf("%lld\n", (long long)slots->date);
}

static void write_change(const struct driver *driver) {
    struct error err = {0};

    switch (directory_write(&driver->settings, driver->now, &driver->facts, &driver->change, &err)) {
    case WRITE_DONE:
        puts("done");
        break;
    case WRITE_SHOWN:
        puts("shown");
        break;
    case WRITE_LOST:
        printf("lost %s\n", err.text);
        break;
    case WRITE_FAILED:
        printf("failed %d %s\n", (int)err.kind, err.text);
        break;
    }
}

static void obey(struct driver *driver, const char *line) {
    if (strcmp(line, "look") == 0)
        look(driver);
    else if (strncmp(line, "desire ", 7) == 0)
        desire(driver, line);
    else if (strncmp(line, "promote ", 8) == 0)
        promote(driver, line + 8);
    else if (strcmp(line, "ldif") == 0)
        show_ldif(driver);
    else if (strcmp(line, "show") == 0)
        show(driver);
    else if (strcmp(line, "write") == 0)
        write_change(driver);
    else
        puts("what?");
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct driver driver = {.now = time(NULL)};
    struct error err = {0};
    char line[LINE];

    if (argc != 6) {
        fputs("write_driver URI CA-FILE BIND-DN PASSWORD-FILE TIMEOUT\n", stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    driver.settings = (struct directory_settings){
        .uris = {.items = &argv[1], .count = 1},
        .bind = BIND_SIMPLE,
        .ca_file = argv[2],
        .bind_dn = argv[3],
        .tls = strncmp(argv[1], "ldap:", 5) == 0 ? DIRECTORY_TLS_OFF : DIRECTORY_TLS_LDAPS,
        .allow_cleartext = true,
        .timeout = (int)strtol(argv[5], NULL, 10),
    };
    if (!secret_read_file(argv[4], &driver.settings.password, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        obey(&driver, line);
    }
    facts_free(&driver.facts);
    secret_free(&driver.settings.password);
    return 0;
}
