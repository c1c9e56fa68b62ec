#include "renew/plan.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/time.h"

#define NOBODY SIZE_MAX

struct desired plan_present(const struct facts *facts) {
    struct desired desired = {.date = facts->slots.thumbprint[SLOT_NEXT][0] != '\0' ? facts->slots.date : 0};

    memcpy(desired.thumbprint, facts->slots.thumbprint, sizeof(desired.thumbprint));
    return desired;
}

static void put(struct desired *desired, enum slot slot, const char *thumbprint) {
    snprintf(desired->thumbprint[slot], THUMBPRINT_SIZE, "%s", thumbprint);
}

static void clear_next(struct desired *desired) {
    put(desired, SLOT_NEXT, "");
    desired->date = 0;
}

struct desired plan_stage(const struct facts *facts, const char *thumbprint, time_t date) {
    struct desired desired = plan_present(facts);

    put(&desired, SLOT_NEXT, thumbprint);
    desired.date = date;
    return desired;
}

/* What becomes previous when `thumbprint` replaces another current. */
static const char *new_previous(const struct facts *facts, const char *thumbprint, time_t now) {
    const char *previous = facts->slots.thumbprint[SLOT_PREVIOUS];

    switch (facts_slot_state(facts, SLOT_CURRENT, now)) {
    case SLOT_UNKNOWN:
    case SLOT_USABLE:
        return facts->slots.thumbprint[SLOT_CURRENT];
    case SLOT_EMPTY:
    case SLOT_UNUSABLE:
        break;
    }
    if (facts_slot_state(facts, SLOT_PREVIOUS, now) == SLOT_USABLE && strcmp(previous, thumbprint) != 0)
        return previous;
    return "";
}

struct desired plan_make_current(const struct facts *facts, const char *thumbprint, time_t now) {
    struct desired desired = plan_present(facts);
    const char *old = facts->slots.thumbprint[SLOT_CURRENT];
    const char *next = facts->slots.thumbprint[SLOT_NEXT];
    time_t date = facts->slots.date > now ? facts->slots.date : now;

    put(&desired, SLOT_CURRENT, thumbprint);
    if (strcmp(old, thumbprint) != 0)
        put(&desired, SLOT_PREVIOUS, new_previous(facts, thumbprint, now));
    else if (strcmp(desired.thumbprint[SLOT_PREVIOUS], thumbprint) == 0)
        put(&desired, SLOT_PREVIOUS, "");
    /* A next that was current as well would bring the old certificate back at its date, and Exchange does not look
     * whether what it makes current can be used, nor whether any server has it. */
    if (next[0] == '\0' || strcmp(next, thumbprint) == 0 || strcmp(next, old) == 0 ||
        facts_slot_state(facts, SLOT_NEXT, date) == SLOT_UNUSABLE || facts_nobody_has(facts, SLOT_NEXT))
        clear_next(&desired);
    return desired;
}

struct desired plan_retire(const struct facts *facts) {
    struct desired desired = plan_present(facts);

    put(&desired, SLOT_PREVIOUS, "");
    return desired;
}

struct desired plan_withdraw(const struct facts *facts) {
    struct desired desired = plan_present(facts);

    clear_next(&desired);
    return desired;
}

struct desired plan_reschedule(const struct facts *facts, time_t date) {
    struct desired desired = plan_present(facts);

    desired.date = date;
    return desired;
}

struct desired plan_mend(const struct facts *facts, time_t date) {
    struct desired desired = plan_present(facts);
    const char *candidate = facts->candidate.thumbprint;
    const char *next = desired.thumbprint[SLOT_NEXT];

    if (facts->slots.other_next[0] != '\0' && strcmp(next, candidate) == 0)
        put(&desired, SLOT_NEXT, facts->slots.other_next);
    if (next[0] != '\0' && date != 0)
        desired.date = date;
    else if (facts->slots.malformed == MALFORMED_NEXT_WITHOUT_DATE)
        clear_next(&desired);
    return desired;
}

