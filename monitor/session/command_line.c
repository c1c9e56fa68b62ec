#include "monitor/session/command_line.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <popt.h>

#include "base/letters/nearest.h"
#include "base/text.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/show/systemd/progress.h"

enum { OPTION_HELP = 1, OPTION_VERSION, OPTION_VERBOSE, OPTION_QUIET, OPTION_CONFIG, OPTION_FORMAT };

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

#define OWN_MOST 4 /* options that one command has of its own */

/* One command line on its way. Where popt puts what it reads is in here. */
struct line {
    const struct command *const *commands;
    const struct command *command; /* NULL before its name is read */
    struct invocation *invocation;
    char **words; /* as typed, NULL-terminated */
    char *config;
    char *format;
    void *options; /* the command's own struct */
    int dry_run;
    int yes;
    int usage; /* the exit status of a usage error */
};

static const struct command *find_command(const struct line *line, const char *name) {
    for (const struct command *const *command = line->commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

static void print_help(const struct line *line, poptContext context) {
    if (context != NULL && line->command != NULL) {
        char usage[512];

        snprintf(usage, sizeof(usage), "[OPTION...] %s %s\n\n  %s", line->command->name, line->command->arguments,
                 line->command->what);
        poptSetOtherOptionHelp(context, usage);
        poptPrintHelp(context, stdout, 0);
        return;
    }
    puts("Usage: authcert [-c FILE] [--format text|json|nagios|prometheus] [-v|-q] COMMAND ...\n"
         "Keeps the OAuth auth certificate of an Exchange organization from expiring unseen.\n\nCommands:");
    for (const struct command *const *command = line->commands; *command != NULL; command++) {
        char left[64];

        snprintf(left, sizeof(left), "%s %s", (*command)->name, (*command)->arguments);
        printf("  %-40s  %s\n", left, (*command)->what);
    }
    puts("\nauthcert help COMMAND shows a command's options.");
}

static bool format_parse(const char *name, enum format *ret_format) {
    static const char *const names[] = {"text", "json", "nagios", "prometheus"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0) {
            *ret_format = (enum format)i;
            return true;
        }
    return false;
}

/* A mistake in the command line: said to the person, and to a program in the format that it asked for, wherever in the
 * line that stands. */
__attribute__((format(printf, 2, 3))) static void complain(const struct line *line, const char *text, ...) {
    struct invocation asked = *line->invocation;
    char said[256];
    va_list arguments;

    va_start(arguments, text);
    vsnprintf(said, sizeof(said), text, arguments);
    va_end(arguments);
    (void)(line->format != NULL && format_parse(line->format, &asked.format));
    for (char **word = line->words; *word != NULL; word++) {
        const char *name = strncmp(*word, "--format=", 9) == 0 ? *word + 9 : NULL;

        if (strcmp(*word, "--format") == 0)
            name = word[1];
        (void)(name != NULL && format_parse(name, &asked.format));
    }
    answer_misuse(&asked, "%s", said);
}

static bool take_format(struct line *line) {
    static const enum format last[] = {
        [ANSWERS_REPORT] = FORMAT_PROMETHEUS, [ANSWERS_OBJECT] = FORMAT_JSON, [ANSWERS_TEXT] = FORMAT_TEXT};
    const struct command *command = line->command;

    if (line->format != NULL && !format_parse(line->format, &line->invocation->format))
        complain(line, "--format is one of text, json, nagios, prometheus");
    else if (line->invocation->format > last[command->answers])
        complain(line, "%s answers as text%s; for other formats, try: authcert --format %s check", command->name,
                 command->answers == ANSWERS_OBJECT ? " or json" : " alone", line->format);
    else
        return true;
    return false;
}

/* Reads options up to the first word that is none. True when there is something to run; else *ret_exit is set. */
static bool read_options(struct line *line, poptContext context, int *ret_exit) {
    int option;

    while ((option = poptGetNextOpt(context)) > 0) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            if (option == OPTION_HELP)
                print_help(line, context);
            else
                puts("authcert " AUTHCERT_VERSION);
            *ret_exit = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
            return false;
        }
        if (option == OPTION_CONFIG || option == OPTION_FORMAT) {
            char **value = option == OPTION_CONFIG ? &line->config : &line->format;

            free(*value);
            *value = poptGetOptArg(context);
        } else {
            line->invocation->verbosity = option == OPTION_VERBOSE ? 1 : -1;
        }
    }
    *ret_exit = line->usage;
    if (option < -1) {
        const char *bad = poptBadOption(context, POPT_BADOPTION_NOALIAS);
        char shown[64];

        complain(line, "%s: %s; try: authcert --help", text_printable(shown, sizeof(shown), bad, strlen(bad)),
                 poptStrerror(option));
        return false;
    }
    return true;
}

