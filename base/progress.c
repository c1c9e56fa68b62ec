#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>

#define WHAT_MOST 512

void progress_begin(const struct progress_port *port, const char *format, ...) {
    char what[WHAT_MOST];
    va_list arguments;

    if (port->say == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    port->say(port->context, what);
}

void progress_end(const struct progress_port *port) {
    if (port->say != NULL)
        port->say(port->context, NULL);
}
