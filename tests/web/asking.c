#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/http.h"

/* Asks for each URL in turn, by one client, and prints a line for each: STATUS RETRY-AFTER whole|cut BODY, or what
 * failed. A URL after "connect" is only connected to; the words after "post" are a header and a body for the next URL:
 * asking PROXY TIMEOUT MOST {[connect] URL | post HEADER BODY URL}. PROXY "-" = none. */
int main(int argc, char **argv) {
    struct http_settings settings = {0};
    struct http *http = NULL;
    struct error err = {0};

    if (argc < 5)
        errx(2, "usage: %s PROXY TIMEOUT MOST URL...", argv[0]);
    settings.proxy = strcmp(argv[1], "-") != 0 ? argv[1] : NULL;
    settings.timeout = (int)strtol(argv[2], NULL, 10);
    settings.body_most = (size_t)strtoul(argv[3], NULL, 10);
    if (!http_open(&settings, &http, &err))
        errx(1, "%s", err.text);
    for (int i = 4; i < argc; i++) {
        struct strings headers = {0};
        struct http_request request = {.headers = &headers};
        struct http_answer answer = {0};
        bool only_connect = strcmp(argv[i], "connect") == 0 && ++i < argc;
        bool ok;

        if (strcmp(argv[i], "post") == 0 && i + 3 < argc) {
            strings_add(&headers, "%s", argv[i + 1]);
            request.body = argv[i + 2];
            request.length = strlen(argv[i + 2]);
            i += 3;
        }
        request.url = argv[i];
        ok = only_connect ? http_connect(http, argv[i], &err) : http_send(http, &request, &answer, &err);
        if (ok)
            printf("%d %lld %s %.60s\n", answer.status, (long long)answer.retry_after, answer.cut ? "cut" : "whole",
                   answer.body.value ? answer.body.value : "");
        else
            printf("%d: %s\n", (int)err.kind, err.text);
        http_answer_free(&answer);
        strings_free(&headers);
    }
    http_close(http);
    return 0;
}
