/*
 * Everything seen in one look at an organization, as plain data: what was read, where each piece came from and how sure
 * we are. "Could not look" is a value of its own, never the same as "is not there". Facts own what they point to; free
 * with facts_free. Strings that come from outside are already printable, raw values are not.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "core/answer.h"
#include "core/certificate.h"
#include "base/error.h"
#include "base/file.h"
#include "core/policy.h"
#include "core/proof.h"
#include "core/remark.h"
#include "core/slots.h"
#include "core/tenant.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* The seconds that our clock and the directory's may be apart, either way. */
#define CLOCK_SKEW_MOST (5 * 60)

#define HYBRID_HARMLESS "hybrid-harmless" /* the remark that says so */

/* Where a certificate's bytes came from, in the order in which they are asked. */
enum source { SOURCE_UNKNOWN = 0, SOURCE_RECORD, SOURCE_ATTRIBUTE, SOURCE_STORE, SOURCE_METADATA, SOURCE_IMPORT };

enum presence { PRESENCE_UNKNOWN = 0, PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_UNREACHABLE };

/* How far the delivery of a key pair got. */
enum delivery {
    DELIVERY_UNTRIED = 0, /* may be tried now */
    DELIVERY_WAITING,     /* an admin must put it there and confirm */
    DELIVERY_FAILED,      /* tried in this run, and not enough servers have it */
    DELIVERY_ENOUGH       /* as many servers have it as policy asks */
};

struct slot_facts {
    struct certificate *certificate; /* NULL when its bytes are not known (or the slot is empty) */
    enum source source;
    bool key_kept; /* its private key lies in our store */
    enum delivery delivery;
};

/* A key pair that we keep and that was never in any slot. */
struct candidate_facts {
    char thumbprint[THUMBPRINT_SIZE]; /* "" = there is none */
    time_t not_after;                 /* the end of its certificate */
    enum delivery delivery;
};

struct server_facts {
    char *fqdn;          /* a valid host name, or printable text with counted = false */
    char *site;          /* the site's name; "" when the directory names none */
    char *version;       /* 15.2.1544.25; "" when unknown */
    enum answer holds;   /* an auth certificate, by its version and roles; policy may ignore it all the same */
    bool counted;        /* holds one, is not ignored by policy, and has a host name of its own */
    enum answer reached; /* was there a connection to it; ANSWER_UNKNOWN when it was not asked */
    char *trouble;       /* printable: why nothing could be learned from it, and what to do; NULL = none */
    int64_t clock_ahead; /* seconds that its clock is ahead of ours when that is more than a day either way; else 0 */
    bool learned;        /* its document of this look told something, or it showed its store over WinRM */
    int http_status;     /* of that answer; 0 = none came */
    bool tls_ended;      /* its TLS certificate, or one above it, has ended */
    time_t silent_since; /* nothing was learned from it since; 0 = something is, or nothing was to be */
    bool serves[SLOT_COUNT]; /* its own good document of this look lists the certificate */
    enum presence presence[SLOT_COUNT];
    enum presence candidate; /* likewise of the candidate */

    /* What it showed itself over WinRM, which outranks all else; unknown where it was not asked. */
    enum proof proof[SLOT_COUNT];
    enum proof candidate_proof;
    time_t proved_at;    /* when it was asked; 0 = it was not */
    char *proof_trouble; /* printable: why nothing could be proved, or what it says beside; NULL = nothing */
};

struct directory_facts {
    char *uri;    /* that answered, or the last one tried */
    char *server; /* dnsHostName of the domain controller; NULL when it does not say */
    char *dn;     /* of the auth configuration */
    bool clock_known;
    int64_t clock_skew; /* seconds that the directory's clock is ahead of ours */
    bool writer_down;   /* read elsewhere, because the one writer did not answer */
    bool read_only;     /* what was read takes no writes: a read-only domain controller or a global catalog */
    char *writer;       /* host name of the one writer, as published or configured; NULL when it is not known */
    char *records_dn;   /* the container of our records, there or not; NULL when they are not looked at */
};

/* Another domain controller, and whether it has the auth configuration as it was read. */
struct controller_facts {
    char *server;       /* a valid host name */
    enum answer agrees; /* thumbprints and date are the same; unknown when it could not be asked */
    char *trouble;      /* printable: why not; NULL = none */
};

/* Our own record of a certificate in the directory. */
struct record_facts {
    char thumbprint[THUMBPRINT_SIZE];
    struct certificate *certificate; /* its SHA-1 is the thumbprint; NULL when the record does not hold it */
    bool marked;                     /* it has the mark that every agent sets */
    struct strings holders;          /* valid host names of servers that an agent knows to hold it */
    struct bytes *sealed; /* what begins like a sealed key pair, sealed_count of them; whose they are is not known */
    size_t sealed_count;
};

struct facts {
    bool read;               /* false: only `unreadable` and directory.uri mean anything */
    struct error unreadable; /* why not */
    struct directory_facts directory;
    char *organization;
    char *realm;        /* "" when unset */
    char *service_name; /* NULL when unset */

    struct bytes *raw_values; /* msExchAuthCertificateThumbprint as read, raw_count of them */
    size_t raw_count;
    struct bytes raw_date; /* msExchAuthNextEffectiveDate as read; data NULL when absent, */
    bool date_unread;      /* or perhaps not shown, while there is a next */
    struct slots slots;
    struct slot_facts slot[SLOT_COUNT];
    struct bytes *certificate_data; /* msExchAuthCertificateData as read */
    size_t certificate_data_count;
    struct candidate_facts candidate;

