#include "monitor/show/show.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "base/time.h"
#include "monitor/show/inventory/json.h"

/* The shape is a contract: every key is always there, in this order (jansson keeps the order of insertion), and what
 * is absent is null. A NULL value stands for "out of memory" all the way up, and fails the whole answer. */

#define SCHEMA 2

/* Adds to a list, which becomes NULL when that fails; so does a list that is NULL, and `value` is freed. */
static void append(json_t **list, json_t *value) {
    if (json_array_append_new(*list, value) != 0) {
        json_decref(*list);
        *list = NULL;
    }
}

/* Everything shown is printable already; should a string be none all the same, its bytes are made visible rather than
 * the answer lost. */
static json_t *bytes_json(const void *value, size_t length) {
    json_t *json;
    char *copy;

    if (length > (SIZE_MAX - 8) / 4)
        return NULL;
    copy = text_printable_copy(value, length, 4 * length + 8);
    json = copy != NULL ? json_string(copy) : NULL;
    free(copy);
    return json;
}

static json_t *text_json(const char *value) {
    json_t *json;

    if (value == NULL)
        return json_null();
    json = json_string(value);
    return json != NULL ? json : bytes_json(value, strlen(value));
}

/* One of our own words, or a time: ASCII as it stands. */
static json_t *word_json(const char *word) {
    return json_string_nocheck(word);
}

static json_t *time_json(time_t at) {
    char text[TIME_TEXT_SIZE];

    return word_json(time_format_rfc3339(text, at));
}

static json_t *strings_json(const struct strings *list) {
    json_t *json = json_array();

    for (size_t i = 0; i < list->count; i++)
        append(&json, text_json(list->items[i]));
    return json;
}

static void append_remarks(json_t **list, const struct remarks *remarks) {
    for (size_t i = 0; i < remarks->count; i++)
        append(list, json_pack("{s:o, s:o}", "id", word_json(remarks->items[i].id), "text",
                               text_json(remarks->items[i].text)));
}

/* Why the decision, then what was noticed beside it. */
static json_t *reasons_json(const struct report *report) {
    json_t *json = json_array();

    append_remarks(&json, &report->reasons);
    append_remarks(&json, &report->facts->remarks);
    return json;
}

static json_t *directory_json(const struct facts *facts) {
    const struct directory_facts *directory = &facts->directory;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "uri", text_json(directory->uri), "server",
                     text_json(facts->read ? directory->server : NULL), "dn",
                     text_json(facts->read ? directory->dn : NULL), "clock_skew_seconds",
                     directory->clock_known ? json_integer((json_int_t)directory->clock_skew) : json_null(),
                     "may_write", word_json(answer_name(facts->read ? facts->may_write : ANSWER_UNKNOWN)), "read_only",
                     facts->read && directory->read_only, "writer_down", facts->read && directory->writer_down);
}

static json_t *raw_values_json(const struct facts *facts) {
    json_t *json = json_array();

    for (size_t i = 0; facts->read && i < facts->raw_count; i++) {
        const struct bytes *value = &facts->raw_values[i];

        append(&json, value->data != NULL ? bytes_json(value->data, value->length) : word_json(""));
    }
    return json;
}

static json_t *next_effective_json(const struct facts *facts) {
    const struct slots *slots = &facts->slots;

    if (!facts->read || !slots->date_readable)
        return json_null();
    return time_json(slots->date);
}

/* The last part of a slot is what this host knows about it; all before it is of the certificate alone. */
static json_t *slot_json(const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;
    bool known = facts_slot_state(facts, slot, report->checked_at) != SLOT_UNKNOWN;
    const struct certificate *certificate = known ? facts->slot[slot].certificate : NULL;

    if (!facts->read || facts->slots.thumbprint[slot][0] == '\0')
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "thumbprint",
        text_json(facts->slots.thumbprint[slot]), "source",
        word_json(source_name(known ? facts->slot[slot].source : SOURCE_UNKNOWN)), "subject",
        text_json(known ? certificate->subject : NULL), "serial", text_json(known ? certificate->serial : NULL),
        "not_before", known ? time_json(certificate->not_before) : json_null(), "not_after",
        known ? time_json(certificate->not_after) : json_null(), "days_left",
        known ? json_integer((json_int_t)time_days_left(certificate->not_after, report->checked_at)) : json_null(),
        "key", text_json(known ? certificate->key : NULL), "signature",
        text_json(known ? certificate->signature : NULL), "key_kept", json_boolean(facts->slot[slot].key_kept),
        "problems", strings_json(&report->problems[slot]));
}

static json_t *certificates_json(const struct report *report) {
    return json_pack("{s:o, s:o, s:o}", slot_name(SLOT_CURRENT), slot_json(report, SLOT_CURRENT),
                     slot_name(SLOT_PREVIOUS), slot_json(report, SLOT_PREVIOUS), slot_name(SLOT_NEXT),
                     slot_json(report, SLOT_NEXT));
}

