#include "monitor/commands/commands.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/time.h"
#include "monitor/act/enrolment.h"
#include "monitor/look/tenants.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/glance.h"
#include "monitor/session/load.h"
#include "monitor/session/typed.h"
#include "monitor/show/tenants.h"
#include "monitor/state/state.h"
#include "notify/plain.h"
#include "notify/words/handover.h"

/* Why there is nothing to do with Entra; NULL where there is. */
static const char *unused_because(const struct config *config, const struct facts *facts) {
    if (config->entra.mode == ENTRA_OFF)
        return "Entra is not asked: mode = off in [entra]; set mode = confirm or add";
    if (facts->read && facts->tenant_count == 0)
        return "nothing to do: the directory shows no tenant of Entra that needs the certificate's key";
    return NULL;
}

/* False, with that said, where there is nothing to do. */
static bool is_used(struct session *session, int *ret_exit) {
    const char *why = unused_because(&session->config, &session->facts);

    if (why != NULL && session->config.entra.mode == ENTRA_OFF)
        *ret_exit = session_misuse(session, "%s", why);
    else if (why != NULL)
        *ret_exit = session_say(session, EXIT_DONE, "%s", why);
    return why == NULL;
}

/* What is known of one key at one tenant. */
static void put_note(FILE *out, const struct entra_note *note, const char *what) {
    char at[TIME_TEXT_SIZE];

    fprintf(out, "  %s (%s): %s", note->thumbprint, what, answer_name(note->accepts));
    if (note->by[0] != '\0')
        fprintf(out, ", by the word of %s at %s", note->by, time_format_rfc3339(at, note->since));
    else if (note->asked_at != 0)
        fprintf(out, ", asked at %s", time_format_rfc3339(at, note->asked_at));
    if (note->key_id[0] != '\0')
        fprintf(out, "; given by authcert as key %s", note->key_id);
    if (note->said[0] != '\0')
        fprintf(out, "\n    it said: %s", note->said);
    if (note->refused[0] != '\0')
        fprintf(out, "\n    it could not be given: %s", note->refused);
    fputc('\n', out);
}

static const char *what_is(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return slot_name((enum slot)slot);
    return strcmp(facts->candidate.thumbprint, thumbprint) == 0 ? "to be staged" : "for Entra alone, or of earlier";
}

static void put_status(const struct glance *glance) {
    struct text_page page = {.out = stdout, .columns = text_page_width(stdout)};
    const struct entra_notes *notes = &glance->history.entra;

    show_tenants(&page, &glance->report);
    for (size_t i = 0; i < glance->facts.tenant_count; i++) {
        const struct tenant *tenant = &glance->facts.tenants[i].tenant;

        printf("\nTenant %s, application %s\n", tenant->id, tenant->application);
        for (size_t j = 0; j < notes->count; j++)
            if (strcmp(notes->items[j].tenant.id, tenant->id) == 0 &&
                strcmp(notes->items[j].tenant.application, tenant->application) == 0)
                put_note(stdout, &notes->items[j], what_is(&glance->facts, notes->items[j].thumbprint));
        if (!glance->facts.tenants[i].object_known)
            printf("  Its object identifier is not configured; this prints it: az ad app show --id %s --query id -o "
                   "tsv\n",
                   tenant->application);
    }
}

/* What earlier runs learned; nobody is asked but the directory. */
static int status(const struct invocation *invocation) {
    struct config config;
    struct state state;
    struct glance glance;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!load_configuration(invocation, LOAD_SECRETS, &config, &err)) {
        answer_unreadable(invocation, NULL, &err);
        return EXIT_USAGE;
    }
    if (!state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        result = answer_failed(invocation, result, "%s", err.text);
        config_free(&config);
        return result;
    }
    if (!glance_take(&glance, invocation, &config, state.folder, GLANCE_LOOK, &err)) {
        result = answer_failed(invocation, result, "%s", err.text);
    } else if (!glance.facts.read || invocation->format != FORMAT_TEXT) {
        result = answer_report(invocation, &glance.report) && glance.facts.read ? EXIT_DONE : EXIT_UNREADABLE;
    } else {
        put_status(&glance);
        result = answer_end(true);
        if (unused_because(&config, &glance.facts) != NULL)
            typed_say(result, "%s", unused_because(&config, &glance.facts));
    }
    answer_complain(&glance.troubles);
    glance_free(&glance);
    state_close(&state);
    config_free(&config);
    return result;
}

/* Prints how the certificate is uploaded to each tenant that does not accept it. */
static void say_upload(struct session *session, const struct certificate *certificate) {
    struct text path = {0};

    text_format(&path, "%s/certificates/%s.der", session->config.state_directory, certificate->thumbprint);
    for (size_t i = 0; i < session->facts.tenant_count; i++) {
        const struct tenant *tenant = &session->facts.tenants[i].tenant;
        const struct entra_note *note = entra_notes_find(&session->history.entra, tenant, certificate->thumbprint);
        struct layout layout = {0};

        if (note != NULL && note->accepts == ANSWER_YES)
            continue;
        layout_paragraph(&layout, "Give the certificate to application %s in tenant %s, once:", tenant->application,
                         tenant->id);
        handover_add_ways(&layout, tenant, path.value);
        plain_add(&session->closing, &layout);
        layout_free(&layout);
    }
    text_free(&path);
}

