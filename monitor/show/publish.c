#include "monitor/show/publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/walk.h"
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
    struct memory memory = {0};
    const char *name;
    int folder;
    bool ok = false;

    if (walk_holder(path, &folder, &name, err)) {
        if (memory_open(&memory, err))
            ok = memory_save(&memory, show_prometheus(report, ran, memory.out), folder, name, err);
        close(folder);
    }
    return ok || error_context(err, "the metrics could not be written to %s ([metrics] textfile)", path);
}
