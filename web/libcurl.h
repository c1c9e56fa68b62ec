/*
 * libcurl, loaded when it is first needed: some twenty libraries come with it, and loading them takes a sixth of the
 * time of a check that asks no server and sends no mail. The linker therefore does not know of it, so a package of this
 * program names it as a dependency (Debian: libcurl4). This is the only file that includes libcurl's header; a room
 * that talks to the network by it has one file for each protocol that it speaks.
 */
#ifndef WEB_LIBCURL_H
#define WEB_LIBCURL_H

#include "base/error.h"

#include <curl/curl.h>
#include <stdbool.h>

/* Every function that is used, without its curl_. */
#define LIBCURL_FUNCTIONS(X)                                                                                           \
    X(easy_cleanup)                                                                                                    \
    X(easy_getinfo)                                                                                                    \
    X(easy_init)                                                                                                       \
    X(easy_perform)                                                                                                    \
    X(easy_setopt)                                                                                                     \
    X(easy_strerror)                                                                                                   \
    X(free)                                                                                                            \
    X(getdate)                                                                                                         \
    X(multi_add_handle)                                                                                                \
    X(multi_assign)                                                                                                    \
    X(multi_cleanup)                                                                                                   \
    X(multi_info_read)                                                                                                 \
    X(multi_init)                                                                                                      \
    X(multi_perform)                                                                                                   \
    X(multi_poll)                                                                                                      \
    X(multi_remove_handle)                                                                                             \
    X(multi_setopt)                                                                                                    \
    X(multi_socket_action)                                                                                             \
    X(multi_strerror)                                                                                                  \
    X(slist_append)                                                                                                    \
    X(slist_free_all)                                                                                                  \
    X(url)                                                                                                             \
    X(url_cleanup)                                                                                                     \
    X(url_get)                                                                                                         \
    X(url_set)

struct libcurl {
#define LIBCURL_MEMBER(name) __typeof__(curl_##name) *name;
    LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
};

/* Finds all of them; what was loaded stays so until the program ends. LOCAL error when libcurl is not installed. */
bool libcurl_load(struct libcurl *ret_libcurl, struct error *err) __attribute__((warn_unused_result));

#endif
