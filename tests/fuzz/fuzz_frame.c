#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "windows/wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

/* What is found lies within the body; and what we make ourselves of any bytes is found again, whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct frame_part token = {0};
    struct text text = {0};
    size_t plain = 0;
    size_t half = size < 2048 ? size / 2 : 1000;

    if (frame_read((const char *)data, size, &token, &plain)) {
        must((const uint8_t *)token.bytes >= data && token.length <= size);
        must((const uint8_t *)token.bytes + token.length <= data + size);
    }
    frame_add(&text, "application/HTTP-Kerberos-session-encrypted", (struct frame_part){data, half},
              (struct frame_part){data + half, size - half}, (struct frame_part){"", 0});
    must(!text.failed && frame_read(text.value, text.length, &token, &plain));
    must(plain == size - half && token.length == size);
    must(size == 0 || memcmp(token.bytes, data, size) == 0);
    /* Cut anywhere it is none. */
    for (size_t cut = 0; cut < text.length - 2; cut += 1 + text.length / 64)
        must(!frame_read(text.value, cut, &token, &plain) || token.length < size);
    text_free(&text);
    return 0;
}
