#include "monitor/commands/commands.h"

#include <stdio.h>

#include "monitor/session/answer.h"

static int say_version(const struct invocation *invocation) {
    (void)invocation;
    puts("authcert " AUTHCERT_VERSION);
    return answer_end(true);
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .what = "show this help, or a command's options",
    .answers = ANSWERS_TEXT,
    .takes_words = true,
};

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .what = "show the version",
    .run = say_version,
    .answers = ANSWERS_TEXT,
};
