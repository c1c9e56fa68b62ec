/*
 * The descriptors on which one request waits, watched only to say whether it ever had a TCP connection: libcurl itself
 * tells that too late, after TLS. Sockets that the resolver waits on may be among them and never count. Nothing is
 * opened, read or closed here.
 */
#ifndef WEB_SOCKETS_H
#define WEB_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKETS_MOST 8 /* of one request at one time; what is beyond is not watched */

struct sockets {
    int waiting[SOCKETS_MOST];
    size_t count;
    bool connected; /* stays so when the connection ends */
};

/* The request waits on `socket`, perhaps not for the first time. */
void sockets_wait(struct sockets *sockets, int socket);

/* It waits on it no longer; called before `socket` is closed, and its number taken by another. */
void sockets_drop(struct sockets *sockets, int socket);

/* Is there a connection, or was there one? */
bool sockets_connected(struct sockets *sockets);

#endif
