#include "core/news.h"

void news_note(struct news *news, time_t at, bool reached) {
    size_t i = 0;

    while (i < news->count && news->items[i].at != at)
        i++;
    if (i == NEWS_MOST) {
        news->unclear = news->unclear || !reached;
        return;
    }
    if (i == news->count) {
        news->items[news->count++].at = at;
        news->items[i].reached = false;
    }
    news->items[i].reached = news->items[i].reached || reached;
}

bool news_all_reached(const struct news *news) {
    for (size_t i = 0; i < news->count; i++)
        if (!news->items[i].reached)
            return false;
    return !news->unclear;
}
