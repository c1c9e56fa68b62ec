#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "base/letters/quote.h"
#include "monitor/config/table.h"
#include "tests/monitor/config/bed.h"

static void test_defaults(void **state) {
    struct config config = config_accept(GOOD);
    struct policy policy;

    (void)state;
    policy_default(&policy);
    assert_int_equal(config.policy.mode, policy.mode);
    assert_int_equal(config.policy.warn_count, policy.warn_count);
    assert_memory_equal(config.policy.warn_days, policy.warn_days, policy.warn_count * sizeof(int));
    assert_int_equal(config.policy.renew_before, policy.renew_before);
    assert_int_equal(config.policy.activate_after, policy.activate_after);
    assert_int_equal(config.policy.min_lead, policy.min_lead);
    assert_int_equal(config.policy.retire_after, policy.retire_after);
    assert_int_equal(config.policy.escalate_at, policy.escalate_at);
    assert_int_equal(config.policy.lifetime.years, policy.lifetime.years);
    assert_int_equal(config.policy.lifetime.seconds, policy.lifetime.seconds);
    assert_int_equal(config.policy.key_bits, policy.key_bits);
    assert_int_equal(config.policy.hybrid_proceed, policy.hybrid_proceed);
    assert_int_equal(config.directory.timeout, 10);
    assert_int_equal(config.directory.tls, DIRECTORY_TLS_LDAPS);
    assert_null(config.directory.writer);
    assert_true(config.directory.records);
    assert_null(config.directory.organization);
    assert_int_equal(config.directory.ignore->count, 0);
    assert_int_equal(config.mail.tls, MAIL_TLS_REQUIRED);
    assert_int_equal(config.mail.relays.count, 0);
    assert_null(config.metrics_textfile);
    assert_null(config.report_file);
    assert_string_equal(config.state_directory, "/var/lib/authcert/default");
    assert_int_equal(config.values[DIRECTORY_BIND].line, 3);
    config_free(&config);

    config = config_accept("[directory]\nuri = ldap://a\ntls = off\nkeytab = /k\nprincipal = svc@A.TEST\n");
    assert_int_equal(config.directory.bind, BIND_GSSAPI);
    assert_string_equal(config.directory.principal, "svc@A.TEST");
    assert_false(config_warned(&config, "tls = off"));
    assert_true(config_warned(&config, "[mail] relay"));
    config_free(&config);
}

