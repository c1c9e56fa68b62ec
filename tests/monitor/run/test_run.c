#include "monitor/run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/act/actor.h"
#include "monitor/run/exit.h"
#include "monitor/look/observe.h"
#include "tests/core/make_certificate.h"
#include "tests/monitor/scene.h"

#define HERE "CN=Auth Configuration"

/* The world behind the ports, and what it was asked to do. */
struct world {
    struct scene scene;
    const char *dn;     /* NULL = as the scene has it */
    enum source source; /* of current */
    struct bytes *data; /* values of msExchAuthCertificateData */
    size_t data_count;
    const char *thumbprint; /* of current; NULL = as the scene has it */
    enum told_result result;
    bool tell_fails, partly;          /* nothing sent nor kept; some recipients still wait */
    bool silent;                      /* not even an outcome in the report */
    const struct certificate *served; /* by every server that is asked, under the right realm; NULL = nobody is asked */
    unsigned asked;
    bool ask_fails;
    bool keep_fails, find_fails, flush_fails, flush_complains, no_mail;
    bool chat;       /* there is a second channel */
    bool chat_fails; /* which neither sends nor keeps anything */
    unsigned chatted;
    struct occasion chat_told;
    bool refuses; /* mode renew at a directory that takes no change, as if someone else were always faster */
    unsigned writes;
    struct stage stage;
    unsigned flushes, looks, finds;
    char told_order[8]; /* 'f' flush, 'l' look, 't' tell */
    struct occasion told[8];
    size_t told_count;
    char kept[8][THUMBPRINT_SIZE];
    size_t kept_count;
};

static void note(struct world *world, char what) {
    size_t length = strlen(world->told_order);

    if (length + 1 < sizeof(world->told_order))
        world->told_order[length] = what;
}

static void fake_look(void *context, struct facts *ret_facts) {
    struct world *world = context;

    note(world, 'l');
    scene_build(&world->scene, &world->stage, ret_facts);
    if (world->refuses)
        ret_facts->raw_count = 0; /* the scene counts values that it does not spell out */
    if (world->dn != NULL)
        ret_facts->directory.dn = (char *)world->dn;
    if (world->source != SOURCE_UNKNOWN)
        ret_facts->slot[SLOT_CURRENT].source = world->source;
    if (world->thumbprint != NULL)
        memcpy(ret_facts->slots.thumbprint[SLOT_CURRENT], world->thumbprint, THUMBPRINT_SIZE);
    ret_facts->certificate_data = world->data;
    ret_facts->certificate_data_count = world->data_count;
}

static bool fake_find(void *context, const char *thumbprint, struct certificate **ret_certificate,
                      enum source *ret_source, struct error *err) {
    struct world *world = context;

    assert_int_equal(strlen(thumbprint), THUMBPRINT_LENGTH);
    world->finds++;
    *ret_certificate = NULL;
    *ret_source = SOURCE_UNKNOWN;
    return !world->find_fails || error_set(err, ERROR_DATA, "the file is damaged");
}

static bool fake_keep(void *context, const struct certificate *certificate, struct error *err) {
    struct world *world = context;

    if (world->keep_fails)
        return error_set(err, ERROR_LOCAL, "the disk is full");
    assert_true(world->kept_count < 8);
    memcpy(world->kept[world->kept_count++], certificate->thumbprint, THUMBPRINT_SIZE);
    return true;
}

static bool fake_ask(void *context, const struct strings *servers, const struct progress_port *progress,
                     struct probed *ret_probed, struct error *err) {
    (void)progress;
    struct world *world = context;

    world->asked++;
    if (world->ask_fails)
        return error_set(err, ERROR_LOCAL, "libcurl is not installed");
    ret_probed->servers = calloc(servers->count, sizeof(*ret_probed->servers));
    ret_probed->certificates = calloc(1, sizeof(struct certificate *));
    assert_true(ret_probed->servers != NULL && ret_probed->certificates != NULL);
    assert_true(certificate_parse(world->served->der, world->served->der_length, &ret_probed->certificates[0], err));
    ret_probed->certificate_count = 1;
    ret_probed->server_count = servers->count;
    for (size_t i = 0; i < servers->count; i++)
        ret_probed->servers[i] = (struct probed_server){.fqdn = strdup(servers->items[i]),
                                                        .outcome = PROBED_UNCLEAR,
                                                        .trouble = strdup("its certificate was not checked")};
    return true;
}

