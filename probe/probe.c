#include "probe/probe.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include "probe/authority.h"
#include "probe/document.h"
#include "probe/reason.h"
#include "probe/transfer.h"
#include "probe/document_cache.h"

#define CERTIFICATES_MOST 64 /* different ones of all servers together */
#define NOT_VERIFIED                                                                                                   \
    "its document was read, but with verify = no nothing proves that it is the server's own: its certificates count, " \
    "their presence does not; set ca_file, or tls_name, and verify = yes in [servers]"
#define TOO_MANY                                                                                                       \
    "its document lists certificates that no other server has, and there are too many of them already; what answers "  \
    "there?"

struct asking {
    const struct probe_settings *settings;
    const struct target *targets;
    time_t now;
    struct probed *probed;
    struct document_cache cache;
    const struct progress_port *progress;
    size_t count, done; /* of all servers */
};

static bool set_trouble(struct probed_server *server, enum probed_outcome outcome, struct text *sentence,
                        struct error *err) {
    server->outcome = outcome;
    free(server->trouble);
    server->trouble = text_take(sentence);
    return server->trouble || error_memory(err);
}

static bool set_trouble_text(struct probed_server *server, enum probed_outcome outcome, const char *text,
                             struct error *err) {
    struct text sentence = {0};

    text_add(&sentence, text);
    return set_trouble(server, outcome, &sentence, err);
}

/* Moves the certificates that are new to the list of all. False when there are too many. */
static bool collect(struct probed *probed, struct document *document) {
    for (size_t i = 0; i < document->count; i++) {
        if (!document->certificates[i])
            continue;
        if (probed->certificate_count == CERTIFICATES_MOST)
            return false;
        probed->certificates[probed->certificate_count++] = document->certificates[i];
        document->certificates[i] = NULL;
    }
    return true;
}

/* What a good document says becomes the server's. */
static bool set_read(struct probed_server *server, const char *realm, const char *service_name,
                     char (*thumbprints)[THUMBPRINT_SIZE], size_t count, struct error *err) {
    server->realm = strdup(realm);
    server->service_name = strdup(service_name);
    server->thumbprints = calloc(count + 1, sizeof(*server->thumbprints));
    if (!server->realm || !server->service_name || !server->thumbprints)
        return error_memory(err);
    memcpy(server->thumbprints, thumbprints, count * sizeof(*server->thumbprints));
    server->thumbprint_count = count;
    server->document = true;
    server->outcome = PROBED_READ;
    return true;
}

static bool take_document(struct asking *asking, struct probed_server *server, const struct text *body,
                          struct error *err) {
    const struct cached_document *cached = document_cache_find(&asking->cache, body, server->fqdn);
    struct document document = {0};
    struct error trouble = {0};
    struct text sentence = {0};
    bool ok;

    if (cached)
        return set_read(server, cached->realm, cached->service_name, cached->thumbprints, cached->count, err);
    if (!document_parse(body->value ? body->value : "", body->length, asking->probed, &document, &trouble)) {
        if (trouble.kind != ERROR_DATA)
            return error_set(err, trouble.kind, "%s", trouble.text);
        text_format(&sentence, "its metadata document is not good: %s", trouble.text);
        return set_trouble(server, PROBED_UNCLEAR, &sentence, err);
    }
    if (!collect(asking->probed, &document)) {
        ok = set_trouble_text(server, PROBED_UNCLEAR, TOO_MANY, err);
    } else if (!asking->settings->verify) {
        server->document = true;
        ok = set_trouble_text(server, PROBED_UNCLEAR, NOT_VERIFIED, err);
    } else {
        ok = set_read(server, document.realm, document.service_name, document.thumbprints, document.count, err);
        document_cache_add(&asking->cache, body, server->fqdn, &document);
    }
    document_free(&document);
    return ok;
}

static bool on_done(void *context, size_t index, const struct answer *answer, struct error *err) {
    struct asking *asking = context;
    struct probed_server *server = &asking->probed->servers[index];
    struct text sentence = {0};
    enum probed_outcome outcome;

    asking->done++;
    progress_begin(asking->progress, "asking %zu Exchange server%s: %zu", asking->count, asking->count == 1 ? "" : "s",
                   asking->done);
    server->status = answer->status;
    server->tls_ended = answer->ending == ENDING_UNTRUSTED && answer->verify_result == X509_V_ERR_CERT_HAS_EXPIRED;
    server->clock_known = answer->clock_known;
    if (answer->clock_known)
        server->clock_ahead = answer->clock - ((int64_t)asking->now + answer->waited);
    outcome = reason_explain(answer, asking->targets[index].host, asking->settings->timeout, &sentence);
    if (outcome == PROBED_READ)
        return take_document(asking, server, &answer->body, err);
    return set_trouble(server, outcome, &sentence, err);
}

/* A place for every server, and where to ask it. */
static bool prepare(const struct probe_settings *settings, const struct strings *servers, struct target *targets,
                    struct probed *probed, struct error *err) {
    probed->servers = calloc(servers->count + 1, sizeof(*probed->servers));
    probed->certificates = calloc(CERTIFICATES_MOST, sizeof(struct certificate *));
    if (!probed->servers || !probed->certificates)
        return error_memory(err);
    for (size_t i = 0; i < servers->count; i++) {
        struct probed_server *server = &probed->servers[probed->server_count];
        struct error trouble = {0};

        server->fqdn = strdup(servers->items[i]);
        if (!server->fqdn)
            return error_memory(err);
        probed->server_count++;
        if (target_make(settings->url, settings->tls_name, servers->items[i], &targets[i], &trouble))
            continue;
        if (trouble.kind != ERROR_DATA)
            return error_set(err, trouble.kind, "%s", trouble.text);
        if (!set_trouble_text(server, PROBED_UNCLEAR, trouble.text, err))
            return false;
    }
    return true;
}

bool probe_servers(const struct probe_settings *settings, const struct strings *servers, time_t now,
                   const struct progress_port *progress, struct probed *ret_probed, struct error *err) {
    struct transfer_settings transfer = {.timeout = settings->timeout, .parallel = settings->parallel};
    struct target *targets = calloc(servers->count + 1, sizeof(*targets));
    struct probed probed = {0};
    struct asking asking = {.settings = settings,
                            .targets = targets,
                            .now = now,
                            .probed = &probed,
                            .progress = progress,
                            .count = servers->count};
    bool ok = false;

    if (!targets) {
        error_memory(err);
        goto out;
    }
    ok = (!settings->verify || authority_open(settings->ca_file, &transfer.authority, err)) &&
         prepare(settings, servers, targets, &probed, err) &&
         transfer_all(&transfer, targets, servers->count, on_done, &asking, err);
out:
    for (size_t i = 0; targets && i < servers->count; i++)
        target_free(&targets[i]);
    free(targets);
    authority_close(transfer.authority);
    document_cache_free(&asking.cache);
    if (ok)
        *ret_probed = probed;
    else
        probed_free(&probed);
    return ok;
}
