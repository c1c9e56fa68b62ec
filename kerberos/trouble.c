#include <stddef.h>

#include "kerberos/ticket.h"

struct meaning {
    krb5_error_code code;
    enum error_kind kind;
    const char *text;
};

static const struct meaning meanings[] = {
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ERROR_CREDENTIALS,
     "Active Directory knows no account of this name: check principal (the realm is the domain in capitals)"},
    {KRB5KDC_ERR_PREAUTH_FAILED, ERROR_CREDENTIALS,
     "The key table holds other keys than the account has now: its password was set after the key table was made. "
     "Make a new key table"},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, ERROR_CREDENTIALS,
     "The key table holds other keys than the account has now: its password was set after the key table was made. "
     "Make a new key table"},
    {KRB5KDC_ERR_KEY_EXP, ERROR_CREDENTIALS,
     "The account's password has expired, and with it the keys: set a new one, let it not expire, and make a new key "
     "table"},
    {KRB5KDC_ERR_CLIENT_REVOKED, ERROR_CREDENTIALS,
     "The account is disabled, locked, expired, or may not log in now: look at it in Active Directory, enable or "
     "unlock it, and if it was locked, find out who tried wrong passwords"},
    {KRB5KDC_ERR_NAME_EXP, ERROR_CREDENTIALS, "The account has expired: give it a later end, or none"},
    {KRB5KDC_ERR_POLICY, ERROR_CREDENTIALS,
     "A policy of the domain forbids it: check the account's log-on hours and workstations, and whether it is a member "
     "of Protected Users"},
    {KRB5KDC_ERR_ETYPE_NOSUPP, ERROR_CREDENTIALS,
     "The account and the key table have no kind of encryption in common: allow AES for the account "
     "(msDS-SupportedEncryptionTypes), and make a new key table with AES keys"},
    {KRB5_KT_NOTFOUND, ERROR_CREDENTIALS,
     "The key table holds no usable key of this account: check principal (the realm is the domain in capitals), list "
     "what it holds with klist -kte, or make a new key table"},
    {KRB5_KT_KVNONOTFOUND, ERROR_CREDENTIALS,
     "The key table holds only older keys of this account: make a new key table"},
    {KRB5_KEYTAB_BADVNO, ERROR_CONFIG, "The file is no key table: check keytab"},
    {KRB5_KT_FORMAT, ERROR_CONFIG, "The file is no key table: check keytab"},
    {KRB5_KT_END, ERROR_CONFIG, "The key table is empty: make a new one"},
    {KRB5KRB_AP_ERR_SKEW, ERROR_CREDENTIALS,
     "This host's clock and the domain controller's differ by more than five minutes: set this host's clock by NTP"},
    {KRB5_KDCREP_SKEW, ERROR_CREDENTIALS,
     "This host's clock and the domain controller's differ by more than five minutes: set this host's clock by NTP"},
    {KRB5KRB_AP_ERR_TKT_NYV, ERROR_CREDENTIALS, "This host's clock is behind the domain controller's: set it by NTP"},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, ERROR_CREDENTIALS,
     "This host's clock is ahead of the domain controller's: set it by NTP"},
    {KRB5_KDC_UNREACH, ERROR_NETWORK,
     "No key server (KDC, port 88) of the realm answers: check DNS and firewall, and the realm's kdc in krb5.conf"},
    {KRB5_REALM_UNKNOWN, ERROR_NETWORK,
     "No key server (KDC) of the realm is known: check the realm in principal (the domain in capitals), and that DNS "
     "has _kerberos._udp of the domain, or name kdc in krb5.conf"},
    {KRB5_REALM_CANT_RESOLVE, ERROR_NETWORK,
     "The names of the realm's key servers cannot be resolved: check DNS, and the realm's kdc in krb5.conf"},
    {KRB5_CONFIG_CANTOPEN, ERROR_CONFIG, "krb5.conf cannot be read: check the file, or what KRB5_CONFIG names"},
    {KRB5_CONFIG_BADFORMAT, ERROR_CONFIG, "krb5.conf is damaged: check the file, or what KRB5_CONFIG names"},
    {KRB5_CONFIG_NODEFREALM, ERROR_CONFIG,
     "principal names no realm and krb5.conf no default one: write principal = NAME@DOMAIN, the domain in capitals"},
    {KRB5_PARSE_MALFORMED, ERROR_CONFIG,
     "That is no Kerberos name: write principal = NAME@DOMAIN, the domain in capitals"},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ERROR_NETWORK,
     "Active Directory knows no LDAP service (servicePrincipalName ldap/...) of this name: write the domain "
     "controller's "
     "own full name in uri, no alias and no address"},
    {KRB5KDC_ERR_SVC_UNAVAILABLE, ERROR_NETWORK,
     "The key server cannot serve now: try again later, and look at its log"},
};

bool kerberos_trouble(krb5_error_code code, const char *said, const char *what, struct error *err) {
    struct meaning meaning = {code, ERROR_CREDENTIALS, "See the domain controller's log, and try with KRB5_TRACE"};

    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            meaning = meanings[i];
    return error_set(err, meaning.kind, "cannot %s: %s. %s", what, said, meaning.text);
}
