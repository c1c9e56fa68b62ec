/*
 * A tenant of Entra and the dedicated hybrid application in it, whose keys Exchange signs with there: what the
 * directory says, what Entra said about each certificate's key, and what came of changing the application. "Could not
 * be asked" is a value of its own, never the same as no. Plain values; printable text.
 */
#ifndef CORE_TENANT_H
#define CORE_TENANT_H

#include "core/answer.h"
#include "base/error.h"
#include "base/letters/guid.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define TENANTS_MOST 32 /* of one organization */
#define TENANT_ID_SIZE 254
#define TENANT_SAID_SIZE 256
#define TENANT_BY_SIZE 64

/* What is done in Entra by ourselves. */
enum entra_mode {
    ENTRA_OFF,
    ENTRA_CONFIRM, /* asked whether it accepts the key */
    ENTRA_ADD      /* and given the key where it does not */
};

/* Its identifier is a GUID, or a domain name of it, which Entra takes too. "" = the directory has none that could be
 * one, and nobody can be asked; likewise for the application. */
struct tenant {
    char id[TENANT_ID_SIZE];
    char application[GUID_STRING_SIZE];
};

/* What is known of one certificate's key at one tenant. */
struct tenant_key {
    enum answer accepts;
    time_t asked_at;                /* the last question; 0 = never asked */
    bool asked;                     /* the answer is as fresh as this look can have it; else it may be asked now */
    bool not_yet;                   /* it was given to Entra within the last hour, and it is too early for a no */
    int silent;                     /* the dates in a row on which it was asked and neither yes nor no came back */
    char said[TENANT_SAID_SIZE];    /* what it said last, where that was no yes, in our words; "" = nothing */
    char refused[TENANT_SAID_SIZE]; /* why we could not give it the key; "" = that was not tried, or was done */
    char by[TENANT_BY_SIZE];        /* the person who vouched for it; "" = nobody did */
};

struct tenant_facts {
    struct tenant tenant;
    char login[TENANT_ID_SIZE]; /* host name of its token address as the directory has it; "" = none can be read */
    bool object_known;          /* the application's object identifier is configured */
    struct tenant_key slot[SLOT_COUNT];
    struct tenant_key candidate;
};

/* What one question came to: does Entra accept the key? */
struct entra_verdict {
    enum answer accepts;
    int code;                    /* Entra's number for what it said, such as 700027; 0 = none */
    char said[TENANT_SAID_SIZE]; /* our own words about it; "" when it said yes */
};

/* What a change of the application came to. */
enum entra_result {
    ENTRA_DONE,
    ENTRA_FORBIDDEN, /* the application may not change its own keys in this tenant */
    ENTRA_POLICY,    /* the tenant's policy refuses such a certificate */
    ENTRA_REFUSED,   /* refused for another reason: `said` has it */
    ENTRA_UNCLEAR    /* no answer that tells whether it was done */
};

struct entra_outcome {
    enum entra_result result;
    char key_id[GUID_STRING_SIZE]; /* of the key that was added; "" = not said */
    char said[TENANT_SAID_SIZE];
};

#endif
