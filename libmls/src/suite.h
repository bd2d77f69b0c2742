/* suite.h -- cipher suites, and the inside of mls_crypto_t. */
#ifndef MLS_SUITE_H
#define MLS_SUITE_H

#include "engine.h"

typedef struct mls_suite {
    uint16_t id;
    const char *name;
    const mls_hash_engine_t *hash;
    const mls_aead_engine_t *aead;
    const mls_dh_engine_t *dh;
    const mls_signature_engine_t *signature;
} mls_suite_t;

/* The suite of that id. NULL: not in this build. */
const mls_suite_t *mls_suite_find(uint16_t id);

/* NULL: this build knows nothing of X.509. */
const mls_x509_engine_t *mls_x509_engine(void);

enum { MLS_NUM_HELPERS = 16 };

struct mls_crypto {
    mls_crypto_config_t config;
    mls_openssl_t *openssl; /* NULL in a build without OpenSSL */
    /* Those that other threads work with, while nobody does: shared_work.h. */
    _Atomic(mls_crypto_t *) helpers[MLS_NUM_HELPERS];
};

/* Takes the keys out of the contexts that were used last. False: they may still be there. */
MLS_MUST_USE bool mls_crypto_forget(mls_crypto_t *crypto);

#endif
