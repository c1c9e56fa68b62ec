#include "monitor/state/values.h"

#include "base/time.h"

json_t *values_time(time_t at) {
    char text[TIME_TEXT_SIZE];

    return at != 0 ? json_string(time_format_rfc3339(text, at)) : json_null();
}

json_t *values_text(const char *text) {
    return text != NULL ? json_string(text) : json_null();
}

json_t *values_strings(const struct strings *strings) {
    json_t *list = json_array();

    for (size_t i = 0; i < strings->count; i++)
        values_append(&list, json_string(strings->items[i]));
    return list;
}

void values_append(json_t **list, json_t *one) {
    if (json_array_append_new(*list, one) != 0) {
        json_decref(*list);
        *list = NULL;
    }
}
