#include "monitor/show/systemd/timer.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/policy.h"
#include "monitor/show/systemd/libsystemd.h"

#define FOLDER "/etc/authcert/"
#define SUFFIX ".conf"
#define OBJECT_SIZE 512

typedef struct sd_bus sd_bus; /* opaque to us */

/* D-Bus takes letters and digits in a path; of all else the code in hexadecimal (systemd's bus_label_escape). */
static void add_escaped(char *out, size_t size, const char *text, size_t length) {
    size_t at = strlen(out);

    for (size_t i = 0; i < length && at + 4 < size; i++) {
        const unsigned char byte = (unsigned char)text[i];

        at += (size_t)(isalnum(byte) ? snprintf(out + at, size - at, "%c", byte)
                                     : snprintf(out + at, size - at, "_%02x", byte));
    }
}

/* The unit's object; false where no unit goes with the configuration. */
static bool object_of(const char *config_path, char out[OBJECT_SIZE]) {
    const char *name = config_path + strlen(FOLDER);
    size_t length;

    (void)snprintf(out, OBJECT_SIZE, "/org/freedesktop/systemd1/unit/");
    if (strcmp(config_path, CONFIG_DEFAULT_PATH) == 0) {
        add_escaped(out, OBJECT_SIZE, "authcert.timer", strlen("authcert.timer"));
        return true;
    }
    if (strncmp(config_path, FOLDER, strlen(FOLDER)) != 0 || strchr(name, '/') != NULL)
        return false;
    length = strlen(name);
    if (length <= strlen(SUFFIX) || length > 100 || strcmp(name + length - strlen(SUFFIX), SUFFIX) != 0)
        return false;
    add_escaped(out, OBJECT_SIZE, "authcert@", strlen("authcert@"));
    add_escaped(out, OBJECT_SIZE, name, length - strlen(SUFFIX));
    add_escaped(out, OBJECT_SIZE, ".timer", strlen(".timer"));
    return true;
}

bool timer_next(const char *config_path, time_t *ret_at) {
    int (*open)(sd_bus * *bus) = NULL;
    int (*get)(sd_bus * bus, const char *service, const char *object, const char *interface, const char *member,
               void *error, char type, void *ret_value) = NULL;
    sd_bus *(*close)(sd_bus * bus) = NULL;
    char object[OBJECT_SIZE];
    sd_bus *bus = NULL;
    uint64_t microseconds = 0;
    bool ok;

    libsystemd_find("sd_bus_open_system", &open);
    libsystemd_find("sd_bus_get_property_trivial", &get);
    libsystemd_find("sd_bus_flush_close_unref", &close);
    if (open == NULL || get == NULL || close == NULL || !object_of(config_path, object) || open(&bus) < 0)
        return false;
    ok = get(bus, "org.freedesktop.systemd1", object, "org.freedesktop.systemd1.Timer", "NextElapseUSecRealtime", NULL,
             't', &microseconds) >= 0;
    close(bus);
    if (ok)
        *ret_at = microseconds == UINT64_MAX ? 0 : (time_t)(microseconds / 1000000);
    return ok;
}
