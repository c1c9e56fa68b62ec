#include "monitor/show/publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "monitor/show/last_report.h"

struct memory {
    FILE *out;
    char *text;
    size_t length;
};

static bool memory_open(struct memory *memory, struct error *err) {
    memory->out = open_memstream(&memory->text, &memory->length);
    return memory->out != NULL || error_memory(err);
}

/* Ends the stream and writes it as a file that everyone may read: nothing in a report is secret. */
static bool memory_save(struct memory *memory, bool printed, int folder, const char *name, struct error *err) {
    bool ok = fclose(memory->out) == 0 && printed;

    ok = ok ? file_write(folder, name, 0644, memory->text, memory->length, err) : error_memory(err);
    free(memory->text);
    return ok;
}

bool publish_last(int state, const struct report *report, struct error *err) {
    struct memory memory = {0};

    if (!memory_open(&memory, err))
        return false;
    return memory_save(&memory, show_json(report, memory.out), state, LAST_REPORT_NAME, err);
}

bool publish_metrics(const char *path, const struct report *report, const struct ran *ran, struct error *err) {
    const char *name = strrchr(path, '/') + 1;
    char *parent = strndup(path, (size_t)(name - path));
    struct memory memory = {0};
    struct error failure = {0};
    int folder = -1;
    bool ok = false;

    if (parent == NULL)
        return error_memory(err);
    if (!folder_open(AT_FDCWD, parent, false, 0, true, &folder, &failure)) {
        if (failure.kind == ERROR_NONE)
            error_set(&failure, ERROR_CONFIG, "there is no folder %s", parent);
        if (err != NULL)
            *err = failure;
    } else {
        if (memory_open(&memory, err))
            ok = memory_save(&memory, show_prometheus(report, ran, memory.out), folder, name, err);
        close(folder);
    }
    free(parent);
    return ok || error_context(err, "the metrics could not be written to %s ([metrics] textfile)", path);
}
