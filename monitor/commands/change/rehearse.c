#include "monitor/commands/change/rehearse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/decide/recovery.h"
#include "monitor/doctor/drill.h"
#include "monitor/doctor/organization.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/glance.h"
#include "monitor/session/load.h"
#include "monitor/state/state.h"
#include "renew/ldif.h"
#include "renew/plan.h"

#define PLACEHOLDER "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" /* of a certificate that is not made yet */
#define SPELLED "THUMBPRINT"

/* The change that recover would come to, were current over; the text is NULL where there is none to show. */
static char *change_of(struct facts *facts, time_t now, char ret_thumbprint[THUMBPRINT_SIZE]) {
    struct certificate *current = facts->slot[SLOT_CURRENT].certificate;
    const time_t end = current != NULL ? current->not_after : 0;
    struct desired desired;
    struct change change;
    char *ldif = NULL;

    if (current != NULL)
        current->not_after = now - 1;
    recovery_choose(facts, NULL, 0, now, ret_thumbprint);
    if (ret_thumbprint[0] == '\0')
        memcpy(ret_thumbprint, facts->candidate.thumbprint, THUMBPRINT_SIZE);
    if (ret_thumbprint[0] == '\0')
        memcpy(ret_thumbprint, PLACEHOLDER, THUMBPRINT_SIZE);
    desired = recovery_desired(facts, ret_thumbprint, now);
    if (plan_change(facts, &desired, &change, NULL))
        ldif = ldif_of_change(facts->directory.dn, &change);
    if (current != NULL)
        current->not_after = end;
    return ldif;
}

/* The second way: someone else writes it. */
static void print_change(struct facts *facts, time_t now) {
    char thumbprint[THUMBPRINT_SIZE];
    char *ldif = change_of(facts, now, thumbprint);
    const char *rest = ldif;

    if (ldif == NULL)
        return;
    puts("Or someone who may writes it, in the emergency and not before: the certificate has to be on the servers "
         "first.\nAs a file recover.ldf, with ldifde -i -f recover.ldf on a domain controller, or ldapmodify:");
    if (strcmp(thumbprint, PLACEHOLDER) == 0)
        puts("# " SPELLED " stands for that of the key pair that authcert recover will have made by then.");
    for (const char *at; (at = strstr(rest, PLACEHOLDER)) != NULL; rest = at + THUMBPRINT_LENGTH)
        printf("%.*s" SPELLED, (int)(at - rest), rest);
    fputs(rest, stdout);
    free(ldif);
}

/* What recover would take, and where it would write it. */
static void say_way(struct doctor *doctor, struct facts *facts) {
    static const char *const by[] = {[DELIVERY_BY_HAND] = "by hand",
                                     [DELIVERY_BY_COMMAND] = "by the delivery command",
                                     [DELIVERY_BY_WINRM] = "over WinRM"};
    char thumbprint[THUMBPRINT_SIZE];
    char *ldif = change_of(facts, doctor->invocation->now, thumbprint);

    if (strcmp(thumbprint, PLACEHOLDER) == 0)
        finding_say(doctor, FINDING_OK, "the way",
                    "a new key pair would be made, brought to %zu servers %s, and written at %s", facts_counted(facts),
                    by[doctor->config->policy.method], facts->directory.uri);
    else
        finding_say(doctor, FINDING_OK, "the way", "%s would become current, written at %s", thumbprint,
                    facts->directory.uri);
    free(ldif);
}

static int go_through(struct doctor *doctor, int state, const struct strings *missing) {
    struct glance glance;
    struct error err = {0};
    int result = EXIT_UNREADABLE;
    bool may;

    if (!glance_take(&glance, doctor->invocation, doctor->config, state, GLANCE_LOOK, &err))
        glance.facts.unreadable = err;
    if (!glance.facts.read) {
        finding_say(doctor, FINDING_FAILED, "organization", "%s", glance.facts.unreadable.text);
        (void)finding_end(doctor);
    } else {
        finding_say(doctor, FINDING_OK, "organization", "%s (%s)", glance.facts.organization,
                    glance.facts.directory.dn);
        say_way(doctor, &glance.facts);
        may = drill_all(doctor, &glance.facts, &glance.history, state, missing);
        (void)finding_end(doctor);
        if (!may)
            print_change(&glance.facts, doctor->invocation->now);
        if (doctor->lacking.count == 0)
            puts("The emergency was rehearsed: authcert recover would find all that it needs. Nothing was changed.");
        else
            printf("The emergency was rehearsed, and authcert recover would fail: %zu of these failed. Nothing was "
                   "changed.\n",
                   doctor->lacking.count);
        result = doctor->lacking.count == 0 && !doctor->lacking.failed ? EXIT_DONE : EXIT_FAILED;
    }
    glance_free(&glance);
    return result;
}

int rehearse(const struct invocation *invocation) {
    struct config config;
    struct doctor doctor = {.invocation = invocation, .config = &config};
    struct state state = {.folder = -1, .lock = -1};
    struct strings missing = {0};
    struct error err = {0};
    int result;

    if (invocation->format != FORMAT_TEXT)
        return answer_misuse(invocation, "recover --rehearse answers as text alone");
    if (!load_configuration(invocation, LOAD_SECRETS, &config, NULL))
        return EXIT_USAGE;
    /* Before the state folder: started as root, the program then becomes its owner. */
    if (!config_load_key_password(&config, &missing) && missing.count == 0)
        strings_add(&missing, "out of memory");
    doctor.counting = true;
    if (!state_open(config.state_directory, STATE_READ, invocation->now, &state, &err))
        finding_say(&doctor, FINDING_FAILED, "state folder", "%s", err.text);
    result = go_through(&doctor, state.folder, &missing);
    strings_free(&doctor.lacking);
    strings_free(&missing);
    state_close(&state);
    config_free(&config);
    return answer_end(true) == EXIT_DONE ? result : EXIT_FAILED;
}

bool rehearse_within(const struct invocation *invocation, const struct config *config, int state,
                     const struct facts *facts, const struct history *history, struct strings *ret_lacking,
                     struct error *err) {
    static const struct strings none = {0};
    struct doctor doctor = {.invocation = invocation, .config = config, .silent = true};

    (void)drill_all(&doctor, facts, history, state, &none);
    *ret_lacking = doctor.lacking;
    return !doctor.lacking.failed || error_memory(err);
}
