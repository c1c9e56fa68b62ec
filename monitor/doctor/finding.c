#include "monitor/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "monitor/session/answer.h"

static bool is_text(const struct doctor *doctor) {
    return doctor->invocation->format == FORMAT_TEXT;
}

/* What an earlier line was about that gave the same cause; NULL when none did. */
static const char *told_by(const struct doctor *doctor, const char *cause) {
    for (size_t i = 0; i < doctor->causes.count && i < doctor->named.count; i++)
        if (strcmp(doctor->causes.items[i], cause) == 0)
            return doctor->named.items[i];
    return NULL;
}

static void put(struct doctor *doctor, enum finding finding, const char *what, const char *text) {
    static const char *const words[] = {"ok      ", "warning ", "FAILED  "};
    static const char *const names[] = {"ok", "warning", "failed"};

    doctor->counts[finding]++;
    if (is_text(doctor)) {
        printf("%s%s: %s\n", words[finding], what, text);
        return;
    }
    if (doctor->list == NULL)
        doctor->list = json_array();
    (void)json_array_append_new(doctor->list, json_pack("{s:s, s:s, s:s, s:n}", "result", names[finding], "what", what,
                                                        "text", text, "commands"));
}

/* The text in full, or that it is what an earlier line said. */
static void say(struct doctor *doctor, enum finding finding, const char *what, const char *text) {
    const char *earlier = finding != FINDING_OK ? told_by(doctor, text) : NULL;
    struct text again = {0};

    if (earlier != NULL) {
        text_format(&again, "for the same reason as %s", earlier);
    } else if (finding != FINDING_OK) {
        strings_add(&doctor->named, "%s", what);
        strings_add(&doctor->causes, "%s", text);
    }
    put(doctor, finding, what, again.length > 0 ? again.value : text);
    text_free(&again);
}

void finding_say(struct doctor *doctor, enum finding finding, const char *what, const char *format, ...) {
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (!doctor->silent)
        say(doctor, finding, what, text != NULL ? text : "out of memory");
    if (doctor->counting && finding == FINDING_FAILED)
        strings_add(&doctor->lacking, "%s: %s", what, text != NULL ? text : "out of memory");
    free(text);
}

void finding_add(struct doctor *doctor, const char *lines) {
    json_t *list = doctor->list;

    if (doctor->silent)
        return;
    if (is_text(doctor))
        fputs(lines, stdout);
    else if (list != NULL && lines[0] != '\0')
        (void)json_object_set_new(json_array_get(list, json_array_size(list) - 1), "commands", json_string(lines));
}

void finding_say_outcome(struct doctor *doctor, bool ok, const char *what, const char *good, const struct error *err) {
    finding_say(doctor, ok ? FINDING_OK : FINDING_FAILED, what, "%s", ok ? good : err->text);
}

bool finding_end(struct doctor *doctor) {
    const size_t *counts = doctor->counts;
    bool whole = true;

    if (is_text(doctor))
        printf("%zu ok, %zu warning%s, %zu FAILED\n", counts[FINDING_OK], counts[FINDING_WARNING],
               counts[FINDING_WARNING] == 1 ? "" : "s", counts[FINDING_FAILED]);
    else
        whole = answer_object(doctor->invocation,
                              json_pack("{s:o, s:{s:I, s:I, s:I}}", "findings",
                                        doctor->list != NULL ? doctor->list : json_array(), "counts", "ok",
                                        (json_int_t)counts[FINDING_OK], "warning", (json_int_t)counts[FINDING_WARNING],
                                        "failed", (json_int_t)counts[FINDING_FAILED]));
    doctor->list = NULL;
    strings_free(&doctor->named);
    strings_free(&doctor->causes);
    return answer_end(whole) == 0;
}
