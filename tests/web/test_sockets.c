#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/sockets.h"

static struct sockaddr_in loopback(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Bound to a port that the kernel chose; listens with this many places in its queue, unless negative. */
static int bind_server(int queue, struct sockaddr_in *ret_address) {
    struct sockaddr_in address = loopback();
    socklen_t size = sizeof(address);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(server >= 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
    if (queue >= 0)
        assert_int_equal(listen(server, queue), 0);
    *ret_address = address;
    return server;
}

static int begin_connection(const struct sockaddr_in *address) {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(client >= 0);
    assert_true(connect(client, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EINPROGRESS ||
                errno == ECONNREFUSED);
    return client;
}

static void wait_for(int socket, short what) {
    struct pollfd waiting = {.fd = socket, .events = what};

    assert_int_equal(poll(&waiting, 1, 10000), 1);
}

/* A client that waits on a server which took its connection. */
static int connect_to(int server, const struct sockaddr_in *address, int *ret_accepted) {
    int client = begin_connection(address);

    wait_for(client, POLLOUT);
    *ret_accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    assert_true(*ret_accepted >= 0);
    return client;
}

static void a_connection_counts_as_soon_as_it_is_there(void **state) {
    struct sockets sockets = {0};
    struct sockaddr_in address;
    int server = bind_server(4, &address);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    (void)state;
    assert_true(client >= 0);
    sockets_wait(&sockets, client);
    assert_false(sockets_connected(&sockets));
    assert_true(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EINPROGRESS);
    wait_for(client, POLLOUT);
    assert_true(sockets_connected(&sockets));
    close(client);
    close(server);
}

static void it_counts_when_it_is_first_looked_at_just_before_its_end(void **state) {
    struct sockets sockets = {0};
    struct sockaddr_in address;
    int server = bind_server(4, &address);
    int client = begin_connection(&address);

    (void)state;
    sockets.waiting[sockets.count++] = client; /* as if the connection had come later */
    wait_for(client, POLLOUT);
    sockets_drop(&sockets, client);
    close(client);
    assert_int_equal(sockets.count, 0);
    assert_true(sockets_connected(&sockets));
    close(server);
}

static void a_reset_does_not_hide_it(void **state) {
    struct linger abrupt = {.l_onoff = 1};
    struct sockets sockets = {0};
    struct sockaddr_in address;
    int accepted;
    int server = bind_server(4, &address);
    int client = connect_to(server, &address, &accepted);

    (void)state;
    sockets_wait(&sockets, client);
    assert_int_equal(setsockopt(accepted, SOL_SOCKET, SO_LINGER, &abrupt, sizeof(abrupt)), 0);
    close(accepted);
    wait_for(client, POLLIN);
    sockets_drop(&sockets, client);
    close(client);
    assert_true(sockets_connected(&sockets));
    close(server);
}

static void a_refused_one_does_not_count(void **state) {
    struct sockets sockets = {0};
    struct sockaddr_in address;
    int server = bind_server(-1, &address); /* the port is taken, and nobody listens there */
    int client = begin_connection(&address);

    (void)state;
    sockets_wait(&sockets, client);
    wait_for(client, POLLOUT);
    assert_false(sockets_connected(&sockets));
    sockets_drop(&sockets, client);
    assert_false(sockets_connected(&sockets));
    close(client);
    close(server);
}

static void what_the_resolver_waits_on_does_not_count(void **state) {
    struct sockets sockets = {0};
    struct sockaddr_in address = loopback();
    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int pair[2], pipes[2];

    (void)state;
    address.sin_port = htons(53);
    assert_true(datagrams >= 0);
    assert_int_equal(connect(datagrams, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(pipe(pipes), 0);
    sockets_wait(&sockets, datagrams);
    sockets_wait(&sockets, pair[0]);
    sockets_wait(&sockets, pipes[0]);
    assert_false(sockets_connected(&sockets));
    sockets_drop(&sockets, pair[0]);
    sockets_drop(&sockets, pair[0]);
    assert_int_equal(sockets.count, 2);
    assert_false(sockets_connected(&sockets));
    close(datagrams);
    close(pair[0]);
    close(pair[1]);
    close(pipes[0]);
    close(pipes[1]);
}

static void no_more_than_there_is_room_for(void **state) {
    struct sockets sockets = {0};

    (void)state;
    for (int i = 0; i < SOCKETS_MOST + 5; i++)
        sockets_wait(&sockets, 100000 + i);
    sockets_wait(&sockets, 100000);
    assert_int_equal(sockets.count, SOCKETS_MOST);
    sockets_drop(&sockets, 100000 + SOCKETS_MOST + 2);
    assert_int_equal(sockets.count, SOCKETS_MOST);
    sockets_drop(&sockets, 100001);
    assert_int_equal(sockets.count, SOCKETS_MOST - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_counts_as_soon_as_it_is_there),
        cmocka_unit_test(it_counts_when_it_is_first_looked_at_just_before_its_end),
        cmocka_unit_test(a_reset_does_not_hide_it),
        cmocka_unit_test(a_refused_one_does_not_count),
        cmocka_unit_test(what_the_resolver_waits_on_does_not_count),
        cmocka_unit_test(no_more_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