/* A change in the making: what happens to each value that was read. */
struct draft {
    const struct facts *facts;
    const struct desired *desired;
    struct slot_value values[CHANGE_DELETE_MOST];
    bool repeated[CHANGE_DELETE_MOST]; /* the same bytes stand before: one value to any server */
    bool goes[CHANGE_DELETE_MOST];
    size_t in_slot[SLOT_COUNT]; /* values of this prefix */
    size_t keeper[SLOT_COUNT];  /* the value that says what is desired, or NOBODY */
    bool adds[SLOT_COUNT];
    bool date_goes;
    bool date_comes;
    time_t date;
};

static char *canonical(char out[CHANGE_VALUE_SIZE + 1], int slot, const char *thumbprint) {
    snprintf(out, CHANGE_VALUE_SIZE + 1, "%d:%s", slot, thumbprint);
    return out;
}

static bool same_bytes(const struct bytes *one, const void *data, size_t length) {
    return one->length == length && (length == 0 || memcmp(one->data, data, length) == 0);
}

static void read_values(struct draft *draft) {
    const struct facts *facts = draft->facts;

    for (size_t i = 0; i < facts->raw_count; i++) {
        draft->values[i] = slot_value_parse(&facts->raw_values[i]);
        for (size_t j = 0; j < i && !draft->repeated[i]; j++)
            draft->repeated[i] =
                same_bytes(&facts->raw_values[j], facts->raw_values[i].data, facts->raw_values[i].length);
        if (draft->values[i].known_prefix && !draft->repeated[i])
            draft->in_slot[draft->values[i].slot]++;
    }
}

/* How well a value says what its slot should hold: 0 not at all, 3 in the very bytes that we would write. */
static int fitness(const struct draft *draft, size_t index) {
    const struct slot_value *value = &draft->values[index];
    char wanted[CHANGE_VALUE_SIZE + 1];

    if (!value->known_prefix || !value->readable || draft->repeated[index] ||
        strcmp(value->thumbprint, draft->desired->thumbprint[value->slot]) != 0)
        return 0;
    canonical(wanted, (int)value->slot, value->thumbprint);
    if (same_bytes(&draft->facts->raw_values[index], wanted, strlen(wanted)))
        return 3;
    return value->exact ? 2 : 1;
}

static void choose_keepers(struct draft *draft) {
    int best[SLOT_COUNT] = {0};

    for (int slot = 0; slot < SLOT_COUNT; slot++)
        draft->keeper[slot] = NOBODY;
    for (size_t i = 0; i < draft->facts->raw_count; i++) {
        int fits = fitness(draft, i);
        enum slot slot = draft->values[i].slot;

        if (fits > best[slot]) {
            best[slot] = fits;
            draft->keeper[slot] = i;
        }
    }
}

static void judge_values(struct draft *draft) {
    for (size_t i = 0; i < draft->facts->raw_count; i++) {
        const struct slot_value *value = &draft->values[i];
        bool wanted = draft->desired->thumbprint[value->slot][0] != '\0';

        if (draft->repeated[i])
            continue;
        if (value->known_prefix && value->empty)
            draft->goes[i] = wanted || draft->in_slot[value->slot] > 1;
        else
            draft->goes[i] = draft->keeper[value->slot] != i;
    }
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        draft->adds[slot] = draft->desired->thumbprint[slot][0] != '\0' && draft->keeper[slot] == NOBODY;
}

static bool slot_loses(const struct draft *draft, enum slot slot) {
    for (size_t i = 0; i < draft->facts->raw_count; i++)
        if (draft->goes[i] && draft->values[i].known_prefix && draft->values[i].slot == slot)
            return true;
    return false;
}

static void judge_date(struct draft *draft) {
    const struct bytes *raw = &draft->facts->raw_date;
    time_t present = 0;
    bool readable = raw->data != NULL && time_parse_generalized((const char *)raw->data, raw->length, &present, NULL);

    draft->date = draft->desired->date;
    if (readable && draft->date != 0 && present == draft->date) {
        /* Untouched, unless it alone can guard the slot: then it has to change. */
        if (!draft->adds[SLOT_NEXT] || slot_loses(draft, SLOT_NEXT))
            return;
        draft->date++;
    }
    draft->date_goes = raw->data != NULL;
    draft->date_comes = draft->date != 0;
}

