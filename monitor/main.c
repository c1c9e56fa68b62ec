#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <popt.h>

#include "base/text.h"
#include "monitor/session/answer.h"
#include "monitor/run/exit.h"
#include "monitor/show/journal.h"
#include "monitor/show/progress.h"

enum { OPTION_HELP = 1, OPTION_VERSION, OPTION_VERBOSE, OPTION_QUIET, OPTION_CONFIG, OPTION_FORMAT };

/* Where popt puts what it reads; one command line a process. */
static struct {
    char *config;
    char *format;
    char *password_file;
    char *effective;
    char *confirm;
    int last;
    int test;
    int yes;
    int again;
    int now;
    int previous;
    int dry_run;
    int try_delivery;
} options;

static const struct poptOption common_table[] = {
    {"config", 'c', POPT_ARG_STRING, NULL, OPTION_CONFIG, "configuration file (" CONFIG_DEFAULT_PATH ")", "FILE"},
    {"format", '\0', POPT_ARG_STRING, NULL, OPTION_FORMAT, "how to answer: text (default), json, nagios or prometheus",
     "FORMAT"},
    {"verbose", 'v', POPT_ARG_NONE, NULL, OPTION_VERBOSE, "say more on standard error", NULL},
    {"quiet", 'q', POPT_ARG_NONE, NULL, OPTION_QUIET, "say only errors on standard error", NULL},
    {"help", 'h', POPT_ARG_NONE, NULL, OPTION_HELP, "show this help", NULL},
    {"version", '\0', POPT_ARG_NONE, NULL, OPTION_VERSION, "show the version", NULL},
    POPT_TABLEEND,
};

#define COMMON                                                                                                         \
    { NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)common_table, 0, "Options of every command:", NULL }

static const struct poptOption plain_options[] = {COMMON, POPT_TABLEEND};
static const struct poptOption check_options[] = {
    {"last", '\0', POPT_ARG_NONE, &options.last, 0, "judge what the last run saw; older than 36 h is unknown", NULL},
    COMMON,
    POPT_TABLEEND,
};
#define DRY_RUN                                                                                                        \
    { "dry-run", '\0', POPT_ARG_NONE, &options.dry_run, 0, "print what would be done, as LDIF; change nothing", NULL }
#define YES                                                                                                            \
    { "yes", '\0', POPT_ARG_NONE, &options.yes, 0, "do not ask", NULL }
