#include "core/change.h"

bool change_is_empty(const struct change *change) {
    return change->delete_count == 0 && change->add_count == 0 && !change->replace_values &&
           change->delete_date == NULL && !change->add_date;
}
