/*
 * Which news of earlier runs reached somebody, over whatever channel: each by the time of the run that had it. Filled
 * by the channels while they send what waited, judged when all have tried. Plain values.
 */
#ifndef CORE_NEWS_H
#define CORE_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define NEWS_MOST 256 /* more than may wait in all outboxes together */

struct news {
    struct {
        time_t at;
        bool reached; /* somebody has it */
    } items[NEWS_MOST];
    size_t count;
    bool unclear; /* there was more than fits, or than could be read */
};

/* A message of the run at `at` reached somebody, or was tried in vain. What reached somebody once stays so. */
void news_note(struct news *news, time_t at, bool reached);

/* Is there nothing that nobody has? */
bool news_all_reached(const struct news *news);

#endif
