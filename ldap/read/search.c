#include "ldap/read/search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "ldap/connect/options.h"
#include "ldap/read/range.h"
#include "ldap/connect/trouble.h"

/* An answer in many parts may take this many times as long as one part. */
#define WHOLE_FACTOR 12
#define COOKIE_MOST 65536
#define PAGES_MOST (4 * SEARCH_ENTRIES_MOST / SEARCH_PAGE)
#define WHAT_SIZE 512

/* Bytes that come in for one search, with all that stands around names and values; and while an answer is waited for
 * that lies within another one, whose messages libldap keeps meanwhile, at a twentyfold price if they are small. */
#define WIRE_MOST (SEARCH_BYTES_MOST + SEARCH_BYTES_MOST / 2)
#define WIRE_WITHIN_MOST (SEARCH_BYTES_MOST / 4)

/* What one search has used up so far. */
struct progress {
    size_t entries;
    size_t bytes;
    size_t pages;
    bool within;          /* another search */
    struct berval cookie; /* of the next page */
};

/* The rootDSE has no name. */
static const char *name_of(const struct search *search) {
    return search->base[0] ? search->base : "the server's own entry (rootDSE)";
}

static char *attempt(const struct search *search, char out[WHAT_SIZE]) {
    snprintf(out, WHAT_SIZE, "read %.400s", name_of(search));
    return out;
}

static bool garbled(const struct search *search, struct error *err) {
    return error_set(err, ERROR_DATA, "the answer about %s is damaged: what answers there does not speak LDAP properly",
                     name_of(search));
}

/* The values stay in the message; only the arrays that point to them are new. */
static bool read_attributes(LDAP *handle, LDAPMessage *message, BerElement *ber, struct entry *entry,
                            struct progress *progress) {
    struct berval name;
    BerVarray values;

    for (;;) {
        values = NULL;
        if (ldap_get_attribute_ber(handle, message, ber, &name, &values) != LDAP_SUCCESS)
            return false;
        if (!name.bv_val)
            return true;
        if (entry->count == ENTRY_ATTRIBUTES_MOST) {
            ber_memfree(values);
            return false;
        }
        entry->attributes[entry->count++] = (struct attribute){.name = name, .values = values};
        for (size_t i = 0; values && values[i].bv_val; i++)
            progress->bytes += values[i].bv_len + sizeof(struct berval);
    }
}

static bool run_pages(struct connection *connection, const struct search *search, struct progress *progress,
                      int *ret_code, struct error *err);

static struct search search_of(const char *dn, const char *const *attributes, entry_take *take, void *context) {
    return (struct search){.base = dn,
                           .scope = LDAP_SCOPE_BASE,
                           .filter = "(objectClass=*)",
                           .attributes = attributes,
                           .most = 1,
                           .take = take,
                           .context = context};
}

/* One more search while an entry of another is being taken: within that one's time. Nothing in it is completed. */
static bool fetch_part(void *searcher, const char *dn, const char *name, entry_take *take, void *context,
                       struct error *err) {
    const char *const attributes[] = {name, NULL};
    const struct search search = search_of(dn, attributes, take, context);
    struct progress progress = {.within = true};
    struct connection *connection = searcher;
    size_t kept_back = connection->guard.left > WIRE_WITHIN_MOST ? connection->guard.left - WIRE_WITHIN_MOST : 0;
    int code = LDAP_SUCCESS;
    bool ok;

    connection->guard.left -= kept_back;
    ok = run_pages(connection, &search, &progress, &code, err);
    connection->guard.left += kept_back;
    return ok;
}

static bool take_entry(struct connection *connection, const struct search *search, LDAPMessage *message,
                       struct progress *progress, struct error *err) {
    char dn[4096 + 1];
    struct entry entry = {.dn = dn};
    struct berval name = {0};
    BerElement *ber = NULL;
    bool ok = false;

    if (++progress->entries > search->most)
        return error_set(err, ERROR_DATA, "the answer about %s has more than %zu entries, and reading was ended there",
                         name_of(search), search->most);
    if (ldap_get_dn_ber(connection->handle, message, &ber, &name) != LDAP_SUCCESS || !name.bv_val ||
        name.bv_len >= sizeof(dn) || memchr(name.bv_val, '\0', name.bv_len)) {
        garbled(search, err);
        goto out;
    }
    memcpy(dn, name.bv_val, name.bv_len);
    dn[name.bv_len] = '\0';
    if (!read_attributes(connection->handle, message, ber, &entry, progress)) {
        garbled(search, err);
        goto out;
    }
    progress->bytes += name.bv_len;
    if (progress->bytes > SEARCH_BYTES_MOST) {
        error_set(err, ERROR_DATA, "the answer about %s is larger than %lu bytes, and reading was ended there",
                  name_of(search), SEARCH_BYTES_MOST);
        goto out;
    }
    ok = (progress->within || range_complete(&(struct range_source){fetch_part, connection}, &entry, err)) &&
         search->take(search->context, &entry, err);
out:
    for (size_t i = 0; i < entry.count; i++)
        if (entry.attributes[i].owned)
            ber_bvarray_free(entry.attributes[i].values);
        else
            ber_memfree(entry.attributes[i].values);
    ber_free(ber, 0);
    return ok;
}

/* Keeps the cookie of the next page; an empty one means that this was the last. */
static bool take_cookie(LDAP *handle, LDAPControl **controls, struct progress *progress) {
    LDAPControl *control = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
    struct berval cookie = {0};
    ber_int_t estimate = 0;

    ber_memfree(progress->cookie.bv_val);
    progress->cookie = (struct berval){0};
    if (!control)
        return true;
    if (ldap_parse_pageresponse_control(handle, control, &estimate, &cookie) != LDAP_SUCCESS)
        return false;
    progress->cookie = cookie;
    return cookie.bv_len <= COOKIE_MOST;
}

