#include "notify/words/command_line.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *command_line_config(const char *path) {
    if (path[0] == '-' || path[0] == '\0')
        return "CONFIG";
    for (const char *p = path; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("/._-+@", *p))
            return "CONFIG";
    return path;
}

void command_line_begin(struct text *out, const char *path) {
    text_add(out, "authcert");
    if (path != NULL && strcmp(path, CONFIG_DEFAULT_PATH) != 0)
        text_format(out, " -c %s", command_line_config(path));
}

void command_line_add(struct layout *out, const struct speaker *speaker, const char *format, ...) {
    struct text line = {0};
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
    command_line_begin(&line, speaker->config);
    if (line.failed)
        out->failed = true;
    else
        layout_command(out, "%s %s", line.value, command);
    text_free(&line);
    free(command);
}
