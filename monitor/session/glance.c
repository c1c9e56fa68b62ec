#include "monitor/session/glance.h"

#include "monitor/decide/explain.h"
#include "monitor/look/observe.h"
#include "monitor/show/last_report.h"

static void begin(struct glance *glance, const struct invocation *invocation, const struct config *config, int state,
                  enum glance_how how) {
    struct error err = {0};

    *glance = (struct glance){
        .shelf = {.state = state},
        .look = {.settings = &config->directory, .now = invocation->now},
        .keys = {.store = {.state = state}, .only_read = true},
    };
    if (state >= 0 && !history_load(state, &glance->history, &err))
        strings_add(&glance->troubles, "%s; it is judged without history", err.text);
    glance->ports = (struct run_ports){
        .directory = look_port_of(&glance->look),
        .servers = servers_port_of(&glance->servers, config, invocation->now),
        .windows = windows_port_of(config),
        .shelf = shelf_port_of(&glance->shelf, true),
        .keys = {.context = &glance->keys, .survey = keys_port_of(&glance->keys).survey},
        .entra = entra_port_of(&glance->entra, config, state, invocation->now, how == GLANCE_ENTRA),
        .progress = invocation->progress,
    };
    glance->ports.entra.adds = false;
    glance->looker = looker_of(&glance->ports, &config->policy, invocation->now, &glance->history, &glance->facts,
                               &glance->report, &glance->troubles);
}

bool glance_take(struct glance *glance, const struct invocation *invocation, const struct config *config, int state,
                 enum glance_how how, struct error *err) {
    begin(glance, invocation, config, state, how);
    return look_round(&glance->looker, err);
}

/* When the run saw it; 0 = nothing is left of one. */
static time_t load_last(struct glance *glance, int state, time_t now) {
    struct facts *facts = &glance->facts;
    struct error err = {0};
    time_t seen = 0;

    if (state < 0 || !last_report_load(state, facts, &seen, &err)) {
        *facts = (struct facts){.unreadable = err};
        if (err.kind == ERROR_NONE)
            last_report_missing(&facts->unreadable);
    } else if (!last_report_fresh(seen, now, &facts->unreadable)) {
        facts->read = false;
    } else if (facts->read) {
        observe_kept(&glance->ports.shelf, facts);
        silence_apply(&glance->history.silence, now, facts);
    }
    return seen;
}

bool glance_take_last(struct glance *glance, const struct invocation *invocation, const struct config *config,
                      int state, struct error *err) {
    time_t seen;

    begin(glance, invocation, config, state, GLANCE_LOOK);
    seen = load_last(glance, state, invocation->now);
    (void)look_same_organization(&glance->history, &glance->facts);
    if (explain_report(&glance->facts, &glance->history, &config->policy, invocation->now, &glance->report, err)) {
        glance->report.seen_at = seen;
        return true;
    }
    glance->report = (struct report){0};
    facts_free(&glance->facts);
    return false;
}

void glance_free(struct glance *glance) {
    looker_end(&glance->looker);
    entra_port_end(&glance->entra);
    look_port_end(&glance->look);
    report_free(&glance->report);
    facts_free(&glance->facts);
    history_free(&glance->history);
    strings_free(&glance->troubles);
}