static bool fake_tell(void *context, struct report *report, const struct occasion *occasion, struct error *err) {
    struct world *world = context;

    note(world, 't');
    assert_true(world->told_count < 8);
    world->told[world->told_count++] = *occasion;
    if (!world->silent)
        report->told[report->told_count++] =
            (struct told){.channel = "mail", .result = world->tell_fails ? TOLD_FAILED : world->result, .to = 2};
    if (world->tell_fails)
        return error_set(err, ERROR_NETWORK, "no relay answered and the outbox is full");
    if (world->partly)
        error_set(err, ERROR_NETWORK, "one recipient was refused");
    return true;
}

/* The second channel. */
static bool fake_chat(void *context, struct report *report, const struct occasion *occasion, struct error *err) {
    struct world *world = context;

    world->chatted++;
    world->chat_told = *occasion;
    report->told[report->told_count++] =
        (struct told){.channel = "webhook", .result = world->chat_fails ? TOLD_FAILED : TOLD_SENT, .to = 1};
    return !world->chat_fails || error_set(err, ERROR_NETWORK, "the webhook cannot be reached");
}

static bool fake_flush(void *context, time_t now, struct report *report, struct strings *troubles, struct news *news,
                       struct error *err) {
    struct world *world = context;

    (void)now;
    (void)report;
    note(world, 'f');
    world->flushes++;
    if (world->flush_complains)
        strings_add(troubles, "an old message still waits");
    if (world->flush_complains)
        news_note(news, now - DAY, true);
    return !world->flush_fails || error_set(err, ERROR_LOCAL, "the outbox cannot be read");
}

static enum write_result fake_write(void *context, const struct facts *facts, const struct change *change,
                                    struct error *err) {
    struct world *world = context;

    (void)change;
    world->writes++;
    error_set(err, ERROR_DIRECTORY, "a constraint of the server is violated (19)");
    /* Nothing in a scene is allocated but what the servers' answers added, so the next look must find nothing to free.
     */
    for (size_t i = 0; i < facts->server_count; i++)
        free(facts->servers[i].trouble);
    *(struct facts *)(uintptr_t)facts = (struct facts){0};
    return WRITE_LOST;
}

/* What one run came to. */
struct night {
    int exit;
    enum row row;
    enum status status;
    bool read;
    char troubles[512];
    char unreadable[ERROR_TEXT_SIZE];
    char remarks[512];
    enum slot_state current;
    enum answer reached; /* the first server */
    bool probed;
    enum source source; /* of current */
    size_t told_count;
};

static struct night night(struct world *world, struct history *history, time_t now) {
    struct run_ports ports = {.directory = {.context = world, .look = fake_look},
                              .shelf = {.context = world, .find = fake_find, .keep = fake_keep},
                              .channels = {{.name = "mail", .context = world, .tell = fake_tell, .flush = fake_flush}},
                              .channel_count = 1};
    struct night night = {.exit = -1};
    struct strings troubles = {0};
    struct policy policy;
    struct facts facts = {0};
    struct report report;
    struct error err = {0};
    size_t length = 0;

