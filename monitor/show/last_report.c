#include "monitor/show/last_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "core/report.h"
#include "base/text.h"
#include "base/time.h"
#include "monitor/state/reader.h"

/* Reading is as strict as writing: what is not exactly of the shape that `run` leaves is a damaged file, for a guess
 * here would be shown as what was seen in the directory. */

#define FILE_MOST (16 * 1024 * 1024)
#define SERVERS_MOST 100000
#define VALUES_MOST 10000
#define SCHEMA 2

static const char *spell_source(int source) {
    return source_name((enum source)source);
}

static const char *spell_presence(int presence) {
    return presence_name((enum presence)presence);
}

static const char *spell_answer(int answer) {
    return answer_name((enum answer)answer);
}

static const char *spell_row(int row) {
    return row_name((enum row)row);
}

/* Strings in facts are printable by contract, whoever wrote the file. NULL stays NULL. */
static char *keep_text(struct reader *reader, const char *text) {
    char *copy = text != NULL ? text_printable_copy(text, strlen(text), 4 * strlen(text) + 8) : NULL;

    if (text != NULL && copy == NULL)
        reader_memory(reader);
    return copy;
}

static void keep_bytes(struct reader *reader, const char *text, struct bytes *ret_bytes) {
    char *copy = strdup(text);

    if (copy == NULL) {
        reader_memory(reader);
        return;
    }
    *ret_bytes = (struct bytes){.data = (unsigned char *)copy, .length = strlen(copy)};
}

/* What nothing is taken of has to be there all the same: a file that lacks it was not written whole. */
static void read_object_or_null(struct reader *reader, const json_t *object, const char *key) {
    const json_t *member = reader_member(reader, object, key);

    if (member != NULL && !json_is_null(member))
        (void)reader_object(reader, object, key);
}

static void read_directory(struct reader *reader, const json_t *root, bool readable, struct directory_facts *ret) {
    const json_t *directory = reader_object(reader, root, "directory");
    const json_t *skew = directory != NULL ? reader_member(reader, directory, "clock_skew_seconds") : NULL;

    if (directory == NULL || skew == NULL)
        return;
    ret->uri = keep_text(reader, reader_text(reader, directory, "uri", true));
    ret->server = keep_text(reader, reader_text(reader, directory, "server", true));
    ret->dn = keep_text(reader, reader_text(reader, directory, "dn", !readable));
    if (json_is_integer(skew)) {
        ret->clock_known = true;
        ret->clock_skew = json_integer_value(skew);
    } else if (!json_is_null(skew)) {
        reader_fail(reader, "\"clock_skew_seconds\" is not a whole number");
    }
}

static void read_raw_values(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *values = reader_array(reader, root, "raw_values", VALUES_MOST);
    size_t count = json_array_size(values);

    if (values == NULL || count == 0)
        return;
    facts->raw_values = calloc(count, sizeof(*facts->raw_values));
    if (facts->raw_values == NULL) {
        reader_memory(reader);
        return;
    }
    facts->raw_count = count;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        const json_t *value = json_array_get(values, i);

        if (!json_is_string(value))
            reader_fail(reader, "one of \"raw_values\" is not a text");
        else
            keep_bytes(reader, json_string_value(value), &facts->raw_values[i]);
    }
}

/* A server's site or version; what the directory did not name is null in the file and empty in the facts. */
static char *member_name(struct reader *reader, const json_t *object, const char *key) {
    const char *text = reader_text(reader, object, key, true);

    return keep_text(reader, text != NULL ? text : "");
}

/* Does the report give a reason, or a remark, of this word? */
static bool gives_reason(const json_t *root, const char *id) {
    const json_t *reasons = json_object_get(json_object_get(root, "decision"), "reasons");

    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const char *given = json_string_value(json_object_get(json_array_get(reasons, i), "id"));

        if (given != NULL && strcmp(given, id) == 0)
            return true;
    }
    return false;
}

/* Values and date as the directory spelled them, decoded again. A date that nobody could read is null in the file. */
static void read_slots(struct reader *reader, const json_t *root, struct facts *facts) {
    bool date_set = false;
    time_t date = reader_time(reader, root, "next_effective", true, &date_set);
    char text[TIME_TEXT_SIZE];

    read_raw_values(reader, root, facts);
    if (date_set && !reader->failed)
        keep_bytes(reader, time_format_generalized(text, date), &facts->raw_date);
    else if (gives_reason(root, "not-a-date"))
        keep_bytes(reader, "unreadable", &facts->raw_date);
    slots_decode(facts->raw_values, facts->raw_count, facts->raw_date.data != NULL ? &facts->raw_date : NULL,
                 &facts->slots);
    if (gives_reason(root, "date-not-read")) {
        facts->slots.malformed &= ~(unsigned)MALFORMED_NEXT_WITHOUT_DATE;
        facts->date_unread = true;
    }
}

