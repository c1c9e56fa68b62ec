#include "core/profile.h"

#include <string.h>
#include <strings.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/time.h"

#define SUBJECT "Microsoft Exchange Server Auth Certificate"
#define SUBJECT_SHOWN "CN=" SUBJECT

/* 90 days before the end a new one is staged, 30 days later it becomes current, 7 days later the old one goes: the
 * default policy does not fit into less. Shorter ones are what public CAs issue. */
#define LIFETIME_LEAST ((time_t)127 * SECONDS_PER_DAY)
/* Twice what Exchange gives. */
#define LIFETIME_MOST ((time_t)3653 * SECONDS_PER_DAY)

#define SERIAL_OCTETS_MOST 20 /* RFC 5280 4.1.2.2 */
#define EXTENSIONS_MOST 64    /* comparing each with each stays cheap */
#define EXPONENT_BITS_MOST 32 /* RSAPUBKEY of the Windows CSPs that Exchange needs has a DWORD for it */

/* Decodes the one extension `nid`. NULL when it is absent, and, with a problem added, when it cannot be judged. */
static void *extension(X509 *x509, int nid, const char *name, struct strings *problems) {
    int critical = 0;
    void *value = X509_get_ext_d2i(x509, nid, &critical, NULL);

    if (value == NULL && critical == -2) {
        strings_add(problems,
                    "It carries the extension %s more than once, which X.509 forbids: what it says is unclear.", name);
    } else if (value == NULL && critical != -1) {
        strings_add(problems, "Its extension %s cannot be decoded: what it says is unclear.", name);
    }
    return value;
}

static void judge_exponent(const EVP_PKEY *key, struct strings *problems) {
    BIGNUM *exponent = NULL;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
        strings_add(problems, "The exponent of its RSA key cannot be read.");
    } else if (BN_num_bits(exponent) > EXPONENT_BITS_MOST || BN_num_bits(exponent) < 2 || !BN_is_odd(exponent)) {
        strings_add(problems,
                    "The public exponent of its RSA key is one that Windows cannot use; Exchange's own is 65537.");
    }
    BN_free(exponent);
}

static void judge_key(X509 *x509, const struct profile_input *input, struct strings *problems) {
    if (!input->rsa) {
        strings_add(problems,
                    "Its key is %s, but Exchange signs tokens with RSA keys only: it cannot serve as the auth "
                    "certificate.",
                    input->key);
        return;
    }
    if (input->key_bits < input->key_bits_least) {
        strings_add(problems, "Its RSA key has %d bits; Exchange accepts no auth certificate with fewer than %d.",
                    input->key_bits, input->key_bits_least);
    }
    judge_exponent(X509_get0_pubkey(x509), problems);
}

static void judge_usage(X509 *x509, struct strings *problems) {
    ASN1_BIT_STRING *usage = extension(x509, NID_key_usage, "key usage", problems);
    EXTENDED_KEY_USAGE *extended = extension(x509, NID_ext_key_usage, "extended key usage", problems);
    bool server = false;

    if (usage != NULL && ASN1_BIT_STRING_get_bit(usage, 0) != 1)
        strings_add(problems, "Its key usage lacks digitalSignature, which Exchange demands where key usage is given.");
    for (int i = 0; i < sk_ASN1_OBJECT_num(extended); i++)
        server = server || OBJ_obj2nid(sk_ASN1_OBJECT_value(extended, i)) == NID_server_auth;
    if (extended != NULL && !server) {
        strings_add(
            problems,
            "Its extended key usage lacks serverAuth, which Exchange demands where extended key usage is given.");
    }
    ASN1_BIT_STRING_free(usage);
    EXTENDED_KEY_USAGE_free(extended);
}

static void judge_constraints(X509 *x509, struct strings *problems) {
    BASIC_CONSTRAINTS *constraints = extension(x509, NID_basic_constraints, "basic constraints", problems);

    if (constraints != NULL && constraints->ca != 0)
        strings_add(problems, "It is marked as a certification authority (CA:TRUE); an auth certificate is CA:FALSE.");
    BASIC_CONSTRAINTS_free(constraints);
}

/* Exchange's own name, in any case and with blanks around it: people have typed it. */
static bool is_auth_subject(X509 *x509) {
    const X509_NAME *subject = X509_get_subject_name(x509);
    const X509_NAME_ENTRY *entry = X509_NAME_entry_count(subject) == 1 ? X509_NAME_get_entry(subject, 0) : NULL;
    unsigned char *name = NULL;
    int length = -1, begin = 0;
    bool same;

    if (entry != NULL && OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName)
        length = ASN1_STRING_to_UTF8(&name, X509_NAME_ENTRY_get_data(entry));
    while (length > begin && name[length - 1] == ' ')
        length--;
    while (begin < length && name[begin] == ' ')
        begin++;
    same = length - begin == (int)strlen(SUBJECT) &&
           strncasecmp((const char *)name + begin, SUBJECT, strlen(SUBJECT)) == 0;
    OPENSSL_free(name);
    return same;
}

/* With another key than RSA the certificate is refused already, and its signature may be costly to check. */
static bool is_self_signed(X509 *x509, const struct profile_input *input) {
    return input->rsa && X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0 &&
           X509_verify(x509, X509_get0_pubkey(x509)) == 1;
}

/* Presence is what matters, so nothing of the names is decoded. */
static void judge_alternative_names(X509 *x509, bool genuine, struct strings *problems, struct strings *notes) {
    if (X509_get_ext_by_NID(x509, NID_subject_alt_name, -1) < 0)
        return;
    if (genuine) {
        strings_add(notes, "It carries subject alternative names, as older instructions of Microsoft had it made "
                           "(New-ExchangeCertificate -DomainName): that does no harm.");
    } else {
        strings_add(problems,
                    "It carries subject alternative names, which Exchange's auth certificates never do: probably "
                    "it is a web or mail server's certificate put in the wrong place.");
    }
}

