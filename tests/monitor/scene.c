#include "tests/monitor/scene.h"

#include <stdio.h>
#include <string.h>

static void build_slot(const struct scene_slot *from, enum slot slot, struct stage *stage, struct facts *facts) {
    struct certificate *certificate = &stage->certificates[slot];

    if (!from->set)
        return;
    for (int i = 0; i < THUMBPRINT_LENGTH; i++)
        facts->slots.thumbprint[slot][i] = (char)('A' + (int)slot);
    facts->slot[slot].key_kept = from->key_kept;
    facts->slot[slot].delivery = from->delivery;
    if (from->known == IS_UNKNOWN)
        return;
    memcpy(certificate->thumbprint, facts->slots.thumbprint[slot], THUMBPRINT_SIZE);
    certificate->not_before = NOW + (from->starts != 0 ? from->starts : -YEAR);
    certificate->not_after = NOW + from->ends;
    certificate->rsa = !from->not_rsa;
    certificate->key_bits = from->bits != 0 ? from->bits : 2048;
    snprintf(certificate->key, sizeof(certificate->key), "RSA %d", certificate->key_bits);
    facts->slot[slot].certificate = certificate;
    facts->slot[slot].source = SOURCE_STORE;
}

static void build_servers(const struct scene *scene, struct stage *stage, struct facts *facts) {
    static const struct scene_server usual = {.site = "A", .reached = ANSWER_YES};

    for (size_t i = 0; i < SCENE_SERVERS && (i == 0 || scene->servers[i].site != NULL); i++) {
        const struct scene_server *from = scene->servers[i].site != NULL ? &scene->servers[i] : &usual;

        if (from == &usual && scene->no_servers)
            break;

        stage->servers[i] = (struct server_facts){.fqdn = (char *)"ex.contoso.test",
                                                  .site = (char *)from->site,
                                                  .version = (char *)"15.2.1544.25",
                                                  .counted = !from->not_counted,
                                                  .holds = from->not_counted ? from->holds : ANSWER_YES,
                                                  .reached = from->reached,
                                                  .presence = {from->current, from->previous, from->next}};
        facts->server_count++;
    }
    facts->servers = stage->servers;
    facts->servers_read = ANSWER_YES;
}

static void build_controllers(const struct scene *scene, struct stage *stage, struct facts *facts) {
    size_t counts[] = {
        [ANSWER_UNKNOWN] = scene->controllers_unknown,
        [ANSWER_NO] = scene->controllers_differ,
        [ANSWER_YES] = scene->controllers_agree,
    };

    facts->controllers = stage->controllers;
    for (size_t answer = 0; answer < sizeof(counts) / sizeof(counts[0]); answer++)
        for (size_t i = 0; i < counts[answer] && facts->controller_count < SCENE_SERVERS; i++)
            stage->controllers[facts->controller_count++] =
                (struct controller_facts){.server = (char *)"dc2.contoso.test", .agrees = (enum answer)answer};
    facts->compared = facts->controller_count > 0;
}

void scene_build(const struct scene *scene, struct stage *stage, struct facts *ret_facts) {
    *stage = (struct stage){0};
    *ret_facts = (struct facts){.read = !scene->unreadable,
                                .directory = {.dn = (char *)"CN=Auth Configuration",
                                              .clock_known = !scene->no_clock,
                                              .clock_skew = scene->skew,
                                              .writer_down = scene->writer_down,
                                              .read_only = scene->read_only},
                                .probed = scene->probed,
                                .servers_clocks_off = scene->servers_clocks_off,
                                .record_foreign = scene->record_foreign,
                                .hybrid = scene->hybrid,
                                .may_write = scene->may_write,
                                .raw_count = 1u + scene->previous.set + scene->next.set};
    if (scene->unreadable)
        error_set(&ret_facts->unreadable, ERROR_NETWORK, "nothing answered");
    build_slot(&scene->current, SLOT_CURRENT, stage, ret_facts);
    build_slot(&scene->previous, SLOT_PREVIOUS, stage, ret_facts);
    build_slot(&scene->next, SLOT_NEXT, stage, ret_facts);
    ret_facts->slots.malformed = scene->malformed;
    ret_facts->slots.leftover = scene->leftover;
    ret_facts->slots.bare_current = scene->bare;
    ret_facts->slots.hidden[SLOT_CURRENT] = scene->hidden;
    ret_facts->slots.date_set = scene->dated;
    ret_facts->slots.date_readable = scene->dated && (scene->malformed & MALFORMED_DATE) == 0;
    ret_facts->slots.date = ret_facts->slots.date_readable ? NOW + scene->date : 0;
    if (scene->changed != 0)
        ret_facts->attribute_changed = NOW - scene->changed;
    if (scene->candidate != NULL)
        snprintf(ret_facts->candidate.thumbprint, THUMBPRINT_SIZE, "%s", scene->candidate);
    ret_facts->candidate.not_after = NOW + (scene->candidate_ends != 0 ? scene->candidate_ends : 5 * YEAR);
    ret_facts->candidate.delivery = scene->candidate_delivery;
    if (scene->other_next_is_candidate)
        snprintf(ret_facts->slots.other_next, THUMBPRINT_SIZE, "%s", scene->candidate);
    build_servers(scene, stage, ret_facts);
    build_controllers(scene, stage, ret_facts);
}
