#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/monitor/config/bed.h"

static const struct bad_value {
    const char *section;
    const char *line;
    const char *expected;
} bad_values[] = {
    {"directory", "timeout = 0s", "timeout: expected one whole number and one unit"},
    {"directory", "timeout = 10", "timeout: expected one whole number and one unit"},
    {"directory", "timeout = 11m", "timeout: expected a span from 1s to 10m, not \"11m\""},
    {"directory", "timeout = 1y", "timeout: expected a span of fixed length"},
    {"directory", "tls = ssl", "tls: expected ldaps, starttls or off, not \"ssl\""},
    {"directory", "tls = LDAPS", "tls: expected ldaps, starttls or off"},
    {"directory", "allow_cleartext = true", "allow_cleartext: expected no or yes, not \"true\""},
    {"directory", "ca_file = ca.pem", "ca_file: expected an absolute path"},
    {"directory", "keytab = k", "keytab: expected an absolute path"},
    {"policy", "mode = \"renew\"", "mode: values are written without quotation marks"},
    {"mail", "to = \"a@contoso.test\"", "to: values are written without quotation marks"},
    {"directory", "organization =", "organization: empty"},
    {"directory", "organization = # nothing", "organization: empty"},
    {"directory", "writer = dc 1", "writer: expected auto or a host name"},
    {"directory", "records = maybe", "records: expected yes or no"},
    {"directory", "domain = contoso.test", "domain: uri is set too"},
    {"directory", "site = Berlin", "site: it says which domain controllers of domain are asked first"},
    {"directory", "domain = -x", "domain: expected a host name"},
    {"directory", "password_file = hunter2", "password_file: expected an absolute path that begins with / (the"},
    {"directory", "password_credential = ../x", "password_credential: expected the name of a credential"},
    {"directory", "password_credential = ..", "password_credential: expected the name of a credential"},
    {"policy", "mode = watch", "mode: expected monitor or renew, not \"watch\""},
    {"policy", "warn_days = 30, 0", "warn_days: expected a whole number from 1 to 36500, not \"0\""},
    {"policy", "warn_days = 30,,7", "warn_days: an empty entry"},
    {"policy", "warn_days = 30,", "warn_days: an empty entry"},
    {"policy", "warn_days = 30d", "warn_days: expected a whole number"},
    {"policy", "warn_days = -1", "warn_days: expected a whole number"},
    {"policy", "warn_days = 99999999999999999999999", "warn_days: expected a whole number"},
    {"policy", "warn_days = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33",
     "warn_days: expected at most 32 thresholds, not 33"},
    {"policy", "renew_before = 90", "renew_before: expected one whole number and one unit"},
    {"policy", "renew_before = 1y", "renew_before: expected a span of fixed length"},
    {"policy", "renew_before = 1789d",
     "renew_before: expected a lifetime of at least activate_after + renew_before + 7d"},
    {"policy", "activate_after = -30d", "activate_after: expected"},
    {"policy", "activate_after = 1729d", "activate_after: expected a lifetime of at least"},
    {"policy", "min_lead = 0h", "min_lead: expected"},
    {"policy", "retire_after = 36h", "retire_after: expected at least 37h"},
    {"policy", "lifetime = 126d",
     "lifetime: expected a lifetime of at least activate_after + renew_before + 7d = 127d"},
    {"policy", "lifetime = forever", "lifetime: expected one whole number and one unit"},
    {"policy", "key_bits = 1024", "key_bits: expected 2048, 3072 or 4096, not \"1024\""},
    {"policy", "hybrid = yes", "hybrid: expected block or proceed"},
    {"servers", "probe = yes", "probe: expected metadata or none"},
    {"servers", "url = http://{fqdn}/", "url: expected an https:// address"},
    {"servers", "url = https://mail.contoso.test/", "url: expected an https:// address"},
    {"servers", "tls_name = *.contoso.test", "tls_name: expected a host name"},
    {"servers", "tls_name = localhost", "tls_name: expected the host name of a server"},
    {"servers", "ignore = a.test, 127.0.0.1", "ignore: expected the host name of a server"},
    {"servers", "ignore = 2130706433", "ignore: expected the host name of a server"},
    {"servers", "ignore = a..b", "ignore: expected a host name, not \"a..b\""},
    {"servers", "verify = off", "verify: expected yes or no"},
    {"servers", "ignore = a.test, b c", "ignore: expected a host name, not \"b c\""},
    {"servers", "ignore = a.test, a.test", "ignore: expected each entry once"},
    {"servers", "ca_file = x", "ca_file: expected an absolute path"},
    {"servers", "timeout = 1h", "timeout: expected a span from 1s to 10m"},
    {"servers", "parallel = 0", "parallel: expected a whole number from 1 to 256"},
    {"servers", "parallel = 257", "parallel: expected a whole number from 1 to 256"},
    {"delivery", "method = ftp", "method: expected manual, command or winrm"},
    {"delivery", "method = command", "command: missing; method = command"},
    {"windows", "transport = smb", "transport: expected http or https"},
    {"windows", "port = 0", "port: expected"},
    {"windows", "port = 65536", "port: expected"},
    {"windows", "keytab = deliver.keytab", "keytab: expected an absolute path"},
    {"windows", "timeout = 11m", "timeout: expected"},
    {"windows", "parallel = 257", "parallel: expected"},
    {"delivery", "command = deliver", "command: expected an absolute path"},
    {"delivery", "timeout = 2d", "timeout: expected a span from 1s to 1d"},
    {"delivery", "pfx = new", "pfx: expected legacy or modern"},
    {"delivery", "confirm = two", "confirm: expected one-per-site, all or any"},
    {"mail", "tls = yes", "tls: expected required, opportunistic or off"},
    {"mail", "from = authcert", "from: expected a mail address"},
    {"mail", "to = a@contoso.test, Bob <b@contoso.test>", "to: expected a mail address"},
    {"mail", "to = a@contoso.test, a@contoso.test", "to: expected each entry once"},
    {"mail", "escalate_to = @", "escalate_to: expected a mail address"},
    {"mail", "escalate_at = 2y", "escalate_at: expected a span of fixed length"},
    {"mail", "username = u", "password_file: missing; username needs a password"},
    {"mail", "password_file = /p", "username: missing; a password is set"},
    {"mail", "ca_file = ./x", "ca_file: expected an absolute path"},
    {"webhook", "url_file = https://hooks.test/secret", "url_file: expected an absolute path that begins with / (the"},
    {"webhook", "format = irc", "format: expected teams, slack or json"},
    {"webhook", "proxy = http://u:secret@p", "proxy: expected an address without a user name or password in it (the"},
    {"metrics", "textfile = a.prom", "textfile: expected an absolute path"},
    {"report", "file = a.html", "file: expected an absolute path"},
    {"metrics", "ping_url_file = x", "ping_url_file: expected an absolute path"},
    {"metrics", "proxy = ftp://p", "proxy: expected an address that begins with http://, https:// or socks5h://"},
    {"state", "directory = state", "directory: expected an absolute path"},
    {"state", "key_password_file = x", "key_password_file: expected an absolute path"},
    {"state", "key_password_credential = a/b", "key_password_credential: expected the name"},
    {"state", "key_password = hunter2", "key_password: expected none (the value given is not repeated"},
    {"state", "recovery_certificate = x", "recovery_certificate: expected an absolute path"},
};