    memset(world->told_order, 0, sizeof(world->told_order));
    world->told_count = 0;
    if (world->served != NULL)
        ports.servers = (struct servers_port){.context = world, .ask = fake_ask};
    if (world->chat)
        ports.channels[ports.channel_count++] =
            (struct channel_port){.name = "webhook", .context = world, .tell = fake_chat};
    if (world->no_mail)
        ports.channel_count = 0;
    policy_default(&policy);
    if (world->refuses) {
        policy.mode = MODE_RENEW;
        ports.writer = (struct writer_port){.context = world, .write = fake_write};
    }
    if (!run_pass(&ports, &policy, now, history, &facts, &report, &troubles, &night.exit, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < troubles.count; i++)
        length += (size_t)snprintf(night.troubles + length, sizeof(night.troubles) - length, "%s\n", troubles.items[i]);
    length = 0;
    for (size_t i = 0; i < facts.remarks.count; i++)
        length += (size_t)snprintf(night.remarks + length, sizeof(night.remarks) - length, "%s\n",
                                   facts.remarks.items[i].text);
    memcpy(night.unreadable, facts.unreadable.text, sizeof(night.unreadable));
    night.row = report.decision.row;
    night.status = report.decision.status;
    night.read = facts.read;
    night.told_count = report.told_count;
    night.current = facts_slot_state(&facts, SLOT_CURRENT, now);
    night.reached = facts.server_count > 0 ? facts.servers[0].reached : ANSWER_UNKNOWN;
    night.probed = facts.probed;
    night.source = facts.slot[SLOT_CURRENT].source;
    report_free(&report);
    strings_free(&troubles);
    remarks_free(&facts.remarks);
    for (size_t i = 0; i < facts.server_count; i++)
        free(facts.servers[i].trouble);
    if (night.source == SOURCE_METADATA && world->source != SOURCE_METADATA)
        certificate_free(facts.slot[SLOT_CURRENT].certificate);
    if (facts.slot[SLOT_CURRENT].source == SOURCE_ATTRIBUTE && world->data != NULL)
        certificate_free(facts.slot[SLOT_CURRENT].certificate);
    return night;
}

static const struct scene calm = {.current = ENDS(YEAR)};
static const struct scene ending = {.current = ENDS(20 * DAY)};
static const struct scene dark = {.unreadable = true};

static const char *last_event(const struct history *history) {
    return history->event_count > 0 ? history->events[history->event_count - 1].kind : "";
}

static void test_all_is_well(void **state) {
    struct world world = {.scene = calm};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_DONE);
    assert_int_equal(seen.status, STATUS_OK);
    assert_string_equal(seen.troubles, "");
    /* What waits is sent before anything new is even looked at; nothing is due. */
    assert_string_equal(world.told_order, "fl");
    assert_string_equal(history.organization_dn, HERE);
    assert_int_equal(history.last_run, NOW);
    assert_int_equal(history.known.end, NOW + YEAR);
    assert_true(history.told.status_known);
    assert_int_equal(history.event_count, 0);
    history_free(&history);
}

/* A night under a clock that is a year ahead must not make the right clock of the next night look wrong. */
static void test_wrong_clock_is_not_remembered(void **state) {
    struct world world = {.scene = calm};
    struct history history = {0};

    (void)state;
    world.scene.skew = -400 * DAY;
    night(&world, &history, NOW);
    assert_int_equal(history.last_run, 0);
    assert_int_equal(history.pair.since, 0);
    world.scene.skew = 0;
    night(&world, &history, NOW - 300 * DAY);
    assert_int_equal(history.last_run, NOW - 300 * DAY);
    assert_int_equal(history.pair.since, NOW - 300 * DAY);
    history_free(&history);
}

/* The same after a night on which no directory could say that the clock was wrong. */
static void test_wrong_clock_in_the_dark_is_forgotten(void **state) {
    struct world world = {.scene = dark};
    struct history history = {0};

    (void)state;
    night(&world, &history, NOW + 400 * DAY);
    world.scene = calm;
    night(&world, &history, NOW);
    night(&world, &history, NOW + DAY);
    assert_int_equal(history.last_run, NOW + DAY);
    history_free(&history);
}

static void test_a_lost_race_that_nobody_won_is_a_failure(void **state) {
    struct world world = {.scene = {.current = ENDS(40 * DAY),
                                    .next = ENDS(4 * YEAR),
                                    .dated = true,
                                    .date = 40 * DAY,
                                    .hybrid = ANSWER_NO,
                                    .may_write = ANSWER_YES},
                          .refuses = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_FAILED);
    assert_int_equal(world.writes, 1);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.told[0].kind, OCCASION_FAILED);
    assert_true(history.act_failed);
    assert_non_null(strstr(history.events[0].text, "reschedule"));
    assert_non_null(strstr(history.events[0].text, "(19)"));
    history_free(&history);
}

