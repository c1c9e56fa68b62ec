#include "probe/examine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probe/authority.h"
#include "probe/document.h"
#include "probe/reason.h"
#include "probe/transfer.h"

#define TITLE_MOST 80

struct examining {
    const struct probe_settings *settings;
    const struct target *targets;
    struct authority *authority;
    time_t now;
    struct examined *examined;
};

/* The text between <title> and what follows, with single spaces; NULL when there is none. */
static char *find_title(const struct text *body) {
    const char *start = body->value ? strcasestr(body->value, "<title") : NULL;
    struct text title = {0};
    bool space = false;
    char *printable;

    start = start ? strchr(start, '>') : NULL;
    if (!start)
        return NULL;
    for (start++; *start != '\0' && *start != '<' && title.length < TITLE_MOST; start++) {
        if (strchr(" \t\r\n", *start) != NULL) {
            space = title.length > 0;
            continue;
        }
        if (space)
            text_add(&title, " ");
        space = false;
        text_add_bytes(&title, start, 1);
    }
    printable =
        title.length > 0 && !title.failed ? text_printable_copy(title.value, title.length, TITLE_MOST + 1) : NULL;
    text_free(&title);
    return printable;
}

/* What stands behind TLS. */
static bool look_behind(const struct answer *answer, struct examined *examined, struct error *err) {
    struct document document = {0};
    struct error trouble = {0};
    struct text sentence = {0};

    if (document_parse(answer->body.value ? answer->body.value : "", answer->body.length, NULL, &document, &trouble)) {
        document_free(&document);
        return true;
    }
    if (trouble.kind != ERROR_DATA)
        return error_set(err, trouble.kind, "%s", trouble.text);
    examined->outcome = PROBED_UNCLEAR;
    text_format(&sentence, "its metadata document is not good: %s", trouble.text);
    examined->trouble = text_take(&sentence);
    return examined->trouble || error_memory(err);
}

static bool on_done(void *context, size_t index, const struct answer *answer, struct error *err) {
    struct examining *examining = context;
    struct examined *examined = &examining->examined[index];
    const char *host = examining->targets[index].host;
    struct text sentence = {0};
    struct error trouble = {0};

    examined->outcome = reason_explain(answer, host, examining->settings->timeout, &sentence);
    if (answer->chain.count > 0) {
        examined->shown = chain_judge(&answer->chain, host, examined->fqdn, authority_store(examining->authority),
                                      examining->now, &examined->chain, &trouble);
        if (!examined->shown && trouble.kind != ERROR_DATA) {
            text_free(&sentence);
            return error_set(err, trouble.kind, "%s", trouble.text);
        }
    }
    examined->title = find_title(&answer->body);
    if (examined->outcome == PROBED_READ)
        return look_behind(answer, examined, err);
    examined->trouble = text_take(&sentence);
    return examined->trouble || error_memory(err);
}

static bool prepare(const struct probe_settings *settings, const struct strings *servers, struct target *targets,
                    struct examined *examined, struct error *err) {
    for (size_t i = 0; i < servers->count; i++) {
        struct error trouble = {0};

        examined[i].fqdn = strdup(servers->items[i]);
        if (!examined[i].fqdn)
            return error_memory(err);
        if (target_make(settings->url, settings->tls_name, servers->items[i], &targets[i], &trouble))
            continue;
        if (trouble.kind != ERROR_DATA)
            return error_set(err, trouble.kind, "%s", trouble.text);
        examined[i].outcome = PROBED_UNCLEAR;
        examined[i].trouble = strdup(trouble.text);
        if (!examined[i].trouble)
            return error_memory(err);
    }
    return true;
}

bool probe_examine(const struct probe_settings *settings, const struct strings *servers, time_t now,
                   struct examined **ret_examined, struct error *err) {
    const struct transfer_settings transfer = {
        .timeout = settings->timeout, .parallel = settings->parallel, .chain = true};
    struct target *targets = calloc(servers->count + 1, sizeof(*targets));
    struct examined *examined = calloc(servers->count + 1, sizeof(*examined));
    struct examining examining = {.settings = settings, .targets = targets, .now = now, .examined = examined};
    bool ok = false;

    if (!targets || !examined)
        error_memory(err);
    else
        ok = authority_open(settings->ca_file, &examining.authority, err) &&
             prepare(settings, servers, targets, examined, err) &&
             transfer_all(&transfer, targets, servers->count, on_done, &examining, err);
    for (size_t i = 0; targets && i < servers->count; i++)
        target_free(&targets[i]);
    free(targets);
    authority_close(examining.authority);
    if (ok)
        *ret_examined = examined;
    else
        examined_free(examined, servers->count);
    return ok;
}

void examined_free(struct examined *examined, size_t count) {
    for (size_t i = 0; examined && i < count; i++) {
        free(examined[i].fqdn);
        free(examined[i].trouble);
        free(examined[i].title);
        chain_free(&examined[i].chain);
    }
    free(examined);
}
