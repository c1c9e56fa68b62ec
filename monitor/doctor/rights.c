#include "monitor/doctor/rights.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/rights.h"
#include "ldap/grants.h"

#define NAMED_MOST 5 /* rights too many that are called by name */

struct examiner {
    struct doctor *doctor;
    const struct facts *facts;
    struct rights rights;
    unsigned granted; /* what commands were printed for */
    bool renews;
};

/* The commands for what the line before says is lacking, but for those that stand below an earlier line. Elsewhere than
 * in Active Directory its tools grant nothing, and the container's four lines serve all the same. */
static void grant(struct examiner *examiner, unsigned lacking) {
    const struct directory_settings *settings = &examiner->doctor->config->directory;
    const char *login = settings->bind == BIND_GSSAPI ? settings->principal : settings->bind_dn;
    char *text = examiner->rights.active_directory || (lacking & LACKING_CONTAINER) != 0
                     ? grants_text(&examiner->rights, lacking, &examiner->granted, login)
                     : NULL;

    finding_add(examiner->doctor, text != NULL ? text : "");
    free(text);
}

static const char *or_auth(const struct rights *rights) {
    return rights->auth.dn != NULL ? rights->auth.dn : "the auth configuration";
}

static void tell_account(struct examiner *examiner) {
    const struct rights *rights = &examiner->rights;

    if (rights->account != NULL)
        finding_say(examiner->doctor, FINDING_OK, "account", "%s, %s", rights->account, rights->sid);
    else if (rights->active_directory)
        finding_say(
            examiner->doctor, FINDING_WARNING, "account", "the directory does not tell which account is logged in%s",
            examiner->doctor->config->directory.bind == BIND_ANONYMOUS ? ", for none is: set bind in [directory]" : "");
}

/* An attribute that is not shown and not known to be empty. That the date is, matters only beside a next. */
static void tell_attribute(struct examiner *examiner, const char *attribute, enum answer read, bool matters) {
    const char *dn = or_auth(&examiner->rights);

    if (read == ANSWER_YES || (read == ANSWER_UNKNOWN && !matters))
        return;
    if (read == ANSWER_NO)
        finding_say(examiner->doctor, FINDING_FAILED, "read rights", "the account may not read %s of %s", attribute,
                    dn);
    else
        finding_say(examiner->doctor, FINDING_FAILED, "read rights",
                    "%s shows no %s, and whether it is empty or the account may not read it is not known: it lacks "
                    "Read Property there, or Read Permissions",
                    dn, attribute);
    grant(examiner, LACKING_ATTRIBUTES);
}

static void tell_reading(struct examiner *examiner) {
    const struct facts *facts = examiner->facts;
    const struct rights *rights = &examiner->rights;

    if (facts->read || rights->hidden_in_part) {
        tell_attribute(examiner, RIGHTS_THUMBPRINTS, rights->thumbprints_read, rights->hidden_in_part);
        tell_attribute(examiner, RIGHTS_DATE, rights->date_read, facts->date_unread);
    }
    if (!facts->read && rights->hidden_in_part)
        return;
    if (!facts->read)
        finding_say(examiner->doctor, FINDING_FAILED, "read rights",
                    "the account lacks Read Property and List Contents on %s and all below it",
                    rights->organization.dn != NULL ? rights->organization.dn : "the organization");
    else if (facts->servers_read == ANSWER_YES && facts->server_count > 0 &&
             (examiner->granted & LACKING_ATTRIBUTES) == 0)
        finding_say(examiner->doctor, FINDING_OK, "read rights", "the auth configuration and %zu servers can be read",
                    facts->server_count);
    else if (facts->servers_read != ANSWER_YES || facts->server_count == 0)
        finding_say(
            examiner->doctor, FINDING_WARNING, "read rights",
            "the auth configuration can be read, but no Exchange server: grant the account Read Property and List "
            "Contents on the whole organization container, or presence and hybrid stay unknown");
    if (!facts->read || facts->servers_read != ANSWER_YES || facts->server_count == 0)
        grant(examiner, LACKING_READ);
}

/* The names of a list but for those that are needed, shortened. */
static void list_others(struct text *text, const struct strings *names, const char *one, const char *other) {
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++) {
        if (strcasecmp(names->items[i], one) == 0 || strcasecmp(names->items[i], other) == 0)
            continue;
        text_add_name(text, names->items[i], count++, NAMED_MOST);
    }
    text_add_more(text, count, NAMED_MOST);
}

/* What it may do to one object besides what it needs there: two attributes and one class, or "" for none. */
static void tell_too_much(struct examiner *examiner, const struct rights_on *on, const char *one, const char *other,
                          const char *class) {
    struct text attributes = {0}, classes = {0}, all = {0};

    list_others(&attributes, &on->attributes, one, other);
    list_others(&classes, &on->classes, class, "");
    if (attributes.length > 0)
        text_format(&all, "; it may write %s", attributes.failed ? "attributes" : attributes.value);
    if (classes.length > 0)
        text_format(&all, "; it may make objects in it (%s)", classes.failed ? "of several classes" : classes.value);
    if (on->access)
        text_add(&all, "; it may change its access list, and so grant itself everything");
    if (all.failed || all.length > 0)
        finding_say(examiner->doctor, FINDING_WARNING, "too many rights",
                    "the account can do more to %s than it needs%s", on->dn, all.failed ? "" : all.value);
    text_free(&attributes);
    text_free(&classes);
    text_free(&all);
}

