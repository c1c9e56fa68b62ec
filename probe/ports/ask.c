#include "probe/ports/ask.h"

#include <stdlib.h>

#include "probe/ports/handshake.h"

struct asking {
    const struct ask_settings *settings;
    struct inventory *inventory;
    enum handshake_version version;
};

static bool is_asked(const struct asking *asking, const struct place *place) {
    if (place->host == NULL)
        return false;
    if (asking->version == HANDSHAKE_ANY)
        return place->state == PLACE_UNASKED;
    return place->state == PLACE_SHOWN &&
           (place->kind == PLACE_HTTPS || place->kind == PLACE_SMTP || place->kind == PLACE_NAME);
}

static bool begin(void *context, size_t index, struct crowd_member **ret_member, struct error *err) {
    const struct asking *asking = context;
    const struct place *place = &asking->inventory->places[index];
    struct handshake *handshake;

    if (!is_asked(asking, place))
        return true;
    if (!handshake_make(place, index, asking->settings->timeout, asking->version, &handshake, err))
        return false;
    *ret_member = &handshake->member;
    return true;
}

/* The handshake alone tells: what comes after it is not of interest. */
static void note_old(struct asking *asking, struct handshake *handshake, CURLcode result, enum place_state state) {
    struct place *place = &asking->inventory->places[handshake->index];

    place->old_tls[asking->version == HANDSHAKE_TLS_1_1 ? 1 : 0] =
        result == CURLE_OK                                     ? ANSWER_YES
        : state == PLACE_UNCLEAR || state == PLACE_NO_STARTTLS ? ANSWER_NO
                                                               : ANSWER_UNKNOWN;
}

static bool ended(void *context, struct crowd_member *member, CURLcode result, int64_t waited, bool *ret_more,
                  struct error *err) {
    struct asking *asking = context;
    struct handshake *handshake = (struct handshake *)member;
    struct place *place = &asking->inventory->places[handshake->index];
    struct text trouble = {0};
    struct error why = {0};
    enum place_state state = handshake_end(handshake, result, asking->settings->timeout, &trouble);

    (void)waited;
    (void)ret_more;
    if (asking->version != HANDSHAKE_ANY) {
        note_old(asking, handshake, result, state);
        text_free(&trouble);
        return true;
    }
    if (handshake->failed) {
        text_free(&trouble);
        return error_memory(err);
    }
    if (state == PLACE_SHOWN &&
        !inventory_add_shown(asking->inventory, handshake->chain, handshake->chain_count, &place->shown, &why)) {
        if (why.kind != ERROR_DATA)
            return error_set(err, why.kind, "%s", why.text);
        state = PLACE_UNCLEAR;
        text_format(&trouble, "its certificate cannot be read: %s", why.text);
    }
    place->state = state;
    if (state == PLACE_SHOWN) {
        text_free(&trouble);
        return true;
    }
    place->trouble = text_take(&trouble);
    return place->trouble != NULL || error_memory(err);
}

static bool ask(struct asking *asking, struct error *err) {
    const struct crowd_order order = {.count = asking->inventory->place_count,
                                      .parallel = asking->settings->parallel,
                                      .begin = begin,
                                      .ended = ended,
                                      .release = handshake_free,
                                      .context = asking};

    return crowd_run(&order, err);
}

bool ask_places(const struct ask_settings *settings, struct inventory *inventory, struct error *err) {
    struct asking asking = {.settings = settings, .inventory = inventory, .version = HANDSHAKE_ANY};

    return ask(&asking, err);
}

bool ask_old_tls(const struct ask_settings *settings, int version, struct inventory *inventory, struct error *err) {
    struct asking asking = {
        .settings = settings, .inventory = inventory, .version = version == 0 ? HANDSHAKE_TLS_1_0 : HANDSHAKE_TLS_1_1};

    return ask(&asking, err);
}
