#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "entra/cloud.h"
#include "monitor/config/table.h"
#include "tests/monitor/config/bed.h"

/* What a word has to come to in the configuration, whatever its place among its fellows. */
static const struct word {
    enum config_id id;
    const char *word;
    int meant;
} words[] = {
    {DIRECTORY_BIND, "gssapi", BIND_GSSAPI},
    {DIRECTORY_BIND, "simple", BIND_SIMPLE},
    {DIRECTORY_BIND, "anonymous", BIND_ANONYMOUS},
    {DIRECTORY_TLS, "ldaps", DIRECTORY_TLS_LDAPS},
    {DIRECTORY_TLS, "starttls", DIRECTORY_TLS_STARTTLS},
    {DIRECTORY_TLS, "off", DIRECTORY_TLS_OFF},
    {DIRECTORY_ALLOW_CLEARTEXT, "no", false},
    {DIRECTORY_ALLOW_CLEARTEXT, "yes", true},
    {DIRECTORY_RECORDS, "yes", true},
    {DIRECTORY_RECORDS, "no", false},
    {POLICY_MODE, "monitor", MODE_MONITOR},
    {POLICY_MODE, "renew", MODE_RENEW},
    {POLICY_KEY_BITS, "2048", 2048},
    {POLICY_KEY_BITS, "3072", 3072},
    {POLICY_KEY_BITS, "4096", 4096},
    {POLICY_HYBRID, "block", false},
    {POLICY_HYBRID, "proceed", true},
    {SERVERS_PROBE, "metadata", true},
    {SERVERS_PROBE, "none", false},
    {SERVERS_VERIFY, "yes", true},
    {SERVERS_VERIFY, "no", false},
    {DELIVERY_METHOD, "manual", DELIVERY_BY_HAND},
    {DELIVERY_METHOD, "command", DELIVERY_BY_COMMAND},
    {DELIVERY_METHOD, "winrm", DELIVERY_BY_WINRM},
    {DELIVERY_PFX, "legacy", PFX_LEGACY},
    {DELIVERY_PFX, "modern", PFX_MODERN},
    {DELIVERY_CONFIRM, "one-per-site", CONFIRM_ONE_PER_SITE},
    {DELIVERY_CONFIRM, "all", CONFIRM_ALL},
    {DELIVERY_CONFIRM, "any", CONFIRM_ANY},
    {WINDOWS_TRANSPORT, "http", false},
    {WINDOWS_TRANSPORT, "https", true},
    {WINDOWS_LOOK, "yes", true},
    {WINDOWS_LOOK, "no", false},
    {ENTRA_MODE, "off", ENTRA_OFF},
    {ENTRA_MODE, "confirm", ENTRA_CONFIRM},
    {ENTRA_MODE, "add", ENTRA_ADD},
    {ENTRA_CLOUD, "global", CLOUD_GLOBAL},
    {ENTRA_CLOUD, "usgov", CLOUD_USGOV},
    {ENTRA_CLOUD, "dod", CLOUD_DOD},
    {ENTRA_CLOUD, "china", CLOUD_CHINA},
    {ENTRA_CLOUD, "bleu", CLOUD_BLEU},
    {ENTRA_CLOUD, "delos", CLOUD_DELOS},
    {ENTRA_CLOUD, "custom", CLOUD_CUSTOM},
    {ENTRA_ASSERTION, "ps256", SIGNATURE_PS256},
    {ENTRA_ASSERTION, "rs256", SIGNATURE_RS256},
    {MAIL_TLS, "required", MAIL_TLS_REQUIRED},
    {MAIL_TLS, "opportunistic", MAIL_TLS_OPPORTUNISTIC},
    {MAIL_TLS, "off", MAIL_TLS_OFF},
    {WEBHOOK_FORMAT, "teams", WEBHOOK_TEAMS},
    {WEBHOOK_FORMAT, "slack", WEBHOOK_SLACK},
    {WEBHOOK_FORMAT, "json", WEBHOOK_JSON},
    {STATE_KEY_PASSWORD, "none", KEY_PASSWORD_NONE},
};