static void read_slot(struct reader *reader, const json_t *certificates, enum slot slot, struct facts *facts) {
    static const char *const texts[] = {"subject", "serial", "key", "signature"};
    const json_t *object = reader_member(reader, certificates, slot_name(slot));
    const char *thumbprint = facts->slots.thumbprint[slot];
    const json_t *days;
    const char *shown;

    if (object == NULL || (json_is_null(object) && thumbprint[0] == '\0'))
        return;
    shown = json_is_object(object) ? reader_text(reader, object, "thumbprint", false) : NULL;
    if (shown == NULL || strcmp(shown, thumbprint) != 0) {
        reader_fail(reader, "slot \"%s\" is not what \"raw_values\" say", slot_name(slot));
        return;
    }
    facts->slot[slot].source = (enum source)reader_word(reader, object, "source", spell_source, SOURCE_IMPORT);
    facts->slot[slot].key_kept = reader_flag(reader, object, "key_kept");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        (void)reader_text(reader, object, texts[i], true);
    (void)reader_time(reader, object, "not_before", true, NULL);
    (void)reader_time(reader, object, "not_after", true, NULL);
    (void)reader_array(reader, object, "problems", VALUES_MOST);
    days = reader_member(reader, object, "days_left");
    if (days != NULL && !json_is_integer(days) && !json_is_null(days))
        reader_fail(reader, "\"days_left\" is not a whole number");
}

/* Earlier versions did not write it. */
static void read_document(struct reader *reader, const json_t *object, struct server_facts *server) {
    const json_t *document = json_object_get(object, "document");

    if (json_object_get(object, "candidate") != NULL)
        server->candidate =
            (enum presence)reader_word(reader, object, "candidate", spell_presence, PRESENCE_UNREACHABLE);
    if (document == NULL || json_is_null(document))
        return;
    server->learned = true;
    server->serves[SLOT_CURRENT] = reader_flag(reader, document, "current");
    server->serves[SLOT_NEXT] = reader_flag(reader, document, "next");
}

static void read_server(struct reader *reader, const json_t *object, struct server_facts *server) {
    if (!json_is_object(object)) {
        reader_fail(reader, "one of \"servers\" is not an object");
        return;
    }
    server->fqdn = keep_text(reader, reader_text(reader, object, "fqdn", false));
    server->site = member_name(reader, object, "site");
    server->version = member_name(reader, object, "version");
    server->counted = reader_flag(reader, object, "counted");
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        if (slot != SLOT_PREVIOUS) {
            server->presence[slot] = (enum presence)reader_word(reader, object, slot_name((enum slot)slot),
                                                                spell_presence, PRESENCE_UNREACHABLE);
        }
    }
    read_document(reader, object, server);
    if (!reader->failed && server->counted && !text_is_host_name(server->fqdn))
        reader_fail(reader, "a counted server's \"fqdn\" is not a host name");
}

static const char *spell_proof(int proof) {
    return proof_name((enum proof)proof);
}

static void read_proof(struct reader *reader, const json_t *object, struct server_facts *server) {
    const json_t *proof = json_is_object(object) ? reader_member(reader, object, "proof") : NULL;

    if (proof == NULL || json_is_null(proof))
        return;
    if (!json_is_object(proof)) {
        reader_fail(reader, "a server's \"proof\" is not an object");
        return;
    }
    server->proved_at = reader_time(reader, proof, "at", false, NULL);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS)
            server->proof[slot] =
                (enum proof)reader_word(reader, proof, slot_name((enum slot)slot), spell_proof, PROOF_COUNT - 1);
}

static bool is_unreachable(const struct server_facts *server) {
    return server->presence[SLOT_CURRENT] == PRESENCE_UNREACHABLE ||
           server->presence[SLOT_NEXT] == PRESENCE_UNREACHABLE;
}

static void read_servers(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *servers = reader_array(reader, root, "servers", SERVERS_MOST);
    size_t count = json_array_size(servers);

    if (servers == NULL || count == 0)
        return;
    facts->servers = calloc(count, sizeof(*facts->servers));
    if (facts->servers == NULL) {
        reader_memory(reader);
        return;
    }
    facts->server_count = count;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        read_server(reader, json_array_get(servers, i), &facts->servers[i]);
        read_proof(reader, json_array_get(servers, i), &facts->servers[i]);
        facts->probed = facts->probed || facts->servers[i].learned || is_unreachable(&facts->servers[i]);
    }
    /* One that told something or could not be reached shows that all were asked, and so that the others answered. */
    for (size_t i = 0; i < count && facts->probed; i++)
        facts->servers[i].reached = is_unreachable(&facts->servers[i]) ? ANSWER_NO : ANSWER_YES;
}

