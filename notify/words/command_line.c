#include "notify/words/command_line.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *command_line_config(const struct speaker *speaker) {
    const char *path = speaker->config;

    if (path[0] == '-' || path[0] == '\0')
        return "CONFIG";
    for (const char *p = path; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("/._-+@", *p))
            return "CONFIG";
    return path;
}

void command_line_add(struct layout *out, const struct speaker *speaker, const char *format, ...) {
    char *command = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&command, format, arguments);
    va_end(arguments);
    if (length < 0) {
        out->failed = true;
        return;
    }
    layout_command(out, "authcert -c %s %s", command_line_config(speaker), command);
    free(command);
}
