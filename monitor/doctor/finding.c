#include "monitor/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>

void finding_say(struct doctor *doctor, enum finding finding, const char *what, const char *format, ...) {
    static const char *const words[] = {"ok      ", "warning ", "FAILED  "};
    char text[2 * ERROR_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!doctor->silent)
        printf("%s%s: %s\n", words[finding], what, text);
    if (finding != FINDING_FAILED)
        return;
    doctor->failed = doctor->failed || !doctor->silent;
    if (doctor->counting)
        strings_add(&doctor->lacking, "%s: %s", what, text);
}

void finding_say_outcome(struct doctor *doctor, bool ok, const char *what, const char *good, const struct error *err) {
    finding_say(doctor, ok ? FINDING_OK : FINDING_FAILED, what, "%s", ok ? good : err->text);
}
