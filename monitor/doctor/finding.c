#include "monitor/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>

void finding_say(struct doctor *doctor, enum finding finding, const char *what, const char *format, ...) {
    static const char *const words[] = {"ok      ", "warning ", "FAILED  "};
    va_list arguments;

    printf("%s%s: ", words[finding], what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    if (finding == FINDING_FAILED)
        doctor->failed = true;
}

void finding_say_outcome(struct doctor *doctor, bool ok, const char *what, const char *good, const struct error *err) {
    finding_say(doctor, ok ? FINDING_OK : FINDING_FAILED, what, "%s", ok ? good : err->text);
}
