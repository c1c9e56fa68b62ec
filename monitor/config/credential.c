#include "monitor/config/credential.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define NAME_MOST 255
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

static int64_t milliseconds(void) {
    struct timespec at = {0};

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* Reads `file` to its end, at most `size` bytes; gives up at the deadline with ETIMEDOUT. */
static bool read_until(int file, int64_t deadline, char *content, size_t size, size_t *ret_length) {
    size_t length = 0;

    while (length < size) {
        struct pollfd ready = {.fd = file, .events = POLLIN};
        int64_t left = deadline - milliseconds();
        int count = left <= 0 ? 0 : poll(&ready, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (count == 0) {
            errno = ETIMEDOUT;
            return false;
        }
        if (count < 0 && errno != EINTR)
            return false;
        if (count < 0)
            continue;
        ssize_t got = read(file, content + length, size - length);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            length += (size_t)got;
    }
    *ret_length = length;
    return true;
}

/* The rules of secret_read_file for bytes that came another way. */
static bool take_content(const char *path, const char *content, size_t length, struct secret *ret_secret,
                         struct error *err) {
    if (length > SECRET_MOST)
        return error_set(err, ERROR_CONFIG, "the credential %s holds more than %d bytes", path, SECRET_MOST);
    if (memchr(content, '\0', length) != NULL)
        return error_set(err, ERROR_CONFIG, "the credential %s holds a NUL byte, so it is no text", path);
    if (length > 0 && content[length - 1] == '\n')
        length--;
    if (length > 0 && content[length - 1] == '\r')
        length--;
    if (length == 0)
        return error_set(err, ERROR_CONFIG, "the credential %s is empty", path);
    return secret_copy(content, length, ret_secret, err);
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
    char content[SECRET_MOST + 3];
    size_t length = 0;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool done = false;

    if (file < 0 || !listed_for_us_alone(file))
        done = secret_read_file(path, ret_secret, err);
    else if (!read_until(file, INT64_MAX, content, sizeof(content), &length))
        error_errno(err, errno, "cannot read the credential %s", path);
    else
        done = take_content(path, content, length, ret_secret, err);
    explicit_bzero(content, sizeof(content));
    if (file >= 0)
        close(file);
    return done;
}

/* Becomes systemd-creds. Only calls that are safe after fork. */
static _Noreturn void become_decrypt(const char *program, char *const arguments[], int output) {
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)signal(SIGPIPE, SIG_DFL);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, UINT_MAX, 0) == 0)
        execve(program, arguments, environment);
    _exit(127);
}

static int wait_for(pid_t child) {
    int status = -1;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static bool run_decrypt(const struct credential_places *places, const char *name, const char *path, char *content,
                        size_t size, size_t *ret_length, struct error *err) {
    char word_name[sizeof("--name=") + NAME_MOST];
    char word_path[PATH_MAX];
    char *const arguments[] = {
        (char[]){"systemd-creds"}, word_name, (char[]){"decrypt"}, word_path, (char[]){"-"}, NULL};
    int ends[2];
    size_t length = 0;

    /* The name is sealed into the file; without it systemd-creds compares the file's own name. */
    snprintf(word_name, sizeof(word_name), "--name=%s", name);
    snprintf(word_path, sizeof(word_path), "%s", path);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_errno(err, errno, "cannot make a pipe to %s", places->decrypt);
    pid_t child = fork();
    if (child == 0)
        become_decrypt(places->decrypt, arguments, ends[1]);
    int failure = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return error_errno(err, failure, "cannot start %s", places->decrypt);
    }
    bool complete = read_until(ends[0], milliseconds() + (int64_t)places->timeout * 1000, content, size, &length);
    failure = errno;
    close(ends[0]);
    if (!complete || length == size)
        kill(child, SIGKILL);
    int status = wait_for(child);
    if (!complete)
        return error_errno(err, failure, "cannot decrypt the credential %s with %s within %d s", path, places->decrypt,
                           places->timeout);
    if (length == size)
        return error_set(err, ERROR_CONFIG, "the credential %s holds more than %d bytes", path, SECRET_MOST);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return error_set(err, ERROR_LOCAL,
                         "cannot decrypt the credential %s: %s could not be run or was ended; it belongs to systemd",
                         path, places->decrypt);
    if (WEXITSTATUS(status) != 0)
        return error_set(err, ERROR_CREDENTIALS,
                         "cannot decrypt the credential %s: %s ended with status %d; its own message says why", path,
                         places->decrypt, WEXITSTATUS(status));
    *ret_length = length;
    return true;
}

static bool read_encrypted(const struct credential_places *places, const char *name, const char *path,
                           struct secret *ret_secret, struct error *err) {
    char content[SECRET_MOST + 3];
    size_t length = 0;
    bool done = run_decrypt(places, name, path, content, sizeof(content), &length, err) &&
                take_content(path, content, length, ret_secret, err);

    explicit_bzero(content, sizeof(content));
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