static void test_everything_set(void **state) {
    struct config config = config_accept(
        "\xEF\xBB\xBF; with a byte order mark, and lines that end in CRLF\r\n"
        "[directory] # the directory\r\n"
        "uri = ldaps://dc1.contoso.test:636/ , ldap://10.0.0.1,ldap://[fe80::1]:389, ldapi://%2Frun%2Fl\r\n"
        "bind=simple\n"
        "bind_dn = CN=a\\, b,DC=contoso ; the account\n"
        "password_credential = pw\n"
        "tls = starttls\nallow_cleartext = yes\nca_file = /a b/c\ntimeout = 10m\norganization = Con\xC3\xBCtoso "
        "AG\nwriter = dc1.contoso.test\nrecords = no\n"
        "[policy]\nmode = renew\nwarn_days = 1, 30,7,30\nrenew_before = 60d\nactivate_after = 2w\nmin_lead = "
        "50h\nretire_after = 37h\nlifetime = 81d\nkey_bits = 4096\nhybrid = proceed\n"
        "[servers]\nignore = old1.test, OLD2.test\nprobe = none\nurl = https://{fqdn}:444/x\ntls_name = "
        "a.b\nverify = no\nca_file = /c\ntimeout = 1s\nparallel = 256\n"
        "[delivery]\nmethod = command\ncommand = /bin/x\ntimeout = 1h\npfx = modern\nconfirm = all\n"
        "[mail]\nrelay = smtps://m.test, smtp://r.test:587\ntls = required\nusername = u\npassword_file = "
        "/p\nca_file = /m\nfrom = a@contoso.test\nto = b@contoso.test, c@contoso.test\nescalate_to = "
        "d@contoso.test\nescalate_at = 3d\n"
        "[webhook]\nurl_file = /w\nformat = json\nproxy = http://p:3128\n"
        "[metrics]\ntextfile = /t/a.prom\nping_url_file = /u\nproxy = socks5h://p:1080\n"
        "[report]\nfile = /r.html\n"
        "[state]\ndirectory = /s\nkey_password = none\nrecovery_certificate = /r");

    (void)state;
    assert_int_equal(config.directory.uris.count, 4);
    assert_string_equal(config.directory.uris.items[0], "ldaps://dc1.contoso.test:636/");
    assert_string_equal(config.directory.uris.items[3], "ldapi://%2Frun%2Fl");
    assert_int_equal(config.directory.bind, BIND_SIMPLE);
    assert_string_equal(config.directory.bind_dn, "CN=a\\, b,DC=contoso");
    assert_int_equal(config.directory.tls, DIRECTORY_TLS_STARTTLS);
    assert_true(config.directory.allow_cleartext);
    assert_string_equal(config.directory.ca_file, "/a b/c");
    assert_int_equal(config.directory.timeout, 600);
    assert_string_equal(config.directory.organization, "Con\xC3\xBCtoso AG");
    assert_string_equal(config.directory.writer, "dc1.contoso.test");
    assert_int_equal(config.directory.ignore->count, 2);
    assert_int_equal(config.servers_ignore.count, 2);
    assert_int_equal(config.policy.mode, MODE_RENEW);
    assert_int_equal(config.policy.warn_count, 3);
    assert_int_equal(config.policy.warn_days[0], 30);
    assert_int_equal(config.policy.warn_days[1], 7);
    assert_int_equal(config.policy.warn_days[2], 1);
    assert_int_equal(config.policy.renew_before, 60 * SECONDS_PER_DAY);
    assert_int_equal(config.policy.activate_after, 14 * SECONDS_PER_DAY);
    assert_int_equal(config.policy.min_lead, 50 * SECONDS_PER_HOUR);
    assert_int_equal(config.policy.retire_after, 37 * SECONDS_PER_HOUR);
    assert_int_equal(config.policy.escalate_at, 3 * SECONDS_PER_DAY);
    assert_int_equal(config.policy.lifetime.seconds, 81 * SECONDS_PER_DAY);
    assert_int_equal(config.policy.key_bits, 4096);
    assert_true(config.policy.hybrid_proceed);
    assert_int_equal(config.mail.relays.count, 2);
    assert_string_equal(config.mail.username, "u");
    assert_string_equal(config.mail.from, "a@contoso.test");
    assert_int_equal(config.mail.to.count, 2);
    assert_int_equal(config.mail.escalate_to.count, 1);
    assert_string_equal(config.metrics_textfile, "/t/a.prom");
    assert_string_equal(config.report_file, "/r.html");
    assert_string_equal(config.state_directory, "/s");
    assert_false(config_warned(&config, "[policy] mode"));
    assert_int_equal(config.webhook.format, WEBHOOK_JSON);
    assert_string_equal(config.webhook.proxy, "http://p:3128");
    assert_string_equal(config.ping.proxy, "socks5h://p:1080");
    assert_false(config_warned(&config, "[webhook]"));
    assert_false(config_warned(&config, "[metrics] ping_url_file"));
    assert_true(config_warned(&config, "[servers] url (line"));
    assert_false(config_warned(&config, "[delivery]"));
    assert_true(config_warned(&config, "[state] key_password = none (line "));
    assert_false(config_warned(&config, "[directory] records"));
    assert_false(config.directory.records);
    assert_false(config_warned(&config, "textfile"));
    config_free(&config);
}