static void read_tenant(struct reader *reader, const json_t *object, struct tenant_facts *ret) {
    const char *id = reader_text(reader, object, "tenant", true);
    const char *application = reader_text(reader, object, "application", true);
    time_t at = reader_time(reader, object, "asked_at", true, NULL);
    static const enum slot slots[] = {SLOT_CURRENT, SLOT_NEXT};

    if (id != NULL)
        (void)text_printable(ret->tenant.id, sizeof(ret->tenant.id), id, strlen(id));
    if (application != NULL && !guid_parse(application, strlen(application), ret->tenant.application))
        reader_fail(reader, "\"application\" is not an identifier");
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        ret->slot[slots[i]].accepts =
            (enum answer)reader_word(reader, object, slot_name(slots[i]), spell_answer, ANSWER_YES);
        ret->slot[slots[i]].asked_at = at;
    }
}

static void read_tenants(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *list = reader_array(reader, root, "entra", TENANTS_MOST);
    size_t count = json_array_size(list);

    facts->tenants = count > 0 ? calloc(count, sizeof(*facts->tenants)) : NULL;
    if (count > 0 && facts->tenants == NULL) {
        reader_memory(reader);
        return;
    }
    facts->tenant_count = count;
    for (size_t i = 0; i < count; i++)
        read_tenant(reader, json_array_get(list, i), &facts->tenants[i]);
}

static void read_unreadable(struct reader *reader, const json_t *root, const json_t *decision, struct facts *facts) {
    const json_t *reasons = reader_array(reader, decision, "reasons", VALUES_MOST);
    const char *why = json_string_value(json_object_get(json_array_get(reasons, 0), "text"));

    if (why == NULL)
        why = reader_text(reader, root, "summary", false);
    (void)error_set(&facts->unreadable, ERROR_DIRECTORY, "%s", why != NULL ? why : "");
}

/* Only where certainly no server uses the certificate all is well and yet nothing comes next. */
static void read_use(const json_t *root, struct facts *facts) {
    const char *status = json_string_value(json_object_get(root, "status"));

    if (facts_counted(facts) > 0 || status == NULL || strcmp(status, status_name(STATUS_OK)) != 0 ||
        json_array_size(json_object_get(root, "due")) > 0)
        return;
    for (size_t i = 0; i < facts->server_count; i++)
        facts->servers[i].holds = ANSWER_NO;
}

static void read_hybrid_signs(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *signs = reader_array(reader, root, "hybrid_signs", VALUES_MOST);

    for (size_t i = 0; i < json_array_size(signs) && !reader->failed; i++) {
        char *sign = keep_text(reader, json_string_value(json_array_get(signs, i)));

        if (sign == NULL)
            reader_fail(reader, "one of \"hybrid_signs\" is not a text");
        else
            strings_add(&facts->hybrid_signs, "%s", sign);
        free(sign);
    }
    facts->hybrid_harmless = gives_reason(root, HYBRID_HARMLESS);
    if (facts->hybrid_signs.failed)
        reader_memory(reader);
}

static void read_facts(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *certificates = reader_object(reader, root, "certificates");

    facts->read = true;
    facts->organization = keep_text(reader, reader_text(reader, root, "organization", false));
    facts->realm = keep_text(reader, reader_text(reader, root, "realm", false));
    facts->service_name = keep_text(reader, reader_text(reader, root, "service_name", true));
    read_slots(reader, root, facts);
    for (enum slot slot = SLOT_CURRENT; certificates != NULL && slot < SLOT_COUNT; slot++)
        read_slot(reader, certificates, slot, facts);
    read_servers(reader, root, facts);
    read_use(root, facts);
    facts->servers_read = ANSWER_YES;
    read_hybrid_signs(reader, root, facts);
    facts->hybrid = (enum answer)reader_word(reader, root, "hybrid", spell_answer, ANSWER_YES);
    read_tenants(reader, root, facts);
}

static const char *spell_delivery(int delivery) {
    return delivery_name((enum delivery)delivery);
}

