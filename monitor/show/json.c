#include "monitor/show/show.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "base/time.h"

/* The shape is a contract: every key is always there, in this order (jansson keeps the order of insertion), and what
 * is absent is null. A NULL value stands for "out of memory" all the way up, and fails the whole answer. */

#define SCHEMA 1

static bool put(json_t *object, const char *key, json_t *value) {
    return json_object_set_new_nocheck(object, key, value) == 0;
}

/* Takes over `value`; NULL when it, or the list, could not be made. */
static bool append(json_t *list, json_t *value) {
    return json_array_append_new(list, value) == 0;
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

    for (size_t i = 0; json != NULL && i < list->count; i++) {
        if (!append(json, text_json(list->items[i]))) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

/* `json` when all went well, else NULL with it freed. */
static json_t *whole(json_t *json, bool ok) {
    if (!ok) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *directory_json(const struct facts *facts) {
    const struct directory_facts *directory = &facts->directory;
    json_t *json = json_object();
    bool ok = json != NULL && put(json, "uri", text_json(directory->uri)) &&
              put(json, "server", text_json(facts->read ? directory->server : NULL)) &&
              put(json, "dn", text_json(facts->read ? directory->dn : NULL)) &&
              put(json, "clock_skew_seconds",
                  directory->clock_known ? json_integer((json_int_t)directory->clock_skew) : json_null());

    return whole(json, ok);
}

static json_t *raw_values_json(const struct facts *facts) {
    json_t *json = json_array();
    bool ok = json != NULL;

    for (size_t i = 0; ok && facts->read && i < facts->raw_count; i++) {
        const struct bytes *value = &facts->raw_values[i];

        ok = append(json, bytes_json(value->data != NULL ? (const char *)value->data : "",
                                     value->data != NULL ? value->length : 0));
    }
    return whole(json, ok);
}

static json_t *next_effective_json(const struct facts *facts) {
    const struct slots *slots = &facts->slots;

    if (!facts->read || !slots->date_set || (slots->malformed & MALFORMED_DATE) != 0)
        return json_null();
    return time_json(slots->date);
}

/* The last part of a slot is what this host knows about it; all before it is of the certificate alone. */
static json_t *slot_json(const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;
    bool known = facts_slot_state(facts, slot, report->checked_at) != SLOT_UNKNOWN;
    const struct certificate *certificate = known ? facts->slot[slot].certificate : NULL;
    json_t *json;
    bool ok;

    if (!facts->read || facts->slots.thumbprint[slot][0] == '\0')
        return json_null();
    json = json_object();
    ok = json != NULL && put(json, "thumbprint", text_json(facts->slots.thumbprint[slot])) &&
         put(json, "source", word_json(source_name(known ? facts->slot[slot].source : SOURCE_UNKNOWN))) &&
         put(json, "subject", known ? text_json(certificate->subject) : json_null()) &&
         put(json, "serial", known ? text_json(certificate->serial) : json_null()) &&
         put(json, "not_before", known ? time_json(certificate->not_before) : json_null()) &&
         put(json, "not_after", known ? time_json(certificate->not_after) : json_null()) &&
         put(json, "days_left",
             known ? json_integer((json_int_t)time_days_left(certificate->not_after, report->checked_at))
                   : json_null()) &&
         put(json, "key", known ? text_json(certificate->key) : json_null()) &&
         put(json, "signature", known ? text_json(certificate->signature) : json_null()) &&
         put(json, "key_kept", json_boolean(facts->slot[slot].key_kept)) &&
         put(json, "problems", strings_json(&report->problems[slot]));
    return whole(json, ok);
}

static json_t *certificates_json(const struct report *report) {
    json_t *json = json_object();
    bool ok = json != NULL && put(json, slot_name(SLOT_CURRENT), slot_json(report, SLOT_CURRENT)) &&
              put(json, slot_name(SLOT_PREVIOUS), slot_json(report, SLOT_PREVIOUS)) &&
              put(json, slot_name(SLOT_NEXT), slot_json(report, SLOT_NEXT));

    return whole(json, ok);
}

/* What the directory does not name is absent, and what is absent is null. */
static json_t *named_json(const char *text) {
    return text != NULL && text[0] != '\0' ? text_json(text) : json_null();
}

static json_t *server_json(const struct server_facts *server) {
    json_t *json = json_object();
    bool ok = json != NULL && put(json, "fqdn", text_json(server->fqdn)) &&
              put(json, "site", named_json(server->site)) && put(json, "version", named_json(server->version)) &&
              put(json, "counted", json_boolean(server->counted)) &&
              put(json, "current", word_json(presence_name(server->presence[SLOT_CURRENT]))) &&
              put(json, "next", word_json(presence_name(server->presence[SLOT_NEXT])));

    return whole(json, ok);
}

static json_t *servers_json(const struct facts *facts) {
    json_t *json = json_array();
    bool ok = json != NULL;

    for (size_t i = 0; ok && facts->read && i < facts->server_count; i++)
        ok = append(json, server_json(&facts->servers[i]));
    return whole(json, ok);
}

static json_t *blocked_json(const struct report *report) {
    json_t *json;

    if (report->decision.blocked == BLOCK_NONE)
        return json_null();
    json = json_object();
    return whole(json, json != NULL && put(json, "by", word_json(block_name(report->decision.blocked))) &&
                           put(json, "how_to_unblock", text_json(report->how_to_unblock)));
}

static json_t *decision_json(const struct report *report) {
    json_t *json = json_object();
    bool ok = json != NULL && put(json, "id", word_json(row_name(report->decision.row))) &&
              put(json, "act", word_json(act_name(report->decision.act))) &&
              put(json, "reasons", strings_json(&report->reasons)) && put(json, "blocked", blocked_json(report));

    return whole(json, ok);
}

static json_t *due_json(const struct decision *decision) {
    json_t *json = json_array();
    bool ok = json != NULL;

    for (size_t i = 0; ok && i < decision->due_count && i < DUE_MOST; i++) {
        json_t *due = json_object();

        ok = append(json, whole(due, due != NULL && put(due, "what", word_json(due_name(decision->due[i].what))) &&
                                         put(due, "at", time_json(decision->due[i].at))));
    }
    return whole(json, ok);
}

static json_t *done_json(const struct report *report) {
    json_t *json = json_array();
    bool ok = json != NULL;

    for (size_t i = 0; ok && i < report->done_count; i++) {
        const struct done *act = &report->done[i];
        json_t *done = json_object();

        ok = append(json, whole(done, done != NULL && put(done, "act", word_json(act_name(act->act))) &&
                                          put(done, "thumbprint",
                                              text_json(act->thumbprint[0] != '\0' ? act->thumbprint : NULL)) &&
                                          put(done, "result", text_json(act->ok ? "ok" : "failed")) &&
                                          put(done, "detail", text_json(act->detail))));
    }
    return whole(json, ok);
}

static json_t *told_json(const struct report *report) {
    json_t *json = json_array();
    bool ok = json != NULL;

    for (size_t i = 0; ok && i < report->told_count && i < TOLD_MOST; i++) {
        const struct told *channel = &report->told[i];
        json_t *told = json_object();

        ok = append(json, whole(told, told != NULL && put(told, "channel", text_json(channel->channel)) &&
                                          put(told, "result", word_json(told_result_name(channel->result))) &&
                                          put(told, "to", json_integer((json_int_t)channel->to))));
    }
    return whole(json, ok);
}

static json_t *report_json(const struct report *report) {
    const struct facts *facts = report->facts;
    enum mode mode = report->policy != NULL ? report->policy->mode : MODE_MONITOR;
    json_t *json = json_object();
    bool ok = json != NULL && put(json, "schema", json_integer(SCHEMA)) &&
              put(json, "checked_at", time_json(report->checked_at)) &&
              put(json, "organization", text_json(facts->read ? facts->organization : NULL)) &&
              put(json, "status", word_json(status_name(report->decision.status))) &&
              put(json, "summary", text_json(report->summary != NULL ? report->summary : "")) &&
              put(json, "mode", word_json(mode_name(mode))) && put(json, "directory", directory_json(facts)) &&
              put(json, "realm", text_json(facts->read && facts->realm != NULL ? facts->realm : "")) &&
              put(json, "service_name", text_json(facts->read ? facts->service_name : NULL)) &&
              put(json, "raw_values", raw_values_json(facts)) &&
              put(json, "next_effective", next_effective_json(facts)) &&
              put(json, "certificates", certificates_json(report)) && put(json, "servers", servers_json(facts)) &&
              put(json, "hybrid", word_json(answer_name(facts->read ? facts->hybrid : ANSWER_UNKNOWN))) &&
              put(json, "decision", decision_json(report)) && put(json, "due", due_json(&report->decision)) &&
              put(json, "done", done_json(report)) && put(json, "told", told_json(report));

    return whole(json, ok);
}

/* Through a string, because the library writes each token by itself, and thousands of servers have many. */
bool show_json(const struct report *report, FILE *out) {
    json_t *json = report_json(report);
    char *text = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
    bool ok = text != NULL && fputs(text, out) != EOF && fputc('\n', out) != EOF;

    free(text);
    json_decref(json);
    return fflush(out) == 0 && ok && !ferror(out);
}
