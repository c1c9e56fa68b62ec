/*
 * What takes long is said while it takes long, to whoever listens: nobody, unless main found a service manager or a
 * person at a terminal (monitor/show/systemd/progress.h). A step is begun and ended around one call, and nothing is
 * printed meanwhile; so a line that was shown is gone before anything else is written.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

/* `context` is the listener's own and outlives the port. */
struct progress_port {
    void *context;
    /* `what` goes on from now, in words such as "asking 5 Exchange servers"; NULL: that is over. NULL when nobody
     * listens. */
    void (*say)(void *context, const char *what);
};

/* Says what begins now. Whatever the words hold, the listener makes it harmless. */
void progress_begin(const struct progress_port *port, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says that it is over. */
void progress_end(const struct progress_port *port);

#endif
