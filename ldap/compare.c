#include "ldap/compare.h"

#include <stdlib.h>
#include <string.h>

#include "core/change.h"
#include "ldap/connect/open.h"
#include "ldap/reach.h"
#include "ldap/read/auth_config.h"
#include "ldap/read/controllers.h"

#define TIMEOUT_MOST 5 /* seconds that one answer of one controller may take */
#define WHOLE_MOST 30  /* seconds after which no further controller is asked */
#define ASKED_MOST 64  /* controllers */

static bool has_value(const struct facts *facts, const struct bytes *value) {
    for (size_t i = 0; i < facts->raw_count; i++)
        if (facts->raw_values[i].length == value->length &&
            memcmp(facts->raw_values[i].data, value->data, value->length) == 0)
            return true;
    return false;
}

/* Domain controllers give values in an order of their own. */
static bool same(const struct facts *one, const struct facts *other) {
    if (one->raw_count != other->raw_count || one->slots.date_set != other->slots.date_set ||
        one->slots.date != other->slots.date)
        return false;
    for (size_t i = 0; i < one->raw_count; i++)
        if (!has_value(other, &one->raw_values[i]))
            return false;
    return true;
}

/* What one controller has. */
static enum answer ask(const struct directory_settings *settings, const char *uri, time_t now,
                       const struct facts *facts, struct error *err) {
    struct connection *connection = NULL;
    struct facts other = {0};
    enum answer agrees = ANSWER_UNKNOWN;

    if (open_server(settings, uri, now, &connection, err) &&
        auth_config_read(connection, facts->directory.dn, &other, err))
        agrees = same(facts, &other) ? ANSWER_YES : ANSWER_NO;
    /* A read-only one need not have every attribute. */
    if (agrees == ANSWER_NO && other.raw_count == 0 && facts->raw_count > 0) {
        error_set(err, ERROR_DIRECTORY, "it shows no " CHANGE_THUMBPRINTS " at all, which may be for want of rights");
        agrees = ANSWER_UNKNOWN;
    }
    facts_free(&other);
    connection_close(connection);
    return agrees;
}

static int64_t seconds_now(void) {
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

static bool ask_all(const struct directory_settings *settings, struct reached *from, time_t now,
                    const struct strings *hosts, struct facts *facts, struct error *err) {
    struct directory_settings hasty = *settings;
    int64_t end = seconds_now() + WHOLE_MOST;

    if (hasty.timeout <= 0 || hasty.timeout > TIMEOUT_MOST)
        hasty.timeout = TIMEOUT_MOST;
    facts->controllers = calloc(hosts->count + 1, sizeof(*facts->controllers));
    if (!facts->controllers)
        return error_memory(err);
    for (size_t i = 0; i < hosts->count; i++) {
        struct controller_facts *controller = &facts->controllers[facts->controller_count];
        struct error why = {0};
        char *uri = NULL;

        controller->server = strdup(hosts->items[i]);
        if (!controller->server)
            return error_memory(err);
        facts->controller_count++;
        if (i >= ASKED_MOST || seconds_now() >= end)
            error_set(&why, ERROR_NETWORK, "it was not asked, for asking the others took long enough");
        else if (reach_uri(settings, from, controller->server, &uri, &why))
            controller->agrees = ask(&hasty, uri, now, facts, &why);
        free(uri);
        if (why.kind != ERROR_NONE && !(controller->trouble = strdup(why.text)))
            return error_memory(err);
    }
    return true;
}

static bool compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err) {
    struct reached reached = {0};
    struct strings hosts = {0};
    size_t nameless = 0;
    bool ok = reach_server(settings, facts->directory.uri, now, &reached, err) &&
              controllers_list(reached.connection, &reached.rootdse, &hosts, &nameless, err) &&
              (hosts.count == 0 || reach_domains(&reached, err));

    connection_close(reached.connection);
    reached.connection = NULL;
    if (ok && nameless)
        remarks_add(&facts->remarks, "controllers-nameless",
                    "%zu domain controllers have no host name that can be read, and are not asked.", nameless);
    ok = ok && ask_all(settings, &reached, now, &hosts, facts, err);
    reach_end(&reached);
    strings_free(&hosts);
    if (!ok)
        facts_forget_controllers(facts);
    facts->compared = ok;
    return ok;
}

bool directory_compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err) {
    facts_forget_controllers(facts);
    if (!facts->read || !facts->directory.uri || !facts->directory.dn)
        return error_set(err, ERROR_BUG, "an object that was not read was to be compared");
    return compare(settings, now, facts, err);
}