/* Each bad value alone, in its section, behind a good configuration: one error, which names line and key. */
static void test_bad_values(void **state) {

    (void)state;
    for (size_t i = 0; i < sizeof(bad_values) / sizeof(bad_values[0]); i++) {
        bool same = strcmp(bad_values[i].section, "directory") == 0;
        struct text text = {0};
        char expected[256];

        text_format(&text, "%s%s%s%s%s\n", GOOD, same ? "" : "[", same ? "" : bad_values[i].section, same ? "" : "]\n",
                    bad_values[i].line);
        /* A missing key is told at its section. */
        snprintf(expected, sizeof(expected), "t.conf:%d: [%s] %s",
                 same || strstr(bad_values[i].expected, "missing") != NULL ? 4 : 5, bad_values[i].section,
                 bad_values[i].expected);
        config_refuse(text.value, 1, expected);
        text_free(&text);
    }
}

static void test_uris(void **state) {
    static const char *const bad[] = {
        "dc1.contoso.test",  "http://dc1",          "ldaps://",      "ldaps://dc1/dc=x",    "ldaps://dc1:0",
        "ldaps://dc1:65536", "ldaps://dc1:",        "ldaps://dc1?x", "ldaps://-dc1",        "ldaps://u:p@dc1",
        "ldaps://[::1",      "ldaps://[::1]x",      "ldaps://[x]",   "ldapi:///run/ldapi",  "ldaps://dc1 x",
        "LDAPS://dc1",       "ldaps://dc1, ldaps:", "ldaps://dc1,,", "ldaps://a,ldaps://a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "[directory]\nbind = anonymous\nuri = %s\n", bad[i]);
        config_refuse(text, 1, "t.conf:3: [directory] uri: ");
    }
    config_refuse("[directory]\nbind = anonymous\n", 1, "t.conf:1: [directory] uri: missing; name at least one");
    config_refuse("", 2, "t.conf: [directory] uri: missing");
    config_refuse(
        "[directory]\nbind = anonymous\nuri = ldap://dc1\n", 1,
        "t.conf:3: [directory] uri: ldap://dc1 is not encrypted, and tls = ldaps wants that; write ldaps://, or set "
        "tls = starttls");
    struct config config = config_accept("[directory]\nbind = anonymous\ntls = off\nuri = ldap://dc1\n");
    assert_true(config_warned(&config, "tls = off"));
    config_free(&config);
}

