#include "monitor/inventory/judging.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509.h>

#include "base/time.h"
#include "core/inventory/tls_names.h"

bool place_set_open(const struct judging *judging, struct place_set *set, struct error *err) {
    *set = (struct place_set){.items = calloc(judging->inventory->place_count + 1, sizeof(const struct place *))};
    return set->items != NULL || error_memory(err);
}

struct inventory_finding *judging_add(struct judging *judging, enum finding_id id, enum finding_severity severity,
                                      const char *place, const char *about, struct text *text, struct error *err) {
    struct inventory_finding *finding = inventory_add_finding(judging->inventory, id, severity, err);
    char *said = text_take(text);

    if (finding == NULL || said == NULL) {
        free(said);
        error_memory(err);
        return NULL;
    }
    finding->text = said;
    finding->place = strdup(place);
    finding->about = strdup(about);
    if (finding->place != NULL && finding->about != NULL)
        return finding;
    error_memory(err);
    return NULL;
}

void judging_end_words(const struct judging *judging, struct text *out, time_t end) {
    int64_t days = time_days_left(end, judging->now);
    char date[TIME_TEXT_SIZE];

    time_format_date(date, end);
    if (days == 0)
        text_format(out, "ends within a day (%s)", date);
    else if (days > 0)
        text_format(out, "ends in %lld day%s (%s)", (long long)days, days == 1 ? "" : "s", date);
    else
        text_format(out, "ended on %s", date);
}

enum finding_severity judging_end(const struct judging *judging, const struct certificate *certificate, int days) {
    int64_t left = certificate->not_after - judging->now;
    int64_t third = (certificate->not_after - certificate->not_before) / 3;
    int64_t before = (int64_t)days * SECONDS_PER_DAY;

    if (left <= (int64_t)JUDGING_CRITICAL_DAYS * SECONDS_PER_DAY && left <= third)
        return FINDING_CRITICAL;
    return left <= (before < third ? before : third) ? FINDING_WARNING : FINDING_REMARK;
}

bool judging_same_certificate(const struct judging *judging, size_t one, size_t other) {
    const struct shown *shown = judging->inventory->shown;

    return one == other || strcmp(shown[one].certificate->thumbprint, shown[other].certificate->thumbprint) == 0;
}

/* A server's own name says nothing about what a certificate is for. */
static bool is_server(const struct inventory *inventory, const char *name) {
    for (size_t i = 0; i < inventory->server_count; i++)
        if (strcasecmp(inventory->servers[i].fqdn, name) == 0 || strcasecmp(inventory->servers[i].name, name) == 0)
            return true;
    return false;
}

static bool covers_one_of(const struct inventory *inventory, const struct strings *one, const struct strings *other) {
    for (size_t i = 0; i < other->count; i++)
        if (!is_server(inventory, other->items[i]) && tls_names_cover(one, other->items[i]))
            return true;
    return false;
}

bool judging_share_names(const struct inventory *inventory, const struct strings *one, const struct strings *other) {
    return covers_one_of(inventory, one, other) || covers_one_of(inventory, other, one);
}

bool judging_same_purpose(const struct judging *judging, size_t one, size_t other) {
    const struct inventory *inventory = judging->inventory;
    const struct judged_names *names = judging->names;

    if (names[one].known && names[other].known && names[one].subject.count > 0 &&
        windows_name_equal(&names[one].subject, &names[other].subject) && !inventory->shown[one].self_signed &&
        !inventory->shown[other].self_signed)
        return true;
    return judging_share_names(inventory, &inventory->shown[one].names, &inventory->shown[other].names);
}

bool judging_fits(const struct judging *judging, const struct windows_pair *pair, size_t shown) {
    const struct judged_names *names = &judging->names[shown];

    return names->known && windows_name_equal(&pair->subject, &names->subject) &&
           (!pair->has_issuer || windows_name_equal(&pair->issuer, &names->issuer));
}

size_t judging_newest(const struct judging *judging, size_t shown) {
    const struct inventory *inventory = judging->inventory;
    size_t newest = shown;

    for (size_t i = 0; i < inventory->shown_count; i++)
        if (inventory->shown[i].certificate->not_before > inventory->shown[newest].certificate->not_before &&
            inventory->shown[i].certificate->not_after > inventory->shown[shown].certificate->not_after &&
            judging_same_purpose(judging, shown, i))
            newest = i;
    return newest;
}

/* What cannot be taken apart is not known, and fits nothing without being another name. */
static bool read_names(const struct shown *shown, struct judged_names *names, struct error *err) {
    const unsigned char *at = shown->certificate->der;
    X509 *certificate = d2i_X509(NULL, &at, (long)shown->certificate->der_length);
    struct error why = {0};

    if (certificate == NULL)
        return error_memory(err);
    names->known = windows_name_read(X509_get_subject_name(certificate), &names->subject, &why) &&
                   windows_name_read(X509_get_issuer_name(certificate), &names->issuer, &why);
    X509_free(certificate);
    return names->known || why.kind == ERROR_DATA || error_set(err, why.kind, "%s", why.text);
}

bool judging_begin_names(struct judging *judging, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    bool ok;

    judging->names = calloc(inventory->shown_count + 1, sizeof(*judging->names));
    ok = judging->names != NULL || error_memory(err);
    for (size_t i = 0; ok && i < inventory->shown_count; i++)
        ok = read_names(&inventory->shown[i], &judging->names[i], err);
    return ok;
}

void judging_end_names(struct judging *judging) {
    for (size_t i = 0; judging->names != NULL && i < judging->inventory->shown_count; i++) {
        windows_name_free(&judging->names[i].subject);
        windows_name_free(&judging->names[i].issuer);
    }
    free(judging->names);
    judging->names = NULL;
}
