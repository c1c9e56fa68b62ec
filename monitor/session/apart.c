#include "monitor/session/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define BROKEN 255 /* the child's end when its text did not go out whole */

static bool read_all(int file, size_t most, struct text *text, struct error *err) {
    char buffer[65536];
    ssize_t count;

    while ((count = read(file, buffer, sizeof(buffer))) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_errno(err, errno, "it cannot be read back");
        text_add_bytes(text, buffer, (size_t)count);
        if (text->length > most)
            return error_set(err, ERROR_DATA, "it is larger than %zu bytes", most);
    }
    return !text->failed || error_memory(err);
}

static int work_in_child(apart_work *work, void *context, int out) {
    struct text text = {0};
    int result = work(context, &text);

    if (text.failed || !file_write_open(out, text.value, text.length))
        result = BROKEN;
    text_free(&text);
    (void)fflush(NULL);
    return result;
}

bool apart_run(apart_work *work, void *context, size_t most, struct text *ret_text, int *ret_result,
               struct error *err) {
    struct text text = {0};
    int ends[2];
    int status = 0;
    bool whole;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_errno(err, errno, "there is no pipe for it");
    (void)fflush(NULL);
    child = fork();
    if (child < 0) {
        error_errno(err, errno, "there is no process for it");
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    if (child == 0) {
        close(ends[0]);
        _exit(work_in_child(work, context, ends[1]));
    }
    close(ends[1]);
    whole = read_all(ends[0], most, &text, err);
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (whole && (!WIFEXITED(status) || WEXITSTATUS(status) == BROKEN))
        whole = error_set(err, ERROR_LOCAL, "its process did not end as it should");
    if (!whole) {
        text_free(&text);
        return false;
    }
    *ret_text = text;
    *ret_result = WEXITSTATUS(status);
    return true;
}