/* The command's own options, then those that several have, then those of every command. */
static void fill_table(struct line *line, struct poptOption table[OWN_MOST + 4]) {
    const struct command *command = line->command;
    size_t count = 0;

    for (const struct command_option *own = command->options; own != NULL && own->name != NULL; own++) {
        assert(count < OWN_MOST);
        table[count++] = (struct poptOption){.longName = own->name,
                                             .argInfo = own->value != NULL ? POPT_ARG_STRING : POPT_ARG_NONE,
                                             .arg = (char *)line->options + own->place,
                                             .descrip = own->what,
                                             .argDescrip = own->value};
    }
    if (command->rehearses)
        table[count++] = (struct poptOption){.longName = "dry-run",
                                             .arg = &line->dry_run,
                                             .descrip = "print what would be done, as LDIF; change nothing"};
    if (command->asks)
        table[count++] = (struct poptOption){.longName = "yes", .arg = &line->yes, .descrip = "do not ask"};
    table[count++] = (struct poptOption){
        .argInfo = POPT_ARG_INCLUDE_TABLE, .arg = (void *)common_table, .descrip = "Options of every command:"};
    table[count] = (struct poptOption)POPT_TABLEEND;
}

static void free_options(const struct line *line) {
    const struct command *command = line->command;

    for (const struct command_option *own = command->options; own != NULL && own->name != NULL && line->options != NULL;
         own++)
        if (own->value != NULL)
            free(*(char **)(void *)((char *)line->options + own->place));
    free(line->options);
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

/* Whatever the word was, a terminal gets it harmless. */
static void complain_of(const struct line *line, const char *word) {
    const char *nearest = NULL;
    size_t least = SIZE_MAX;
    char shown[64];

    for (const struct command *const *command = line->commands; *command != NULL; command++) {
        size_t apart = nearest_apart(word, (*command)->name);

        if (apart < least) {
            least = apart;
            nearest = (*command)->name;
        }
    }
    text_printable(shown, sizeof(shown), word, strlen(word));
    if (nearest != NULL)
        complain(line, "%s: there is no such command; did you mean %s? All of them: authcert --help", shown, nearest);
    else
        complain(line, "%s: there is no such command; try: authcert --help", shown);
}

static int run_command(struct line *line, const char **words);

/* `help`, whose arguments are these. */
static int help(const struct line *line, const char *const *names) {
    struct line asked = *line;

    if (names[0] == NULL) {
        print_help(line, NULL);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    asked.command = find_command(line, names[0]);
    if (names[1] != NULL)
        complain(line, "help explains one command at a time; try: authcert --help");
    else if (asked.command == NULL)
        complain_of(line, names[0]);
    else
        return run_command(&asked, (const char *[]){names[0], "--help", NULL});
    return line->usage;
}

static int run_command(struct line *line, const char **words) {
    static const char *const none[] = {NULL};
    const struct command *command = line->command;
    struct invocation *invocation = line->invocation;
    struct poptOption table[OWN_MOST + 4];
    int argc = 0;
    const char **argv = command_argv(words, &argc);
    poptContext context = NULL;
    struct progress progress;
    int result = EXIT_FAILED;

    line->usage = command->is_plugin ? EXIT_UNREADABLE : EXIT_USAGE;
    line->options = calloc(1, command->options_size + 1);
    if (argv != NULL && line->options != NULL) {
        fill_table(line, table);
        context = poptGetContext(argv[0], argc, argv, table, 0);
    }
    if (context == NULL) {
        fputs("authcert: out of memory\n", stderr);
        goto out;
    }
    if (!read_options(line, context, &result) || !take_format(line))
        goto out;
    invocation->arguments = poptPeekArg(context) != NULL ? (const char *const *)poptGetArgs(context) : none;
    invocation->config_path = line->config != NULL ? line->config : CONFIG_DEFAULT_PATH;
    invocation->options = line->options;
    invocation->dry_run = line->dry_run != 0;
    invocation->yes = line->yes != 0;
    if (!command->takes_words && invocation->arguments[0] != NULL) {
        complain(line, "%s takes no argument; try: authcert %s --help", command->name, command->name);
        goto out;
    }
    progress_open(&progress, invocation->verbosity < 0);
    invocation->progress = progress_port_of(&progress);
    result = command->run != NULL ? command->run(invocation) : help(line, invocation->arguments);
out:
    poptFreeContext(context);
    free_options(line);
    free(argv);
    return result;
}

/* The status for a mistake before the command: whoever meant `check` is a monitoring system. */
static int usage_before_command(const struct line *line, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const struct command *command = find_command(line, argv[i]);

        if (command != NULL)
            return command->is_plugin ? EXIT_UNREADABLE : EXIT_USAGE;
    }
    return EXIT_USAGE;
}

int command_line_run(const struct command *const *commands, int argc, char **argv, struct invocation *invocation) {
    struct line line = {.commands = commands, .invocation = invocation, .words = argv + 1};
    poptContext context =
        poptGetContext("authcert", argc, (const char **)argv, common_table, POPT_CONTEXT_POSIXMEHARDER);
    const char *status[] = {"status", NULL};
    const char **words;
    int result;

    if (context == NULL) {
        fputs("authcert: out of memory\n", stderr);
        return EXIT_FAILED;
    }
    line.usage = usage_before_command(&line, argc, argv);
    if (read_options(&line, context, &result)) {
        words = poptGetArgs(context);
        /* Who types no more than the name wants to know how things are. */
        if ((words == NULL || words[0] == NULL) && isatty(STDOUT_FILENO))
            words = status;
        if (words == NULL || words[0] == NULL)
            complain(&line, "a command is missing; try: authcert --help");
        else if ((line.command = find_command(&line, words[0])) == NULL)
            complain_of(&line, words[0]);
        else
            result = run_command(&line, words);
    }
    poptFreeContext(context);
    free(line.config);
    free(line.format);
    return result;
}