static bool anything_changes(const struct draft *draft) {
    for (size_t i = 0; i < draft->facts->raw_count; i++)
        if (draft->goes[i])
            return true;
    return draft->adds[SLOT_CURRENT] || draft->adds[SLOT_PREVIOUS] || draft->adds[SLOT_NEXT] || draft->date_goes ||
           draft->date_comes;
}

/* What Exchange does not see is written anew with its prefix; so is a bare current that other values come to. */
static void write_prefixes(struct draft *draft) {
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        size_t keeper = draft->keeper[slot];

        if (keeper == NOBODY || draft->values[keeper].exact ||
            (!draft->facts->slots.hidden[slot] && !anything_changes(draft)))
            continue;
        draft->goes[keeper] = true;
        draft->adds[slot] = true;
    }
}

/* Must the attribute be replaced as a whole, because no value deleted keeps a second writer from adding a current? */
static bool replaces_all(const struct draft *draft) {
    if (draft->facts->raw_count == 0)
        return draft->adds[SLOT_CURRENT] || draft->adds[SLOT_PREVIOUS] || draft->adds[SLOT_NEXT];
    if (!draft->adds[SLOT_CURRENT] || slot_loses(draft, SLOT_CURRENT))
        return false;
    for (size_t i = 0; i < draft->facts->raw_count; i++)
        if (!draft->goes[i] && !draft->repeated[i])
            return true;
    return false;
}

static bool guarded(const struct draft *draft, struct error *err) {
    bool current_loses = slot_loses(draft, SLOT_CURRENT);

    if (draft->adds[SLOT_NEXT] && !slot_loses(draft, SLOT_NEXT) && !draft->date_comes)
        return error_set(err, ERROR_BUG, "a next certificate without a date was to be put into an empty slot");
    if (draft->adds[SLOT_PREVIOUS] && !draft->adds[SLOT_CURRENT] && !current_loses &&
        !slot_loses(draft, SLOT_PREVIOUS) && draft->facts->raw_count > 0)
        return error_set(err, ERROR_BUG, "a previous certificate was to be put into an empty slot by itself");
    return true;
}

static struct change change_of(const struct draft *draft) {
    struct change change = {.replace_values = replaces_all(draft), .add_date = draft->date_comes, .date = draft->date};

    for (size_t i = 0; i < draft->facts->raw_count && !change.replace_values; i++)
        if (draft->goes[i])
            change.delete_values[change.delete_count++] = &draft->facts->raw_values[i];
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        const char *thumbprint = draft->desired->thumbprint[slot];
        char value[CHANGE_VALUE_SIZE + 1];

        if (!draft->adds[slot] && !(change.replace_values && thumbprint[0] != '\0'))
            continue;
        canonical(value, slot, thumbprint);
        memcpy(change.add_values[change.add_count++], value, CHANGE_VALUE_SIZE);
    }
    if (draft->date_goes)
        change.delete_date = &draft->facts->raw_date;
    if (!change.add_date)
        change.date = 0;
    return change;
}

/* Only what reads back as itself may be written. */
static bool writable(const struct draft *draft, struct error *err) {
    char text[TIME_TEXT_SIZE];
    time_t read_back;

    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        const char *thumbprint = draft->desired->thumbprint[slot];
        char parsed[THUMBPRINT_SIZE];

        if (thumbprint[0] != '\0' &&
            (!thumbprint_parse(thumbprint, strlen(thumbprint), parsed) || strcmp(parsed, thumbprint) != 0))
            return error_set(err, ERROR_BUG, "\"%s\" was to be written as the thumbprint of %s", thumbprint,
                             slot_name((enum slot)slot));
    }
    time_format_generalized(text, draft->date);
    if (draft->date_comes &&
        (!time_parse_generalized(text, strlen(text), &read_back, NULL) || read_back != draft->date))
        return error_set(err, ERROR_BUG, "\"%s\" was to be written as the date of next", text);
    return true;
}

