#include "monitor/state/author.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define LOGIN_UNSET 4294967295UL /* nobody logged in: a service, or a container */
#define SAID_SIZE 64             /* of what the environment says */

/* The first bytes of a file of /proc, without the end of the line; "" where there is none. */
static void read_line(const char *path, char *out, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, out, size - 1) : -1;

    if (file >= 0)
        close(file);
    out[length > 0 ? length : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* The unit that systemd started this process for; a shell's is a scope. */
static bool find_unit(char *out, size_t size) {
    char line[512];
    const char *name;
    size_t length;

    read_line("/proc/self/cgroup", line, sizeof(line));
    name = strrchr(line, '/');
    length = name != NULL ? strlen(name) : 0;
    if (length < sizeof("/.service") || strcmp(name + length - strlen(".service"), ".service") != 0)
        return false;
    snprintf(out, size, "%s", name + 1);
    return true;
}

__attribute__((format(printf, 3, 4))) static void add(char *out, size_t size, const char *format, ...) {
    size_t length = strlen(out);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(out + length, size - length, format, arguments);
    va_end(arguments);
}

static void add_user(char out[2 * AUTHOR_SIZE], unsigned long uid, const char *how) {
    const struct passwd *user = getpwuid((uid_t)uid);

    if (user != NULL)
        add(out, 2 * AUTHOR_SIZE, "%s (%suid %lu)", user->pw_name, how, uid);
    else
        add(out, 2 * AUTHOR_SIZE, "%suid %lu", how, uid);
}

void author_find(struct author *ret_author, char *const *argv) {
    char phrase[2 * AUTHOR_SIZE] = "", command[2 * AUTHOR_SIZE] = "authcert";
    char login[16], unit[AUTHOR_SIZE], said[SAID_SIZE], terminal[SAID_SIZE];
    const char *sudo = getenv("SUDO_USER");
    unsigned long uid;

    read_line("/proc/self/loginuid", login, sizeof(login));
    uid = login[0] != '\0' ? strtoul(login, NULL, 10) : LOGIN_UNSET;
    if (uid != LOGIN_UNSET)
        add_user(phrase, uid, "login ");
    else if (find_unit(unit, sizeof(unit)))
        add(phrase, sizeof(phrase), "unit %s", unit);
    else
        add_user(phrase, getuid(), "");
    if (sudo != NULL && sudo[0] != '\0')
        add(phrase, sizeof(phrase), ", SUDO_USER %s as the environment says",
            text_printable(said, sizeof(said), sudo, strlen(sudo)));
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (ttyname_r(descriptor, terminal, sizeof(terminal)) == 0) {
            add(phrase, sizeof(phrase), ", on %s", terminal);
            break;
        }
    text_printable(ret_author->by, AUTHOR_SIZE, phrase, strlen(phrase));
    for (size_t i = 1; argv[0] != NULL && argv[i] != NULL; i++)
        add(command, sizeof(command), " %s", argv[i]);
    text_printable(ret_author->command, AUTHOR_SIZE, command, strlen(command));
}
