#include "monitor/inventory/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/inventory/where.h"
#include "monitor/inventory/judge.h"
#include "monitor/inventory/remedy.h"

#define MUST_TRUST 2 /* TlsAuthLevel CertificateValidation: mail waits where the certificate is wrong */

/* One connector, and what is shown that answers to its name. */
struct case_of {
    const struct connector *connector;
    struct windows_pair pair;
    bool *fits;  /* of each shown */
    size_t best; /* of those the one that ends last; SHOWN_NONE = none */
};

static const char *kind_words(const struct connector *connector) {
    switch (connector->kind) {
    case CONNECTOR_SEND:
        return "the send connector";
    case CONNECTOR_RECEIVE:
        return "the receive connector";
    case CONNECTOR_HYBRID:
        break;
    }
    return "the hybrid configuration";
}

static bool must_work(const struct connector *connector) {
    return connector->cloud || connector->tls_level >= MUST_TRUST;
}

/* Federation and partners use theirs for other things. */
static bool counts(const struct place *place) {
    return place->kind != PLACE_FEDERATION && place->kind != PLACE_PARTNER && place->kind != PLACE_MX;
}

static bool is_of(const struct connector *connector, const struct place *place) {
    if (place->server == NULL)
        return false;
    if (connector->server != NULL)
        return strcasecmp(connector->server, place->server) == 0;
    if (connector->sources.count == 0)
        return true;
    for (size_t i = 0; i < connector->sources.count; i++)
        if (strcasecmp(connector->sources.items[i], place->server) == 0)
            return true;
    return false;
}

static bool has_shown(const struct judging *judging, size_t shown) {
    for (size_t i = 0; i < judging->inventory->place_count; i++) {
        const struct place *place = &judging->inventory->places[i];

        if (counts(place) && place_shown(judging->inventory, place) != NULL && place->shown == shown)
            return true;
    }
    return false;
}

/* Is a place silent that has shown a certificate before? It may be the one that is looked for. */
static bool is_hidden(const struct judging *judging, const struct place *place) {
    const struct known_place *known =
        place->host != NULL && place->state != PLACE_SHOWN ? memory_place(judging->memory, place->name) : NULL;

    return known != NULL && known->shown && known->silent_nights < JUDGE_SILENT_NIGHTS;
}

/* Did a port of its servers answer with a certificate, and is nobody away? Else nothing is known. */
static bool all_were_seen(const struct judging *judging, const struct connector *connector) {
    bool seen = false;

    for (size_t i = 0; i < judging->inventory->place_count; i++) {
        const struct place *place = &judging->inventory->places[i];

        if (is_hidden(judging, place))
            return false;
        seen = seen || (place->host != NULL && place->state == PLACE_SHOWN && is_of(connector, place));
    }
    return seen;
}

static bool open_case(const struct judging *judging, const struct connector *connector, struct case_of *one,
                      struct error *err) {
    const struct inventory *inventory = judging->inventory;

    one->fits = calloc(inventory->shown_count + 1, sizeof(*one->fits));
    if (one->fits == NULL)
        return error_memory(err);
    one->connector = connector;
    one->best = SHOWN_NONE;
    for (size_t i = 0; i < inventory->shown_count; i++) {
        one->fits[i] = judging_fits(judging, &one->pair, i) && has_shown(judging, i);
        if (one->fits[i] && (one->best == SHOWN_NONE || inventory->shown[i].certificate->not_after >
                                                            inventory->shown[one->best].certificate->not_after))
            one->best = i;
    }
    return true;
}

static void close_case(struct case_of *one) {
    windows_pair_free(&one->pair);
    free(one->fits);
}

/* Who shows this certificate, in words; "" when nobody does. */
static bool add_where(const struct judging *judging, size_t shown, struct text *text, struct error *err) {
    struct place_set set;

    if (!place_set_open(judging, &set, err))
        return false;
    for (size_t i = 0; i < judging->inventory->place_count; i++) {
        const struct place *place = &judging->inventory->places[i];

        if (counts(place) && place->state == PLACE_SHOWN && judging_same_certificate(judging, place->shown, shown))
            set.items[set.count++] = place;
    }
    where_add(text, set.items, set.count, JUDGING_NAMED);
    free(set.items);
    return true;
}