/* Half a character at the end would keep the act out of every JSON. */
static void test_a_long_reason_is_cut_between_characters(void **state) {
    struct history history = {0};
    struct strings troubles = {0};
    struct report report = {0};
    struct looker looker = {.report = &report, .history = &history, .troubles = &troubles, .now = NOW};
    struct actor actor = {.looker = &looker};
    char reason[2 * ERROR_TEXT_SIZE + 1] = "", shown[8 * ERROR_TEXT_SIZE];
    const char *detail;

    (void)state;
    for (size_t i = 0; i < ERROR_TEXT_SIZE; i++)
        memcpy(reason + 2 * i, "\xc3\xa4", 2);
    actor_note(&actor, ACT_DELIVER, "", false, "%s", reason);
    assert_int_equal(report.done_count, 1);
    detail = report.done[0].detail;
    assert_true(strlen(detail) > ERROR_TEXT_SIZE / 2);
    assert_string_equal(text_printable(shown, sizeof(shown), detail, strlen(detail)), detail);
    report_free(&report);
    strings_free(&troubles);
    history_free(&history);
}

static void test_told(void **state) {
    struct world world = {.scene = ending};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_DONE);
    assert_string_equal(world.told_order, "flt");
    assert_int_equal(world.told[0].kind, OCCASION_EXPIRY);
    assert_int_equal(world.told[0].threshold_days, 30);
    assert_string_equal(last_event(&history), "told");
    assert_non_null(strstr(history.events[0].text, "mail sent, 2 recipients"));

    seen = night(&world, &history, NOW + DAY);
    assert_int_equal(seen.exit, EXIT_DONE);
    assert_int_equal(world.told_count, 0);
    assert_int_equal(seen.told_count, 0);
    assert_int_equal(history.event_count, 1);
    history_free(&history);
}

/* Kept in the outbox it will be sent, so it is not told again; but this run told nobody. */
static void test_queued(void **state) {
    struct world world = {.scene = ending, .result = TOLD_QUEUED};
    struct history history = {0};

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_FAILED);
    assert_int_equal(history.told.threshold, 30);
    assert_string_equal(last_event(&history), "told");
    assert_non_null(strstr(history.events[0].text, "mail queued"));
    assert_int_equal(night(&world, &history, NOW + DAY).exit, EXIT_DONE);
    assert_int_equal(world.told_count, 0);
    history_free(&history);
}

static void test_told_to_nobody_is_tried_again(void **state) {
    struct world world = {.scene = ending, .tell_fails = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_FAILED);
    assert_non_null(strstr(seen.troubles, "no relay answered"));
    assert_false(history.told.status_known);
    assert_int_equal(history.told.threshold, 0);
    assert_string_equal(last_event(&history), "trouble");
    /* The look itself is remembered all the same. */
    assert_int_equal(history.last_run, NOW);
    assert_int_equal(history.known.end, NOW + 20 * DAY);

    world.tell_fails = false;
    assert_int_equal(night(&world, &history, NOW + DAY).exit, EXIT_DONE);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.told[0].threshold_days, 30);
    history_free(&history);
}

/* One channel that took it is enough; the other gets the present state as soon as it works again. */
static void test_one_of_two_channels(void **state) {
    struct world world = {.scene = ending, .chat = true, .chat_fails = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_DONE);
    assert_int_equal(seen.told_count, 2);
    assert_non_null(strstr(seen.troubles, "the webhook cannot be reached"));
    assert_non_null(strstr(history.events[0].text, "(mail sent, 2 recipients; webhook failed, 1 recipient)"));
    assert_int_equal(history.told.threshold, 30);

    /* Nothing new is due, and mail is told nothing twice. */
    assert_int_equal(night(&world, &history, NOW + DAY).exit, EXIT_DONE);
    assert_int_equal(world.told_count, 0);
    assert_int_equal(world.chatted, 2);
    world.chat_fails = false;
    night(&world, &history, NOW + 2 * DAY);
    assert_int_equal(world.told_count, 0);
    assert_int_equal(world.chatted, 3);
    assert_int_equal(world.chat_told.kind, OCCASION_STATUS);
    night(&world, &history, NOW + 3 * DAY);
    assert_int_equal(world.chatted, 3);
    history_free(&history);
}

static void test_no_channel_at_all_took_it(void **state) {
    struct world world = {.scene = ending, .chat = true, .chat_fails = true, .tell_fails = true};
    struct history history = {0};

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_FAILED);
    assert_int_equal(history.told.threshold, 0);
    assert_string_equal(last_event(&history), "trouble");
    world.chat_fails = false;
    assert_int_equal(night(&world, &history, NOW + DAY).exit, EXIT_DONE);
    assert_int_equal(history.told.threshold, 30);
    /* Mail missed it. */
    world.tell_fails = false;
    night(&world, &history, NOW + 2 * DAY);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.chatted, 2);
    history_free(&history);
}

