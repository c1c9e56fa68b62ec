#include "monitor/state/emergency.h"

#include <string.h>

void emergency_begin(struct emergency *emergency, const char *thumbprint, time_t now) {
    if (emergency->since == 0 || emergency->written_at != 0)
        *emergency = (struct emergency){.since = now};
    memcpy(emergency->thumbprint, thumbprint, THUMBPRINT_SIZE);
}

void emergency_write(struct emergency *emergency, const char *thumbprint, time_t now) {
    emergency_begin(emergency, thumbprint, now);
    emergency->written_at = now;
}
