/*
 * The other certificates of an organization as one look saw them: the places where one is used, what the wire or the
 * directory shows there, the connectors that name one, and what is to be said about all that. Plain data between the
 * rooms that look, the room that judges and everything that shows it. Strings are printable unless said otherwise.
 * Whoever holds a struct inventory owns all of it; free with inventory_free.
 */
#ifndef CORE_INVENTORY_INVENTORY_H
#define CORE_INVENTORY_INVENTORY_H

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "core/certificate.h"
#include "core/facts.h"
#include "core/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define INVENTORY_PLACES_MOST 20000
#define INVENTORY_CONNECTORS_MOST 10000
#define INVENTORY_NAMES_MOST 500
#define INVENTORY_CHAIN_MOST 8 /* certificates that one place shows */
#define SHOWN_NONE ((size_t)-1)

enum place_kind {
    PLACE_HTTPS,    /* port 443 of a counted server */
    PLACE_SMTP,     /* a port of a receive connector, with STARTTLS */
    PLACE_IMAP,     /* 993 */
    PLACE_POP,      /* 995 */
    PLACE_NAME,     /* a name that clients use, at one of its addresses */
    PLACE_EDGESYNC, /* 50636 of an Edge server */
    PLACE_MX,       /* a mail exchanger as the Internet sees it */
    /* From here on what the directory itself holds. */
    PLACE_TRANSPORT,  /* the internal transport certificate of a server */
    PLACE_EDGE,       /* the same of an Edge server: what EdgeSync trusts */
    PLACE_FEDERATION, /* of the federation trust */
    PLACE_PARTNER     /* of an enabled auth server or partner application */
};
#define PLACE_KIND_COUNT (PLACE_PARTNER + 1)

enum place_state {
    PLACE_UNASKED,
    PLACE_SHOWN,  /* there is a certificate */
    PLACE_CLOSED, /* nobody listens */
    PLACE_SILENT, /* no address, no connection, no answer in time */
    PLACE_NO_STARTTLS /* it answers, and offers none */,
    PLACE_UNCLEAR /* it answers, and no certificate came of it */
};
#define PLACE_STATE_COUNT (PLACE_UNCLEAR + 1)

/* Who vouches for a chain. */
enum trust {
    TRUST_UNJUDGED, /* what it is held against could not be read */
    TRUST_PUBLIC,   /* a CA that everybody trusts */
    TRUST_OWN,      /* a CA of this organization */
    TRUST_ITSELF,   /* nobody else */
    TRUST_NONE      /* a CA that nobody here knows */
};
#define TRUST_COUNT (TRUST_NONE + 1)

/* A certificate with what came along with it. Places that show the same bytes share one. */
struct shown {
    struct certificate *certificate;
    struct strings names; /* that it is for */
    char *label;          /* what people call it: the first of its names or its common name */
    char *issuer_label;   /* its issuer's common name, or organization */
    struct bytes *above;  /* the DER of what was sent behind it, above_count of them */
    size_t above_count;
    bool self_signed;
    bool server_auth; /* it may be used by a server */
    bool sha1;        /* somewhere below the root */
    enum trust trust;
    bool incomplete; /* the chain is whole only with what others send */
};

struct place {
    enum place_kind kind;
    char *name;    /* what people call it, and by which it is known again: "ex1.contoso.test:443" */
    char *server;  /* FQDN of the Exchange server it belongs to; NULL where there is none */
    char *host;    /* who is connected to, a valid host name; NULL for what the directory holds */
    char *sni;     /* the name that is asked for */
    char *address; /* of several that the host has; NULL = any */
    int port;
    enum place_state state;
    char *trouble;          /* why nothing is shown; NULL = none */
    size_t shown;           /* in inventory.shown; SHOWN_NONE = nothing */
    enum answer old_tls[2]; /* does it take TLS 1.0, TLS 1.1; unknown when it was not asked */
};

enum connector_kind { CONNECTOR_SEND, CONNECTOR_RECEIVE, CONNECTOR_HYBRID };

/* Who names a certificate by `<I>issuer<S>subject`, or takes connections. */
struct connector {
    enum connector_kind kind;
    char *name;             /* as its commands call it: "Outbound to Office 365", "EX1\Default Frontend EX1" */
    char *server;           /* FQDN of a receive connector's server; NULL where that is not known */
    struct strings sources; /* FQDNs of a send connector's source servers */
    bool enabled;
    char *certificate; /* the name as it is written, of any bytes of UTF-8; NULL = none */
    char *fqdn;        /* that it says it is; NULL = none */
    int ports[4];      /* of a receive connector's bindings; 0 = no more */
    bool tls;          /* it is to offer STARTTLS */
    bool cloud;        /* mail to or from Exchange Online */
    int tls_level;     /* TlsAuthLevel of a send connector */
    size_t finds;      /* what is shown that answers to its name and ends last; SHOWN_NONE = nothing is known */
};

/* Who says that clients use a name. */
enum name_use_kind {
    USE_CONFIGURED, /* [inventory] names */
    USE_AUTODISCOVER,
    USE_OWA,
    USE_ECP,
    USE_EWS,
    USE_OAB,
    USE_ACTIVESYNC,
    USE_MAPI,
    USE_OUTLOOK_ANYWHERE,
    USE_POWERSHELL,
    USE_OTHER
};
#define USE_KIND_COUNT (USE_OTHER + 1)