bool plan_change(const struct facts *facts, const struct desired *desired, struct change *ret_change,
                 struct error *err) {
    struct draft draft = {.facts = facts, .desired = desired};

    if (facts->raw_count > CHANGE_DELETE_MOST)
        return error_set(err, ERROR_DATA,
                         "the auth configuration has %zu values in " CHANGE_THUMBPRINTS
                         ", more than %d: nothing is written. Take out by hand what does not belong there",
                         facts->raw_count, CHANGE_DELETE_MOST);
    read_values(&draft);
    choose_keepers(&draft);
    judge_values(&draft);
    judge_date(&draft);
    write_prefixes(&draft);
    if (!guarded(&draft, err) || !writable(&draft, err))
        return false;
    *ret_change = change_of(&draft);
    return true;
}

/* Is the extension absent, or as Exchange wants it? One that stands there twice or cannot be decoded is neither. */
static bool usage_fits(X509 *x509) {
    int critical = 0;
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(x509, NID_key_usage, &critical, NULL);
    bool fits = usage != NULL ? ASN1_BIT_STRING_get_bit(usage, 0) == 1 : critical == -1;

    ASN1_BIT_STRING_free(usage);
    return fits;
}

static bool extended_usage_fits(X509 *x509) {
    int critical = 0;
    EXTENDED_KEY_USAGE *extended = X509_get_ext_d2i(x509, NID_ext_key_usage, &critical, NULL);
    bool fits = extended == NULL && critical == -1;

    for (int i = 0; i < sk_ASN1_OBJECT_num(extended); i++)
        fits = fits || OBJ_obj2nid(sk_ASN1_OBJECT_value(extended, i)) == NID_server_auth;
    EXTENDED_KEY_USAGE_free(extended);
    return fits;
}

static bool check_usage(const struct certificate *certificate, struct error *err) {
    const unsigned char *der = certificate->der;
    X509 *x509 = d2i_X509(NULL, &der, (long)certificate->der_length);
    bool fits = false;

    if (x509 == NULL)
        return error_openssl(err, ERROR_DATA, "cannot decode the certificate %s", certificate->thumbprint);
    if (!usage_fits(x509))
        error_set(err, ERROR_DATA, "Exchange would refuse the certificate %s: its key usage lacks digitalSignature",
                  certificate->thumbprint);
    else if (!extended_usage_fits(x509))
        error_set(err, ERROR_DATA, "Exchange would refuse the certificate %s: its extended key usage lacks serverAuth",
                  certificate->thumbprint);
    else
        fits = true;
    X509_free(x509);
    ERR_clear_error();
    return fits;
}

bool plan_check_certificate(const struct certificate *certificate, time_t date, time_t now, struct error *err) {
    const char *thumbprint = certificate->thumbprint;
    char at[TIME_TEXT_SIZE], limit[TIME_TEXT_SIZE];

    if (!certificate->rsa || certificate->key_bits < CERTIFICATE_KEY_BITS)
        return error_set(err, ERROR_DATA,
                         "Exchange would refuse the certificate %s: its key is %s, and RSA of at least %d bits is "
                         "needed",
                         thumbprint, certificate->key, CERTIFICATE_KEY_BITS);
    if (certificate->not_before > now)
        return error_set(err, ERROR_DATA, "Exchange would refuse the certificate %s: it is not valid before %s",
                         thumbprint, time_format_rfc3339(limit, certificate->not_before));
    if (date < now)
        return error_set(err, ERROR_DATA, "Exchange would refuse the date %s for the certificate %s: it is past",
                         time_format_rfc3339(at, date), thumbprint);
    if (certificate->not_after <= date)
        return error_set(err, ERROR_DATA,
                         "Exchange would refuse the certificate %s: it ends on %s, and is to become current on %s",
                         thumbprint, time_format_rfc3339(limit, certificate->not_after), time_format_rfc3339(at, date));
    return check_usage(certificate, err);
}
