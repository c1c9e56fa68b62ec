/*
 * One command of the program: its name, its help, its own options and what it does. Each file of monitor/commands/
 * holds one. The options are data: where their values land is said as a place in the command's own struct, which is
 * made anew for every command line.
 */
#ifndef MONITOR_SESSION_COMMAND_H
#define MONITOR_SESSION_COMMAND_H

#include "monitor/session/invocation.h"

#include <stdbool.h>
#include <stddef.h>

struct command_option {
    const char *name;  /* after the two hyphens */
    const char *value; /* what the help calls its value, a char *; NULL = it takes none and counts in an int */
    size_t place;      /* of that in the command's struct */
    const char *what;  /* for the help */
};

/* The formats that a command can answer in; another one is a usage error. */
enum command_answers {
    ANSWERS_REPORT, /* every one */
    ANSWERS_OBJECT, /* text, or an object of its own as JSON */
    ANSWERS_TEXT
};

struct command {
    const char *name;
    const char *arguments; /* for the help */
    const char *what;
    /* Prints the answer to standard output, diagnostics to standard error; returns the exit status. NULL: it shows the
     * help of the command that its argument names. */
    int (*run)(const struct invocation *invocation);
    const struct command_option *options; /* up to one without a name; NULL = it has none of its own */
    size_t options_size;                  /* of the struct behind invocation->options */
    enum command_answers answers;
    bool rehearses;   /* it takes --dry-run, */
    bool asks;        /* --yes, */
    bool takes_words; /* and arguments, whose number it checks itself */
    bool is_plugin;   /* a usage error is "unknown" to monitoring systems, to which 2 is critical */
};

#endif
