#include "windows/wire/frame.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY "Encrypted Boundary"
#define PREFIX_SIZE 4    /* the length of what comes before the sealed bytes, in front of it */
#define BEFORE_MOST 1024 /* bytes of that; Kerberos has some 70 */
#define LINES_MOST 8     /* of a part's header */

void frame_add_type(struct text *text, const char *protocol) {
    text_format(text, "multipart/encrypted;protocol=\"%s\";boundary=\"" BOUNDARY "\"", protocol);
}

bool frame_is_type(const char *type) {
    static const char encrypted[] = "multipart/encrypted";

    return strncasecmp(type, encrypted, sizeof(encrypted) - 1) == 0;
}

void frame_add(struct text *text, const char *protocol, struct frame_part before, struct frame_part sealed,
               struct frame_part after) {
    char prefix[PREFIX_SIZE];

    text_format(text,
                "--" BOUNDARY "\r\n"
                "\tContent-Type: %s\r\n"
                "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%zu\r\n"
                "--" BOUNDARY "\r\n"
                "\tContent-Type: application/octet-stream\r\n",
                protocol, sealed.length + after.length);
    for (size_t i = 0; i < PREFIX_SIZE; i++)
        prefix[i] = (char)(before.length >> (8 * i) & 0xff);
    text_add_bytes(text, prefix, PREFIX_SIZE);
    text_add_bytes(text, before.bytes, before.length);
    text_add_bytes(text, sealed.bytes, sealed.length);
    text_add_bytes(text, after.bytes, after.length);
    text_add(text, "--" BOUNDARY "--\r\n");
}

struct reader {
    const char *at;
    size_t left;
};

/* One line with its end; what stands before the end is the line. */
static bool take_line(struct reader *reader, struct frame_part *ret_line) {
    const char *end = memchr(reader->at, '\n', reader->left);
    size_t whole;

    if (!end)
        return false;
    whole = (size_t)(end - reader->at) + 1;
    *ret_line = (struct frame_part){reader->at, whole - 1};
    if (whole > 1 && end[-1] == '\r')
        ret_line->length--;
    *reader = (struct reader){reader->at + whole, reader->left - whole};
    return true;
}

/* The bytes of a boundary at the beginning of these: "--", perhaps a blank, and its name; 0 when there is none. */
static size_t boundary_at(const char *bytes, size_t length) {
    size_t at = 2;

    if (length < at || memcmp(bytes, "--", at) != 0)
        return 0;
    at += at < length && bytes[at] == ' ';
    return length - at >= strlen(BOUNDARY) && memcmp(bytes + at, BOUNDARY, strlen(BOUNDARY)) == 0
               ? at + strlen(BOUNDARY)
               : 0;
}

static bool is_boundary(struct frame_part line) {
    size_t taken = boundary_at(line.bytes, line.length);

    return taken > 0 && taken == line.length;
}

/* Where "Length=" of this line has its number; SIZE_MAX when it is another line, or the number is none. */
static size_t length_in(struct frame_part line) {
    static const char name[] = "Length=";
    const char *text = line.bytes;

    for (size_t at = 0; at + sizeof(name) - 1 < line.length; at++) {
        size_t value = 0;
        size_t digit = at + sizeof(name) - 1;

        if (strncasecmp(text + at, name, sizeof(name) - 1) != 0)
            continue;
        for (; digit < line.length && text[digit] >= '0' && text[digit] <= '9'; digit++) {
            if (value > INT32_MAX / 10 - 1)
                return SIZE_MAX;
            value = value * 10 + (size_t)(text[digit] - '0');
        }
        return digit > at + sizeof(name) - 1 ? value : SIZE_MAX;
    }
    return SIZE_MAX;
}

/* The first part says how long the message is, and ends with a boundary. */
static bool read_first_part(struct reader *reader, size_t *ret_plain) {
    struct frame_part line;
    size_t plain = SIZE_MAX;

    if (!take_line(reader, &line) || !is_boundary(line))
        return false;
    for (int i = 0; i < LINES_MOST && take_line(reader, &line); i++) {
        if (is_boundary(line)) {
            *ret_plain = plain;
            return plain != SIZE_MAX;
        }
        if (plain == SIZE_MAX)
            plain = length_in(line);
    }
    return false;
}

/* Sealed bytes hold anything, so the last boundary is looked for from the end. */
static bool find_end(const struct reader *reader, size_t *ret_end) {
    for (size_t at = reader->left; at-- > 0;) {
        size_t taken = boundary_at(reader->at + at, reader->left - at);
        size_t rest = reader->left - at - taken;

        if (taken == 0)
            continue;
        if (rest < 2 || memcmp(reader->at + at + taken, "--", 2) != 0)
            return false;
        *ret_end = at;
        return true;
    }
    return false;
}

bool frame_read(const char *body, size_t length, struct frame_part *ret_token, size_t *ret_plain) {
    struct reader reader = {body, length};
    struct frame_part line;
    size_t plain = 0;
    size_t before = 0;
    size_t end = 0;

    if (!read_first_part(&reader, &plain) || !take_line(&reader, &line) || !find_end(&reader, &end) ||
        end < PREFIX_SIZE)
        return false;
    for (size_t i = 0; i < PREFIX_SIZE; i++)
        before |= (size_t)(unsigned char)reader.at[i] << (8 * i);
    if (before > BEFORE_MOST || before > end - PREFIX_SIZE)
        return false;
    *ret_token = (struct frame_part){reader.at + PREFIX_SIZE, end - PREFIX_SIZE};
    *ret_plain = plain;
    return true;
}