static int enroll(struct session *session) {
    const struct entra_port *entra = &session->ports.entra;
    struct entra_own own[ENTRA_OWN_MOST];
    struct certificate *certificate;
    struct error err = {0};
    char date[TIME_TEXT_SIZE];
    size_t count = 0;
    int exit;

    if (!is_used(session, &exit))
        return exit;
    if (!enrolment_list(entra, own, &count, &err))
        return session_say(session, EXIT_FAILED, "%s", err.text);
    if (count > 0 && own[0].not_after - session->invocation->now > ENROLMENT_RENEW)
        return session_say(session, EXIT_DONE, "nothing to do: %s is kept for Entra, and ends on %s", own[0].thumbprint,
                           time_format_date(date, own[0].not_after));
    if (session->invocation->dry_run)
        return session_say(session, EXIT_DONE,
                           "a key pair of %d years would be made for Entra alone, and its certificate shown",
                           ENTRA_OWN_YEARS);
    certificate = enrolment_make(&session->actor);
    if (certificate == NULL)
        return EXIT_FAILED;
    say_upload(session, certificate);
    session_say(session, EXIT_DONE,
                "made: the key pair %s, for Entra alone. Once its certificate is an accepted key of the "
                "application, authcert gives Entra every new certificate, and this one's successor, by itself "
                "(mode = add)",
                certificate->thumbprint);
    certificate_free(certificate);
    return EXIT_DONE;
}

/* Who typed this, as far as the system says; for people to read, and believed by nobody else. */
static void who_typed(char *out, size_t size) {
    const char *name = getenv("SUDO_USER");
    const struct passwd *user = name == NULL ? getpwuid(getuid()) : NULL;

    if (name == NULL)
        name = user != NULL ? user->pw_name : "somebody";
    (void)text_printable(out, size, name, strlen(name));
}

static const struct tenant *find_tenant(const struct facts *facts, const char *id) {
    for (size_t i = 0; i < facts->tenant_count; i++)
        if (strcasecmp(facts->tenants[i].tenant.id, id) == 0 && id[0] != '\0')
            return &facts->tenants[i].tenant;
    return NULL;
}

static int refuse_tenant(struct session *session, const char *id) {
    const struct facts *facts = &session->facts;
    struct text text = {0};

    for (size_t i = 0; i < facts->tenant_count; i++)
        text_format(&text, "%s%s", i > 0 ? ", " : "", facts->tenants[i].tenant.id);
    session_misuse(session, "the directory shows no tenant %s; it shows: %s", id, text.failed ? "?" : text.value);
    text_free(&text);
    return EXIT_USAGE;
}

static int confirm(struct session *session) {
    const char *id = session->invocation->arguments[1];
    const struct facts *facts = &session->facts;
    const char *next = facts->slots.thumbprint[SLOT_NEXT];
    const char *thumbprint = next[0] != '\0' ? next : facts->candidate.thumbprint;
    char by[TENANT_BY_SIZE], event[512];
    const struct tenant *tenant;
    struct entra_note *note;
    struct error err = {0};
    int exit;

    if (!is_used(session, &exit))
        return exit;
    tenant = find_tenant(facts, id);
    if (tenant == NULL)
        return refuse_tenant(session, id);
    if (thumbprint[0] != '\0' && session->invocation->dry_run)
        return session_say(session, EXIT_DONE, "it would be noted that tenant %s accepts the key of %s", tenant->id,
                           thumbprint);
    if (thumbprint[0] == '\0')
        return session_say(session, EXIT_DONE, "nothing to do: no certificate waits to become current");
    who_typed(by, sizeof(by));
    snprintf(event, sizeof(event), "%s vouched that tenant %s accepts the key of %s", by, tenant->id, thumbprint);
    note = entra_notes_have(&session->history.entra, tenant, thumbprint);
    if (note == NULL || !history_add(&session->history, session->invocation->now, "done", event, &err))
        return session_say(session, EXIT_FAILED, "out of memory");
    entra_note_vouched(note, by, session->invocation->now);
    tenants_apply(&session->looker);
    return session_say(session, EXIT_DONE, "%s; the next run goes on, unless Entra itself says otherwise: authcert run",
                       event);
}

static int run(const struct invocation *invocation) {
    const char *what = invocation->arguments[0];
    const bool named = what != NULL && invocation->arguments[1] != NULL && invocation->arguments[2] == NULL;
    const bool alone = what != NULL && invocation->arguments[1] == NULL;

    if (alone && strcmp(what, "status") == 0)
        return status(invocation);
    if (alone && strcmp(what, "enroll") == 0)
        return typed_run(invocation, enroll);
    if (named && strcmp(what, "confirm") == 0)
        return typed_run(invocation, confirm);
    return answer_misuse(invocation, "entra takes status, enroll, or confirm and a tenant; try: authcert entra --help");
}

const struct command command_entra = {
    .name = "entra",
    .arguments = "status|enroll|confirm TENANT",
    .what = "the dedicated hybrid application: what Entra accepts, a key of its own, vouching for a key",
    .run = run,
    .rehearses = true,
    .takes_words = true,
};
