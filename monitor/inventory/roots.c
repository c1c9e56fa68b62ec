#include "monitor/inventory/roots.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "core/anchors.h"

struct roots {
    X509_STORE *everybody;
    bool everybody_known; /* there is at least one */
    X509_STORE *own;      /* this host's, those of ca_file, those of the directory */
};

static X509_STORE *new_store(void) {
    X509_STORE *store = X509_STORE_new();

    /* An intermediate CA among the trusted is enough, and the day matters elsewhere. */
    if (store != NULL && X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST |
                                                         X509_V_FLAG_NO_CHECK_TIME) != 1) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

static void load_folder(const char *folder, struct roots *roots) {
    DIR *open = opendir(folder);
    struct dirent *file;
    char path[4096];

    while (open != NULL && (file = readdir(open)) != NULL)
        if (file->d_name[0] != '.' && snprintf(path, sizeof(path), "%s/%s", folder, file->d_name) < (int)sizeof(path) &&
            X509_STORE_load_file(roots->everybody, path) == 1)
            roots->everybody_known = true;
    if (open != NULL)
        closedir(open);
    ERR_clear_error();
}

bool roots_open(const char *public_folder, const char *ca_file, struct roots **ret_roots, struct error *err) {
    struct roots *roots = calloc(1, sizeof(*roots));

    if (roots == NULL)
        return error_memory(err);
    roots->everybody = new_store();
    roots->own = new_store();
    if (roots->everybody == NULL || roots->own == NULL) {
        roots_close(roots);
        return error_memory(err);
    }
    load_folder(public_folder, roots);
    (void)X509_STORE_load_file(roots->own, X509_get_default_cert_file());
    ERR_clear_error();
    if (ca_file != NULL && !anchors_load(ca_file, roots->own, err)) {
        roots_close(roots);
        return error_context(err, "cannot use ca_file = %s of [servers]", ca_file);
    }
    *ret_roots = roots;
    return true;
}

void roots_close(struct roots *roots) {
    if (roots == NULL)
        return;
    X509_STORE_free(roots->everybody);
    X509_STORE_free(roots->own);
    free(roots);
}

static X509 *decode(const unsigned char *data, size_t length) {
    return d2i_X509(NULL, &data, (long)length);
}

/* What a domain's members trust, as far as it is a certificate. */
static void add_directory(struct roots *roots, const struct inventory *inventory) {
    for (size_t i = 0; i < inventory->root_count; i++) {
        X509 *root = decode(inventory->roots[i].data, inventory->roots[i].length);

        if (root != NULL)
            (void)X509_STORE_add_cert(roots->own, root);
        X509_free(root);
    }
    ERR_clear_error();
}

static bool push_above(STACK_OF(X509) * list, const struct shown *shown) {
    for (size_t i = 0; i < shown->above_count; i++) {
        X509 *above = decode(shown->above[i].data, shown->above[i].length);

        if (above != NULL && sk_X509_push(list, above) <= 0) {
            X509_free(above);
            return false;
        }
    }
    return true;
}

static bool vouches(X509_STORE *store, X509 *leaf, STACK_OF(X509) * others) {
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool ok =
        context != NULL && X509_STORE_CTX_init(context, store, leaf, others) == 1 && X509_verify_cert(context) == 1;

    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return ok;
}

static enum trust trust_of(const struct roots *roots, const struct inventory *inventory, const struct shown *shown,
                           X509 *leaf, STACK_OF(X509) * others) {
    if (shown->self_signed)
        return TRUST_ITSELF;
    if (vouches(roots->everybody, leaf, others))
        return TRUST_PUBLIC;
    if (vouches(roots->own, leaf, others))
        return roots->everybody_known ? TRUST_OWN : TRUST_UNJUDGED;
    return inventory->roots_read == ANSWER_UNKNOWN ? TRUST_UNJUDGED : TRUST_NONE;
}

static bool judge(const struct roots *roots, const struct inventory *inventory, STACK_OF(X509) * all,
                  struct shown *shown) {
    X509 *leaf = decode(shown->certificate->der, shown->certificate->der_length);
    STACK_OF(X509) *others = sk_X509_new_null();
    bool ok = leaf != NULL && others != NULL && push_above(others, shown);

    if (ok) {
        shown->trust = trust_of(roots, inventory, shown, leaf, others);
        if (shown->trust == TRUST_NONE || shown->trust == TRUST_UNJUDGED) {
            enum trust whole = trust_of(roots, inventory, shown, leaf, all);

            shown->incomplete = whole == TRUST_PUBLIC || whole == TRUST_OWN;
            shown->trust = whole;
        }
    }
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    return ok;
}

bool roots_judge(struct roots *roots, struct inventory *inventory, struct error *err) {
    STACK_OF(X509) *all = sk_X509_new_null();
    bool ok = all != NULL;

    add_directory(roots, inventory);
    for (size_t i = 0; ok && i < inventory->shown_count; i++)
        ok = push_above(all, &inventory->shown[i]);
    for (size_t i = 0; ok && i < inventory->shown_count; i++)
        ok = judge(roots, inventory, all, &inventory->shown[i]);
    sk_X509_pop_free(all, X509_free);
    ERR_clear_error();
    return ok || error_memory(err);
}
