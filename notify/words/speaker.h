/*
 * Who speaks in a message: the machine, the program and its run. Plain data, all of it borrowed.
 */
#ifndef NOTIFY_WORDS_SPEAKER_H
#define NOTIFY_WORDS_SPEAKER_H

struct speaker {
    const char *host;    /* this machine's name */
    const char *version; /* of the program */
    const char *run_id;  /* unique per run; in the Message-ID too */
    const char *config;  /* path of the configuration file, for the commands in the text */
    const char *state;   /* path of the state folder, likewise; NULL = not known */
    /* systemd's id of this run, 32 hexadecimal digits, by which its journal is found; NULL = not run by systemd */
    const char *invocation;
};

#endif
