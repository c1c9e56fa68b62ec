#include "monitor/config/credential.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/text.h"

#define NAME_MOST 255
#define DIAGNOSTICS_MOST 1024
#define DECRYPT_TIMEOUT 30 /* seconds; a TPM may be slow */

bool credential_name_valid(const char *name) {
    size_t length = strlen(name);

    if (length == 0 || length > NAME_MOST || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (const char *c = name; *c != '\0'; c++)
        if (*c <= 0x20 || *c >= 0x7f || *c == '/' || *c == ':')
            return false;
    return true;
}

/* Newer systemd versions let a service's user read a credential that belongs to root by an access list. The group bits
 * of the mode are then the list's mask, and the list itself has to say that nobody else is let in
 * (linux/posix_acl_xattr.h: a version, then tag, permissions and id of each entry, little-endian). */
static bool listed_for_us_alone(int file) {
    enum { USER = 0x02, MASK = 0x10, OWNER = 0x01 };
    struct {
        uint32_t version;
        struct {
            uint16_t tag;
            uint16_t permissions;
            uint32_t id;
        } entries[16];
    } list;
    struct stat status;
    ssize_t length = fgetxattr(file, "system.posix_acl_access", &list, sizeof(list));

    if (length < (ssize_t)sizeof(list.version) || le32toh(list.version) != 2 || fstat(file, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode) || status.st_uid != 0 || (status.st_mode & S_IRWXO) != 0)
        return false;
    size_t count = ((size_t)length - sizeof(list.version)) / sizeof(list.entries[0]);
    for (size_t i = 0; i < count; i++) {
        uint16_t tag = le16toh(list.entries[i].tag);
        if (tag == OWNER || tag == MASK || (tag == USER && le32toh(list.entries[i].id) == geteuid()))
            continue;
        if (list.entries[i].permissions != 0)
            return false;
    }
    return true;
}

static bool read_service_file(const char *path, struct secret *ret_secret, struct error *err) {
    char content[SECRET_MOST + 1];
    size_t length = 0;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool done = false;

    if (file < 0 || !listed_for_us_alone(file))
        done = secret_read_file(path, ret_secret, err);
    else if (!file_read_open(file, content, sizeof(content), &length))
        error_errno(err, errno, "cannot read the credential %s", path);
    else
        done = secret_take("the credential", path, content, length, ret_secret, err);
    explicit_bzero(content, sizeof(content));
    if (file >= 0)
        close(file);
    return done;
}

/* What systemd-creds said of its failure: the beginning of its standard error. */
static const char *said(const struct child_result *result, char *out, size_t size) {
    const char *end = memchr(result->diagnostics.data, '\n', result->diagnostics.length);

    return text_printable(out, size, result->diagnostics.data,
                          end != NULL ? (size_t)(end - result->diagnostics.data) : result->diagnostics.length);
}

static bool take_decrypted(const struct credential_places *places, const char *path, const struct child_result *result,
                           struct secret *ret_secret, struct error *err) {
    char text[256];

    if (result->answers.cut)
        return error_set(err, ERROR_CONFIG, "the credential %s holds more than %d bytes", path, SECRET_MOST);
    if (result->end == CHILD_LATE)
        return error_set(err, ERROR_LOCAL, "cannot decrypt the credential %s with %s within %d s", path,
                         places->decrypt, places->timeout);
    if (result->end == CHILD_STOPPED)
        return error_set(err, ERROR_LOCAL, "cannot decrypt the credential %s: interrupted", path);
    if (result->end == CHILD_KILLED)
        return error_set(err, ERROR_LOCAL, "cannot decrypt the credential %s: %s was ended by signal %d", path,
                         places->decrypt, result->number);
    if (result->number != 0)
        return error_set(err, ERROR_CREDENTIALS, "cannot decrypt the credential %s: %s ended with status %d: %s", path,
                         places->decrypt, result->number, said(result, text, sizeof(text)));
    return secret_take("the credential", path, result->answers.data, result->answers.length, ret_secret, err);
}

static bool read_encrypted(const struct credential_places *places, const char *name, const char *path,
                           struct secret *ret_secret, struct error *err) {
    char word_name[sizeof("--name=") + NAME_MOST];
    char *const arguments[] = {
        (char[]){"systemd-creds"}, word_name, (char[]){"decrypt"}, (char *)path, (char[]){"-"}, NULL};
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, NULL};
    const struct child_order order = {.path = places->decrypt,
                                      .arguments = arguments,
                                      .environment = environment,
                                      .answers_most = SECRET_MOST,
                                      .diagnostics_most = DIAGNOSTICS_MOST,
                                      .flood_ends = true,
                                      .timeout = places->timeout};
    struct child_result result = {0};
    bool done;

    /* The name is sealed into the file; without it systemd-creds compares the file's own name. */
    snprintf(word_name, sizeof(word_name), "--name=%s", name);
    if (!child_run(&order, &result, NULL))
        return error_set(err, ERROR_LOCAL,
                         "cannot decrypt the credential %s: %s could not be run; it belongs to systemd", path,
                         places->decrypt);
    done = take_decrypted(places, path, &result, ret_secret, err);
    child_result_free(&result);
    return done;
}

/* FOLDER/NAME into `out`; false when there is no such file. */
static bool find_file(const char *folder, const char *name, char out[PATH_MAX]) {
    struct stat status;

    if (folder == NULL || snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return false;
    return lstat(out, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool credential_read_from(const struct credential_places *places, const char *name, struct secret *ret_secret,
                          struct error *err) {
    char path[PATH_MAX];

    if (!credential_name_valid(name))
        return error_set(err, ERROR_CONFIG, "\"%s\" is no name of a credential", name);
    if (places->directory != NULL) {
        if (places->directory[0] != '/')
            return error_set(err, ERROR_CONFIG, "CREDENTIALS_DIRECTORY is no absolute path");
        if (find_file(places->directory, name, path))
            return read_service_file(path, ret_secret, err);
        return error_set(err, ERROR_CREDENTIALS,
                         "there is no credential %s in %s; add LoadCredential=%s:/path/of/the/file to the unit", name,
                         places->directory, name);
    }
    for (size_t i = 0; i < 2; i++)
        if (find_file(places->plain[i], name, path))
            return secret_read_file(path, ret_secret, err);
    for (size_t i = 0; i < 2; i++)
        if (find_file(places->encrypted[i], name, path))
            return read_encrypted(places, name, path, ret_secret, err);
    if (places->plain[0] == NULL)
        return error_set(err, ERROR_CREDENTIALS,
                         "cannot read the credential %s: CREDENTIALS_DIRECTORY is not set, and only root may look into "
                         "/etc/credstore; run this as the service or as root",
                         name);
    return error_set(err, ERROR_CREDENTIALS,
                     "there is no credential %s in %s, %s, %s or %s; put it into one of these folders", name,
                     places->plain[0], places->plain[1], places->encrypted[0], places->encrypted[1]);
}

bool credential_read(const char *name, struct secret *ret_secret, struct error *err) {
    struct credential_places places = {
        .directory = getenv("CREDENTIALS_DIRECTORY"), .decrypt = "/usr/bin/systemd-creds", .timeout = DECRYPT_TIMEOUT};

    if (places.directory == NULL && geteuid() == 0) {
        places.plain[0] = "/run/credstore";
        places.plain[1] = "/etc/credstore";
        places.encrypted[0] = "/run/credstore.encrypted";
        places.encrypted[1] = "/etc/credstore.encrypted";
    }
    return credential_read_from(&places, name, ret_secret, err);
}