static void test_form(void **state) {
    static const struct {
        const char *text;
        size_t count;
        const char *first;
    } cases[] = {
        {"uri = x\n" GOOD, 1, "t.conf:1: a key before the first section"},
        {GOOD "nonsense\n", 1, "t.conf:4: expected \"key = value\""},
        {GOOD "= x\n", 1, "t.conf:4: expected one word before"},
        {GOOD "a b = x\n", 1, "t.conf:4: expected one word before"},
        {GOOD "timeout: 5s\n", 1, "t.conf:4: expected \"key = value\""},
        {GOOD " ldaps://dc2.contoso.test\n", 1, "t.conf:4: the line begins with a space"},
        {GOOD "\ttimeout = 5s\n", 1, "t.conf:4: the line begins with a space"},
        {GOOD "[mail\n", 1, "t.conf:4: a section is written [name]"},
        {GOOD "[]\n", 1, "t.conf:4: a section is written [name]"},
        {GOOD "[mail] x\n", 1, "t.conf:4: a section is written [name]"},
        {GOOD "[zzzzzzzz]\nx = y\n", 1, "t.conf:4: [zzzzzzzz]: unknown section; known are [directory]"},
        {GOOD "[mial]\nescalate_at = 1d\n", 1, "t.conf:4: [mial]: unknown section; the nearest known one is [mail]"},
        {GOOD "[mial]\nescalate_at = x\n", 2, "t.conf:4: [mial]: unknown section; the nearest known one is [mail]"},
        {GOOD "[Policy]\n", 1, "t.conf:4: [Policy]: unknown section; the nearest known one is [policy]"},
        {GOOD "[mail]\n[directory]\ntimeout = 5s\n", 1, "t.conf:5: [directory]: the section was opened in line 1"},
        {GOOD "timeout = 5s\ntimeout = 6s\n", 1, "t.conf:5: [directory] timeout: set in line 4 already; keep one"},
        {GOOD "uri = ldaps://dc2\n", 1,
         "t.conf:4: [directory] uri: set in line 2 already; put all values into one line"},
        {GOOD "tiemout = 5s\n", 1, "t.conf:4: [directory] tiemout: unknown key; the nearest known one is timeout"},
        {GOOD "Timeout = 5s\n", 1, "t.conf:4: [directory] Timeout: unknown key; the nearest known one is timeout"},
        {GOOD "ca = /x\n", 1, "t.conf:4: [directory] ca: unknown key; the nearest known one is ca_file"},
        {GOOD "warn_days = 5\n", 1,
         "t.conf:4: [directory] warn_days: unknown key here; it belongs in section [policy]"},
        {GOOD "password = hunter2\n", 1, "t.conf:4: [directory] password: unknown key: no secret stands in this file"},
        {GOOD "qqqqqq = 5\n", 1, "t.conf:4: [directory] qqqqqq: unknown key in this section"},
        {GOOD "\x1b[31m = 5\n", 1, "t.conf:4: byte 1 begins the character U+001B (escape)"},
        {GOOD "organization = a\rb\n", 1, "t.conf:4: byte 17 begins the character U+000D (carriage return)"},
        {GOOD "organization = \xFF\n", 1, "t.conf:4: byte 16 (FF) is no UTF-8"},
        {GOOD "organization = \xE2\x80\xAE\n", 1, "t.conf:4: byte 16 begins the character U+202E"},
        {GOOD "records\xC2\xA0= no\n", 1, "t.conf:4: byte 8 begins the character U+00A0 (no-break space)"},
        {GOOD "\xEF\xBB\xBFrecords = no\n", 1, "t.conf:4: byte 1 begins the character U+FEFF (byte order mark)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        config_refuse(cases[i].text, cases[i].count, cases[i].first);
    config_refuse_bytes(GOOD "organization = a\0b\n", sizeof(GOOD "organization = a\0b\n") - 1, 1,
                        "t.conf:4: a NUL byte");
    struct config config =
        config_accept("  # an indented comment\n\t\n" GOOD "organization = a#b;c  # d ; e\n[mail]\n");
    assert_string_equal(config.directory.organization, "a#b;c");
    config_free(&config);
    /* What only a comment holds does not matter: a code page of Windows, blanks of a web page. */
    config = config_accept("\xEF\xBB\xBF# \xE4 \xC2\xA0\r\n" GOOD "records = no # \xFC\xE2\x80\x8E\r\n");
    assert_false(config.directory.records);
    config_free(&config);
    config_refuse_bytes("\xFF\xFE[\0d\0", 6, 1, "t.conf: the file is UTF-16");
    config_refuse_bytes("\0[\0d\0]\0\n", 8, 1, "t.conf: the file is UTF-16");
}

/* A name that the reader of the file would change is written in quotation marks, and read back as it is. */
static void test_quotes(void **state) {
    static const struct {
        const char *written, *name;
    } cases[] = {
        {"\"Nord #1\"", "Nord #1"},
        {"\"Nord #1\"  # our north", "Nord #1"},
        {"\"#1 \"", "#1 "},
        {"\" ;a ; b\" ; \"c\"", " ;a ; b"},
        {"\"\\\"Nord\\\" #1\"", "\"Nord\" #1"},
        {"\"\\\"Nord\\\"\"", "\"Nord\""},
        {"\"a\\\\b #\"", "a\\b #"},
        {"\" a\\b\"", " a\\b"},
        /* what needs none */
        {"Nord, S\xC3\xBC"
         "d",
         "Nord, S\xC3\xBC"
         "d"},
        {"a\\b\\xc2\\xa0", "a\\b\\xc2\\xa0"},
        {"Nord#1", "Nord#1"},
        {"a \"b\"", "a \"b\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = {0};
        char *again = quote_written(cases[i].name);

        text_format(&text, "%sorganization = %s\n", GOOD, cases[i].written);
        struct config config = config_accept(text.value);
        assert_string_equal(config.directory.organization, cases[i].name);
        config_free(&config);
        text.length = 0;
        text_format(&text, "%sorganization = %s # x\n", GOOD, again);
        config = config_accept(text.value);
        assert_string_equal(config.directory.organization, cases[i].name);
        config_free(&config);
        free(again);
        text_free(&text);
    }
    config_refuse(GOOD "organization = \"\"\n", 1, "t.conf:4: [directory] organization: empty");
}

/* Values as long as a line may be work; one byte more is an error, not a value cut short. */
static void test_long_lines(void **state) {
    static const size_t lengths[] = {199, 200, 201, 1024, 4096};
    char line[5000];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct text text = {0};
        memset(line, 'x', sizeof(line));
        memcpy(line, "organization = ", 15);
        line[lengths[i]] = '\0';
        text_format(&text, "%s%s\r\n", GOOD, line);
        struct config config = config_accept(text.value);
        assert_int_equal(strlen(config.directory.organization), lengths[i] - 15);
        config_free(&config);
        text_free(&text);
    }
    memset(line, 'x', sizeof(line));
    line[4097] = '\0';
    struct text text = {0};
    text_format(&text, "%sorganization%s\n", GOOD, line + 12);
    memcpy(text.value + strlen(GOOD), "organization = ", 15);
    config_refuse(text.value, 1, "t.conf:4: the line is 4097 bytes long; at most 4096 are read");
    text_free(&text);
}

static void test_all_errors_by_line(void **state) {
    static const char *const expected[] = {
        "t.conf:1: [directory] keytab: missing", "t.conf:2: [directory] uri: ",       "t.conf:3: [directory] tls: ",
        "t.conf:4: [directory] colour: ",        "t.conf:6: [policy] retire_after: ", "t.conf:7: expected",
        "t.conf:8: [mail] to: missing",          "t.conf:9: [mail] relay: ",          "t.conf:10: [mail] from: ",
        "t.conf:12: [state] directory: ",
    };
    const char *text = "[directory]\nuri = x\ntls = x\ncolour = red\n[policy]\nretire_after = 1h\noops\n"
                       "[mail]\nrelay = x\nfrom = x\n[state]\ndirectory = x\n";
    struct config config;
    struct strings errors = {0};

    (void)state;
    assert_false(config_parse(text, strlen(text), "t.conf", &config, &errors));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(i < errors.count);
        if (strncmp(errors.items[i], expected[i], strlen(expected[i])) != 0)
            fail_msg("%s is not %s", errors.items[i], expected[i]);
    }
    assert_int_equal(errors.count, sizeof(expected) / sizeof(expected[0]));
    strings_free(&errors);
}

static void test_error_flood(void **state) {
    struct text text = {0};
    struct strings errors = {0};
    struct config config;

    (void)state;
    for (int i = 0; i < 20000; i++)
        text_add(&text, "oops\n");
    assert_false(config_parse(text.value, text.length, "t.conf", &config, &errors));
    assert_int_equal(errors.count, 1001);
    assert_non_null(strstr(errors.items[1000], "more than 1000 errors"));
    strings_free(&errors);
    text_free(&text);
}

/* What may be a secret is in no error, whatever else is wrong. */
static void test_secrets_are_not_repeated(void **state) {
    static const char *const texts[] = {
        GOOD "password_file = hunter2\n",
        GOOD "password_credential = hunter2 x\n",
        GOOD "password = hunter2\n",
        GOOD "hunter2\n",
        GOOD " hunter2\n",
        GOOD "hunter2 x = y\n",
        GOOD "[webhook]\nurl_file = hunter2\n",
        GOOD "[mail]\nrelay = smtp://u:hunter2@m\n",
        GOOD "[state]\nkey_password = hunter2\n",
        GOOD "[metrics]\nproxy = http://u:hunter2@p\n",
        GOOD "organization = hunter2 \xFF\n",
        GOOD "[metrics]\nping_url_file = hunter2\n",
        "[directory]\nuri = ldap://u:hunter2@d\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct strings errors = {0};
        struct config config;
        assert_false(config_parse(texts[i], strlen(texts[i]), "t.conf", &config, &errors));
        for (size_t j = 0; j < errors.count; j++)
            if (strstr(errors.items[j], "hunter2") != NULL)
                fail_msg("repeated: %s", errors.items[j]);
        strings_free(&errors);
    }
}

/* What `config show` prints of a configuration. The caller frees it. */
static char *shown(const struct config *config) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    config_show(config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_show(void **state) {
    struct config config = config_accept(GOOD "organization = A, B ; c\n[policy]\nwarn_days = 7,30\n");
    char *text = shown(&config);

    (void)state;
    assert_non_null(strstr(text, "[directory]\nuri = ldaps://dc1.contoso.test  # t.conf:2\n"));
    assert_non_null(strstr(text, "organization = A, B  # t.conf:4\n"));
    assert_non_null(strstr(text, "warn_days = 7, 30  # t.conf:6\n"));
    assert_non_null(strstr(text, "renew_before = 90d  # default\n"));
    assert_non_null(strstr(text, "# keytab is not set  # default\n"));
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
        assert_non_null(strstr(text, config_keys[i].name));

    /* It is a configuration file that says the same. */
    struct config again;
    struct strings errors = {0};
    assert_true(config_parse(text, strlen(text), "t.conf", &again, &errors));
    assert_string_equal(again.directory.organization, "A, B");
    assert_memory_equal(&again.policy, &config.policy, sizeof(config.policy));
    config_free(&again);
    config_free(&config);
    free(text);
}

static void write_file(const char *path, mode_t mode, const char *content) {
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_files(void **state) {
    char folder[] = "/tmp/authcert-config-XXXXXX";
    char path[64], link[64];
    struct config config;
    struct strings errors = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.conf", folder);
    snprintf(link, sizeof(link), "%s/link.conf", folder);

    assert_false(config_load(path, &config, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.items[0], path));
    strings_free(&errors);

    assert_false(config_load(folder, &config, &errors));
    assert_int_equal(errors.count, 1);
    strings_free(&errors);

    write_file(path, 0644, GOOD);
    assert_int_equal(symlink(path, link), 0);
    assert_true(config_load(link, &config, &errors));
    assert_string_equal(config.path, link);
    config_free(&config);

    assert_int_equal(chmod(path, 0666), 0);
    assert_false(config_load(link, &config, &errors));
    assert_non_null(strstr(errors.items[0], "chmod go-w "));
    strings_free(&errors);
    assert_int_equal(chmod(path, 0644), 0);

    FILE *file = fopen(path, "a");
    assert_non_null(file);
    for (int i = 0; i < 40000; i++)
        fputs("# large\n", file);
    assert_int_equal(fclose(file), 0);
    assert_false(config_load(path, &config, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.items[0], "more than 262144 bytes"));
    strings_free(&errors);

    unlink(link);
    unlink(path);
    rmdir(folder);
}

/* The example that is shipped loads as it is, explains every key, and shows the true defaults. */
static void test_example(void **state) {
    struct config config;
    struct strings errors = {0};

    (void)state;
    /* Parsed, not loaded: the source may belong to another than who tests. */
    char text[65536];
    FILE *example = fopen(AUTHCERT_SOURCE "/docs/authcert.conf", "r");
    assert_non_null(example);
    const size_t text_length = fread(text, 1, sizeof(text), example);
    fclose(example);
    if (!config_parse(text, text_length, "authcert.conf", &config, &errors)) {
        config_errors_print(&errors);
        fail();
    }
    assert_int_equal(config.directory.uris.count, 2);
    config_free(&config);

    FILE *file = fopen(AUTHCERT_SOURCE "/docs/authcert.conf", "r");
    assert_non_null(file);
    char line[512];
    bool seen[CONFIG_KEY_COUNT] = {false};
    int section = -1;
    while (fgets(line, sizeof(line), file) != NULL) {
        char *name = line + (line[0] == '#');
        size_t length = strcspn(name, " ]=");
        if (name[0] == '[') {
            name[strcspn(name, "]")] = '\0';
            section = config_section_find(name + 1);
        } else if (section >= 0 && strncmp(name + length, " = ", 3) == 0) {
            name[length] = '\0';
            int id = config_key_find((enum config_section)section, name);
            assert_true(id >= 0);
            seen[id] = true;
            /* The default that it shows is the one there is. */
            name[length + 3 + strcspn(name + length + 3, "\n")] = '\0';
            if (config_keys[id].fallback != NULL && line[0] == '#')
                assert_string_equal(name + length + 3, config_keys[id].fallback);
        }
    }
    fclose(file);
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
        if (!seen[i])
            fail_msg("the example does not explain %s", config_keys[i].name);
}

static void test_secrets(void **state) {
    char folder[] = "/tmp/authcert-config-XXXXXX";
    char path[64], text[512];
    struct strings errors = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pw", folder);
    snprintf(text, sizeof(text),
             "[directory]\nuri = ldaps://dc1\nbind = simple\nbind_dn = CN=a\npassword_file = %s\n[mail]\nrelay = "
             "smtp://m\nfrom = a@b.test\nto = a@b.test\nusername = u\npassword_credential = mail\n[state]\n"
             "key_password_file = /nowhere\n",
             path);
    struct config config = config_accept(text);

    /* Both missing: both told, each at its line. */
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_false(config_load_secrets(&config, &errors));
    assert_int_equal(errors.count, 2);
    assert_int_equal(strncmp(errors.items[0], "t.conf:5: [directory] password_file: ", 37), 0);
    assert_int_equal(strncmp(errors.items[1], "t.conf:11: [mail] password_credential: ", 39), 0);
    strings_free(&errors);

    write_file(path, 0600, "directory secret\n");
    char mail[64];
    snprintf(mail, sizeof(mail), "%s/mail", folder);
    write_file(mail, 0400, "mail secret");
    assert_true(config_load_secrets(&config, &errors));
    assert_string_equal(config.directory.password.value, "directory secret");
    assert_string_equal(config.mail.password.value, "mail secret");
    char *said = shown(&config);
    assert_null(strstr(said, "secret"));
    free(said);
    config_free(&config);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(chmod(mail, 0604), 0);
    config = config_accept(text);
    assert_false(config_load_secrets(&config, &errors));
    assert_int_equal(errors.count, 2);
    strings_free(&errors);
    config_free(&config);

    unsetenv("CREDENTIALS_DIRECTORY");
    unlink(path);
    unlink(mail);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),    cmocka_unit_test(test_everything_set),
        cmocka_unit_test(test_form),        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_long_lines),  cmocka_unit_test(test_all_errors_by_line),
        cmocka_unit_test(test_error_flood), cmocka_unit_test(test_secrets_are_not_repeated),
        cmocka_unit_test(test_show),        cmocka_unit_test(test_files),
        cmocka_unit_test(test_example),     cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
