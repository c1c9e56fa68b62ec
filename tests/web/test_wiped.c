/* After a message was posted to an address that is a secret, nothing of the address is left in this process. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/needle.h"
#include "web/https.h"

#define LETTERS 40

/* Answers one request with 404 and the request itself, as careless servers do. Returns the port. */
static int serve_once(pid_t *ret_child) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(server >= 0);
    assert_int_equal(bind(server, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(server, 1), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&at, &size), 0);
    *ret_child = fork();
    assert_true(*ret_child >= 0);
    if (*ret_child == 0) {
        char request[2048];
        int client = accept(server, NULL, NULL);
        ssize_t length = read(client, request, sizeof(request));

        dprintf(client, "HTTP/1.0 404 Gone\r\nContent-Length: %zd\r\n\r\n", length);
        (void)!write(client, request, (size_t)length);
        _exit(0);
    }
    close(server);
    return ntohs(at.sin_port);
}

static void an_address_leaves_nothing(void **unused) {
    struct secret address = {.value = calloc(1, 256)};
    struct https_request request = {
        .address = &address, .suffix = "/x", .type = "text/plain", .body = "{}", .length = 2};
    struct https_answer answer = {0};
    bool unclear;
    struct error err = {0};
    struct needle needle;
    unsigned seed = 7;
    pid_t child;
    int port = serve_once(&child);
    int begin = snprintf(address.value, 256, "http://127.0.0.1:%d/", port);

    (void)unused;
    for (int i = 0; i < LETTERS; i++) {
        seed = seed * 1103515245 + 12345;
        address.value[begin + i] = (char)('a' + (seed >> 16) % 26);
    }
    address.length = strlen(address.value);
    needle = needle_of((unsigned char *)address.value + begin + 8);
    assert_int_equal(needle_count(&needle), 1);
    if (!https_send(&request, &answer, &unclear, &err))
        fail_msg("%s", err.text);
    assert_int_equal(answer.status, 404);
    assert_string_equal(answer.said, "");
    waitpid(child, NULL, 0);
    assert_int_equal(needle_count(&needle), 1);
    explicit_bzero(address.value, address.length);
    assert_int_equal(needle_count(&needle), 0);
    free(address.value);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_address_leaves_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
