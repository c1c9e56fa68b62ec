/*
 * How Entra is reached and asked. Plain data, all of it borrowed; the hosts come from the table of clouds or from the
 * configuration, and from nowhere else.
 */
#ifndef ENTRA_SETTINGS_H
#define ENTRA_SETTINGS_H

#include "core/signer.h"
#include "core/tenant.h"

struct entra_settings {
    enum entra_mode mode;
    const char *login;             /* https://login.microsoftonline.com */
    const char *graph;             /* https://graph.microsoft.com */
    enum signature_form assertion; /* how a token is asked for */
    const char *proof_audience;    /* of the proof that goes with a change of the application */
    const char *scope;             /* of the token; {application} stands for its identifier; NULL = that of Graph */
    const char *proxy;             /* NULL = none */
    const char *ca_file;           /* CAs that alone are trusted; NULL = those of this host */
    int timeout;                   /* seconds for one exchange */
};

#endif
