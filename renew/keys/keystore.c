#include "renew/keys/keystore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "renew/keys/key_file.h"

#define FOLDER "keys"
#define SUFFIX_USED ".key"
#define SUFFIX_CANDIDATE ".candidate"
#define FILE_NAME_SIZE (THUMBPRINT_LENGTH + sizeof(SUFFIX_CANDIDATE))
#define KEYS_MOST 4096 /* files looked at in one listing */

static const char *folder_of(const struct keystore *store) {
    return store->folder != NULL ? store->folder : FOLDER;
}

static const char *suffix_of(bool candidate) {
    return candidate ? SUFFIX_CANDIDATE : SUFFIX_USED;
}

/* Only 40 hex digits ever become part of a file name. */
static bool file_name(const char *thumbprint, bool candidate, char ret_name[FILE_NAME_SIZE], struct error *err) {
    char parsed[THUMBPRINT_SIZE];

    if (!thumbprint_parse(thumbprint, strlen(thumbprint), parsed))
        return error_set(err, ERROR_BUG, "a key was looked up by \"%s\", which is no thumbprint", thumbprint);
    snprintf(ret_name, FILE_NAME_SIZE, "%s%s", parsed, suffix_of(candidate));
    return true;
}

/* False when it is none of ours: a temporary file that a crash left, one that was set aside, ... */
static bool parse_file_name(const char *name, char ret_thumbprint[THUMBPRINT_SIZE], bool *ret_candidate) {
    char parsed[THUMBPRINT_SIZE];

    if (strlen(name) <= THUMBPRINT_LENGTH || !thumbprint_parse(name, THUMBPRINT_LENGTH, parsed) ||
        memcmp(parsed, name, THUMBPRINT_LENGTH) != 0)
        return false;
    if (strcmp(name + THUMBPRINT_LENGTH, SUFFIX_USED) != 0 && strcmp(name + THUMBPRINT_LENGTH, SUFFIX_CANDIDATE) != 0)
        return false;
    memcpy(ret_thumbprint, parsed, THUMBPRINT_SIZE);
    *ret_candidate = strcmp(name + THUMBPRINT_LENGTH, SUFFIX_CANDIDATE) == 0;
    return true;
}

static bool open_folder(const struct keystore *store, bool create, int *ret_folder, struct error *err) {
    if (store->state < 0) {
        if (create)
            return error_set(err, ERROR_LOCAL, "keys cannot be kept: there is no state folder");
        if (err != NULL)
            *err = (struct error){0};
        return false;
    }
    return folder_open(store->state, folder_of(store), create, 0700, false, ret_folder, err);
}

/* Says which file it is, and what to do with a damaged one. */
static bool in_file(const char *name, struct error *err) {
    if (err != NULL && err->kind == ERROR_DATA) {
        char why[ERROR_TEXT_SIZE];

        snprintf(why, sizeof(why), "%s", err->text);
        return error_set(err, ERROR_DATA,
                         "%s/%s in the state folder is damaged: %s; put it back from a backup, or give its key pair "
                         "with `authcert import`",
                         FOLDER, name, why);
    }
    return error_context(err, "%s/%s in the state folder", FOLDER, name);
}

/* Reads one file without opening its key. Not there is false with ERROR_NONE. */
static bool read_key_file(int folder, const char *name, struct key_file *ret_file, struct error *err) {
    struct key_file file = {0};
    struct bytes bytes = {0};
    bool done = false;

    if (!file_read_private(folder, name, KEY_FILE_MOST, &bytes, err))
        return err->kind == ERROR_NONE ? false : in_file(name, err);
    if (!key_file_parse(bytes.data, bytes.length, &file, err)) {
        in_file(name, err);
        goto out;
    }
    if (strncmp(file.certificate->thumbprint, name, THUMBPRINT_LENGTH) != 0) {
        error_set(err, ERROR_DATA, "the SHA-1 of its certificate is not its name");
        in_file(name, err);
        goto out;
    }
    *ret_file = file;
    file = (struct key_file){0};
    done = true;
out:
    key_file_free(&file);
    bytes_free(&bytes);
    return done;
}

static bool open_key_file(const struct keystore *store, int folder, const char *name, struct keypair *ret_pair,
                          struct error *err) {
    struct key_file file = {0};
    bool done;

    if (!read_key_file(folder, name, &file, err))
        return false;
    done = key_file_open(&file, store->password, ret_pair, err);
    if (!done)
        in_file(name, err);
    key_file_free(&file);
    return done;
}

