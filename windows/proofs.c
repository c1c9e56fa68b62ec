#include "windows/windows.h"

#include <string.h>

enum proof windows_proof(enum script_state state) {
    switch (state) {
    case SCRIPT_PRESENT:
    case SCRIPT_REFRESHED:
        return PROOF_PROVED;
    case SCRIPT_ABSENT:
    case SCRIPT_REMOVED:
        return PROOF_ABSENT;
    case SCRIPT_NO_KEY:
        return PROOF_NO_KEY;
    case SCRIPT_WRONG_PROVIDER:
        return PROOF_WRONG_PROVIDER;
    case SCRIPT_NOT_EXPORTABLE:
        return PROOF_NOT_EXPORTABLE;
    case SCRIPT_NO_ACCESS:
        return PROOF_NO_ACCESS;
    case SCRIPT_SILENT:
    case SCRIPT_READY:
    case SCRIPT_FAILED:
        return PROOF_UNKNOWN;
    }
    return PROOF_UNKNOWN;
}

static bool note(const struct windows_result *result, size_t order, const char *thumbprint, time_t now,
                 struct proofs *proofs, struct error *err) {
    struct script_answer *answer = &result->answers[order];
    struct proof_note note = {.fqdn = result->fqdn, .reached = result->reached, .at = now};

    memcpy(note.thumbprint, thumbprint, THUMBPRINT_SIZE);
    note.trouble = result->trouble;
    if (!result->trouble) {
        note.proof = windows_proof(answer->state);
        note.trouble = answer->message[0] != '\0' ? answer->message : NULL;
    }
    return proofs_note(proofs, &note, err);
}

static bool note_all(const struct windows_result *results, size_t servers,
                     const struct certificate *const *certificates, size_t count, time_t now, struct proofs *proofs,
                     struct error *err) {
    for (size_t i = 0; i < servers; i++)
        for (size_t order = 0; order < count; order++)
            if (!note(&results[i], order, certificates[order]->thumbprint, now, proofs, err))
                return false;
    return true;
}

static bool go(const struct windows_settings *settings, const struct strings *servers,
               const struct windows_errand *errand, time_t now, struct proofs *proofs, struct strings *ret_lost,
               struct error *err) {
    struct windows_result *results = NULL;
    bool ok;

    if (servers->count == 0)
        return true;
    if (!windows_ask(settings, servers, errand, &results, err))
        return false;
    ok = note_all(results, servers->count, errand->certificates, errand->count, now, proofs, err);
    for (size_t i = 0; ok && ret_lost && i < servers->count; i++)
        if (results[i].lost)
            strings_add(ret_lost, "%s", results[i].fqdn);
    windows_free(results, servers->count);
    return ok && (!ret_lost || !ret_lost->failed || error_memory(err));
}

bool windows_look(const struct windows_settings *settings, const struct strings *servers,
                  const struct certificate *const *certificates, size_t count, time_t now, struct proofs *proofs,
                  struct error *err) {
    const struct windows_errand errand = {.operation = "look", .certificates = certificates, .count = count};

    return count == 0 || go(settings, servers, &errand, now, proofs, NULL, err);
}

bool windows_import(const struct windows_settings *settings, const struct strings *servers,
                    const struct certificate *certificate, const struct secret *pfx, const struct secret *password,
                    time_t now, struct proofs *proofs, struct error *err) {
    /* What is there and cannot be used is replaced: the key pair is at hand. */
    const struct windows_errand errand = {
        .operation = "repair", .certificates = &certificate, .count = 1, .password = password, .pfx = pfx};
    struct strings lost = {0};
    bool ok = go(settings, servers, &errand, now, proofs, &lost, err) &&
              windows_look(settings, &lost, &certificate, 1, now, proofs, err);

    strings_free(&lost);
    return ok;
}

bool windows_refresh(const struct windows_settings *settings, const struct strings *servers,
                     const struct certificate *certificate, struct windows_result **ret_results, struct error *err) {
    const struct windows_errand errand = {.operation = "refresh", .certificates = &certificate, .count = 1};

    return windows_ask(settings, servers, &errand, ret_results, err);
}