static bool take_result(struct connection *connection, const struct search *search, LDAPMessage *message,
                        struct progress *progress, int *ret_code, struct error *err) {
    LDAPControl **controls = NULL;
    char *matched = NULL;
    char *said = NULL;
    char what[WHAT_SIZE];
    int code = LDAP_SUCCESS;
    bool ok = false;

    if (ldap_parse_result(connection->handle, message, &code, &matched, &said, NULL, &controls, 0) != LDAP_SUCCESS) {
        garbled(search, err);
    } else if (code != LDAP_SUCCESS) {
        *ret_code = code;
        trouble_say(code, said, attempt(search, what), err);
    } else if (!take_cookie(connection->handle, controls, progress)) {
        garbled(search, err);
    } else {
        ok = true;
    }
    ldap_controls_free(controls);
    ldap_memfree(matched);
    ldap_memfree(said);
    return ok;
}

/* Waits for one message. */
static bool next_message(struct connection *connection, const struct search *search, int id, LDAPMessage **ret_message,
                         struct error *err) {
    struct timeval limit = {.tv_sec = connection->timeout};
    char what[WHAT_SIZE];
    int number;
    int type;

    attempt(search, what);
    if (guard_past(&connection->guard))
        return trouble_say(LDAP_TIMEOUT, "the whole answer takes too long", what, err);
    errno = 0;
    type = ldap_result(connection->handle, id, LDAP_MSG_ONE, &limit, ret_message);
    number = errno;
    if (type > 0)
        return true;
    if (type == 0)
        return trouble_say(LDAP_TIMEOUT, NULL, what, err);
    if (number == ERANGE)
        return error_set(err, ERROR_DATA,
                         "cannot %s: the server announces a message of more than %d bytes, and reading "
                         "was ended there",
                         what, OPTIONS_MESSAGE_MOST);
    return trouble_set(connection->handle, connection_code(connection), what, err);
}

/* Reads the messages of one request to its result. */
static bool read_page(struct connection *connection, const struct search *search, int id, struct progress *progress,
                      int *ret_code, struct error *err) {
    for (;;) {
        LDAPMessage *message = NULL;
        bool ok = false;
        int type;

        if (!next_message(connection, search, id, &message, err))
            return false;
        type = ldap_msgtype(message);
        if (type == LDAP_RES_SEARCH_ENTRY)
            ok = take_entry(connection, search, message, progress, err);
        else if (type == LDAP_RES_SEARCH_RESULT)
            ok = take_result(connection, search, message, progress, ret_code, err);
        else if (type == LDAP_RES_SEARCH_REFERENCE)
            error_set(
                err, ERROR_DIRECTORY,
                "a part of %s lies in another directory, and referrals are not followed: name a domain controller "
                "of this forest in uri",
                name_of(search));
        else
            garbled(search, err);
        ldap_msgfree(message);
        if (!ok || type == LDAP_RES_SEARCH_RESULT)
            return ok;
    }
}

static bool send_page(struct connection *connection, const struct search *search, struct progress *progress,
                      int *ret_id, struct error *err) {
    static char flags[] = {0x30, 3, 2, 1, 5}; /* a SEQUENCE with the number 1 (owner) + 4 (access list) */
    LDAPControl descriptor = {DESCRIPTOR_CONTROL, {.bv_len = sizeof(flags), .bv_val = flags}, 1};
    LDAPControl *page = NULL;
    LDAPControl *controls[3] = {NULL, NULL, NULL};
    size_t count = 0;
    char **attributes = (char **)(size_t)search->attributes;
    char what[WHAT_SIZE];
    int code = LDAP_SUCCESS;

    if (search->paged) {
        code = ldap_create_page_control(connection->handle, SEARCH_PAGE, &progress->cookie, 1, &page);
        if (code != LDAP_SUCCESS)
            return trouble_set(connection->handle, code, attempt(search, what), err);
        controls[count++] = page;
    }
    if (search->descriptor)
        controls[count] = &descriptor;
    code = ldap_search_ext(connection->handle, search->base, search->scope, search->filter, attributes, 0, controls,
                           NULL, NULL, LDAP_NO_LIMIT, ret_id);
    ldap_control_free(page);
    return code == LDAP_SUCCESS || trouble_set(connection->handle, code, attempt(search, what), err);
}

static bool run_pages(struct connection *connection, const struct search *search, struct progress *progress,
                      int *ret_code, struct error *err) {
    bool ok;

    do {
        int id = 0;

        ok = send_page(connection, search, progress, &id, err) &&
             read_page(connection, search, id, progress, ret_code, err);
        if (ok && progress->cookie.bv_len && ++progress->pages > PAGES_MOST)
            ok = error_set(err, ERROR_DATA,
                           "the answer about %s comes in more than %d pages, and reading was ended there",
                           name_of(search), PAGES_MOST);
    } while (ok && progress->cookie.bv_len);
    ber_memfree(progress->cookie.bv_val);
    return ok;
}

bool search_run(struct connection *connection, const struct search *search, int *ret_code, struct error *err) {
    struct progress progress = {0};
    int code = LDAP_SUCCESS;
    bool ok;

    guard_allow(&connection->guard, WHOLE_FACTOR * connection->timeout, WIRE_MOST);
    ok = run_pages(connection, search, &progress, &code, err);
    if (ret_code)
        *ret_code = code;
    return ok;
}

bool search_object(struct connection *connection, const char *dn, const char *const *attributes, entry_take *take,
                   void *context, int *ret_code, struct error *err) {
    const struct search search = search_of(dn, attributes, take, context);

    return search_run(connection, &search, ret_code, err);
}
