#include "monitor/doctor/apart.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/walk.h"
#include "monitor/config/config.h"
#include "monitor/config/table.h"

#define STATES "/var/lib/authcert/"
#define SECRETS "/etc/authcert/secrets/"

/* Whoever owns a folder above the state folder can put another one in its place. */
static void examine_above(struct doctor *doctor) {
    struct error err = {0};
    struct walk walk;

    if (geteuid() != 0 || !walk_begin(&walk, doctor->config->state_directory, &err))
        return;
    while (walk_next(&walk, &err) && !walk.missing)
        if (walk.status.st_uid != 0 && walk.rest[strspn(walk.rest, "/")] != '\0') {
            finding_say(
                doctor, FINDING_WARNING, "state folder",
                "the folder %s above it belongs to user %lu, who can put another state folder there; type: chown "
                "root: %s",
                walk.place, (unsigned long)walk.status.st_uid, walk.place);
            break;
        }
    walk_end(&walk);
}

/* The name that the units know the organization by; NULL where they do not know it. */
static const char *instance_of(const struct config *config) {
    const char *path = config->state_directory;
    const char *name = path + strlen(STATES);

    return strncmp(path, STATES, strlen(STATES)) == 0 && name[0] != '\0' && !strchr(name, '/') ? name : NULL;
}

/* A unit sees its own organization's folder alone, and has nothing to say then. */
static bool several_organizations(void) {
    DIR *folder = opendir(STATES);
    int count = 0;

    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.' ? 1 : 0;
    if (folder)
        closedir(folder);
    return count > 1;
}

static void examine_secret(struct doctor *doctor, enum config_id id, const char *instance) {
    const char *value = doctor->config->values[id].text;
    const char *section = config_sections[config_keys[id].section];
    const size_t length = strlen(instance);

    if (!value)
        return;
    if (value[0] == '/') {
        if (strncmp(value, SECRETS, strlen(SECRETS)) != 0 || strncmp(value + strlen(SECRETS), instance, length) != 0 ||
            value[strlen(SECRETS) + length] != '/')
            finding_say(doctor, FINDING_WARNING, section,
                        "%s = %s can be read by the units of this host's other organizations; move it into " SECRETS
                        "%s, which they do not see",
                        config_keys[id].name, value, instance);
    } else if (strcmp(instance, "default") != 0 && (strncmp(value, instance, length) != 0 || value[length] != '-')) {
        /* The default organization's names are those without another one's in front. */
        finding_say(doctor, FINDING_WARNING, section,
                    "%s = %s is another organization's as well; name it %s-%s here and in /etc/credstore, and remove "
                    "the drop-in that loads the shared one",
                    config_keys[id].name, value, instance, value);
    }
}

void doctor_apart(struct doctor *doctor) {
    static const enum config_id secrets[] = {
        DIRECTORY_PASSWORD_FILE, DIRECTORY_PASSWORD_CREDENTIAL, DIRECTORY_KEYTAB,
        MAIL_PASSWORD_FILE,      MAIL_PASSWORD_CREDENTIAL,      WEBHOOK_URL_FILE,
        METRICS_PING_URL_FILE,   STATE_KEY_PASSWORD_FILE,       STATE_KEY_PASSWORD_CREDENTIAL};
    const char *instance = instance_of(doctor->config);

    examine_above(doctor);
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]) && instance && several_organizations(); i++)
        examine_secret(doctor, secrets[i], instance);
}