    time_t attribute_changed; /* last originating change of the thumbprint attribute; 0 = the directory does not say */
    time_t object_changed;    /* whenChanged of the object; 0 likewise */
    char *changed_by;         /* the domain controller that the last change came from; NULL likewise */

    struct server_facts *servers;
    size_t server_count;
    enum answer servers_read;             /* ANSWER_YES: the list above is what there is; else it may lack some */
    bool asked;                           /* servers were to be asked in this look, over HTTPS or WinRM */
    bool probed;                          /* over HTTPS they could be */
    bool servers_clocks_off;              /* the median of several servers' clocks is more than a day off */
    bool compared;                        /* the other domain controllers were asked */
    struct controller_facts *controllers; /* what came of it */
    size_t controller_count;
    enum answer hybrid;
    struct strings hybrid_signs;  /* printable DNs of the objects that show it */
    bool hybrid_harmless;         /* it is, in a way that needs nothing in Entra */
    struct tenant_facts *tenants; /* of Entra that need the auth certificate's key, by their identifiers */
    size_t tenant_count;
    enum answer may_write; /* has the account the two write rights */

    enum answer records_read; /* ANSWER_NO: there is no container for them; unknown: not asked, or not answered */
    enum answer may_record;   /* may the account make records there */
    struct record_facts *records;
    size_t record_count;
    bool record_foreign; /* one claims holders of the candidate that this agent does not know */

    struct remarks remarks; /* oddities that change no decision */
};

void facts_free(struct facts *facts);
void record_free_sealed(struct record_facts *record);

/* Has Entra, or may it have, to be given a new certificate before it is used? */
bool facts_hybrid_holds(const struct facts *facts);

/* The record of this thumbprint; NULL when there is none. */
const struct record_facts *facts_record(const struct facts *facts, const char *thumbprint);

/* The state of a slot at one instant. */
enum slot_state { SLOT_EMPTY, SLOT_UNKNOWN, SLOT_UNUSABLE, SLOT_USABLE };
enum slot_state facts_slot_state(const struct facts *facts, enum slot slot, time_t at);

/* Is current beyond use, or may it be on some server: it ended, or does within CERTIFICATE_BEHIND. An empty or unknown
 * one is not. */
bool facts_current_over(const struct facts *facts, time_t at);

/* Is the slot's certificate held by the servers: YES present on one counted server in each site that has any, NO
 * missing on every counted server, else unknown; unknown where no counted server was seen. */
enum answer facts_held(const struct facts *facts, enum slot slot);

/* Has it neither a server nor this host, so that it can be brought to none? What is not known of servers is no. */
bool facts_nobody_has(const struct facts *facts, enum slot slot);

/* Is the candidate on as many counted servers as policy wants before it is staged; false where none was seen. */
bool facts_candidate_enough(const struct facts *facts, enum confirm confirm);

/* Has current, whose bytes no source has, very probably ended? Documents list what has not ended: every server that
 * answered gave a good one, long after the last change, and none lists it. */
bool facts_probably_ended(const struct facts *facts, time_t now);

/* Can Entra be asked about the tenant? */
bool facts_is_named(const struct tenant *tenant);

/* Do all tenants that need it accept the key of the slot's certificate: YES, also where none needs it; NO where one
 * clearly does not; else unknown. */
enum answer facts_accepted(const struct facts *facts, enum slot slot);

/* Was every tenant asked about the candidate, and does one of them not accept it (or not say so)? */
bool facts_candidate_refused(const struct facts *facts);

/* Does a planned act wait for a person because of Entra: the organization is hybrid in a way that may need something
 * there, nobody renounced to see to it, and no tenant is asked, whose answer would take that place. */
bool facts_hybrid_waits(const struct facts *facts, const struct policy *policy);

/* As if the other domain controllers had not been asked. */
void facts_forget_controllers(struct facts *facts);

/* How many of the other domain controllers gave this answer. */
size_t facts_count_agreeing(const struct facts *facts, enum answer agrees);

/* Does any server use the auth certificate: NO when all that the directory shows certainly hold none, unknown when none
 * is counted for another reason, or none was seen. */
enum answer facts_used(const struct facts *facts);

/* How many counted servers there are, and how many of them have this presence. */
size_t facts_counted(const struct facts *facts);
size_t facts_count_presence(const struct facts *facts, enum slot slot, enum presence presence);

const char *answer_name(enum answer answer);       /* "unknown", "no", "yes" */
const char *source_name(enum source source);       /* as in the JSON */
const char *presence_name(enum presence presence); /* as in the JSON */
const char *delivery_name(enum delivery delivery); /* likewise */

/* What is known of a certificate on a server in one word, for people: "proved" or what is wrong with its key, where the
 * server showed that itself, else the presence. */
const char *server_word(const struct server_facts *server, enum slot slot);

/* Why servers gave no clear answer, for people: adds "a, b and 7 more: why" for each case, by its first server, so that
 * a broken network before three hundred of them is one line. Of counted servers with a host name alone. */
void facts_add_troubles(const struct facts *facts, struct strings *ret_sentences);

#endif
