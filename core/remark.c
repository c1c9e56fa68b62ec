#include "core/remark.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void remarks_add(struct remarks *list, const char *id, const char *format, ...) {
    struct remark *items = reallocarray(list->items, list->count + 1, sizeof(*items));
    va_list arguments;
    char *text = NULL;

    if (items != NULL)
        list->items = items;
    va_start(arguments, format);
    if (items == NULL || vasprintf(&text, format, arguments) < 0)
        list->failed = true;
    else
        items[list->count++] = (struct remark){.id = id, .text = text};
    va_end(arguments);
}

void remarks_add_all(struct remarks *list, const struct remarks *others) {
    for (size_t i = 0; i < others->count; i++)
        remarks_add(list, others->items[i].id, "%s", others->items[i].text);
    list->failed = list->failed || others->failed;
}

void remarks_free(struct remarks *list) {
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
    *list = (struct remarks){0};
}

bool remarks_contain(const struct remarks *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].text, text) == 0)
            return true;
    return false;
}
