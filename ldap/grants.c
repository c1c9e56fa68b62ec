#include "ldap/grants.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT "DOMAIN\\ACCOUNT"
#define ORGANIZATION "DN-OF-THE-ORGANIZATION"
#define AUTH "DN-OF-THE-AUTH-CONFIGURATION"
#define CONTAINER "DN-OF-THE-CONTAINER"
#define DATABASE "/var/lib/samba/private/sam.ldb"

/* Signs, typographic quotes (PowerShell ends a string at them) and forms of double width (code pages make quotes of
 * them) begin with these bytes of UTF-8, and so does what is for private use. */
#define SIGNS "\xC2\xCA\xCB\xE2\xEE\xEF"

/* Within double quotes the command prompt expands %NAME% and !NAME!, PowerShell $NAME, $(...) and what a backtick
 * escapes, and a backslash at the end takes the closing quote with it. So only what is known to be harmless is filled
 * in: letters, digits, and what stands in most names. */
static bool is_plain(const char *value) {
    const size_t length = strlen(value);

    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)value[i];

        if (byte < 0x80 ? !isalnum(byte) && strchr(" =,.-_@\\&'()+/#", byte) == NULL
                        : byte >= 0xF0 || strchr(SIGNS, byte) != NULL)
            return false;
    }
    return length > 0 && value[length - 1] != '\\';
}

static const char *for_prompt(const char *value, const char *otherwise) {
    return value != NULL && is_plain(value) ? value : otherwise;
}

static bool is_login(const char *login) {
    return login != NULL && strpbrk(login, "@\\") != NULL && strchr(login, '=') == NULL;
}

static const char *account_of(const struct rights *rights, const char *login) {
    return for_prompt(rights->account != NULL ? rights->account : is_login(login) ? login : NULL, ACCOUNT);
}

/* Within single quotes a shell takes everything as it is. */
static void add_for_shell(struct text *text, const char *value) {
    text_add(text, "'");
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\'')
            text_add(text, "'\\''");
        else
            text_add_bytes(text, at, 1);
    }
    text_add(text, "'");
}

static void add_windows(struct text *text, const struct rights *rights, unsigned lacking, const char *login) {
    const char *account = account_of(rights, login);
    const char *organization = for_prompt(rights->organization.dn, ORGANIZATION);
    const char *auth = for_prompt(rights->auth.dn, AUTH);
    const char *container = for_prompt(rights->container.dn, CONTAINER);

    text_add(text, "  On a Windows domain controller an enterprise admin types in the command prompt:\n");
    if ((lacking & LACKING_CONTAINER) != 0)
        text_add(text, "    ldifde -i -f authcert.ldf\n");
    if ((lacking & LACKING_READ) != 0)
        text_format(text, "    dsacls \"%s\" /I:T /G \"%s:LCRP\"\n", organization, account);
    if ((lacking & LACKING_ATTRIBUTES) != 0)
        text_format(text, "    dsacls \"%s\" /G \"%s:RPRC\"\n", auth, account);
    if ((lacking & LACKING_THUMBPRINTS) != 0)
        text_format(text, "    dsacls \"%s\" /G \"%s:WP;" RIGHTS_THUMBPRINTS "\"\n", auth, account);
    if ((lacking & LACKING_DATE) != 0)
        text_format(text, "    dsacls \"%s\" /G \"%s:WP;" RIGHTS_DATE "\"\n", auth, account);
    if ((lacking & LACKING_RECORD) != 0)
        text_format(text, "    dsacls \"%s\" /G \"%s:CC;" RIGHTS_RECORD "\"\n", container, account);
    if ((lacking & LACKING_WORDS) != 0)
        text_format(text, "    dsacls \"%s\" /I:S /G \"%s:WP;" RIGHTS_WORDS ";" RIGHTS_RECORD "\"\n", container,
                    account);
}

static const char *or_else(const char *known, const char *otherwise) {
    return known != NULL && known[0] != '\0' ? known : otherwise;
}

/* One entry of an access list: (kind;flags;right;object;inherited by;account). */
static void add_entry(struct text *text, const struct rights *rights, const char *dn, const char *entry,
                      const char *object, const char *inherited) {
    text_add(text, "    samba-tool dsacl set --objectdn=");
    add_for_shell(text, dn);
    text_format(text, " --sddl='(%s;%s;%s;%s)'\n", entry, object, inherited,
                or_else(rights->sid, "SID-OF-THE-ACCOUNT"));
}

static void add_samba(struct text *text, const struct rights *rights, unsigned lacking) {
    const struct rights_guids *guids = &rights->guids;
    const char *organization = or_else(rights->organization.dn, ORGANIZATION);
    const char *auth = or_else(rights->auth.dn, AUTH);
    const char *container = or_else(rights->container.dn, CONTAINER);
    const char *record = or_else(guids->record, "GUID-OF-" RIGHTS_RECORD);

    text_add(text, "  On a Samba domain controller root types in a shell:\n");
    if ((lacking & LACKING_CONTAINER) != 0)
        text_add(text, "    ldbmodify -H " DATABASE " authcert.ldf\n");
    if ((lacking & LACKING_READ) != 0)
        add_entry(text, rights, organization, "A;CI;LCRP", "", "");
    if ((lacking & LACKING_ATTRIBUTES) != 0)
        add_entry(text, rights, auth, "A;;RPRC", "", "");
    if ((lacking & LACKING_THUMBPRINTS) != 0)
        add_entry(text, rights, auth, "OA;;WP", or_else(guids->thumbprints, "GUID-OF-" RIGHTS_THUMBPRINTS), "");
    if ((lacking & LACKING_DATE) != 0)
        add_entry(text, rights, auth, "OA;;WP", or_else(guids->date, "GUID-OF-" RIGHTS_DATE), "");
    if ((lacking & LACKING_RECORD) != 0)
        add_entry(text, rights, container, "OA;;CC", record, "");
    if ((lacking & LACKING_WORDS) != 0)
        add_entry(text, rights, container, "OA;CIIO;WP", or_else(guids->words, "GUID-OF-" RIGHTS_WORDS), record);
}

char *grants_text(const struct rights *rights, unsigned lacking, unsigned *granted, const char *login) {
    const unsigned left = lacking & ~*granted;
    struct text text = {0};

    if ((left & LACKING_CONTAINER) != 0)
        text_format(&text,
                    "  The container for the records is made from a file authcert.ldf with these four lines:\n"
                    "    dn: %s\n    changetype: add\n    objectClass: container\n    cn: authcert\n",
                    or_else(rights->container.dn, CONTAINER));
    if (left != 0) {
        text_add(&text,
                 *granted == 0
                     ? "  These commands give the account what it lacks here, and nothing else. Run doctor again "
                       "afterwards.\n"
                     : "");
        add_windows(&text, rights, left, login);
        add_samba(&text, rights, left);
    }
    *granted |= left;
    return text_take(&text);
}