/* What the directory does not name is absent, and what is absent is null. */
static json_t *named_json(const char *text) {
    return text_json(text != NULL && text[0] != '\0' ? text : NULL);
}

/* What is not plain ASCII the library writes. */
static void add_named(struct text *all, const char *name, const char *value) {
    bool plain = value != NULL && value[0] != '\0';
    json_t *json = NULL;
    char *text = NULL;

    for (const char *at = value; plain && *at != '\0'; at++)
        plain = *at >= ' ' && *at <= '~' && *at != '"' && *at != '\\';
    text_add(all, name);
    if (plain) {
        text_add(all, "\"");
        text_add(all, value);
        text_add(all, "\"");
        return;
    }
    json = named_json(value);
    text = json != NULL ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    all->failed |= text == NULL;
    text_add(all, text != NULL ? text : "");
    free(text);
    json_decref(json);
}

static void add_proof(struct text *all, const struct server_facts *server) {
    char at[TIME_TEXT_SIZE];

    if (server->proved_at == 0)
        text_add(all, ",\n      \"proof\": null");
    else
        text_format(all, ",\n      \"proof\": {\"at\": \"%s\", \"current\": \"%s\", \"next\": \"%s\"}",
                    time_format_rfc3339(at, server->proved_at), proof_name(server->proof[SLOT_CURRENT]),
                    proof_name(server->proof[SLOT_NEXT]));
}

/* What its document of this look lists; null where it told nothing. */
static void add_document(struct text *all, const struct server_facts *server) {
    if (!server->learned)
        text_add(all, ",\n      \"document\": null");
    else
        text_format(all, ",\n      \"document\": {\"current\": %s, \"next\": %s}",
                    server->serves[SLOT_CURRENT] ? "true" : "false", server->serves[SLOT_NEXT] ? "true" : "false");
}

/* There may be thousands, and as objects of the library they take as long as all that was asked of the directory. */
static void add_servers(struct text *all, const struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        add_named(all, i == 0 ? "\n    {\n      \"fqdn\": " : ",\n    {\n      \"fqdn\": ", server->fqdn);
        add_named(all, ",\n      \"site\": ", server->site);
        add_named(all, ",\n      \"version\": ", server->version);
        text_add(all, server->counted ? ",\n      \"counted\": true" : ",\n      \"counted\": false");
        add_named(all, ",\n      \"current\": ", presence_name(server->presence[SLOT_CURRENT]));
        add_named(all, ",\n      \"next\": ", presence_name(server->presence[SLOT_NEXT]));
        add_named(all, ",\n      \"candidate\": ", presence_name(server->candidate));
        add_document(all, server);
        add_proof(all, server);
        text_add(all, "\n    }");
    }
    text_add(all, "\n  ");
}

static json_t *blocked_json(const struct report *report) {
    if (report->decision.blocked == BLOCK_NONE)
        return json_null();
    return json_pack("{s:o, s:o}", "by", word_json(block_name(report->decision.blocked)), "how_to_unblock",
                     text_json(report->how_to_unblock));
}

static json_t *decision_json(const struct report *report) {
    return json_pack("{s:o, s:o, s:o, s:o}", "id", word_json(row_name(report->decision.row)), "act",
                     word_json(act_name(report->decision.act)), "reasons", reasons_json(report), "blocked",
                     blocked_json(report));
}

static json_t *due_json(const struct decision *decision) {
    json_t *json = json_array();

    for (size_t i = 0; i < decision->due_count && i < DUE_MOST; i++)
        append(&json, json_pack("{s:o, s:o}", "what", word_json(due_name(decision->due[i].what)), "at",
                                time_json(decision->due[i].at)));
    return json;
}

static json_t *done_json(const struct report *report) {
    json_t *json = json_array();

    for (size_t i = 0; i < report->done_count; i++) {
        const struct done *done = &report->done[i];

        append(&json, json_pack("{s:o, s:o, s:o, s:o}", "act", word_json(act_name(done->act)), "thumbprint",
                                named_json(done->thumbprint), "result", word_json(done->ok ? "ok" : "failed"), "detail",
                                text_json(done->detail)));
    }
    return json;
}

static json_t *told_json(const struct report *report) {
    json_t *json = json_array();

    for (size_t i = 0; i < report->told_count && i < TOLD_MOST; i++) {
        const struct told *told = &report->told[i];

        append(&json, json_pack("{s:o, s:o, s:o}", "channel", text_json(told->channel), "result",
                                word_json(told_result_name(told->result)), "to", json_integer((json_int_t)told->to)));
    }
    return json;
}

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