static void test_message_that_could_not_be_made(void **state) {
    struct world world = {.scene = ending, .tell_fails = true, .silent = true};
    struct history history = {0};

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_FAILED);
    assert_int_equal(history.told.threshold, 0);
    assert_string_equal(last_event(&history), "seen");
    history_free(&history);
}

static void test_some_recipients_still_wait(void **state) {
    struct world world = {.scene = ending, .partly = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_non_null(strstr(seen.troubles, "one recipient was refused"));
    assert_int_equal(history.told.threshold, 30);
    history_free(&history);
}

/* A channel that is set up later begins with what is due then. */
static void test_without_a_channel_nothing_counts_as_told(void **state) {
    struct world world = {.scene = ending, .no_mail = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_true(seen.read);
    assert_string_equal(world.told_order, "l");
    assert_string_equal(last_event(&history), "seen");
    world.no_mail = false;
    assert_int_equal(night(&world, &history, NOW + HOUR).exit, EXIT_DONE);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.told[0].threshold_days, 30);
    history_free(&history);
}

static void test_outbox_troubles(void **state) {
    struct world world = {.scene = calm, .flush_complains = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    /* Somebody has the message that waits, or the channel would have said that nobody was reached. */
    assert_int_equal(seen.exit, EXIT_DONE);
    assert_non_null(strstr(seen.troubles, "an old message still waits"));
    /* An outbox that cannot be read stops neither the look nor the telling. */
    world = (struct world){.scene = ending, .flush_fails = true};
    seen = night(&world, &history, NOW + DAY);
    assert_int_equal(seen.exit, EXIT_FAILED);
    assert_non_null(strstr(seen.troubles, "the outbox cannot be read"));
    assert_string_equal(world.told_order, "flt");
    history_free(&history);
}

static void test_unreadable(void **state) {
    struct world world = {.scene = calm};
    struct history history = {0};
    struct night seen;

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_DONE);
    world.scene = dark;
    seen = night(&world, &history, NOW + DAY);
    assert_int_equal(seen.exit, EXIT_UNREADABLE);
    assert_int_equal(seen.row, ROW_UNREADABLE);
    assert_int_equal(seen.status, STATUS_UNKNOWN);
    assert_int_equal(world.told_count, 0);
    assert_string_equal(last_event(&history), "seen");
    seen = night(&world, &history, NOW + 2 * DAY);
    assert_int_equal(seen.exit, EXIT_UNREADABLE);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.told[0].kind, OCCASION_BLIND);
    assert_int_equal(world.told[0].known_end, NOW + YEAR);
    assert_int_equal(world.told[0].blind_since, NOW + DAY);
    /* Seen again. */
    world.scene = calm;
    assert_int_equal(night(&world, &history, NOW + 3 * DAY).exit, EXIT_DONE);
    assert_int_equal(world.told[0].kind, OCCASION_RECOVERED);
    assert_int_equal(history.blind.since, 0);
    history_free(&history);
}

/* Of two failures the directory's is the exit status, and what could not be told is told the next night. */
static void test_unreadable_and_untold(void **state) {
    struct world world = {.scene = dark, .tell_fails = true};
    struct history history = {0};

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_UNREADABLE);
    assert_int_equal(night(&world, &history, NOW + DAY).exit, EXIT_UNREADABLE);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(history.blind.told, 0);
    world.tell_fails = false;
    assert_int_equal(night(&world, &history, NOW + 2 * DAY).exit, EXIT_UNREADABLE);
    assert_int_equal(world.told_count, 1);
    assert_int_equal(history.blind.told, NOW + 2 * DAY);
    assert_int_equal(history.blind.since, NOW);
    history_free(&history);
}

