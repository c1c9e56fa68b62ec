/*
 * How WinRM carries an encrypted message in a body of HTTP (MS-WSMV 2.2.9.1, which looks like MIME and is not): what
 * the message was, and behind it the sealed bytes, between lines that a mail reader would not take. Pure; what comes
 * from outside is hostile.
 */
#ifndef WINDOWS_WIRE_FRAME_H
#define WINDOWS_WIRE_FRAME_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Adds a body: `before`, `sealed` and `after` are the parts of a sealed message of `length` bytes. `protocol`:
 * "application/HTTP-Kerberos-session-encrypted" or the like. */
struct frame_part {
    const void *bytes;
    size_t length;
};
void frame_add(struct text *text, const char *protocol, struct frame_part before, struct frame_part sealed,
               struct frame_part after);

/* The value of Content-Type for such a body. */
void frame_add_type(struct text *text, const char *protocol);

/* Is this a Content-Type of such a body? */
bool frame_is_type(const char *type);

/* Finds the sealed message in a body: *ret_token points into it, and *ret_plain is the length of the message that is to
 * come out. False when the body is none, or only a part of one. */
bool frame_read(const char *body, size_t length, struct frame_part *ret_token, size_t *ret_plain)
    __attribute__((warn_unused_result));

#endif