static bool add_unread(struct judging *judging, const struct connector *connector, const struct error *why,
                       struct error *err) {
    struct text text = {0};

    text_format(&text, "the certificate name of %s \"%s\" is not understood (%s), so it is not known what it finds",
                kind_words(connector), connector->name, why->text);
    return judging_add(judging, FINDING_CONNECTOR_UNREAD, FINDING_REMARK, connector->name, connector->name, &text,
                       err) != NULL;
}

/* Its common name, or all of it. */
static void add_label(struct text *text, const struct windows_name *name) {
    char printable[256];

    for (size_t i = 0; i < name->count; i++)
        if (strcmp(name->parts[i].type, "2.5.4.3") == 0 || i + 1 == name->count) {
            text_add(text,
                     text_printable(printable, sizeof(printable), name->parts[i].value, strlen(name->parts[i].value)));
            return;
        }
}

/* The newest that is shown under the same subject by another CA; SHOWN_NONE = none. */
static size_t same_subject(const struct judging *judging, const struct windows_pair *pair) {
    const struct inventory *inventory = judging->inventory;
    size_t found = SHOWN_NONE;

    for (size_t i = 0; i < inventory->shown_count; i++)
        if (judging->names[i].known && has_shown(judging, i) &&
            windows_name_equal(&pair->subject, &judging->names[i].subject) &&
            (found == SHOWN_NONE ||
             inventory->shown[i].certificate->not_before > inventory->shown[found].certificate->not_before))
            found = i;
    return found;
}

static bool add_unseen(struct judging *judging, const struct case_of *one, struct error *err) {
    const struct connector *connector = one->connector;
    const struct inventory *inventory = judging->inventory;
    size_t other = same_subject(judging, &one->pair);
    struct inventory_finding *finding;
    struct text text = {0};

    text_format(&text, "%s \"%s\" names a certificate for ", kind_words(connector), connector->name);
    add_label(&text, &one->pair.subject);
    if (one->pair.has_issuer) {
        text_add(&text, ", by ");
        add_label(&text, &one->pair.issuer);
    }
    text_add(&text, ", that was not seen anywhere");
    if (other != SHOWN_NONE) {
        text_format(&text, "; one by %s for the same name, which it will not find, is shown by ",
                    inventory->shown[other].issuer_label);
        if (!add_where(judging, other, &text, err)) {
            text_free(&text);
            return false;
        }
    }
    finding = judging_add(judging, FINDING_CONNECTOR_UNSEEN, other != SHOWN_NONE ? FINDING_CRITICAL : FINDING_WARNING,
                          connector->name, connector->name, &text, err);
    if (finding == NULL ||
        !remedy_connector(connector, other != SHOWN_NONE ? inventory->shown[other].certificate->thumbprint : NULL,
                          &finding->commands, err))
        return false;
    finding->then = strdup(other != SHOWN_NONE
                               ? "On one Exchange server; the setting holds for all."
                               : "Look first whether its servers have it: Get-ExchangeCertificate. Certificates for "
                                 "sending are not seen from outside.");
    return finding->then != NULL || error_memory(err);
}

static bool add_end(struct judging *judging, const struct case_of *one, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct connector *connector = one->connector;
    const struct shown *best = &inventory->shown[one->best];
    int days = judging->settings->warn_count > 0 ? judging->settings->warn_days[0] : 30;
    enum finding_severity severity = judging_end(judging, best->certificate, days);
    size_t newer = judging_newest(judging, one->best);
    bool is_newer = !judging_same_certificate(judging, newer, one->best);
    struct inventory_finding *finding;
    struct text text = {0};

    if (severity == FINDING_REMARK)
        return true;
    if (severity == FINDING_CRITICAL && !must_work(connector))
        severity = FINDING_WARNING;
    text_format(&text, "%s \"%s\" names a certificate of %s, by %s, that ", kind_words(connector), connector->name,
                best->label, best->issuer_label);
    judging_end_words(judging, &text, best->certificate->not_after);
    if (is_newer) {
        text_format(&text, "; a newer one, by %s, which it will not find, is shown by ",
                    inventory->shown[newer].issuer_label);
        if (!add_where(judging, newer, &text, err)) {
            text_free(&text);
            return false;
        }
    }
    finding = judging_add(judging, FINDING_CONNECTOR_END, severity, connector->name, connector->name, &text, err);
    if (finding == NULL)
        return false;
    finding->end = best->certificate->not_after;
    if (!remedy_connector(connector, is_newer ? inventory->shown[newer].certificate->thumbprint : NULL,
                          &finding->commands, err))
        return false;
    finding->then = strdup(is_newer ? "On one Exchange server; the setting holds for all."
                                    : "Once the new certificate is on its servers, and only where its issuer or "
                                      "subject differs from the old one's.");
    return finding->then != NULL || error_memory(err);
}