static const struct poptOption run_options[] = {DRY_RUN, COMMON, POPT_TABLEEND};
static const struct poptOption renew_options[] = {
    {"again", '\0', POPT_ARG_NONE, &options.again, 0, "also when a usable next certificate is staged", NULL},
    {"effective", '\0', POPT_ARG_STRING, &options.effective, 0,
     "when it takes over: now, +DAYSd or a UTC date (default: by policy)", "WHEN"},
    DRY_RUN,
    YES,
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption activate_options[] = {
    {"now", '\0', POPT_ARG_NONE, &options.now, 0, "before its date, too", NULL},
    {"previous", '\0', POPT_ARG_NONE, &options.previous, 0, "go back to the previous certificate", NULL},
    DRY_RUN,
    YES,
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption retire_options[] = {
    {"now", '\0', POPT_ARG_NONE, &options.now, 0, "before its time, too", NULL}, DRY_RUN, YES, COMMON, POPT_TABLEEND,
};
static const struct poptOption recover_options[] = {DRY_RUN, YES, COMMON, POPT_TABLEEND};
static const struct poptOption deliver_options[] = {
    {"confirm", '\0', POPT_ARG_STRING, &options.confirm, 0,
     "an admin has put it there by hand: on the servers named, or on all", "THUMBPRINT"},
    DRY_RUN,
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption export_options[] = {
    {"password-file", '\0', POPT_ARG_STRING, &options.password_file, 0,
     "file (0600) with the password for the PFX, at least 20 characters", "FILE"},
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption import_options[] = {
    {"password-file", '\0', POPT_ARG_STRING, &options.password_file, 0, "file (0600) with the password of a PFX",
     "FILE"},
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption doctor_options[] = {
    {"try-delivery", '\0', POPT_ARG_NONE, &options.try_delivery, 0,
     "run the delivery command too, with a key pair that is thrown away, and for no server", NULL},
    COMMON,
    POPT_TABLEEND,
};
static const struct poptOption notify_options[] = {
    {"test", '\0', POPT_ARG_NONE, &options.test, 0, "send a test message by every channel", NULL},
    COMMON,
    POPT_TABLEEND,
};

#define ARGUMENTS_MOST 1000

static const struct command {
    const char *name;
    const char *arguments;
    const char *what;
    int (*run)(const struct invocation *invocation);
    const struct poptOption *options;
    int most_arguments; /* the command itself checks their number beyond none */
} commands[] = {
    {"check", "[--last]", "look and judge; changes nothing, sends nothing", command_check, check_options, 0},
    {"run", "", "what the timer runs: look, judge, act as far as the mode allows, tell, remember", command_run,
     run_options, 0},
    {"renew", "[--again] [--effective WHEN]", "make and stage a new next certificate now", command_renew, renew_options,
     0},
    {"activate", "[--now] [--previous]", "make next current; --previous goes back to the previous one",
     command_activate, activate_options, 0},
    {"retire", "[--now]", "clear previous", command_retire, retire_options, 0},
    {"recover", "", "emergency: current is expired, unusable, unknown or the object malformed", command_recover,
     recover_options, 0},
    {"deliver", "[--confirm THUMBPRINT [FQDN...]]", "put current and next where they are missing", command_deliver,
     deliver_options, ARGUMENTS_MOST},
    {"export", "THUMBPRINT FILE", "a password-protected PFX of a kept key pair", command_export, export_options,
     ARGUMENTS_MOST},
    {"import", "FILE", "take in a certificate (DER, PEM, P7B) or key pair (PFX)", command_import, import_options,
     ARGUMENTS_MOST},
    {"doctor", "[--try-delivery]",
     "test configuration, connection, rights, clock, mail relay, key store; say how to mend each", command_doctor,
     doctor_options, 0},
    {"history", "", "what was seen, done and told, newest last", command_history, plain_options, 0},
    {"report", "FILE.html", "one self-contained page: time line, problems, what comes next, servers, history",
     command_report, plain_options, ARGUMENTS_MOST},
    {"notify", "--test", "send a test message by every channel", command_notify, notify_options, 0},
    {"config", "check|show", "read the configuration; show prints every setting with its origin", command_config,
     plain_options, ARGUMENTS_MOST},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static void print_help(poptContext context, const struct command *command) {
    if (command != NULL) {
        char usage[128];

        snprintf(usage, sizeof(usage), "[OPTION...] %s %s\n\n  %s", command->name, command->arguments, command->what);
        poptSetOtherOptionHelp(context, usage);
        poptPrintHelp(context, stdout, 0);
        return;
    }
    puts("Usage: authcert [-c FILE] [--format text|json|nagios|prometheus] [-v|-q] COMMAND ...\n"
         "Keeps the OAuth auth certificate of an Exchange organization from expiring unseen.\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char left[64];

        snprintf(left, sizeof(left), "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-40s  %s\n", left, commands[i].what);
    }
    puts("\nauthcert COMMAND --help shows a command's options.");
}

static bool parse_format(const char *name, enum format *ret_format) {
    static const char *const names[] = {"text", "json", "nagios", "prometheus"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0) {
            *ret_format = (enum format)i;
            return true;
        }
    fputs("authcert: --format is one of text, json, nagios, prometheus\n", stderr);
    return false;
}

/* Reads options up to the first word that is none. True when there is something to run; else *ret_exit is set. */
static bool read_options(poptContext context, const struct command *command, struct invocation *invocation, int usage,
                         int *ret_exit) {
    int option;

    while ((option = poptGetNextOpt(context)) > 0) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            if (option == OPTION_HELP)
                print_help(context, command);
            else
                puts("authcert " AUTHCERT_VERSION);
            *ret_exit = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
            return false;
        }
        if (option == OPTION_CONFIG || option == OPTION_FORMAT) {
            char **value = option == OPTION_CONFIG ? &options.config : &options.format;

            free(*value);
            *value = poptGetOptArg(context);
        } else {
            invocation->verbosity = option == OPTION_VERBOSE ? 1 : -1;
        }
    }
    *ret_exit = usage;
    if (option < -1) {
        fprintf(stderr, "authcert: %s: %s; try: authcert --help\n", poptBadOption(context, POPT_BADOPTION_NOALIAS),
                poptStrerror(option));
        return false;
    }
    return true;
}

/* A copy of the words whose first, the command's name, is the program's: popt prints it in a command's help. popt
 * borrows it for the life of a context. */
static const char **command_argv(const char **words, int *ret_argc) {
    const char **argv;
    int argc = 0;

    while (words[argc] != NULL)
        argc++;
    argv = calloc((size_t)argc + 1, sizeof(*argv));
    if (argv == NULL)
        return NULL;
    memcpy(argv, words, (size_t)argc * sizeof(*argv));
    argv[0] = "authcert";
    *ret_argc = argc;
    return argv;
}

static int run_command(const struct command *command, const char **words, struct invocation *invocation) {
    static const char *const none[] = {NULL};
    int argc = 0;
    const char **argv = command_argv(words, &argc);
    poptContext context = argv != NULL ? poptGetContext(argv[0], argc, argv, command->options, 0) : NULL;
    /* An error of the command line says nothing of the organization: for a monitoring plug-in that is unknown. */
    const int usage = command->run == command_check ? EXIT_UNREADABLE : EXIT_USAGE;
    struct progress progress;
    int result = usage;

    if (context == NULL) {
        fputs("authcert: out of memory\n", stderr);
        free(argv);
        return EXIT_FAILED;
    }
    if (read_options(context, command, invocation, usage, &result) &&
        (options.format == NULL || parse_format(options.format, &invocation->format))) {
        const char **rest = poptGetArgs(context);

        invocation->arguments = rest != NULL ? (const char *const *)rest : none;
        invocation->config_path = options.config != NULL ? options.config : CONFIG_DEFAULT_PATH;
        invocation->last = options.last != 0;
        invocation->test = options.test != 0;
        invocation->yes = options.yes != 0;
        invocation->again = options.again != 0;
        invocation->now_at_once = options.now != 0;
        invocation->previous = options.previous != 0;
        invocation->dry_run = options.dry_run != 0;
        invocation->effective = options.effective;
        invocation->confirm = options.confirm;
        invocation->password_file = options.password_file;
        invocation->try_delivery = options.try_delivery != 0;
        if (command->most_arguments == 0 && invocation->arguments[0] != NULL) {
            fprintf(stderr, "authcert: %s takes no argument; try: authcert %s --help\n", command->name, command->name);
            result = usage;
        } else {
            progress_open(&progress, invocation->verbosity < 0);
            invocation->progress = progress_port_of(&progress);
            result = command->run(invocation);
        }
    }
    poptFreeContext(context);
    free(argv);
    return result;
}

/* Whatever the word was, a terminal gets it harmless. */
static void complain_of(const char *word) {
    char shown[64];

    text_printable(shown, sizeof(shown), word, strlen(word));
    fprintf(stderr, "authcert: %s: there is no such command; try: authcert --help\n", shown);
}

/* A core dump would hold passwords. */
static void forbid_core_dumps(void) {
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

/* The status for a mistake before the command: whoever meant `check` is a monitoring system, to which 2 is critical. */
static int usage_before_command(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (find_command(argv[i]) != NULL)
            return find_command(argv[i])->run == command_check ? EXIT_UNREADABLE : EXIT_USAGE;
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    struct invocation invocation = {.now = time(NULL)};
    const char *no_colour = getenv("NO_COLOR");
    const struct command *command = NULL;
    const char **rest;
    poptContext context;
    int result;

    forbid_core_dumps();
    (void)signal(SIGPIPE,
                 SIG_IGN); /* whoever hangs up while it is written to is an error, not the end of the program */
    journal_take_stderr();
    (void)setlocale(LC_CTYPE, ""); /* names of organizations and sites are not all ASCII */
    umask(022);
    invocation.colour = isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0');
    context = poptGetContext("authcert", argc, (const char **)argv, common_table, POPT_CONTEXT_POSIXMEHARDER);
    if (context == NULL) {
        fputs("authcert: out of memory\n", stderr);
        return EXIT_FAILED;
    }
    if (read_options(context, NULL, &invocation, usage_before_command(argc, argv), &result)) {
        rest = poptGetArgs(context);
        if (rest == NULL || rest[0] == NULL) {
            fputs("authcert: a command is missing; try: authcert --help\n", stderr);
        } else if ((command = find_command(rest[0])) == NULL) {
            complain_of(rest[0]);
        } else {
            result = run_command(command, rest, &invocation);
        }
    }
    poptFreeContext(context);
    free(options.config);
    free(options.format);
    free(options.password_file);
    free(options.effective);
    free(options.confirm);
    return result;
}