static void test_relays(void **state) {
    static const char *const bad[] = {
        "mail.test",         "ldaps://mail.test", "smtp://", "smtp://u:hunter2@mail.test", "smtp://mail.test:99999",
        "smtp://mail.test/x"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), GOOD "[mail]\nfrom = a@b.test\nto = c@d.test\nrelay = %s\n", bad[i]);
        config_refuse(text, 1, "t.conf:7: [mail] relay: expected ");
    }
    config_refuse(GOOD "[mail]\nrelay = smtp://m.test\n", 2, "t.conf:4: [mail] from: missing");
    config_refuse(GOOD "[mail]\nrelay = smtp://m.test\nfrom = a@b.test\n", 1, "t.conf:4: [mail] to: missing");
    config_refuse(GOOD
                  "[mail]\nrelay = smtp://m.test\nfrom = a@b.test\nto = c@d.test\nusername = u\npassword_file = /p\n"
                  "tls = opportunistic\n",
                  1, "t.conf:10: [mail] tls: opportunistic could send the password");
    struct config config =
        config_accept(GOOD "[mail]\nrelay = smtp://127.0.0.1:25, smtps://m.test\nfrom = a@b.test\nto = "
                           "c@d.test\nusername = u\npassword_file = /p\ntls = off\n");
    config_free(&config);
}

static void test_passwords(void **state) {
#define SIMPLE "[directory]\nuri = ldaps://dc1\nbind = simple\n"
    (void)state;
    config_refuse(SIMPLE "password_file = /p\n", 1, "t.conf:1: [directory] bind_dn: missing");
    config_refuse(SIMPLE "bind_dn = CN=a\n", 1, "t.conf:1: [directory] password_file: missing");
    config_refuse(SIMPLE "bind_dn = CN=a\npassword_file = /p\npassword_credential = p\n", 1,
                  "t.conf:6: [directory] password_credential: password_file is set too");
    config_refuse("[directory]\nuri = ldap://dc1\nbind = simple\nbind_dn = CN=a\npassword_file = /p\ntls = off\n", 1,
                  "t.conf:6: [directory] tls: off would send the password of bind_dn in clear text");
    config_refuse(GOOD "[state]\nkey_password_file = /p\nkey_password = none\n", 1,
                  "t.conf:6: [state] key_password: key_password_file is set too");
    struct config config = config_accept("[directory]\nuri = ldap://localhost, ldapi://x\nbind = simple\nbind_dn = "
                                         "CN=a\npassword_file = /p\ntls = off\nallow_cleartext = yes\n");
    config_free(&config);
    config =
        config_accept("[directory]\nuri = ldapi:///\nbind = simple\nbind_dn = CN=a\npassword_file = /p\ntls = off\n");
    config_free(&config);
    config_refuse("[directory]\nuri = ldaps://dc1\n", 1, "t.conf:1: [directory] keytab: missing; bind = gssapi");
    config = config_accept(GOOD "bind_dn = CN=a\nkeytab = /k\n");
    assert_true(config_warned(&config, "bind_dn (line 4): without effect, because bind is anonymous"));
    assert_true(config_warned(&config, "keytab (line 5): without effect"));
    config_free(&config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_uris),
        cmocka_unit_test(test_relays),
        cmocka_unit_test(test_passwords),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