/* Opens the one under either name; a damaged file does not hide a good one. */
static bool open_either(const struct keystore *store, int folder, const char *thumbprint, struct keypair *ret_pair,
                        struct error *err) {
    struct error first = {0};

    for (int candidate = 0; candidate <= 1; candidate++) {
        char name[FILE_NAME_SIZE];
        struct error problem = {0};

        if (!file_name(thumbprint, candidate == 1, name, err))
            return false;
        if (open_key_file(store, folder, name, ret_pair, &problem))
            return true;
        if (first.kind == ERROR_NONE)
            first = problem;
    }
    if (err != NULL)
        *err = first;
    return false;
}

bool keystore_open(const struct keystore *store, const char *thumbprint, struct keypair *ret_pair, struct error *err) {
    int folder = -1;
    bool done;

    if (!open_folder(store, false, &folder, err))
        return false;
    done = open_either(store, folder, thumbprint, ret_pair, err);
    close(folder);
    return done;
}

static bool is_there(int folder, const char *name) {
    struct stat status;

    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool write_pair(const struct keystore *store, int folder, const struct keypair *pair, bool candidate,
                       struct error *err) {
    struct secret text = {0};
    char name[FILE_NAME_SIZE];
    bool done;

    done = file_name(pair->certificate->thumbprint, candidate, name, err) &&
           key_file_compose(pair, store->password, &text, err) &&
           file_write(folder, name, 0600, text.value, text.length, err);
    if (!done)
        error_context(err, "keeping the key of certificate %s in %s", pair->certificate->thumbprint, FOLDER);
    secret_free(&text);
    return done;
}

bool keystore_keep(const struct keystore *store, const struct keypair *pair, struct error *err) {
    struct keypair kept = {0};
    int folder = -1;
    bool done;

    if (!keypair_matches(pair, err) || !open_folder(store, true, &folder, err))
        return error_context(err, "keeping the key of certificate %s", pair->certificate->thumbprint);
    /* One that is kept already, and perhaps in use, is no candidate again. */
    done = open_either(store, folder, pair->certificate->thumbprint, &kept, NULL) ||
           write_pair(store, folder, pair, true, err);
    keypair_free(&kept);
    close(folder);
    return done;
}

bool keystore_make(const struct keystore *store, int bits, struct span lifetime, time_t now,
                   struct certificate **ret_certificate, struct error *err) {
    struct keypair pair = {0};
    bool done = keypair_make_named(store->subject, bits, lifetime, now, &pair, err) && keystore_keep(store, &pair, err);

    if (done) {
        *ret_certificate = pair.certificate;
        pair.certificate = NULL;
    }
    keypair_free(&pair);
    return done;
}

static bool mark_used(int folder, const char *thumbprint, struct error *err) {
    char candidate[FILE_NAME_SIZE];
    char used[FILE_NAME_SIZE];

    if (!file_name(thumbprint, true, candidate, err) || !file_name(thumbprint, false, used, err))
        return false;
    /* Under both names it is used; neither is the one to lose. */
    if (is_there(folder, used) && is_there(folder, candidate))
        return true;
    return file_rename(folder, candidate, used, err);
}

bool keystore_mark_used(const struct keystore *store, const char *thumbprint, struct error *err) {
    struct error problem = {0};
    int folder = -1;
    bool done = false;

    if (open_folder(store, false, &folder, &problem)) {
        done = mark_used(folder, thumbprint, &problem);
        close(folder);
    } else if (problem.kind == ERROR_NONE) {
        error_set(&problem, ERROR_LOCAL, "no keys are kept here");
    }
    if (done)
        return true;
    return error_set(err, problem.kind, "marking the key of certificate %s as used: %s", thumbprint, problem.text);
}

bool keystore_import(const struct keystore *store, const struct keypair *pair, bool *ret_new, struct error *err) {
    const char *thumbprint = pair->certificate->thumbprint;
    struct keypair kept = {0};
    int folder = -1;
    bool there;
    bool done;

    if (!keypair_matches(pair, err) || !open_folder(store, true, &folder, err))
        return error_context(err, "taking in the key of certificate %s", thumbprint);
    there = open_either(store, folder, thumbprint, &kept, NULL);
    keypair_free(&kept);
    /* One that is kept but does not open is replaced: by its name it is the same key. */
    done = there ? mark_used(folder, thumbprint, err) : write_pair(store, folder, pair, false, err);
    close(folder);
    if (done)
        *ret_new = !there;
    return done;
}

bool keystore_remove(const struct keystore *store, const char *thumbprint, struct error *err) {
    struct error problem = {0};
    int folder = -1;
    bool done = true;

    if (!open_folder(store, false, &folder, &problem)) {
        if (problem.kind == ERROR_NONE)
            return true;
        return error_set(err, problem.kind, "removing the key of certificate %s: %s", thumbprint, problem.text);
    }
    for (int candidate = 0; candidate <= 1 && done; candidate++) {
        char name[FILE_NAME_SIZE];

        done = file_name(thumbprint, candidate == 1, name, err) && file_remove(folder, name, err);
    }
    close(folder);
    return done || error_context(err, "removing the key of certificate %s", thumbprint);
}

struct listing {
    struct kept_key *keys;
    size_t count;
    size_t size;
};

static bool listing_add(struct listing *listing, const struct kept_key *key, struct error *err) {
    /* Under both names it was used. */
    for (size_t i = 0; i < listing->count; i++) {
        if (strcmp(listing->keys[i].thumbprint, key->thumbprint) == 0) {
            listing->keys[i].candidate = false;
            return true;
        }
    }
    if (listing->count == listing->size) {
        size_t size = listing->size == 0 ? 16 : listing->size * 2;
        struct kept_key *larger = reallocarray(listing->keys, size, sizeof(*larger));

        if (larger == NULL)
            return error_memory(err);
        listing->keys = larger;
        listing->size = size;
    }
    listing->keys[listing->count++] = *key;
    return true;
}

/* Adds what stands under `name`, or a sentence to `troubles`. */
static bool list_one(int folder, const char *name, struct listing *listing, struct strings *troubles,
                     struct error *err) {
    struct key_file file = {0};
    struct kept_key key = {0};
    struct error problem = {0};
    bool done;

    if (!parse_file_name(name, key.thumbprint, &key.candidate))
        return true;
    if (!read_key_file(folder, name, &file, &problem)) {
        if (problem.kind != ERROR_NONE)
            strings_add(troubles, "%s", problem.text);
        return true;
    }
    key.not_before = file.certificate->not_before;
    key.not_after = file.certificate->not_after;
    key.key_bits = file.certificate->key_bits;
    done = listing_add(listing, &key, err);
    key_file_free(&file);
    return done;
}

static int compare_keys(const void *left, const void *right) {
    const struct kept_key *a = left;
    const struct kept_key *b = right;

    if (a->not_before != b->not_before)
        return a->not_before > b->not_before ? -1 : 1;
    return strcmp(a->thumbprint, b->thumbprint);
}

static bool list_all(DIR *names, struct listing *listing, struct strings *troubles, struct error *err) {
    for (size_t seen = 0;; seen++) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(names);
        if (entry == NULL)
            return errno == 0 ? true : error_errno(err, errno, "cannot list %s in the state folder", FOLDER);
        if (seen == KEYS_MOST) {
            strings_add(troubles,
                        "%s in the state folder holds more than %d files; the rest was not looked at: take away what "
                        "does not belong there.",
                        FOLDER, KEYS_MOST);
            return true;
        }
        if (!list_one(dirfd(names), entry->d_name, listing, troubles, err))
            return false;
    }
}

bool keystore_list(const struct keystore *store, struct kept_key **ret_keys, size_t *ret_count,
                   struct strings *troubles, struct error *err) {
    struct error problem = {0};
    struct listing listing = {0};
    DIR *names = NULL;
    int folder = -1;
    bool done = false;

    if (!open_folder(store, false, &folder, &problem)) {
        if (problem.kind != ERROR_NONE)
            return error_set(err, problem.kind, "listing the kept keys: %s", problem.text);
        *ret_keys = NULL;
        *ret_count = 0;
        return true;
    }
    names = fdopendir(folder);
    if (names == NULL) {
        error_errno(err, errno, "cannot list %s in the state folder", FOLDER);
        goto out;
    }
    folder = -1; /* part of `names` now */
    if (!list_all(names, &listing, troubles, err))
        goto out;
    if (listing.count > 0)
        qsort(listing.keys, listing.count, sizeof(*listing.keys), compare_keys);
    *ret_keys = listing.keys;
    *ret_count = listing.count;
    listing.keys = NULL;
    done = true;
out:
    free(listing.keys);
    if (names != NULL)
        closedir(names);
    if (folder >= 0)
        close(folder);
    return done;
}