/* Blind nights that nobody was told of end without a word, and do not count for the next spell. */
static void test_spell_that_was_never_told(void **state) {
    struct world world = {.scene = ending, .tell_fails = true};
    struct history history = {0};

    (void)state;
    (void)night(&world, &history, NOW);
    world.scene = dark;
    (void)night(&world, &history, NOW + DAY);
    world.scene = ending;
    (void)night(&world, &history, NOW + 2 * DAY);
    assert_int_equal(history.blind.since, 0);
    world.scene = dark;
    (void)night(&world, &history, NOW + 3 * DAY);
    assert_int_equal(history.blind.since, NOW + 3 * DAY);
    history_free(&history);
}

static void test_another_organization(void **state) {
    struct world world = {.scene = calm};
    struct history history = {0};
    struct night seen;

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_DONE);
    /* Names in a directory are the same in any case. */
    world.dn = "cn=AUTH configuration";
    assert_int_equal(night(&world, &history, NOW + HOUR).exit, EXIT_DONE);

    world.dn = "CN=Auth Configuration,CN=Fabrikam";
    world.scene = ending;
    seen = night(&world, &history, NOW + DAY);
    assert_int_equal(seen.exit, EXIT_USAGE);
    assert_false(seen.read);
    assert_int_equal(seen.row, ROW_UNREADABLE);
    assert_non_null(strstr(seen.unreadable, "Fabrikam"));
    assert_non_null(strstr(seen.unreadable, "[state] directory"));
    assert_int_equal(world.told_count, 0);
    assert_string_equal(history.organization_dn, HERE);
    assert_int_equal(history.last_run, NOW + HOUR);
    assert_int_equal(history.known.end, NOW + YEAR);
    history_free(&history);
}

static void test_what_others_have_is_kept(void **state) {
    struct world world = {.scene = calm, .source = SOURCE_METADATA};
    struct history history = {0};

    (void)state;
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_DONE);
    assert_int_equal(world.kept_count, 1);
    assert_string_equal(world.kept[0], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_int_equal(world.finds, 0);
    history_free(&history);

    world = (struct world){.scene = calm, .source = SOURCE_STORE};
    assert_int_equal(night(&world, &history, NOW).exit, EXIT_DONE);
    assert_int_equal(world.kept_count, 0);
    history_free(&history);
}

/* A certificate that cannot be kept is trouble, but the telling goes on. */
static void test_keep_fails(void **state) {
    struct world world = {.scene = ending, .source = SOURCE_METADATA, .keep_fails = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.exit, EXIT_FAILED);
    assert_non_null(strstr(seen.troubles, "the current certificate could not be kept on this host: the disk is full"));
    assert_int_equal(world.told_count, 1);
    history_free(&history);
}

