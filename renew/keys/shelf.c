#include "renew/keys/shelf.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define FOLDER_KEPT "certificates"
#define FOLDER_IMPORTED "imported"
#define SUFFIX ".der"
#define FILE_NAME_SIZE (THUMBPRINT_LENGTH + sizeof(SUFFIX))

/* Only 40 hex digits ever become part of a file name. */
static bool file_name(const char *thumbprint, char ret_name[FILE_NAME_SIZE], struct error *err) {
    char parsed[THUMBPRINT_SIZE];

    if (!thumbprint_parse(thumbprint, strlen(thumbprint), parsed))
        return error_set(err, ERROR_BUG, "a certificate was looked up by \"%s\", which is no thumbprint", thumbprint);
    memcpy(ret_name, parsed, THUMBPRINT_LENGTH);
    memcpy(ret_name + THUMBPRINT_LENGTH, SUFFIX, sizeof(SUFFIX));
    return true;
}

static bool damaged(const char *folder, const char *name, const char *why, struct error *err) {
    return error_set(err, ERROR_DATA,
                     "%s/%s in the state folder is damaged: %s; remove the file; the next run keeps the certificate "
                     "again when it finds its bytes, or give it with `authcert import`",
                     folder, name, why);
}

/* Finds a certificate in one of the two folders. Not there is true with *ret_certificate untouched. */
static bool find_in(const struct shelf *shelf, const char *folder, const char *name,
                    struct certificate **ret_certificate, struct error *err) {
    struct certificate *certificate = NULL;
    struct error problem = {0};
    struct bytes bytes = {0};
    int descriptor = -1;
    bool done = false;

    if (!folder_open(shelf->state, folder, false, 0, true, &descriptor, &problem) ||
        !file_read(descriptor, name, CERTIFICATE_MOST, &bytes, &problem)) {
        if (problem.kind == ERROR_NONE)
            done = true;
        else if (problem.kind == ERROR_DATA)
            damaged(folder, name, problem.text, err);
        else
            error_set(err, problem.kind, "reading %s/%s in the state folder: %s", folder, name, problem.text);
        goto out;
    }
    if (!certificate_parse(bytes.data, bytes.length, &certificate, &problem)) {
        damaged(folder, name, problem.text, err);
        goto out;
    }
    if (strncmp(certificate->thumbprint, name, THUMBPRINT_LENGTH) != 0) {
        damaged(folder, name, "its SHA-1 is not its name", err);
        goto out;
    }
    *ret_certificate = certificate;
    certificate = NULL;
    done = true;
out:
    certificate_free(certificate);
    bytes_free(&bytes);
    if (descriptor >= 0)
        close(descriptor);
    return done;
}

bool shelf_find(void *context, const char *thumbprint, struct certificate **ret_certificate, enum source *ret_source,
                struct error *err) {
    const struct shelf *shelf = context;
    struct certificate *found = NULL;
    enum source source = SOURCE_STORE;
    struct error first = {0};
    char name[FILE_NAME_SIZE];

    if (!file_name(thumbprint, name, err))
        return false;
    if (shelf->state >= 0) {
        bool kept = find_in(shelf, FOLDER_KEPT, name, &found, &first);

        if (found == NULL) {
            source = SOURCE_IMPORT;
            /* A damaged file does not hide a good one; without one, the damage is the answer. */
            if (!find_in(shelf, FOLDER_IMPORTED, name, &found, kept ? err : NULL) && kept)
                return false;
            if (found == NULL && !kept)
                return error_set(err, first.kind, "%s", first.text);
        }
    }
    *ret_certificate = found;
    *ret_source = found != NULL ? source : SOURCE_UNKNOWN;
    return true;
}

/* The same bytes already there stay untouched; anything else under the name is damage, and replaced. */
static bool keep_in(const struct shelf *shelf, const char *folder, const struct certificate *certificate, bool *ret_new,
                    struct error *err) {
    struct bytes bytes = {0};
    char name[FILE_NAME_SIZE];
    int descriptor = -1;
    bool there;
    bool done = false;

    if (shelf->state < 0)
        return error_set(err, ERROR_LOCAL, "the certificate cannot be kept: there is no state folder");
    if (!file_name(certificate->thumbprint, name, err))
        return false;
    if (!folder_open(shelf->state, folder, true, 0755, false, &descriptor, err))
        return error_context(err, "keeping certificate %s", certificate->thumbprint);
    there = file_read(descriptor, name, CERTIFICATE_MOST, &bytes, NULL) && bytes.length == certificate->der_length &&
            memcmp(bytes.data, certificate->der, bytes.length) == 0;
    if (!there && !file_write(descriptor, name, 0644, certificate->der, certificate->der_length, err)) {
        error_context(err, "keeping certificate %s in %s", certificate->thumbprint, folder);
        goto out;
    }
    *ret_new = !there;
    done = true;
out:
    bytes_free(&bytes);
    close(descriptor);
    return done;
}

bool shelf_keep(void *context, const struct certificate *certificate, struct error *err) {
    bool is_new;

    return keep_in(context, FOLDER_KEPT, certificate, &is_new, err);
}

bool shelf_import(struct shelf *shelf, const struct certificate *certificate, bool *ret_new, struct error *err) {
    return keep_in(shelf, FOLDER_IMPORTED, certificate, ret_new, err);
}
