/*
 * What the script on a server wrote (windows/import.ps1): one line for each order, among whatever else came out. A line
 * counts when it has the order's own nonce; that a key works counts when the signature is one of the certificate's key
 * over that nonce. Hostile text in, plain data out.
 */
#ifndef WINDOWS_ANSWERS_H
#define WINDOWS_ANSWERS_H

#include "base/error.h"
#include "core/certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NONCE_SIZE 32
#define STEPS_MOST 4

enum script_state {
    SCRIPT_SILENT = 0, /* no line that counts; `message` says why */
    SCRIPT_PRESENT,    /* the signature was checked */
    SCRIPT_REFRESHED,  /* likewise, and the services are new */
    SCRIPT_ABSENT,
    SCRIPT_NO_KEY,
    SCRIPT_WRONG_PROVIDER,
    SCRIPT_NOT_EXPORTABLE,
    SCRIPT_NO_ACCESS,
    SCRIPT_REMOVED,
    SCRIPT_READY, /* asked about the server alone */
    SCRIPT_FAILED /* `message` says why */
};

/* One order. */
struct script_order {
    const char *operation;                 /* static */
    const struct certificate *certificate; /* NULL: about the server alone */
    unsigned char nonce[NONCE_SIZE];
};

/* What a server tells of itself. Texts are printable, "" when it does not say. */
struct script_host {
    bool known;
    char computer[256];
    char os[64];
    char powershell[64];
    char language[64];
    bool administrator;
    char store[160]; /* "writable", or why not */
    int provider;    /* the type of the CSP that Exchange needs; 0 = it is not there */
    int64_t free_mb; /* of the system drive; -1 = not known */
    char service[64];
};

struct script_answer {
    enum script_state state;
    char message[404];
    struct script_host host;
    char steps[STEPS_MOST][200]; /* "MSExchangeServiceHost: restarted" */
    size_t step_count;
};

/* Reads the answers to `count` orders, sent to the server called `server`; ret_answers has as many. `errors`: what the
 * command wrote to standard error, which tells why there is no answer. Never fails: what is not good is SCRIPT_SILENT.
 */
void answers_take(const char *output, size_t length, const char *errors, size_t errors_length, const char *server,
                  const struct script_order *orders, size_t count, struct script_answer *ret_answers);

#endif