/* Both answer to the name: which one is used is up to Exchange, until the older is removed. */
static bool add_two(struct judging *judging, const struct case_of *one, struct error *err) {
    const struct inventory *inventory = judging->inventory;
    const struct shown *best = &inventory->shown[one->best];
    size_t older = SHOWN_NONE;
    enum finding_severity severity = FINDING_REMARK;
    struct inventory_finding *finding;
    struct text text = {0};

    for (size_t i = 0; i < inventory->shown_count; i++)
        if (one->fits[i] && !judging_same_certificate(judging, i, one->best))
            older = i;
    if (older == SHOWN_NONE)
        return true;
    if (judging_end(judging, inventory->shown[older].certificate, JUDGING_CRITICAL_DAYS) == FINDING_CRITICAL)
        severity = FINDING_WARNING;
    text_format(&text, "%s \"%s\" finds two certificates of %s: one ", kind_words(one->connector), one->connector->name,
                best->label);
    judging_end_words(judging, &text, inventory->shown[older].certificate->not_after);
    text_add(&text, " and is still shown by ");
    if (!add_where(judging, older, &text, err)) {
        text_free(&text);
        return false;
    }
    text_add(&text, ", the other ");
    judging_end_words(judging, &text, best->certificate->not_after);
    finding =
        judging_add(judging, FINDING_CONNECTOR_TWO, severity, one->connector->name, one->connector->name, &text, err);
    if (finding == NULL)
        return false;
    strings_add(&finding->commands, "Remove-ExchangeCertificate -Server SERVER -Thumbprint %s",
                inventory->shown[older].certificate->thumbprint);
    finding->then = strdup("Once no server shows the old one. Where it is said to be in use by a send connector, set "
                           "that connector's TlsCertificateName to $null, remove the certificate, and set it again.");
    return (finding->then != NULL && !finding->commands.failed) || error_memory(err);
}

/* Exchange Online takes certificates of public CAs alone. */
static bool add_trust(struct judging *judging, const struct case_of *one, struct error *err) {
    const struct shown *best = &judging->inventory->shown[one->best];
    struct inventory_finding *finding;
    struct text text = {0};

    if (!one->connector->cloud || best->trust == TRUST_PUBLIC || best->trust == TRUST_UNJUDGED)
        return true;
    text_format(&text, "%s \"%s\" speaks with Exchange Online by a certificate of %s that no public CA vouches for",
                kind_words(one->connector), one->connector->name, best->label);
    finding =
        judging_add(judging, FINDING_TRUST, FINDING_CRITICAL, one->connector->name, one->connector->name, &text, err);
    if (finding == NULL)
        return false;
    finding->then = strdup("Get a certificate of a public CA: authcert inventory --request.");
    return finding->then != NULL || error_memory(err);
}

static bool judge(struct judging *judging, struct connector *connector, struct error *err) {
    struct case_of one = {0};
    struct error why = {0};
    bool ok;

    if (!windows_pair_parse(connector->certificate, &one.pair, &why))
        return why.kind == ERROR_DATA ? add_unread(judging, connector, &why, err)
                                      : error_set(err, why.kind, "%s", why.text);
    ok = open_case(judging, connector, &one, err);
    connector->finds = one.best;
    if (ok && one.best != SHOWN_NONE)
        ok = add_end(judging, &one, err) && add_two(judging, &one, err) && add_trust(judging, &one, err);
    else if (ok && all_were_seen(judging, connector))
        ok = add_unseen(judging, &one, err);
    close_case(&one);
    return ok;
}

bool judge_connectors(struct judging *judging, struct error *err) {
    for (size_t i = 0; i < judging->inventory->connector_count; i++) {
        struct connector *connector = &judging->inventory->connectors[i];

        if (connector->enabled && connector->certificate != NULL && !judge(judging, connector, err))
            return false;
    }
    return true;
}
