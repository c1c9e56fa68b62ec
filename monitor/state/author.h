/*
 * Who started this program, and by which command: what the history and the journal say of each thing that was done.
 * Asked once, at the start, before root's rights are given up.
 */
#ifndef MONITOR_STATE_AUTHOR_H
#define MONITOR_STATE_AUTHOR_H

#define AUTHOR_SIZE 256

struct author {
    char by[AUTHOR_SIZE];      /* one printable phrase: a unit, or a user with what makes him known and his terminal */
    char command[AUTHOR_SIZE]; /* the command line, printable */
};

/* The kernel's word comes first: the unit whose process this is, the user who logged in. What the environment says
 * (SUDO_USER) can be said by anyone, and is marked so. */
void author_find(struct author *ret_author, char *const *argv);

#endif
