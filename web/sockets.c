#include "web/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* The resolver's sockets are pairs within this process, or datagrams to a name server. */
static bool is_connected(int socket) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    int type = 0;

    if (getpeername(socket, (struct sockaddr *)&peer, &size) != 0 ||
        (peer.ss_family != AF_INET && peer.ss_family != AF_INET6))
        return false;
    size = sizeof(type);
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static size_t place_of(const struct sockets *sockets, int socket) {
    size_t at = 0;

    while (at < sockets->count && sockets->waiting[at] != socket)
        at++;
    return at;
}

void sockets_wait(struct sockets *sockets, int socket) {
    if (place_of(sockets, socket) == sockets->count && sockets->count < SOCKETS_MOST)
        sockets->waiting[sockets->count++] = socket;
    /* What is waited for changes when the connection is there, and a reset soon after would hide that it was. */
    sockets->connected = sockets->connected || is_connected(socket);
}

void sockets_drop(struct sockets *sockets, int socket) {
    size_t at = place_of(sockets, socket);

    sockets->connected = sockets->connected || is_connected(socket);
    if (at < sockets->count)
        sockets->waiting[at] = sockets->waiting[--sockets->count];
}

bool sockets_connected(struct sockets *sockets) {
    for (size_t i = 0; i < sockets->count && !sockets->connected; i++)
        sockets->connected = is_connected(sockets->waiting[i]);
    return sockets->connected;
}
