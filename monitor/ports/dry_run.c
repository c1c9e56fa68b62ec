#include "monitor/ports/dry_run.h"

#include <stdlib.h>
#include <string.h>

#include "renew/keys/keypair.h"
#include "renew/ldif.h"

static enum write_result show_change(void *context, const struct facts *facts, const struct change *change,
                                     struct error *err) {
    struct dry_run *dry = context;
    char *ldif = ldif_of_change(facts->directory.dn, change);

    progress_end(&dry->real.progress);
    if (ldif == NULL) {
        error_memory(err);
        return WRITE_FAILED;
    }
    fputs(ldif, dry->out);
    free(ldif);
    return WRITE_SHOWN;
}

static bool make(void *context, const struct policy *policy, time_t now, struct certificate **ret_certificate,
                 struct error *err) {
    struct dry_run *dry = context;
    struct keypair pair = {0}, copy = {0};

    if (!keypair_make(policy->key_bits, policy->lifetime, now, &pair, err))
        return false;
    if (!certificate_parse(pair.certificate->der, pair.certificate->der_length, &copy.certificate, err)) {
        keypair_free(&pair);
        return false;
    }
    certificate_free(dry->made);
    dry->made = copy.certificate;
    *ret_certificate = pair.certificate;
    pair.certificate = NULL;
    keypair_free(&pair);
    progress_end(&dry->real.progress);
    fputs("# A key pair would be made and kept on this host; its thumbprint will be another than the one below.\n",
          dry->out);
    return true;
}

static bool prove(void *context, const char *thumbprint, struct certificate **ret_certificate, struct error *err) {
    const struct dry_run *dry = context;
    const struct keys_port *real = &dry->real.keys;

    if (dry->made != NULL && strcmp(dry->made->thumbprint, thumbprint) == 0)
        return certificate_parse(dry->made->der, dry->made->der_length, ret_certificate, err);
    return real->prove(real->context, thumbprint, ret_certificate, err);
}

static bool survey(void *context, const struct policy *policy, const struct strings *delivered, time_t now,
                   struct facts *facts, struct strings *troubles, struct error *err) {
    const struct keys_port *real = &((struct dry_run *)context)->real.keys;

    return real->survey(real->context, policy, delivered, now, facts, troubles, err);
}

