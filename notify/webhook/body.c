#include "notify/webhook/body.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/time.h"
#include "notify/words/inventory/message_words.h"
#include "notify/plain.h"
#include "notify/webhook/card.h"
#include "notify/webhook/note.h"

#define SCHEMA 1

static json_t *text_or_null(const char *text) {
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *time_or_null(time_t at) {
    char text[TIME_TEXT_SIZE];

    return at != 0 ? json_string(time_format_rfc3339(text, at)) : json_null();
}

static json_t *slot_object(const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;
    const struct certificate *certificate;

    if (facts == NULL || !facts->read || facts->slots.thumbprint[slot][0] == '\0')
        return json_null();
    certificate = facts->slot[slot].certificate;
    return json_pack("{s:s, s:o, s:o}", "thumbprint", facts->slots.thumbprint[slot], "not_after",
                     certificate != NULL ? time_or_null(certificate->not_after) : json_null(), "days_left",
                     certificate != NULL
                         ? json_integer((json_int_t)time_days_left(certificate->not_after, report->checked_at))
                         : json_null());
}

/* Adds one entry. An array that lacks what could not be made is none: NULL. */
static json_t *add_to(json_t *array, json_t *one) {
    if (json_array_append_new(array, one) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *due_array(const struct report *report) {
    json_t *array = json_array();

    for (size_t i = 0; i < report->decision.due_count && i < DUE_MOST && array != NULL; i++)
        array = add_to(array, json_pack("{s:s, s:o}", "what", due_name(report->decision.due[i].what), "at",
                                        time_or_null(report->decision.due[i].at)));
    return array;
}

static json_t *done_array(const struct report *report) {
    json_t *array = json_array();

    for (size_t i = 0; i < report->done_count && array != NULL; i++) {
        const struct done *done = &report->done[i];

        array = add_to(array, json_pack("{s:s, s:o, s:s, s:s}", "act", act_name(done->act), "thumbprint",
                                        text_or_null(done->thumbprint), "result", done->ok ? "ok" : "failed", "detail",
                                        done->detail != NULL ? done->detail : ""));
    }
    return array;
}

static json_t *briefing_object(const struct briefing *briefing) {
    return json_pack("{s:s?, s:s?, s:s?}", "wrong", briefing->wrong, "by_itself", briefing->by_itself, "command",
                     briefing->command);
}

/* The form for programs. */
static json_t *whole_object(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                            const struct webhook_note *note, const char *text) {
    const struct facts *facts = report->facts;
    const struct decision *decision = &report->decision;

    return json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:b, s:b, s:o, s:{s:o, s:o, s:o}, s:s, s:s, s:o, s:o, s:o, s:o, "
        "s:s}",
        "schema", SCHEMA, "source", "authcert", "host", speaker->host, "version", speaker->version, "run",
        speaker->run_id, "subject", note->subject, "checked_at", time_or_null(report->checked_at), "state",
        message_words_state(report, occasion), "status", status_name(decision->status), "test",
        occasion->kind == OCCASION_TEST, "escalated", occasion->escalate, "organization",
        text_or_null(facts != NULL && facts->read ? facts->organization : NULL), "certificates", "current",
        slot_object(report, SLOT_CURRENT), "previous", slot_object(report, SLOT_PREVIOUS), "next",
        slot_object(report, SLOT_NEXT), "decision", row_name(decision->row), "act", act_name(decision->act), "blocked",
        decision->blocked != BLOCK_NONE ? json_string(block_name(decision->blocked)) : json_null(), "due",
        due_array(report), "done", done_array(report), "briefing", briefing_object(&report->briefing), "text", text);
}

static bool dump(json_t *object, char **ret_body, struct error *err) {
    char *body = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (body == NULL)
        return error_memory(err);
    *ret_body = body;
    return true;
}

bool webhook_body_short(enum webhook_format format, const struct speaker *speaker, const char *subject, char **ret_body,
                        struct error *err) {
    struct webhook_note note = {0};
    json_t *object = NULL;
    bool ok;

    if (!webhook_note_short(speaker, subject, &note, err))
        return false;
    switch (format) {
    case WEBHOOK_TEAMS:
        object = webhook_teams(&note);
        break;
    case WEBHOOK_SLACK:
        object = webhook_slack(&note);
        break;
    case WEBHOOK_JSON:
        object = json_pack("{s:i, s:s, s:s, s:s}", "schema", SCHEMA, "source", "authcert", "host", speaker->host,
                           "subject", subject);
        break;
    }
    ok = dump(object, ret_body, err);
    webhook_note_free(&note);
    return ok;
}

bool webhook_body(enum webhook_format format, const struct speaker *speaker, const struct report *report,
                  const struct occasion *occasion, char **ret_body, struct error *err) {
    struct webhook_note note = {0};
    struct text text = {0};
    json_t *object = NULL;
    char *body = NULL;
    bool ok;

    if (!webhook_note_make(speaker, report, occasion, &note, err))
        return false;
    switch (format) {
    case WEBHOOK_TEAMS:
        object = webhook_teams(&note);
        break;
    case WEBHOOK_SLACK:
        object = webhook_slack(&note);
        break;
    case WEBHOOK_JSON:
        plain_add(&text, &note.layout);
        if (!text.failed)
            object = whole_object(speaker, report, occasion, &note, text.value != NULL ? text.value : "");
        break;
    }
    ok = dump(object, &body, err);
    if (ok && strlen(body) > WEBHOOK_BODY_MOST) {
        free(body);
        body = NULL;
        ok = webhook_body_short(format, speaker, note.subject, &body, err);
    }
    if (ok)
        *ret_body = body;
    text_free(&text);
    webhook_note_free(&note);
    return ok;
}
