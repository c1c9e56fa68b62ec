#include "monitor/show/systemd/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <syslog.h>

#include "base/time.h"
#include "monitor/show/systemd/libsystemd.h"

#define FIELDS_MOST 16
#define FIELD_SIZE 4096

/* Their texts are in systemd/authcert.catalog. */
#define EVENT_SEEN "67320f4daaa248dca018cfbaf88ea1b7"
#define EVENT_UNREADABLE "220949918f56470295b782411c1918aa"
#define EVENT_DONE "8c392804e28f4813b138b8c58c4e4592"
#define EVENT_FAILED "d3d71bc32e3c47edb6f7ef8f7b4c9aaf"
#define EVENT_BLOCKED "9065ba5f17b949baa942b4e6a1571670"
#define EVENT_TOLD "6694ccfa4e0e4cdfaa5cdffd59d0a2d0"
#define EVENT_UNTOLD "64f276bb2ef6471fb8fcb3f4c3031be0"
#define EVENT_AUDIT "85a036324f8748ec953b368480971f82"
#define EVENT_TROUBLE "3c43c71cbc26484eb287f178c3076e22"

/* An entry in the making; fields without a value are left out. */
struct entry {
    char field[FIELDS_MOST][FIELD_SIZE];
    struct iovec vector[FIELDS_MOST];
    int count;
};

static void add(struct entry *entry, const char *name, const char *value) {
    char *field = entry->field[entry->count];

    if (value == NULL || value[0] == '\0' || entry->count == FIELDS_MOST)
        return;
    snprintf(field, FIELD_SIZE, "%s=%s", name, value);
    entry->vector[entry->count++] = (struct iovec){.iov_base = field, .iov_len = strlen(field)};
}

static void begin(struct entry *entry, const struct report *report, const char *id, int priority, const char *message) {
    const struct facts *facts = report->facts;
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;
    char number[16], date[TIME_TEXT_SIZE];

    entry->count = 0;
    snprintf(number, sizeof(number), "%d", priority);
    add(entry, "MESSAGE", message);
    add(entry, "MESSAGE_ID", id);
    add(entry, "PRIORITY", number);
    add(entry, "SYSLOG_IDENTIFIER", "authcert");
    add(entry, "AUTHCERT_ORGANIZATION", facts->organization);
    add(entry, "AUTHCERT_STATUS", status_name(report->decision.status));
    add(entry, "AUTHCERT_DECISION", row_name(report->decision.row));
    if (report->decision.blocked != BLOCK_NONE)
        add(entry, "AUTHCERT_BLOCKED_BY", block_name(report->decision.blocked));
    if (current != NULL)
        add(entry, "AUTHCERT_NOT_AFTER", time_format_rfc3339(date, current->not_after));
}

static bool send_entry(const struct journal *journal, const struct entry *entry) {
    return journal->send(entry->vector, entry->count) >= 0;
}

static const int priorities[] = {
    [STATUS_OK] = LOG_INFO, [STATUS_WARNING] = LOG_WARNING, [STATUS_CRITICAL] = LOG_CRIT, [STATUS_UNKNOWN] = LOG_ERR};

static bool tell_seen(const struct journal *journal, const struct report *report, struct entry *entry) {
    char message[FIELD_SIZE];
    const bool read = report->facts->read;
    bool ok;

    snprintf(message, sizeof(message), "%s: %s: %s. By itself: %s. Command: %s",
             read ? report->facts->organization : "authcert", status_name(report->decision.status),
             report->briefing.wrong, report->briefing.by_itself,
             report->briefing.command != NULL ? report->briefing.command : BRIEFING_NO_COMMAND);
    begin(entry, report, read ? EVENT_SEEN : EVENT_UNREADABLE, priorities[report->decision.status], message);
    if (read)
        add(entry, "AUTHCERT_THUMBPRINT", report->facts->slots.thumbprint[SLOT_CURRENT]);
    ok = send_entry(journal, entry);
    if (report->how_to_unblock != NULL) {
        snprintf(message, sizeof(message), "%s: %s is blocked: %s", report->facts->organization,
                 act_name(report->decision.act), report->how_to_unblock);
        begin(entry, report, EVENT_BLOCKED, LOG_WARNING, message);
        add(entry, "AUTHCERT_ACT", act_name(report->decision.act));
        ok = send_entry(journal, entry) && ok;
    }
    return ok;
}

static bool tell_done(const struct journal *journal, const struct report *report, const struct author *author,
                      const struct done *done, struct entry *entry) {
    char message[FIELD_SIZE];

    snprintf(message, sizeof(message), "%s: %s %s %s: %s",
             report->facts->organization != NULL ? report->facts->organization : "authcert", act_name(done->act),
             done->thumbprint, done->ok ? "done" : "failed", done->detail != NULL ? done->detail : "");
    begin(entry, report, done->ok ? EVENT_DONE : EVENT_FAILED, done->ok ? LOG_NOTICE : LOG_ERR, message);
    add(entry, "AUTHCERT_ACT", act_name(done->act));
    add(entry, "AUTHCERT_THUMBPRINT", done->thumbprint);
    add(entry, "AUTHCERT_RESULT", done->ok ? "ok" : "failed");
    add(entry, "AUTHCERT_BY", author->by);
    add(entry, "AUTHCERT_COMMAND", author->command);
    return send_entry(journal, entry);
}

