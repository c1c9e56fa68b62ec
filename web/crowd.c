#include "web/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "web/libcurl.h"

#define UNDER_WAY_MOST 512
#define EVENTS_AT_ONCE 64
#define LOOK_EVERY 20 /* milliseconds */

struct crowd {
    const struct crowd_order *order;
    size_t next; /* the first that was not begun */
    CURLM *multi;
    int epoll;
    int64_t began;
    int64_t alarm; /* when libcurl wants to be called; -1 = not by time */
    int64_t looked;
    struct window window;
    struct crowd_member *under_way[UNDER_WAY_MOST]; /* window.under_way of them */
};

/* The member with this handle; NULL for one that libcurl made for itself. */
static struct crowd_member *member_of(CURL *curl) {
    char *private = NULL;

    return curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private) == CURLE_OK ? (struct crowd_member *)(void *)private
                                                                           : NULL;
}

/* libcurl tells of a socket it is about to close as of one on which it waits no longer. */
static int on_socket(CURL *curl, curl_socket_t socket, int what, void *context, void *known) {
    struct crowd *crowd = context;
    struct crowd_member *member = member_of(curl);
    struct epoll_event event = {.data.fd = socket};

    if (member && what == CURL_POLL_REMOVE)
        sockets_drop(&member->sockets, socket);
    else if (member)
        sockets_wait(&member->sockets, socket);
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    event.events =
        ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0U);
    if (known)
        return epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, socket, &event);
    curl_multi_assign(crowd->multi, socket, crowd);
    return epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, socket, &event);
}

static int on_timer(CURLM *multi, long wait, void *context) {
    struct crowd *crowd = context;

    (void)multi;
    crowd->alarm = wait < 0 ? -1 : clock_milliseconds() + wait;
    return 0;
}

static bool add(struct crowd *crowd, struct crowd_member *member, struct error *err) {
    return (curl_easy_setopt(member->curl, CURLOPT_PRIVATE, member) == CURLE_OK &&
            curl_multi_add_handle(crowd->multi, member->curl) == CURLM_OK) ||
           error_memory(err);
}

static bool begin_more(struct crowd *crowd, struct error *err) {
    const struct crowd_order *order = crowd->order;

    for (; crowd->next < order->count && window_has_room(&crowd->window); crowd->next++) {
        struct crowd_member *member = NULL;

        if (!order->begin(order->context, crowd->next, &member, err))
            return false;
        if (!member)
            continue;
        if (!add(crowd, member, err)) {
            order->release(member);
            return false;
        }
        crowd->under_way[crowd->window.under_way] = member;
        window_enter(&crowd->window, &member->seat, clock_milliseconds());
    }
    return true;
}

/* Hands back everything that has ended. */
static bool collect(struct crowd *crowd, struct error *err) {
    const struct crowd_order *order = crowd->order;
    const CURLMsg *message;
    bool ok = true;
    int left;

    while (ok && (message = curl_multi_info_read(crowd->multi, &left)) != NULL) {
        CURLcode result = message->data.result;
        struct crowd_member *member = message->msg == CURLMSG_DONE ? member_of(message->easy_handle) : NULL;
        bool more = false;
        size_t at = 0;

        if (!member)
            continue;
        while (crowd->under_way[at] != member)
            at++;
        /* A handle is prepared anew only outside. */
        curl_multi_remove_handle(crowd->multi, member->curl);
        ok = order->ended(order->context, member, result, clock_milliseconds() - crowd->began, &more, err);
        if (ok && more) {
            ok = add(crowd, member, err);
            if (ok)
                continue;
        }
        crowd->under_way[at] = crowd->under_way[crowd->window.under_way - 1];
        window_leave(&crowd->window, &member->seat);
        order->release(member);
    }
    return ok;
}

static void look(struct crowd *crowd, int64_t now) {
    if (now - crowd->looked < LOOK_EVERY)
        return;
    crowd->looked = now;
    for (size_t i = 0; i < crowd->window.under_way; i++) {
        struct crowd_member *member = crowd->under_way[i];

        if (window_wants_look(&member->seat, now))
            window_looked(&crowd->window, &member->seat, sockets_connected(&member->sockets));
    }
}

/* Waits until something happens on a socket or by time, and lets libcurl go on. */
static bool step(struct crowd *crowd, struct error *err) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int64_t now = clock_milliseconds();
    int64_t wait = crowd->alarm < 0 ? LOOK_EVERY : crowd->alarm - now;
    CURLMcode code = CURLM_OK;
    int running;
    int count;

    wait = wait < 0 ? 0 : wait > LOOK_EVERY ? LOOK_EVERY : wait;
    count = epoll_wait(crowd->epoll, events, EVENTS_AT_ONCE, (int)wait);
    if (count < 0 && errno != EINTR)
        return error_errno(err, errno, "cannot wait for answers");
    for (int i = 0; i < count && code <= CURLM_OK; i++) {
        int what = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);

        code = curl_multi_socket_action(crowd->multi, events[i].data.fd, what, &running);
    }
    now = clock_milliseconds();
    if (code <= CURLM_OK && crowd->alarm >= 0 && now >= crowd->alarm) {
        crowd->alarm = -1;
        code = curl_multi_socket_action(crowd->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    look(crowd, now);
    /* Once on_socket has failed, libcurl does nothing more, and some requests would never end. */
    return code <= CURLM_OK ||
           error_set(err, ERROR_LOCAL,
                     "cannot wait for answers: libcurl gave up; free memory or descriptors on this host");
}

static bool open_crowd(struct crowd *crowd, struct error *err) {
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (crowd->epoll < 0)
        return error_errno(err, errno, "cannot wait for several servers at a time");
    if (!libcurl_begin(err))
        return false;
    crowd->multi = curl_multi_init();
    return (crowd->multi && curl_multi_setopt(crowd->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
            curl_multi_setopt(crowd->multi, CURLMOPT_SOCKETDATA, crowd) == CURLM_OK &&
            curl_multi_setopt(crowd->multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
            curl_multi_setopt(crowd->multi, CURLMOPT_TIMERDATA, crowd) == CURLM_OK &&
            curl_multi_setopt(crowd->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) == CURLM_OK &&
            curl_multi_setopt(crowd->multi, CURLMOPT_MAX_HOST_CONNECTIONS, crowd->order->single ? 1L : 0L) ==
                CURLM_OK) ||
           error_memory(err);
}

bool crowd_run(const struct crowd_order *order, struct error *err) {
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    bool ok;

    if (!crowd)
        return error_memory(err);
    *crowd = (struct crowd){
        .order = order,
        .epoll = -1,
        .began = clock_milliseconds(),
        .alarm = -1,
        .window = {.seats = order->parallel > 0 ? (size_t)order->parallel : 1, .most = window_limit(UNDER_WAY_MOST)}};
    ok = open_crowd(crowd, err) && begin_more(crowd, err);
    while (ok && crowd->window.under_way > 0)
        ok = step(crowd, err) && collect(crowd, err) && begin_more(crowd, err);
    for (size_t i = 0; i < crowd->window.under_way; i++) {
        curl_multi_remove_handle(crowd->multi, crowd->under_way[i]->curl);
        order->release(crowd->under_way[i]);
    }
    if (crowd->multi)
        curl_multi_cleanup(crowd->multi);
    if (crowd->epoll >= 0)
        close(crowd->epoll);
    free(crowd);
    return ok;
}
