/*
 * libsystemd, loaded when it is needed and not before: the program runs without it, so a package of this program only
 * recommends it (Debian: libsystemd0).
 */
#ifndef MONITOR_SHOW_SYSTEMD_LIBSYSTEMD_H
#define MONITOR_SHOW_SYSTEMD_LIBSYSTEMD_H

/* Puts the function of this name into *ret_function, a pointer to a function of its type; NULL where it cannot be had.
 * The library stays loaded. */
void libsystemd_find(const char *name, void *ret_function);

#endif
