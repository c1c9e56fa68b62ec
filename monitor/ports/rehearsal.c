#include "monitor/ports/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "renew/keys/keypair.h"
#include "renew/ldif.h"

static enum write_result show_change(void *context, const struct facts *facts, const struct change *change,
                                     struct error *err) {
    struct rehearsal *rehearsal = context;
    char *ldif = ldif_of_change(facts->directory.dn, change);

    progress_end(&rehearsal->real.progress);
    if (ldif == NULL) {
        error_memory(err);
        return WRITE_FAILED;
    }
    fputs(ldif, rehearsal->out);
    free(ldif);
    return WRITE_SHOWN;
}

static bool make(void *context, const struct policy *policy, time_t now, struct certificate **ret_certificate,
                 struct error *err) {
    struct rehearsal *rehearsal = context;
    struct keypair pair = {0}, copy = {0};

    if (!keypair_make(policy->key_bits, policy->lifetime, now, &pair, err))
        return false;
    if (!certificate_parse(pair.certificate->der, pair.certificate->der_length, &copy.certificate, err)) {
        keypair_free(&pair);
        return false;
    }
    certificate_free(rehearsal->made);
    rehearsal->made = copy.certificate;
    *ret_certificate = pair.certificate;
    pair.certificate = NULL;
    keypair_free(&pair);
    progress_end(&rehearsal->real.progress);
    fputs("# A key pair would be made and kept on this host; its thumbprint will be another than the one below.\n",
          rehearsal->out);
    return true;
}

static bool prove(void *context, const char *thumbprint, struct certificate **ret_certificate, struct error *err) {
    const struct rehearsal *rehearsal = context;
    const struct keys_port *real = &rehearsal->real.keys;

    if (rehearsal->made != NULL && strcmp(rehearsal->made->thumbprint, thumbprint) == 0)
        return certificate_parse(rehearsal->made->der, rehearsal->made->der_length, ret_certificate, err);
    return real->prove(real->context, thumbprint, ret_certificate, err);
}

static bool survey(void *context, const struct policy *policy, const struct strings *delivered, time_t now,
                   struct facts *facts, struct strings *troubles, struct error *err) {
    const struct keys_port *real = &((struct rehearsal *)context)->real.keys;

    return real->survey(real->context, policy, delivered, now, facts, troubles, err);
}

static bool deliver(void *context, const char *thumbprint, enum slot slot, const struct strings *servers, time_t now,
                    struct delivered **ret_answers, size_t *ret_count, bool *ret_completed, struct proofs *proofs,
                    struct strings *remarks, struct error *err) {
    const struct rehearsal *rehearsal = context;
    struct delivered *answers = calloc(servers->count + 1, sizeof(*answers));
    size_t count = 0;

    (void)now;
    (void)remarks;
    (void)proofs;
    progress_end(&rehearsal->real.progress);
    if (answers == NULL)
        return error_memory(err);
    fprintf(rehearsal->out, "# %s would be delivered as %s to:\n", thumbprint, slot_name(slot));
    for (; count < servers->count; count++) {
        fprintf(rehearsal->out, "#   %s\n", servers->items[count]);
        answers[count] = (struct delivered){.fqdn = strdup(servers->items[count]), .present = true};
        if (answers[count].fqdn == NULL)
            break;
    }
    *ret_answers = answers;
    *ret_count = count;
    *ret_completed = true;
    return count == servers->count || error_memory(err);
}

/* A look changes nothing. */
static bool look(void *context, const struct strings *servers, const struct certificate *const *certificates,
                 size_t count, time_t now, struct proofs *proofs, struct error *err) {
    const struct windows_port *real = &((struct rehearsal *)context)->real.windows;

    return real->look == NULL || real->look(real->context, servers, certificates, count, now, proofs, err);
}

static bool refresh(void *context, const struct strings *servers, const struct certificate *certificate,
                    struct refreshed **ret_refreshed, struct error *err) {
    const struct rehearsal *rehearsal = context;
    struct refreshed *refreshed = calloc(servers->count + 1, sizeof(*refreshed));
    bool ok = refreshed != NULL;

    progress_end(&rehearsal->real.progress);
    for (size_t i = 0; ok && i < servers->count; i++) {
        fprintf(rehearsal->out, "# On %s the services would begin with %s, once it is proved there.\n",
                servers->items[i], certificate->thumbprint);
        refreshed[i] = (struct refreshed){.fqdn = strdup(servers->items[i]), .done = true, .detail = calloc(1, 1)};
        ok = refreshed[i].fqdn != NULL && refreshed[i].detail != NULL;
    }
    *ret_refreshed = refreshed;
    return ok || error_memory(err);
}

void rehearsal_begin(struct rehearsal *rehearsal, FILE *out, struct policy *policy, struct run_ports *ports) {
    *rehearsal = (struct rehearsal){.out = out, .real = *ports};
    if (policy->method == DELIVERY_BY_HAND)
        policy->method = DELIVERY_BY_COMMAND;
    ports->writer = (struct writer_port){.context = rehearsal, .write = show_change};
    ports->keys =
        (struct keys_port){.context = rehearsal, .survey = survey, .make = make, .prove = prove, .deliver = deliver};
    if (ports->windows.refresh != NULL)
        ports->windows = (struct windows_port){.context = rehearsal, .look = look, .refresh = refresh};
    ports->records = (struct record_port){0};
    ports->channel_count = 0;
}

void rehearsal_end(struct rehearsal *rehearsal) {
    certificate_free(rehearsal->made);
    rehearsal->made = NULL;
}
