#include "monitor/ports/shelf.h"

static bool keep_nothing(void *context, const struct certificate *certificate, struct error *err) {
    (void)context;
    (void)certificate;
    (void)err;
    return true;
}

struct shelf_port shelf_port_of(struct shelf *shelf, bool only_read) {
    return (struct shelf_port){.context = shelf, .find = shelf_find, .keep = only_read ? keep_nothing : shelf_keep};
}
