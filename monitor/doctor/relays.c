#include "monitor/doctor/relays.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define HOST_SIZE 256
#define RESOLVED_MOST 200 /* servers whose addresses are asked for */

/* The host of smtp://HOST[:PORT]; false when it has none that fits. */
static bool host_of(const char *relay, char host[HOST_SIZE]) {
    const char *begin = strstr(relay, "://");
    size_t length;

    begin = begin != NULL ? begin + 3 : relay;
    if (*begin == '[')
        length = strcspn(++begin, "]");
    else
        length = strcspn(begin, ":/");
    if (length == 0 || length >= HOST_SIZE)
        return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    return true;
}

/* The same name, or a server's name without its domain. */
static bool names(const char *host, const char *fqdn) {
    size_t label = strcspn(fqdn, ".");

    if (strcasecmp(host, fqdn) == 0)
        return true;
    return strchr(host, '.') == NULL && strlen(host) == label && strncasecmp(host, fqdn, label) == 0;
}

static bool same_address(const struct sockaddr *one, const struct sockaddr *other) {
    if (one->sa_family != other->sa_family)
        return false;
    if (one->sa_family == AF_INET)
        return memcmp(&((const struct sockaddr_in *)(const void *)one)->sin_addr,
                      &((const struct sockaddr_in *)(const void *)other)->sin_addr, sizeof(struct in_addr)) == 0;
    return one->sa_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)(const void *)one)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)other)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

static bool share_address(const struct addrinfo *some, const struct addrinfo *others) {
    for (const struct addrinfo *one = some; one != NULL; one = one->ai_next)
        for (const struct addrinfo *other = others; other != NULL; other = other->ai_next)
            if (same_address(one->ai_addr, other->ai_addr))
                return true;
    return false;
}

static int resolve(const char *host, struct addrinfo **ret_found) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

    *ret_found = NULL;
    return getaddrinfo(host, NULL, &hints, ret_found);
}

static bool has_address_of_a_server(const char *host, const struct facts *facts) {
    struct addrinfo *relay, *server;
    bool same = false;

    if (resolve(host, &relay) != 0)
        return false;
    for (size_t i = 0; i < facts->server_count && i < RESOLVED_MOST && !same; i++) {
        int result;

        if (!text_is_server_name(facts->servers[i].fqdn))
            continue;
        result = resolve(facts->servers[i].fqdn, &server);
        if (result == 0) {
            same = share_address(relay, server);
            freeaddrinfo(server);
        } else if (result == EAI_AGAIN) {
            break; /* no name server answers: each further name would cost as long a wait */
        }
    }
    freeaddrinfo(relay);
    return same;
}

static bool is_exchange(const char *relay, const struct facts *facts) {
    char host[HOST_SIZE];

    if (!host_of(relay, host))
        return false;
    for (size_t i = 0; i < facts->server_count; i++)
        if (names(host, facts->servers[i].fqdn))
            return true;
    return has_address_of_a_server(host, facts);
}

bool relays_are_exchange(const struct strings *relays, const struct facts *facts) {
    for (size_t i = 0; i < relays->count; i++)
        if (!is_exchange(relays->items[i], facts))
            return false;
    return relays->count > 0;
}