/* Those that matter were judged one by one; here only the other repeated ones and their number. */
static void judge_extensions(X509 *x509, struct strings *problems) {
    int count = X509_get_ext_count(x509);

    if (count > EXTENSIONS_MOST) {
        strings_add(problems, "It carries %d extensions; Exchange's auth certificates have three or four.", count);
        return;
    }
    for (int i = 0; i < count; i++) {
        const ASN1_OBJECT *object = X509_EXTENSION_get_object(X509_get_ext(x509, i));
        int nid = OBJ_obj2nid(object);

        if (nid == NID_key_usage || nid == NID_ext_key_usage || nid == NID_basic_constraints)
            continue;
        if (X509_get_ext_by_OBJ(x509, object, i) >= 0 && X509_get_ext_by_OBJ(x509, object, -1) == i) {
            char name[80];
            char shown[96];
            int length = OBJ_obj2txt(name, sizeof(name), object, 0);

            if (length <= 0) {
                strings_add(problems, "It carries an extension more than once, which X.509 forbids.");
                continue;
            }
            text_printable(shown, sizeof(shown), name, strlen(name));
            strings_add(problems, "It carries the extension %s more than once, which X.509 forbids.", shown);
        }
    }
}

/* SHA-1 is no problem: Exchange's set-up made sha1RSA certificates for years, and nobody relies on the signature of a
 * self-signed certificate that partners know by its key. Nothing of Exchange's ever made the weaker ones below. */
static void judge_signature(X509 *x509, const struct profile_input *input, struct strings *problems) {
    int digest = NID_undef;

    if (OBJ_find_sigid_algs(X509_get_signature_nid(x509), &digest, NULL) == 1 &&
        (digest == NID_md5 || digest == NID_md4 || digest == NID_md2)) {
        strings_add(problems, "It is signed with %s, which no version of Exchange does.", input->signature);
    }
}

static void judge_issuer(X509 *x509, const struct profile_input *input, struct strings *problems) {
    int verified;

    if (X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) != 0) {
        strings_add(problems,
                    "It is issued by %s and not self-signed: probably it is a public or enterprise CA's "
                    "certificate put in the wrong place, as is done \"to fix OWA\"; such certificates end soon.",
                    input->issuer);
        return;
    }
    if (!input->rsa)
        return;
    verified = X509_verify(x509, X509_get0_pubkey(x509));
    if (verified == 0) {
        strings_add(problems,
                    "It names itself as issuer, but its own key did not sign it: it was altered, or issued by a "
                    "CA of the same name.");
    } else if (verified < 0) {
        strings_add(problems, "Its signature (%s) cannot be checked, so it may not be self-signed.", input->signature);
    }
}

static void judge_subject(X509 *x509, const struct profile_input *input, struct strings *problems) {
    if (!is_auth_subject(x509)) {
        strings_add(problems,
                    "Its subject is %s, while Exchange names its own %s: someone made it by hand, "
                    "or it is meant for something else.",
                    input->subject[0] != '\0' ? input->subject : "empty", SUBJECT_SHOWN);
    }
}

static void judge_serial(X509 *x509, struct strings *problems) {
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);

    if (number == NULL) {
        strings_add(problems, "Its serial number cannot be read.");
    } else if (BN_is_zero(number)) {
        strings_add(problems, "Its serial number is zero; X.509 demands a positive one.");
    } else if (BN_is_negative(number)) {
        strings_add(problems, "Its serial number is negative; X.509 demands a positive one.");
    } else if (BN_num_bits(number) > SERIAL_OCTETS_MOST * 8 - 1) {
        strings_add(problems, "Its serial number has more than %d octets, the most that X.509 allows.",
                    SERIAL_OCTETS_MOST);
    }
    BN_free(number);
}

static void judge_lifetime(const struct profile_input *input, struct strings *problems) {
    time_t lifetime = input->not_after - input->not_before;
    long long days = (long long)(lifetime / SECONDS_PER_DAY);

    if (lifetime <= 0) {
        strings_add(problems, "It ends before it begins: it is valid at no time.");
    } else if (lifetime < LIFETIME_LEAST) {
        strings_add(problems,
                    "It is made for only %lld days; Exchange gives five years, and less than %lld days leave no "
                    "room for an orderly rotation.",
                    days, (long long)(LIFETIME_LEAST / SECONDS_PER_DAY));
    } else if (lifetime > LIFETIME_MOST) {
        strings_add(problems,
                    "It is made for %lld days; Exchange gives five years, and partners may refuse a key that "
                    "lives longer than ten.",
                    days);
    }
}

bool profile_judge(X509 *x509, const struct profile_input *input, struct strings *problems, struct strings *notes) {
    bool genuine = is_auth_subject(x509) && is_self_signed(x509, input);
    judge_key(x509, input, problems);
    judge_usage(x509, problems);
    judge_constraints(x509, problems);
    judge_alternative_names(x509, genuine, problems, notes);
    judge_extensions(x509, problems);
    judge_issuer(x509, input, problems);
    judge_subject(x509, input, problems);
    judge_signature(x509, input, problems);
    judge_lifetime(input, problems);
    judge_serial(x509, problems);
    if (X509_get_version(x509) != X509_VERSION_3) {
        strings_add(problems, "It is of X.509 version %ld; Exchange's auth certificates are of version 3.",
                    X509_get_version(x509) + 1);
    }
    ERR_clear_error();
    return genuine;
}
