#include "monitor/look/observe.h"

#include <string.h>

/* Takes the slots' certificates out of our own records. */
static void find_in_records(struct facts *facts) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct record_facts *record = facts_record(facts, facts->slots.thumbprint[slot]);
        struct slot_facts *found = &facts->slot[slot];

        if (record != NULL && record->certificate != NULL &&
            certificate_parse(record->certificate->der, record->certificate->der_length, &found->certificate, NULL))
            found->source = SOURCE_RECORD;
    }
}

/* Takes the slots' certificates out of msExchAuthCertificateData, where the object has it. */
static void find_in_attribute(struct facts *facts) {
    for (size_t i = 0; i < facts->certificate_data_count; i++) {
        struct certificate *certificate = NULL;
        struct error err = {0};

        if (!certificate_parse_serialized(facts->certificate_data[i].data, facts->certificate_data[i].length,
                                          &certificate, &err)) {
            remarks_add(&facts->remarks, "certificate-data", "A value of msExchAuthCertificateData cannot be read: %s",
                        err.text);
            continue;
        }
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
            struct slot_facts *found = &facts->slot[slot];

            if (found->certificate == NULL && strcmp(facts->slots.thumbprint[slot], certificate->thumbprint) == 0 &&
                certificate_parse(certificate->der, certificate->der_length, &found->certificate, NULL))
                found->source = SOURCE_ATTRIBUTE;
        }
        certificate_free(certificate);
    }
}

static void find_on_shelf(const struct shelf_port *shelf, struct facts *facts, enum slot slot) {
    struct slot_facts *found = &facts->slot[slot];
    struct error err = {0};

    if (!shelf->find(shelf->context, facts->slots.thumbprint[slot], &found->certificate, &found->source, &err)) {
        remarks_add(&facts->remarks, "shelf-unreadable", "The %s certificate cannot be read on this host: %s",
                    slot_name(slot), err.text);
        found->certificate = NULL;
    }
    if (found->certificate == NULL)
        found->source = SOURCE_UNKNOWN;
}

static void find_rest_on_shelf(const struct shelf_port *shelf, struct facts *facts) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (facts->slots.thumbprint[slot][0] != '\0' && facts->slot[slot].certificate == NULL)
            find_on_shelf(shelf, facts, (enum slot)slot);
}

void observe_kept(const struct shelf_port *shelf, struct facts *facts) {
    enum source seen[SLOT_COUNT];

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        seen[slot] = facts->slot[slot].source;
    find_rest_on_shelf(shelf, facts);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (facts->slot[slot].certificate != NULL && seen[slot] != SOURCE_UNKNOWN)
            facts->slot[slot].source = seen[slot];
}

/* The value of msExchAuthCertificateData that is the certificate; NULL when none is. */
static struct certificate *attribute_value(const struct facts *facts, const char *thumbprint) {
    for (size_t i = 0; i < facts->certificate_data_count; i++) {
        const struct bytes *value = &facts->certificate_data[i];
        struct certificate *certificate = NULL;

        if (!certificate_parse_serialized(value->data, value->length, &certificate, NULL))
            continue;
        if (strcmp(certificate->thumbprint, thumbprint) == 0)
            return certificate;
        certificate_free(certificate);
    }
    return NULL;
}

bool observe_find(const struct shelf_port *shelf, const struct probed *probed, const struct facts *facts,
                  const char *thumbprint, struct certificate **ret_certificate, struct error *err) {
    const struct certificate *served = probed_certificate(probed, thumbprint);
    const struct record_facts *record = facts_record(facts, thumbprint);
    struct certificate *certificate = NULL;
    enum source source;

    if (record != NULL && record->certificate != NULL &&
        !certificate_parse(record->certificate->der, record->certificate->der_length, &certificate, err))
        return false;
    if (certificate == NULL)
        certificate = attribute_value(facts, thumbprint);
    if (certificate == NULL && !shelf->find(shelf->context, thumbprint, &certificate, &source, err))
        return false;
    if (certificate == NULL && served != NULL && !certificate_parse(served->der, served->der_length, &certificate, err))
        return false;
    *ret_certificate = certificate;
    return true;
}

void observe_keep(const struct shelf_port *shelf, const struct facts *facts, struct strings *troubles) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct slot_facts *found = &facts->slot[slot];
        struct error err = {0};

        if (found->certificate == NULL || found->source == SOURCE_STORE || found->source == SOURCE_IMPORT)
            continue;
        if (!shelf->keep(shelf->context, found->certificate, &err))
            strings_add(troubles, "the %s certificate could not be kept on this host: %s", slot_name((enum slot)slot),
                        err.text);
    }
}

void observe_slots(const struct directory_port *directory, const struct shelf_port *shelf,
                   const struct progress_port *progress, struct facts *ret_facts) {
    progress_begin(progress, "looking at %s", directory->name != NULL ? directory->name : "the directory");
    directory->look(directory->context, ret_facts);
    progress_end(progress);
    if (!ret_facts->read)
        return;
    find_in_records(ret_facts);
    find_in_attribute(ret_facts);
    find_rest_on_shelf(shelf, ret_facts);
}