static json_t *briefing_json(const struct briefing *briefing) {
    return json_pack("{s:o, s:o, s:o}", "wrong", text_json(or_empty(briefing->wrong)), "by_itself",
                     text_json(or_empty(briefing->by_itself)), "command", text_json(briefing->command));
}

static json_t *known_json(const struct report *report) {
    const struct last_known *known = &report->known;

    if (known->end == 0)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "thumbprint", text_json(known->thumbprint), "not_after", time_json(known->end),
                     "days_left", json_integer((json_int_t)time_days_left(known->end, report->checked_at)));
}

static json_t *incident_json(const struct incident_report *incident) {
    if (incident->step == INCIDENT_NONE)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "since", time_json(incident->since), "thumbprint",
                     text_json(incident->thumbprint), "step", word_json(incident_step_name(incident->step)),
                     "servers_left", strings_json(&incident->servers_left));
}

static json_t *moment_json(time_t at) {
    return at != 0 ? time_json(at) : json_null();
}

static json_t *tenant_json(const struct tenant_facts *tenant) {
    const struct tenant_key *current = &tenant->slot[SLOT_CURRENT], *next = &tenant->slot[SLOT_NEXT];

    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "tenant", named_json(tenant->tenant.id), "application",
                     named_json(tenant->tenant.application), "current", word_json(answer_name(current->accepts)),
                     "next", word_json(answer_name(next->accepts)), "asked_at",
                     moment_json(current->asked_at > next->asked_at ? current->asked_at : next->asked_at));
}

static json_t *entra_json(const struct facts *facts) {
    json_t *json = json_array();

    for (size_t i = 0; facts->read && i < facts->tenant_count; i++)
        append(&json, tenant_json(&facts->tenants[i]));
    return json;
}

json_t *show_json_head(time_t at) {
    return json_pack("{s:i, s:o}", "schema", SCHEMA, "checked_at", time_json(at));
}

static json_t *candidate_json(const struct facts *facts) {
    const struct candidate_facts *candidate = &facts->candidate;

    if (!facts->read || candidate->thumbprint[0] == '\0')
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "thumbprint", text_json(candidate->thumbprint), "not_after",
                     time_json(candidate->not_after), "delivery", word_json(delivery_name(candidate->delivery)));
}

static json_t *last_change_json(const struct facts *facts) {
    const time_t at = facts->attribute_changed != 0 ? facts->attribute_changed : facts->object_changed;

    return moment_json(facts->read ? at : 0);
}

static json_t *report_json(const struct report *report) {
    const struct facts *facts = report->facts;
    enum mode mode = report->policy != NULL ? report->policy->mode : MODE_MONITOR;

    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                     "s:o, s:o, s:o, "
                     "s:o, s:o, s:o, s:o, s:o}",
                     "schema", SCHEMA, "checked_at", time_json(report->checked_at), "seen_at",
                     moment_json(report->seen_at), "organization", text_json(facts->read ? facts->organization : NULL),
                     "status", word_json(status_name(report->decision.status)), "summary",
                     text_json(or_empty(report->briefing.wrong)), "briefing", briefing_json(&report->briefing),
                     "incident", incident_json(&report->incident), "last_known", known_json(report), "mode",
                     word_json(mode_name(mode)), "directory", directory_json(facts), "realm",
                     text_json(facts->read && facts->realm != NULL ? facts->realm : ""), "service_name",
                     text_json(facts->read ? facts->service_name : NULL), "raw_values", raw_values_json(facts),
                     "next_effective", next_effective_json(facts), "last_change", last_change_json(facts), "candidate",
                     candidate_json(facts), "certificates", certificates_json(report), "servers", json_array(),
                     "hybrid", word_json(answer_name(facts->read ? facts->hybrid : ANSWER_UNKNOWN)), "hybrid_signs",
                     strings_json(&facts->hybrid_signs), "entra", entra_json(facts), "inventory",
                     inventory_json(report->inventory), "decision", decision_json(report), "due",
                     due_json(&report->decision), "done", done_json(report), "told", told_json(report));
}

/* The servers go into the list that is left empty for them; no string of the answer holds a line's end as it stands. */
bool show_json(const struct report *report, FILE *out) {
    static const char list[] = "\n  \"servers\": [";
    const struct facts *facts = report->facts;
    json_t *json = report_json(report);
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    char *rest = text != NULL ? strstr(text, list) : NULL;
    struct text all = {0};
    bool ok;

    if (rest != NULL) {
        rest += sizeof(list) - 1;
        text_add_bytes(&all, text, (size_t)(rest - text));
        if (facts->read && facts->server_count > 0)
            add_servers(&all, facts);
        text_add(&all, rest);
        text_add(&all, "\n");
    }
    ok = rest != NULL && !all.failed && fputs(all.value, out) != EOF;
    text_free(&all);
    free(text);
    json_decref(json);
    return fflush(out) == 0 && ok && !ferror(out);
}
