/* welcome_open.h -- the inside of mls_welcome_t: a Welcome whose secrets are decrypted. */
#ifndef MLS_WELCOME_OPEN_H
#define MLS_WELCOME_OPEN_H

#include "group.h"

struct mls_welcome {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_key_package_t *key_package;
    mls_bytes_t secrets_bytes, info_bytes; /* decrypted; views point into them */
    mls_arena_t arena;
    mls_group_secrets_t secrets;
    mls_group_info_t info;
    mls_secret_t joiner_secret, psk_secret;
    /* The PSK of a reinitialisation or a branch, and the group that it comes from; NULL for others. */
    const mls_pre_shared_key_id_t *origin_psk;
    const mls_group_t *origin;
};

#endif