static void test_damaged_store(void **state) {
    struct world world = {.scene = {.current = {.set = true, .known = IS_UNKNOWN}}, .find_fails = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(seen.row, ROW_UNKNOWN_CERTIFICATE);
    assert_int_equal(seen.status, STATUS_UNKNOWN);
    assert_non_null(strstr(seen.remarks, "The current certificate cannot be read on this host: the file is damaged"));
    assert_int_equal(world.told_count, 1);
    assert_int_equal(world.told[0].kind, OCCASION_STATUS);
    history_free(&history);
}

/* The attribute's bytes count only for the slot whose thumbprint is their SHA-1; what is no certificate is passed. */
static void test_bytes_of_the_attribute(void **state) {
    struct world world = {.scene = {.current = {.set = true, .known = IS_UNKNOWN}}};
    struct history history = {0};
    struct recipe recipe = recipe_good();
    struct bytes values[2] = {{.data = (unsigned char *)(uintptr_t) "rubbish", .length = 7}};
    struct certificate *certificate;
    struct night seen;

    (void)state;
    values[1].data = make_der(&recipe, &values[1].length);
    assert_true(certificate_parse(values[1].data, values[1].length, &certificate, NULL));
    world.data = values;
    world.data_count = 2;
    seen = night(&world, &history, NOW);
    assert_int_equal(seen.current, SLOT_UNKNOWN);
    assert_int_equal(world.finds, 1);
    assert_int_equal(world.kept_count, 0);
    assert_non_null(strstr(seen.remarks, "A value of msExchAuthCertificateData cannot be read"));

    world.thumbprint = certificate->thumbprint;
    world.finds = 0;
    seen = night(&world, &history, NOW + HOUR);
    assert_int_equal(seen.current, SLOT_USABLE);
    assert_int_equal(world.finds, 0);
    assert_int_equal(world.kept_count, 1);
    assert_string_equal(world.kept[0], certificate->thumbprint);
    assert_int_equal(history.known.end, certificate->not_after);
    certificate_free(certificate);
    OPENSSL_free(values[1].data);
    history_free(&history);
}

/* What servers say gives the bytes, which are kept before anything is decided; they are asked once in a run. */
static void test_servers_are_asked_once(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *served = make_certificate(&recipe);
    struct world world = {.scene = {.current = {.set = true, .known = IS_UNKNOWN}, .servers = {{.site = "A"}}},
                          .thumbprint = served->thumbprint,
                          .served = served};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_int_equal(world.asked, 1);
    assert_int_equal(seen.source, SOURCE_METADATA);
    assert_int_equal(seen.current, SLOT_USABLE);
    assert_int_equal(seen.row, ROW_NONE);
    assert_int_equal(seen.reached, ANSWER_YES);
    assert_int_equal(world.kept_count, 1);
    assert_string_equal(world.kept[0], served->thumbprint);
    history_free(&history);

    world.asked = 0;
    world.ask_fails = true;
    seen = night(&world, &history, NOW);
    assert_int_equal(seen.exit, EXIT_FAILED);
    assert_int_equal(seen.row, ROW_UNKNOWN_CERTIFICATE);
    assert_false(seen.probed);
    assert_non_null(strstr(seen.troubles, "the Exchange servers could not be asked: libcurl is not installed"));
    assert_non_null(strstr(seen.remarks, "The Exchange servers could not be asked: libcurl is not installed"));
    assert_int_equal(world.asked, 1);
    history_free(&history);
    certificate_free(served);
}

/* A directory that cannot be read names nobody to ask. */
static void test_nobody_is_asked_in_the_dark(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *served = make_certificate(&recipe);
    struct world world = {.scene = dark, .served = served};
    struct history history = {0};

    (void)state;
    (void)night(&world, &history, NOW);
    assert_int_equal(world.asked, 0);
    history_free(&history);
    certificate_free(served);
}

/* Every look of a run judges by the same answers. */
static void test_a_later_look_asks_nobody(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *served = make_certificate(&recipe);
    struct world world = {.scene = {.current = ENDS(YEAR),
                                    .servers = {{.site = "A"}},
                                    .leftover = LEFTOVER_DATE,
                                    .dated = true,
                                    .hybrid = ANSWER_NO,
                                    .may_write = ANSWER_YES},
                          .served = served,
                          .refuses = true};
    struct history history = {0};
    struct night seen = night(&world, &history, NOW);

    (void)state;
    assert_true(world.writes > 0);
    assert_true(strlen(world.told_order) > 2);
    assert_int_equal(world.asked, 1);
    assert_int_equal(seen.reached, ANSWER_YES);
    history_free(&history);
    certificate_free(served);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_servers_are_asked_once),
        cmocka_unit_test(test_nobody_is_asked_in_the_dark),
        cmocka_unit_test(test_a_later_look_asks_nobody),
        cmocka_unit_test(test_all_is_well),
        cmocka_unit_test(test_wrong_clock_is_not_remembered),
        cmocka_unit_test(test_wrong_clock_in_the_dark_is_forgotten),
        cmocka_unit_test(test_a_lost_race_that_nobody_won_is_a_failure),
        cmocka_unit_test(test_a_long_reason_is_cut_between_characters),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_queued),
        cmocka_unit_test(test_told_to_nobody_is_tried_again),
        cmocka_unit_test(test_one_of_two_channels),
        cmocka_unit_test(test_no_channel_at_all_took_it),
        cmocka_unit_test(test_message_that_could_not_be_made),
        cmocka_unit_test(test_some_recipients_still_wait),
        cmocka_unit_test(test_without_a_channel_nothing_counts_as_told),
        cmocka_unit_test(test_outbox_troubles),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_unreadable_and_untold),
        cmocka_unit_test(test_spell_that_was_never_told),
        cmocka_unit_test(test_another_organization),
        cmocka_unit_test(test_what_others_have_is_kept),
        cmocka_unit_test(test_keep_fails),
        cmocka_unit_test(test_damaged_store),
        cmocka_unit_test(test_bytes_of_the_attribute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