static void tell_writing_in_monitor(struct examiner *examiner) {
    const struct rights *rights = &examiner->rights;

    if (rights->thumbprints == ANSWER_YES || rights->date == ANSWER_YES)
        finding_say(examiner->doctor, FINDING_WARNING, "write rights",
                    "mode is monitor, but the account may write the auth configuration (%s%s%s): take that right away",
                    rights->thumbprints == ANSWER_YES ? RIGHTS_THUMBPRINTS : "",
                    rights->thumbprints == ANSWER_YES && rights->date == ANSWER_YES ? ", " : "",
                    rights->date == ANSWER_YES ? RIGHTS_DATE : "");
    else if (rights->thumbprints == ANSWER_NO && rights->date == ANSWER_NO)
        finding_say(examiner->doctor, FINDING_OK, "write rights", "none, and mode monitor needs none");
}

static void tell_writing(struct examiner *examiner) {
    const struct rights *rights = &examiner->rights;
    const bool hidden = !examiner->facts->read && !rights->hidden_in_part;
    const bool thumbprints = hidden || rights->thumbprints == ANSWER_NO;
    const bool date = hidden || rights->date == ANSWER_NO;

    if (thumbprints || date)
        finding_say(examiner->doctor, FINDING_FAILED, "write rights",
                    "%sthe account lacks Write Property on %s%s%s of %s",
                    examiner->doctor->emergency ? "" : "mode is renew, but ", thumbprints ? RIGHTS_THUMBPRINTS : "",
                    thumbprints && date ? " and " : "", date ? RIGHTS_DATE : "", or_auth(rights));
    else if (rights->thumbprints == ANSWER_YES && rights->date == ANSWER_YES)
        finding_say(examiner->doctor, FINDING_OK, "write rights",
                    "Write Property on " RIGHTS_THUMBPRINTS " and " RIGHTS_DATE " of the auth configuration");
    else
        finding_say(examiner->doctor, examiner->doctor->emergency ? FINDING_FAILED : FINDING_WARNING, "write rights",
                    "the directory does not tell whether the account may write " RIGHTS_THUMBPRINTS
                    " and " RIGHTS_DATE);
    grant(examiner, (thumbprints ? LACKING_THUMBPRINTS : 0U) | (date ? LACKING_DATE : 0U));
}

/* A container that can be read. */
static void tell_container(struct examiner *examiner) {
    const struct facts *facts = examiner->facts;
    const struct rights *rights = &examiner->rights;
    const char *dn = facts->directory.records_dn;

    if (facts->may_record == ANSWER_NO) {
        finding_say(examiner->doctor, examiner->renews ? FINDING_WARNING : FINDING_OK, "records",
                    "the account may not add one to %s", dn);
        grant(examiner, examiner->renews ? LACKING_RECORD | LACKING_WORDS : 0);
    } else {
        finding_say(examiner->doctor, FINDING_OK, "records", "%zu in %s%s", facts->record_count, dn,
                    !examiner->renews || facts->may_record == ANSWER_YES
                        ? ""
                        : "; the directory does not tell whether the account may add one");
    }
    if (!examiner->renews && (facts->may_record == ANSWER_YES || rights->records_writable > 0))
        finding_say(examiner->doctor, FINDING_WARNING, "records",
                    "mode is monitor, but the account may write records in %s: take that right away", dn);
    if (examiner->renews && rights->records > rights->records_writable) {
        finding_say(examiner->doctor, FINDING_WARNING, "records",
                    "to %zu of the %zu that can be seen the account may not add servers: it lacks Write Property on "
                    "" RIGHTS_WORDS,
                    rights->records - rights->records_writable, rights->records);
        grant(examiner, LACKING_WORDS);
    }
    tell_too_much(examiner, &rights->container, "", "", RIGHTS_RECORD);
}

static void tell_records(struct examiner *examiner) {
    const struct facts *facts = examiner->facts;

    if (!examiner->doctor->config->directory.records || !facts->read)
        return;
    if (facts->records_read == ANSWER_YES)
        tell_container(examiner);
    if (facts->records_read != ANSWER_NO)
        return;
    finding_say(examiner->doctor, examiner->renews ? FINDING_WARNING : FINDING_OK, "records",
                "there is no container %s, so no other agent can learn from this one, nor this one from others",
                facts->directory.records_dn);
    if (examiner->renews)
        grant(examiner, LACKING_CONTAINER | LACKING_RECORD | LACKING_WORDS);
}

bool doctor_rights(struct doctor *doctor, const struct facts *facts) {
    const struct config *config = doctor->config;
    struct examiner examiner = {
        .doctor = doctor, .facts = facts, .renews = doctor->emergency || config->policy.mode == MODE_RENEW};
    struct error err = {0};
    bool may = false;

    if (!rights_read(&config->directory, doctor->invocation->now, facts, &examiner.rights, &err)) {
        if (facts->read)
            finding_say(doctor, doctor->emergency ? FINDING_FAILED : FINDING_WARNING, "rights",
                        "they could not be asked for: %s", err.text);
        return false;
    }
    if (!facts->read && !examiner.rights.hidden)
        goto out;
    tell_account(&examiner);
    tell_reading(&examiner);
    if (examiner.renews)
        tell_writing(&examiner);
    else
        tell_writing_in_monitor(&examiner);
    /* The rest neither hinders nor helps in an emergency. */
    if (!doctor->emergency) {
        tell_too_much(&examiner, &examiner.rights.organization, "", "", "");
        tell_too_much(&examiner, &examiner.rights.auth, RIGHTS_THUMBPRINTS, RIGHTS_DATE, "");
        tell_records(&examiner);
    }
    may = examiner.rights.thumbprints == ANSWER_YES && examiner.rights.date == ANSWER_YES;
out:
    rights_free(&examiner.rights);
    return may;
}
