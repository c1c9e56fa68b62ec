#include "renew/keys/work.h"

#include <stdint.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>

/* Cost times block size times parallelization: likewise some seconds. Key files of our own ask for 2^17. */
#define SCRYPT_MOST ((uint64_t)1 << 23)

bool work_rounds_allowed(const ASN1_INTEGER *rounds) {
    int64_t count = 0;

    return rounds == NULL || (ASN1_INTEGER_get_int64(&count, rounds) == 1 && count <= WORK_ROUNDS_MOST);
}

static bool scrypt_allowed(const SCRYPT_PARAMS *scrypt) {
    uint64_t cost, size, parallel, work;

    return ASN1_INTEGER_get_uint64(&cost, scrypt->costParameter) == 1 &&
           ASN1_INTEGER_get_uint64(&size, scrypt->blockSize) == 1 &&
           ASN1_INTEGER_get_uint64(&parallel, scrypt->parallelizationParameter) == 1 &&
           !__builtin_mul_overflow(cost, size, &work) && !__builtin_mul_overflow(work, parallel, &work) &&
           work <= SCRYPT_MOST;
}

/* The parameters of `algorithm`, decoded; NULL where they are of another shape. */
static void *parameters_of(const X509_ALGOR *algorithm, const ASN1_ITEM *item) {
    const void *parameters = NULL;
    int type = V_ASN1_UNDEF;

    X509_ALGOR_get0(NULL, &type, &parameters, algorithm);
    return type == V_ASN1_SEQUENCE ? ASN1_item_unpack(parameters, item) : NULL;
}

bool work_allowed(const X509_ALGOR *algorithm) {
    const ASN1_ITEM *item = ASN1_ITEM_rptr(PBEPARAM);
    PBE2PARAM *pbes2 = NULL;
    void *parameters;
    bool allowed = true;
    int nid = OBJ_obj2nid(algorithm->algorithm);

    if (nid == NID_pbes2 && (pbes2 = parameters_of(algorithm, ASN1_ITEM_rptr(PBE2PARAM))) != NULL) {
        algorithm = pbes2->keyfunc;
        nid = OBJ_obj2nid(algorithm->algorithm);
        item = nid == NID_id_scrypt ? ASN1_ITEM_rptr(SCRYPT_PARAMS) : ASN1_ITEM_rptr(PBKDF2PARAM);
    }
    parameters = parameters_of(algorithm, item);
    if (parameters != NULL) {
        if (pbes2 == NULL)
            allowed = work_rounds_allowed(((const PBEPARAM *)parameters)->iter);
        else if (nid == NID_id_scrypt)
            allowed = scrypt_allowed(parameters);
        else
            allowed = work_rounds_allowed(((const PBKDF2PARAM *)parameters)->iter);
    }
    ASN1_item_free(parameters, item);
    PBE2PARAM_free(pbes2);
    ERR_clear_error();
    return allowed;
}