/* The key pair that waits. Earlier versions did not write it. */
static void read_candidate(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *candidate = json_object_get(root, "candidate");
    const char *thumbprint;

    if (json_object_get(root, "last_change") != NULL)
        facts->object_changed = reader_time(reader, root, "last_change", true, NULL);
    if (candidate == NULL || json_is_null(candidate))
        return;
    thumbprint = reader_text(reader, candidate, "thumbprint", false);
    if (thumbprint != NULL && !thumbprint_parse(thumbprint, strlen(thumbprint), facts->candidate.thumbprint))
        reader_fail(reader, "the candidate's \"thumbprint\" is none");
    facts->candidate.not_after = reader_time(reader, candidate, "not_after", false, NULL);
    facts->candidate.delivery =
        (enum delivery)reader_word(reader, candidate, "delivery", spell_delivery, DELIVERY_ENOUGH);
}

/* What held an act back then. Earlier versions did not write it. */
static void read_hindrances(struct reader *reader, const json_t *root, struct facts *facts) {
    const json_t *directory = json_object_get(root, "directory");

    if (json_object_get(root, "seen_at") != NULL)
        (void)reader_time(reader, root, "seen_at", true, NULL);
    if (json_object_get(directory, "may_write") != NULL)
        facts->may_write = (enum answer)reader_word(reader, directory, "may_write", spell_answer, ANSWER_YES);
    if (json_object_get(directory, "read_only") != NULL)
        facts->directory.read_only = reader_flag(reader, directory, "read_only");
    if (json_object_get(directory, "writer_down") != NULL)
        facts->directory.writer_down = reader_flag(reader, directory, "writer_down");
}

static void read_report(struct reader *reader, const json_t *root, struct facts *facts, time_t *ret_seen) {
    const json_t *schema = json_is_object(root) ? reader_member(reader, root, "schema") : NULL;
    const json_t *decision;
    const json_t *briefing;
    enum row row;

    if (!json_is_integer(schema) || json_integer_value(schema) != SCHEMA) {
        reader_fail(reader, "it is not an object with \"schema\" %d", SCHEMA);
        return;
    }
    *ret_seen = reader_time(reader, root, "checked_at", false, NULL);
    decision = reader_object(reader, root, "decision");
    if (decision == NULL)
        return;
    row = (enum row)reader_word(reader, decision, "id", spell_row, ROW_NONE);
    (void)reader_text(reader, root, "status", false);
    (void)reader_text(reader, root, "summary", false);
    (void)reader_text(reader, root, "mode", false);
    briefing = reader_object(reader, root, "briefing");
    (void)reader_text(reader, briefing, "wrong", false);
    (void)reader_text(reader, briefing, "by_itself", false);
    (void)reader_text(reader, briefing, "command", true);
    read_object_or_null(reader, root, "incident");
    read_object_or_null(reader, root, "last_known");
    (void)reader_text(reader, decision, "act", false);
    (void)reader_array(reader, decision, "reasons", VALUES_MOST);
    read_object_or_null(reader, decision, "blocked");
    /* Earlier versions did not write it. */
    if (json_object_get(root, "inventory") != NULL)
        read_object_or_null(reader, root, "inventory");
    (void)reader_array(reader, root, "due", VALUES_MOST);
    (void)reader_array(reader, root, "done", VALUES_MOST);
    (void)reader_array(reader, root, "told", VALUES_MOST);
    read_directory(reader, root, row != ROW_UNREADABLE, &facts->directory);
    if (row == ROW_UNREADABLE)
        read_unreadable(reader, root, decision, facts);
    else
        read_facts(reader, root, facts);
    read_hindrances(reader, root, facts);
    read_candidate(reader, root, facts);
}

bool last_report_load(int state, struct facts *ret_facts, time_t *ret_seen, struct error *err) {
    struct reader reader = {
        .what = LAST_REPORT_NAME " in the state folder", .then = "; the next run writes it again", .err = err};
    struct facts facts = {0};
    struct bytes file = {0};
    time_t seen = 0;
    json_t *root;

    if (!file_read(state, LAST_REPORT_NAME, FILE_MOST, &file, err))
        return false;
    root = reader_parse(&reader, &file);
    if (root != NULL) {
        read_report(&reader, root, &facts, &seen);
        json_decref(root);
    }
    if (reader.failed) {
        facts_free(&facts);
        return false;
    }
    *ret_facts = facts;
    *ret_seen = seen;
    return true;
}

bool last_report_fresh(time_t seen, time_t now, struct error *err) {
    char date[TIME_TEXT_SIZE];

    if (seen <= now && now - seen <= LAST_AGE_MOST)
        return true;
    return error_set(
        err, ERROR_LOCAL,
        "the last run was at %s, which is %s; see why the timer does not run: systemctl list-timers authcert*",
        time_format_rfc3339(date, seen), seen > now ? "in the future" : "more than 36 hours ago");
}

bool last_report_missing(struct error *err) {
    return error_set(err, ERROR_LOCAL, "no run has left a report yet (%s in the state folder); start one: authcert run",
                     LAST_REPORT_NAME);
}
