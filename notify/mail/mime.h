/*
 * The spelling of a mail: header fields, addresses, dates and quoted-printable text, all ASCII with CRLF line ends and
 * lines below 998 characters. Whatever a value holds, it cannot end its header: control characters are made visible and
 * what is not ASCII is encoded. What runs out of memory shows in the text's `failed`.
 */
#ifndef NOTIFY_MAIL_MIME_H
#define NOTIFY_MAIL_MIME_H

#include "base/text.h"

#include <time.h>

#define MIME_VALUE_MOST 400 /* bytes of one header's value before encoding */
#define MIME_DATE_SIZE 64

/* "NAME: value" for an unstructured field, folded; as encoded words (RFC 2047, UTF-8, Q) when it is not plain ASCII. */
void mime_header(struct text *out, const char *name, const char *value);

/* "NAME: a, b" folded between addresses, which the caller has checked with text_is_mail_address. */
void mime_addresses(struct text *out, const char *name, const struct strings *addresses);

/* "Sat, 21 Nov 2026 02:00:00 +0000" (RFC 5322 3.3). */
char *mime_date(char out[MIME_DATE_SIZE], time_t at);

/* `value`, UTF-8 with LF line ends, as quoted-printable (RFC 2045 6.7). */
void mime_quoted_printable(struct text *out, const char *value);

/* The last header fields and the body of a message of two alternatives (RFC 2046 5.1.4), the preferred one last. Both
 * are as for mime_quoted_printable. */
void mime_alternative(struct text *out, const char *plain, const char *html);

#endif
