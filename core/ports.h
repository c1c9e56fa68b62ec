/*
 * How the run loop reaches the world: a few small structs of functions, so that the decision and the loop link without
 * libldap and libcurl. The implementations live in the rooms; main puts them together. `context` is the
 * implementation's own and outlives the port.
 */
#ifndef CORE_PORTS_H
#define CORE_PORTS_H

#include "core/certificate.h"
#include "core/change.h"
#include "core/facts.h"
#include "core/news.h"
#include "core/occasion.h"
#include "core/policy.h"
#include "core/probed.h"
#include "core/proof.h"
#include "base/progress.h"
#include "core/report.h"

struct directory_port {
    void *context;
    const char *name; /* what it is asked of, for people; NULL = not known */
    /* One look at the directory. Always fills `ret_facts` (with read = false and the reason when it could not look). */
    void (*look)(void *context, struct facts *ret_facts);
    /* Reads the same object at the other domain controllers and sets facts->compared and facts->controllers. NULL where
     * there is no way to. */
    bool (*compare)(void *context, struct facts *facts, struct error *err);
};

struct inventory;

/* The other certificates of the organization: where they are used, and what is shown there. */
struct inventory_port {
    void *context;
    /* Looks, where `facts` was read; with `old_tls`, also for old versions of TLS. Always fills `ret_inventory` (with
     * read = false and the reason when it could not look), without findings. NULL when nobody wants it. */
    void (*look)(void *context, const struct facts *facts, bool old_tls, struct inventory *ret_inventory);
};

/* What each server really serves. */
struct servers_port {
    void *context;
    /* Asks these servers for their metadata documents; see probe/probe.h. NULL when servers are not to be asked. */
    bool (*ask)(void *context, const struct strings *servers, const struct progress_port *progress,
                struct probed *ret_probed, struct error *err);
};

/* What came of one server whose services were to begin with the current certificate. */
struct refreshed {
    char *fqdn;
    bool done;
    char *detail; /* printable: what was done, or why it was not */
};

/* What each server really has in its store, shown by itself over WinRM. */
struct windows_port {
    void *context;
    /* Asks these servers about these certificates; see windows/windows.h. NULL when they are not to be asked. */
    bool (*look)(void *context, const struct strings *servers, const struct certificate *const *certificates,
                 size_t count, time_t now, struct proofs *proofs, struct error *err);
    /* Has these servers, all at one time, restart and recycle what keeps the old certificate, where each proves the new
     * key first. ret_refreshed has one entry per server, strings and array the caller's to free. NULL likewise. */
    bool (*refresh)(void *context, const struct strings *servers, const struct certificate *certificate,
                    struct refreshed **ret_refreshed, struct error *err);
};

enum write_result {
    WRITE_DONE,
    WRITE_SHOWN, /* a dry run: printed, not written */
    WRITE_LOST,  /* someone else changed the object meanwhile: look again */
    WRITE_FAILED
};

/* The one way to change the auth configuration. */
struct writer_port {
    void *context;
    enum write_result (*write)(void *context, const struct facts *facts, const struct change *change,
                               struct error *err);
};

enum record_result {
    RECORD_DONE,
    RECORD_UNSEALED, /* done, but the sealed key pair was not added */
    RECORD_REFUSED,  /* there is no place for it, or the account lacks the right */
    RECORD_FAILED
};

/* Our records in the directory. */
struct record_port {
    void *context;
    bool seals; /* there is a recovery key to seal key pairs to */
    /* Does the record hold a pair that is sealed to that key? With `seals`. */
    bool (*is_sealed)(void *context, const struct record_facts *record);
    /* Makes the record of a certificate or adds to it. What is there stays. */
    enum record_result (*keep)(void *context, const struct facts *facts, const struct record_change *change,
                               struct error *err);
};

/* Certificates kept on this host. */
struct shelf_port {
    void *context;
    /* Finds the bytes of a thumbprint among those kept by earlier runs (SOURCE_STORE), then among those that an admin
     * imported (SOURCE_IMPORT). Not found is true with *ret_certificate NULL. A damaged file is an error. */
    bool (*find)(void *context, const char *thumbprint, struct certificate **ret_certificate, enum source *ret_source,
                 struct error *err);
    /* Keeps verified bytes; keeping what is there already changes nothing. */
    bool (*keep)(void *context, const struct certificate *certificate, struct error *err);
};

/* What one server answered to a delivery. */
struct delivered {
    char *fqdn;
    bool present;
    bool failed; /* it said so; a server of which nothing was said is neither */
};

