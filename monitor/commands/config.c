#include "monitor/session/answer.h"

#include <stdio.h>
#include <string.h>

#include "monitor/run/exit.h"

int command_config(const struct invocation *invocation) {
    const char *verb = invocation->arguments[0];
    struct strings errors = {0};
    struct config config;
    bool show;

    if (verb == NULL || invocation->arguments[1] != NULL || (strcmp(verb, "check") != 0 && strcmp(verb, "show") != 0)) {
        fputs("authcert: config needs one of: check, show\n", stderr);
        return EXIT_USAGE;
    }
    show = strcmp(verb, "show") == 0;
    /* The check reads the secrets too: a password file that others can read is an error of the configuration. */
    if (!command_load(invocation, !show, &config, NULL))
        return EXIT_USAGE;
    if (!show && config.policy.mode == MODE_RENEW && !config_load_key_password(&config, &errors)) {
        command_complain(&errors);
        strings_free(&errors);
        config_free(&config);
        return EXIT_USAGE;
    }
    if (invocation->verbosity <= 0)
        command_complain(&config.warnings);
    if (show)
        config_show(&config, stdout);
    else if (invocation->verbosity >= 0)
        printf("%s: no errors\n", config.path);
    config_free(&config);
    if (fflush(stdout) != 0) {
        fputs("authcert: the answer could not be written to standard output\n", stderr);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}