/* A cloud is what its hosts are. */
static int cloud_in_use(const struct config *config) {
    int cloud = CLOUD_GLOBAL;

    while (cloud < CLOUD_CUSTOM && (strcmp(config->entra.graph, cloud_graph((enum cloud)cloud)) != 0 ||
                                    strcmp(config->entra.login, cloud_login((enum cloud)cloud)) != 0))
        cloud++;
    return cloud;
}

static int meaning_of(const struct config *config, enum config_id id) {
    switch ((int)id) {
    case DIRECTORY_BIND:
        return (int)config->directory.bind;
    case DIRECTORY_TLS:
        return (int)config->directory.tls;
    case DIRECTORY_ALLOW_CLEARTEXT:
        return config->directory.allow_cleartext;
    case DIRECTORY_RECORDS:
        return config->directory.records;
    case POLICY_MODE:
        return (int)config->policy.mode;
    case POLICY_KEY_BITS:
        return config->policy.key_bits;
    case POLICY_HYBRID:
        return config->policy.hybrid_proceed;
    case SERVERS_PROBE:
        return config->probes;
    case SERVERS_VERIFY:
        return config->probe.verify;
    case DELIVERY_METHOD:
        return (int)config->policy.method;
    case DELIVERY_PFX:
        return (int)config->pfx;
    case DELIVERY_CONFIRM:
        return (int)config->policy.confirm;
    case WINDOWS_TRANSPORT:
        return config->windows.tls;
    case WINDOWS_LOOK:
        return config->windows_look;
    case ENTRA_MODE:
        return (int)config->policy.entra;
    case ENTRA_CLOUD:
        return cloud_in_use(config);
    case ENTRA_ASSERTION:
        return (int)config->entra.assertion;
    case MAIL_TLS:
        return (int)config->mail.tls;
    case WEBHOOK_FORMAT:
        return (int)config->webhook.format;
    case STATE_KEY_PASSWORD:
        return (int)config->key_password_use;
    }
    fail_msg("nothing is known of the words of %s", config_keys[id].name);
    return -1;
}

/* The least file in which the word is accepted. */
static struct config config_with(const struct word *word) {
    const struct config_key *key = &config_keys[word->id];
    struct text text = {0};
    struct config config;

    text_add(&text, "[directory]\nuri = ldaps://dc1.contoso.test\nkeytab = /k\nbind_dn = CN=a\npassword_file = /p\n");
    if (word->id != DIRECTORY_BIND)
        text_add(&text, "bind = anonymous\n");
    if (word->id == DELIVERY_METHOD)
        text_add(&text, "[delivery]\ncommand = /c\n");
    else if (word->id == ENTRA_CLOUD && strcmp(word->word, "custom") == 0)
        text_add(&text, "[entra]\nlogin = https://login.contoso.test/\ngraph = https://graph.contoso.test\n");
    else if (key->section != SECTION_DIRECTORY)
        text_format(&text, "[%s]\n", config_sections[key->section]);
    text_format(&text, "%s = %s\n", key->name, word->word);
    assert_false(text.failed);
    config = config_accept(text.value);
    text_free(&text);
    return config;
}

static void test_each_word_means_what_it_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct config config = config_with(&words[i]);
        int meaning = meaning_of(&config, words[i].id);

        if (meaning != words[i].meant)
            fail_msg("%s = %s became %d instead of %d", config_keys[words[i].id].name, words[i].word, meaning,
                     words[i].meant);
        config_free(&config);
    }
}

/* No word of the table is left out above. */
static void test_all_words_are_tried(void **state) {
    (void)state;
    for (size_t id = 0; id < CONFIG_KEY_COUNT; id++)
        for (size_t w = 0; config_keys[id].type == TYPE_CHOICE && config_keys[id].words[w].word != NULL; w++) {
            bool tried = false;

            for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                tried = tried || (words[i].id == id && strcmp(words[i].word, config_keys[id].words[w].word) == 0);
            if (!tried)
                fail_msg("%s = %s is not tried", config_keys[id].name, config_keys[id].words[w].word);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_word_means_what_it_says),
        cmocka_unit_test(test_all_words_are_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