struct name_use {
    enum name_use_kind kind;
    bool external;  /* its external URL, else the internal one */
    char *identity; /* as its commands call it: "EX1\owa (Default Web Site)" */
    char *path;     /* what follows the host in the URL; "" = nothing */
};

/* A name that clients use. */
struct client_name {
    char *host; /* a valid host name */
    int port;
    struct name_use *uses;
    size_t use_count;
};

/* A server of the organization beyond what facts.h says of it. */
struct inventory_server {
    char *fqdn;
    char *name; /* as Exchange's commands call it */
    char *version;
    bool counted;
    bool edge;
};

enum finding_id {
    FINDING_ENDS,
    FINDING_CONNECTOR_END,
    FINDING_CONNECTOR_UNSEEN,
    FINDING_CONNECTOR_TWO,
    FINDING_CONNECTOR_UNREAD,
    FINDING_DIFFERS,
    FINDING_NAME,
    FINDING_TRUST,
    FINDING_CHAIN,
    FINDING_WEAK,
    FINDING_TRANSPORT,
    FINDING_EDGE,
    FINDING_FEDERATION,
    FINDING_PARTNER,
    FINDING_NO_STARTTLS,
    FINDING_OLD_TLS,
    FINDING_STS,
    FINDING_DANE,
    FINDING_NEW,
    FINDING_UNKNOWN
};
#define FINDING_ID_COUNT (FINDING_UNKNOWN + 1)

/* Gravest last. */
enum finding_severity { FINDING_REMARK, FINDING_UNKNOWN_STATE, FINDING_WARNING, FINDING_CRITICAL };
#define FINDING_SEVERITY_COUNT (FINDING_CRITICAL + 1)

struct inventory_finding {
    enum finding_id id;
    enum finding_severity severity;
    char *place;             /* where, or which connector; one finding of an id has a place of its own */
    char *about;             /* what a conversation about it is called: a certificate's label, a connector */
    char *text;              /* one sentence or two */
    struct strings commands; /* to type into Exchange's management shell, in order */
    char *then;              /* what to answer or to do afterwards; NULL = nothing */
    time_t end;              /* when what it warns of happens; 0 = it is there already */
};

struct inventory {
    bool read; /* false: only `unreadable` means anything */
    struct error unreadable;
    time_t seen_at;
    char *organization;

    struct inventory_server *servers;
    size_t server_count;
    struct place *places;
    size_t place_count;
    struct shown *shown;
    size_t shown_count;
    struct connector *connectors;
    size_t connector_count;
    struct client_name *names;
    size_t name_count;
    struct bytes *roots; /* DER of the CAs that members of the domain trust */
    size_t root_count;
    enum answer roots_read;
    struct strings remarks; /* oddities that change nothing */

    struct inventory_finding *findings; /* the gravest first */
    size_t finding_count;
};

void inventory_free(struct inventory *inventory);
void inventory_forget_findings(struct inventory *inventory);

/* Each adds one, zeroed but for what is said, and returns it to be filled; NULL when out of memory or beyond the most,
 * with an error. */
struct place *inventory_add_place(struct inventory *inventory, enum place_kind kind, struct error *err);
struct connector *inventory_add_connector(struct inventory *inventory, enum connector_kind kind, struct error *err);
struct inventory_server *inventory_add_server(struct inventory *inventory, struct error *err);
struct inventory_finding *inventory_add_finding(struct inventory *inventory, enum finding_id id,
                                                enum finding_severity severity, struct error *err);

/* Takes one out; the others keep their order. */
void inventory_drop_place(struct inventory *inventory, size_t index);

/* Notes that `host` is used by clients at `port`, as `use` says, which is copied. What is no host name of another
 * machine is not noted. */
bool inventory_note_name(struct inventory *inventory, const char *host, int port, const struct name_use *use,
                         struct error *err) MUST_CHECK;

/* The chain of these certificates, the place's own first, as an index of inventory->shown: the same bytes give the
 * same. DATA error when the first is no certificate. */
bool inventory_add_shown(struct inventory *inventory, const struct bytes *chain, size_t count, size_t *ret_shown,
                         struct error *err) MUST_CHECK;

void inventory_forget_shown(struct inventory *inventory);

/* What a place shows; NULL = nothing. */
const struct shown *place_shown(const struct inventory *inventory, const struct place *place);

/* Names are compared without case. NULL when there is none. */
const struct inventory_server *inventory_server_of(const struct inventory *inventory, const char *fqdn);

/* The gravest finding's: remarks are ok. */
enum status inventory_status(const struct inventory *inventory);

/* The nearest end of all that is in use; 0 = nothing is shown. */
time_t inventory_nearest_end(const struct inventory *inventory, const struct shown **ret_shown);

const char *place_kind_name(enum place_kind kind);            /* "https", ... as in the JSON */
const char *place_state_name(enum place_state state);         /* "shown", ... likewise */
const char *trust_name(enum trust trust);                     /* "public", ... likewise */
const char *finding_id_name(enum finding_id id);              /* "ends", ... likewise */
const char *finding_severity_name(enum finding_severity one); /* "remark", ... likewise */

#endif