/* A key pair that is kept on this host: of the auth configuration, now or once, or made to speak with Entra alone. */
struct entra_own {
    char thumbprint[THUMBPRINT_SIZE];
    time_t not_before, not_after;
    bool alone;
};
#define ENTRA_OWN_MOST 32

/* Entra: whether it accepts a key that is kept on this host, and giving it one. */
struct entra_port {
    void *context;
    bool adds; /* keys are given to it, and taken back: mode = add, and no dry run */
    /* Asks the tenants of `wanted` whether they accept the key of this certificate. False when it cannot be asked with:
     * it is not kept here, or does not open. NULL when Entra is not to be asked. */
    bool (*ask)(void *context, const char *thumbprint, const struct tenant_facts *tenants, const bool *wanted,
                size_t count, struct entra_verdict *ret_verdicts, struct error *err);
    /* Is the application's object identifier known, without which none of the following can be done? */
    bool (*knows_object)(void *context, const struct tenant *tenant);
    /* Gives the application this certificate, with the key of `by`, which it must accept already. False when the key
     * cannot be used here. */
    bool (*add)(void *context, const struct tenant *tenant, const char *by, const struct certificate *certificate,
                struct entra_outcome *ret_outcome, struct error *err);
    bool (*remove)(void *context, const struct tenant *tenant, const char *by, const char *key_id,
                   struct entra_outcome *ret_outcome, struct error *err);
    /* The kept pairs, those made for this alone before the others, each the newest first; at most ENTRA_OWN_MOST. */
    bool (*own)(void *context, struct entra_own *ret_own, size_t *ret_count, struct error *err);
    /* Makes one and keeps it; removes one. */
    bool (*enroll)(void *context, time_t now, struct certificate **ret_certificate, struct error *err);
    bool (*forget)(void *context, const char *thumbprint, struct error *err);
    /* Waits until what was given may have spread. */
    void (*wait)(void *context, int seconds);
};

/* Key pairs, and their way to the servers. */
struct keys_port {
    void *context;
    /* Fills in what is kept: key_kept of the slots, and the candidate. That is, of two nexts, the one whose pair is
     * kept; else the used pair with the latest end that servers have (`delivered` lists thumbprints) and that can
     * follow current; else the newest pair that was never in any slot, meets policy and began less than 90 days ago.
     * Pairs seen in a slot are used. */
    bool (*survey)(void *context, const struct policy *policy, const struct strings *delivered, time_t now,
                   struct facts *facts, struct strings *troubles, struct error *err);
    /* Makes a pair and keeps it as candidate. */
    bool (*make)(void *context, const struct policy *policy, time_t now, struct certificate **ret_certificate,
                 struct error *err);
    /* Proves that the pair is kept, opens and matches; returns its certificate. */
    bool (*prove)(void *context, const char *thumbprint, struct certificate **ret_certificate, struct error *err);
    /* Goes once to these servers, by the delivery command or over WinRM, which notes in `proofs` what each showed.
     * ret_answers has one entry per server, each fqdn and the array the caller's to free. False when it could not be
     * done at all. `ret_completed`: all that was asked for was done. */
    bool (*deliver)(void *context, const char *thumbprint, enum slot slot, const struct strings *servers, time_t now,
                    struct delivered **ret_answers, size_t *ret_count, bool *ret_completed, struct proofs *proofs,
                    struct strings *remarks, struct error *err);
    /* Removes the pairs that nothing can need any more (the rule is that of monitor/act/kept_keys.h); their thumbprints
     * go to `ret_removed`. NULL when nothing is ever to be removed. */
    bool (*prune)(void *context, const struct facts *facts, bool clock_wrong, time_t now, struct strings *ret_removed,
                  struct error *err);
};

/* One channel that tells people: what could not be sent now is tried again by flush of a later run, where the channel
 * keeps such messages. */
struct channel_port {
    const char *name; /* static: "mail", "webhook"; what report->told calls it */
    void *context;
    /* Words and sends a message about `report`; adds its outcome to report->told, at most one entry. False only when
     * the message could neither be sent nor kept for later. */
    bool (*tell)(void *context, struct report *report, const struct occasion *occasion, struct error *err);
    /* Tries again what earlier runs could not send, before anything new; what is sent now is added to report->told as
     * one entry, and each message that was tried is noted in `news`. Problems go to `troubles`. False when it cannot be
     * said what waits. NULL when the channel keeps nothing. */
    bool (*flush)(void *context, time_t now, struct report *report, struct strings *troubles, struct news *news,
                  struct error *err);
    /* What the run at `at` had to tell reached somebody over another channel: that it still waits here is no failure.
     * NULL when the channel keeps nothing. */
    bool (*heard)(void *context, time_t at, struct error *err);
};

#endif
