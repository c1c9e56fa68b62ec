/*
 * A change of the auth configuration, before it is written: exactly the values to delete as they were read, and those
 * to add. One change becomes one LDAP modify, which the server refuses when anyone else changed the object meanwhile.
 * Plain data; the bytes to delete are borrowed from the facts that it was made of.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "core/certificate.h"
#include "base/file.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* The two attributes that are ever written. */
#define CHANGE_THUMBPRINTS "msExchAuthCertificateThumbprint"
#define CHANGE_DATE "msExchAuthNextEffectiveDate"

#define CHANGE_DELETE_MOST 64 /* values of an object that recover may have to clear */
#define CHANGE_VALUE_SIZE (THUMBPRINT_SIZE + 2)

struct change {
    const struct bytes *delete_values[CHANGE_DELETE_MOST];
    size_t delete_count;
    char add_values[SLOT_COUNT][CHANGE_VALUE_SIZE]; /* "0:...", "1:...", "2:..." */
    size_t add_count;
    bool replace_values;             /* the attribute as a whole becomes add_values; nothing is deleted by value */
    const struct bytes *delete_date; /* NULL = leave it, or there is none */
    bool add_date;
    time_t date;
};

/* What the slots should hold after a change; "" = empty. A date of 0 is none. */
struct desired {
    char thumbprint[SLOT_COUNT][THUMBPRINT_SIZE];
    time_t date;
};

/* Tells whether bytes that a record holds are a key pair sealed to the recovery key of this configuration. */
struct sealed_judge {
    bool (*is_ours)(const void *context, const void *data, size_t length);
    const void *context;
};

/* What the directory's record of a certificate is to hold beside what it holds already. */
struct record_change {
    const struct certificate *certificate;
    const struct strings *holders;    /* servers to add, valid host names */
    bool exists;                      /* the record was seen with its certificate: nothing of that is added */
    bool seal;                        /* its key pair is to be added too, sealed to the recovery key */
    const struct bytes *sealed;       /* the sealed key pair; NULL = there is none to add */
    const struct sealed_judge *judge; /* with `sealed` */
};

/* True when the change would change nothing. */
static inline bool change_is_empty(const struct change *change) {
    return change->delete_count == 0 && change->add_count == 0 && !change->replace_values &&
           change->delete_date == NULL && !change->add_date;
}

#endif
