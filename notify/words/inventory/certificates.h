/*
 * What is said of the other certificates: findings with what to type, in the order of their gravity. Pure wording.
 */
#ifndef NOTIFY_WORDS_INVENTORY_CERTIFICATES_H
#define NOTIFY_WORDS_INVENTORY_CERTIFICATES_H

#include "base/text.h"
#include "core/inventory/news.h"
#include "notify/words/layout.h"

/* "certificate of mail.contoso.com ends in 21 days", and how many more there are. */
void certificates_headline(struct text *out, const struct inventory_news *news, time_t now);

/* Each item with its commands, and what was told before and is still open. */
void certificates_add_news(struct layout *out, const struct inventory_news *news);

/* The same under a heading of its own, beside something else. */
void certificates_add_section(struct layout *out, const struct inventory_news *news);

/* Every certificate that is in use, its end and where it is used, under a heading. */
void certificates_add_table(struct layout *out, const struct inventory *inventory, time_t now);

#endif
