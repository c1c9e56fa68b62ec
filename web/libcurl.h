/*
 * What goes before the first handle of libcurl, in every room that uses it: its memory is wiped before it is given
 * back.
 */
#ifndef WEB_LIBCURL_H
#define WEB_LIBCURL_H

#include "base/error.h"

#include <stdbool.h>

/* May be called again. LOCAL error. */
bool libcurl_begin(struct error *err) MUST_CHECK;

#endif