static bool tell_told(const struct journal *journal, const struct report *report, const struct told *told,
                      struct entry *entry) {
    bool sent = told->result == TOLD_SENT;
    char message[256];

    snprintf(message, sizeof(message), "%s %s, %zu %s", told->channel, told_result_words(told->result), told->to,
             told->to == 1 ? "recipient" : "recipients");
    begin(entry, report, sent ? EVENT_TOLD : EVENT_UNTOLD, sent ? LOG_INFO : LOG_ERR, message);
    add(entry, "AUTHCERT_CHANNEL", told->channel);
    add(entry, "AUTHCERT_RESULT", told_result_name(told->result));
    return send_entry(journal, entry);
}

bool journal_tell(const struct journal *journal, const struct report *report, const struct author *author,
                  const struct strings *troubles) {
    struct entry *entry = malloc(sizeof(*entry));
    bool ok;

    if (entry == NULL)
        return false;
    ok = tell_seen(journal, report, entry);
    for (size_t i = 0; i < report->done_count; i++)
        ok = tell_done(journal, report, author, &report->done[i], entry) && ok;
    for (size_t i = 0; i < report->told_count; i++)
        ok = tell_told(journal, report, &report->told[i], entry) && ok;
    for (size_t i = 0; i < troubles->count; i++) {
        begin(entry, report, EVENT_TROUBLE, LOG_WARNING, troubles->items[i]);
        ok = send_entry(journal, entry) && ok;
    }
    free(entry);
    return ok && !troubles->failed;
}

static bool tell_event(const struct journal *journal, const struct event *event, struct entry *entry) {
    char message[FIELD_SIZE];

    entry->count = 0;
    snprintf(message, sizeof(message), "%s; by %s: %s", event->text, event->by, event->command);
    add(entry, "MESSAGE", message);
    add(entry, "MESSAGE_ID", EVENT_AUDIT);
    add(entry, "PRIORITY", "5");
    add(entry, "SYSLOG_IDENTIFIER", "authcert");
    add(entry, "AUTHCERT_EVENT", event->text);
    add(entry, "AUTHCERT_BY", event->by);
    add(entry, "AUTHCERT_COMMAND", event->command);
    return send_entry(journal, entry);
}

void journal_audit(const struct history *history) {
    struct journal journal = {0};
    struct entry *entry = NULL;
    const bool told = journal_is_stderr(); /* the acts, by journal_tell */

    for (size_t i = 0; i < history->event_count; i++) {
        const struct event *event = &history->events[i];

        if (!event->fresh || event->by == NULL || (told && strcmp(event->kind, "key") != 0))
            continue;
        if (entry == NULL) {
            libsystemd_find("sd_journal_sendv", &journal.send);
            entry = journal.send != NULL ? malloc(sizeof(*entry)) : NULL;
        }
        if (entry == NULL || !tell_event(&journal, event, entry))
            break;
    }
    free(entry);
}

#define STREAM_SIZE 64

/* A descriptor as JOURNAL_STREAM would name it. */
static bool name_stream(int descriptor, char out[STREAM_SIZE]) {
    struct stat status;

    if (fstat(descriptor, &status) != 0)
        return false;
    snprintf(out, STREAM_SIZE, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return true;
}

static bool is_journal(int descriptor) {
    const char *stream = getenv("JOURNAL_STREAM");
    char name[STREAM_SIZE];

    return stream != NULL && name_stream(descriptor, name) && strcmp(stream, name) == 0;
}

bool journal_is_stderr(void) {
    return is_journal(STDERR_FILENO);
}

bool journal_is_stdout(void) {
    return is_journal(STDOUT_FILENO);
}

void journal_take_stderr(void) {
    int (*stream_fd)(const char *identifier, int priority, int level_prefix) = NULL;
    char name[STREAM_SIZE];
    int stream;

    if (!journal_is_stderr())
        return;
    libsystemd_find("sd_journal_stream_fd", &stream_fd);
    stream = stream_fd != NULL ? stream_fd("authcert", LOG_ERR, 1) : -1;
    if (stream < 0)
        return;
    if (dup2(stream, STDERR_FILENO) >= 0 && name_stream(STDERR_FILENO, name))
        (void)setenv("JOURNAL_STREAM", name, 1);
    close(stream);
}

void journal_open(struct journal *ret_journal) {
    *ret_journal = (struct journal){0};
    if (journal_is_stderr())
        libsystemd_find("sd_journal_sendv", &ret_journal->send);
}