static bool deliver(void *context, const char *thumbprint, enum slot slot, const struct strings *servers, time_t now,
                    struct delivered **ret_answers, size_t *ret_count, bool *ret_completed, struct proofs *proofs,
                    struct strings *remarks, struct error *err) {
    const struct dry_run *dry = context;
    struct delivered *answers = calloc(servers->count + 1, sizeof(*answers));
    size_t count = 0;

    (void)now;
    (void)remarks;
    (void)proofs;
    progress_end(&dry->real.progress);
    if (answers == NULL)
        return error_memory(err);
    fprintf(dry->out, "# %s would be delivered as %s to:\n", thumbprint, slot_name(slot));
    for (; count < servers->count; count++) {
        fprintf(dry->out, "#   %s\n", servers->items[count]);
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
    const struct windows_port *real = &((struct dry_run *)context)->real.windows;

    return real->look == NULL || real->look(real->context, servers, certificates, count, now, proofs, err);
}

static bool refresh(void *context, const struct strings *servers, const struct certificate *certificate,
                    struct refreshed **ret_refreshed, struct error *err) {
    const struct dry_run *dry = context;
    struct refreshed *refreshed = calloc(servers->count + 1, sizeof(*refreshed));
    bool ok = refreshed != NULL;

    progress_end(&dry->real.progress);
    for (size_t i = 0; ok && i < servers->count; i++) {
        fprintf(dry->out, "# On %s the services would begin with %s, once it is proved there.\n", servers->items[i],
                certificate->thumbprint);
        refreshed[i] = (struct refreshed){.fqdn = strdup(servers->items[i]), .done = true, .detail = calloc(1, 1)};
        ok = refreshed[i].fqdn != NULL && refreshed[i].detail != NULL;
    }
    *ret_refreshed = refreshed;
    return ok || error_memory(err);
}

/* What was not given to Entra in truth it is not asked about in truth either. */
static bool ask_entra(void *context, const char *thumbprint, const struct tenant_facts *tenants, const bool *wanted,
                      size_t count, struct entra_verdict *ret_verdicts, struct error *err) {
    const struct dry_run *dry = context;
    const struct entra_port *real = &dry->real.entra;
    const bool made = dry->made != NULL && strcmp(dry->made->thumbprint, thumbprint) == 0;

    if (!made && !strings_contain(&dry->given, thumbprint))
        return real->ask(real->context, thumbprint, tenants, wanted, count, ret_verdicts, err);
    progress_end(&dry->real.progress);
    if (made)
        fprintf(dry->out,
                "# Entra would be asked whether it accepts the new key%s; without its yes nothing below would be "
                "written.\n",
                real->adds ? ", and given it where it does not" : "");
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            ret_verdicts[i] = (struct entra_verdict){.accepts = ANSWER_YES};
    return true;
}

static bool add_to_entra(void *context, const struct tenant *tenant, const char *by,
                         const struct certificate *certificate, struct entra_outcome *ret_outcome, struct error *err) {
    struct dry_run *dry = context;

    progress_end(&dry->real.progress);
    fprintf(dry->out, "# Application %s in tenant %s would be given %s, by the key of %s.\n", tenant->application,
            tenant->id, certificate->thumbprint, by);
    strings_add(&dry->given, "%s", certificate->thumbprint);
    *ret_outcome = (struct entra_outcome){.result = ENTRA_DONE};
    return !dry->given.failed || error_memory(err);
}

static bool remove_from_entra(void *context, const struct tenant *tenant, const char *by, const char *key_id,
                              struct entra_outcome *ret_outcome, struct error *err) {
    const struct dry_run *dry = context;

    (void)err;
    fprintf(dry->out, "# The key %s would be taken out of application %s in tenant %s, by the key of %s.\n", key_id,
            tenant->application, tenant->id, by);
    *ret_outcome = (struct entra_outcome){.result = ENTRA_DONE};
    return true;
}

static bool knows_object(void *context, const struct tenant *tenant) {
    const struct entra_port *real = &((struct dry_run *)context)->real.entra;

    return real->knows_object(real->context, tenant);
}

static bool own_for_entra(void *context, struct entra_own *ret_own, size_t *ret_count, struct error *err) {
    const struct entra_port *real = &((struct dry_run *)context)->real.entra;

    return real->own(real->context, ret_own, ret_count, err);
}

static bool enroll(void *context, time_t now, struct certificate **ret_certificate, struct error *err) {
    (void)context;
    (void)now;
    (void)ret_certificate;
    return error_set(err, ERROR_BUG, "a key pair for Entra was to be made in a dry run");
}

static bool forget(void *context, const char *thumbprint, struct error *err) {
    (void)context;
    (void)thumbprint;
    (void)err;
    return true;
}

static void go_on(void *context, int seconds) {
    (void)context;
    (void)seconds;
}

static void dry_run_entra(struct dry_run *dry, struct entra_port *entra) {
    if (entra->ask == NULL)
        return;
    *entra = (struct entra_port){.context = dry,
                                 .adds = entra->adds,
                                 .ask = ask_entra,
                                 .knows_object = knows_object,
                                 .add = add_to_entra,
                                 .remove = remove_from_entra,
                                 .own = own_for_entra,
                                 .enroll = enroll,
                                 .forget = forget,
                                 .wait = go_on};
}

void dry_run_begin(struct dry_run *dry, FILE *out, struct policy *policy, struct run_ports *ports) {
    *dry = (struct dry_run){.out = out, .real = *ports};
    if (policy->method == DELIVERY_BY_HAND)
        policy->method = DELIVERY_BY_COMMAND;
    ports->writer = (struct writer_port){.context = dry, .write = show_change};
    ports->keys =
        (struct keys_port){.context = dry, .survey = survey, .make = make, .prove = prove, .deliver = deliver};
    if (ports->windows.refresh != NULL)
        ports->windows = (struct windows_port){.context = dry, .look = look, .refresh = refresh};
    ports->records = (struct record_port){0};
    dry_run_entra(dry, &ports->entra);
    ports->channel_count = 0;
}

void dry_run_end(struct dry_run *dry) {
    certificate_free(dry->made);
    dry->made = NULL;
    strings_free(&dry->given);
}
