/* crowd.h -- members by the thousand: a KeyPackage each, all alike in size. */
#ifndef MLS_BENCH_CROWD_H
#define MLS_BENCH_CROWD_H

#include <mls/mls.h>

/* The group_id, of 16 bytes. */
#define BENCH_GROUP_ID "a large group..."

/* BasicCredential of 21 bytes, capabilities of one version, suite and credential type, no extensions: a
 * LeafNode of 185 bytes, a KeyPackage of 289. */
typedef struct bench_crowd {
    mls_crypto_t *crypto;
    double (*now)(
        void); /* the clock by which its operations are measured: bench_cpu() if not told otherwise */
    uint16_t cipher_suite;
    uint32_t num_members;
    mls_key_package_t **key_packages; /* of the members, and one more: of who joins */
    uint32_t guest;                   /* the member who is somebody else, */
    mls_bytes_t guest_key_package;    /* by this message; empty: nobody is */
} bench_crowd_t;

bench_crowd_t *bench_crowd_new(mls_crypto_t *crypto, uint16_t cipher_suite, uint32_t num_members);
void bench_crowd_free(bench_crowd_t *crowd);

/* Somebody else takes that member's place, by an MLSMessage that the crowd takes over. */
void bench_crowd_invite(bench_crowd_t *crowd, uint32_t member, mls_bytes_t key_package);
/* The KeyPackage of a member as MLSMessage. */
mls_view_t bench_crowd_message(const bench_crowd_t *crowd, uint32_t member);

/* One more KeyPackage of the same kind. */
mls_key_package_t *bench_key_package(mls_crypto_t *crypto, uint16_t cipher_suite, uint32_t number);

/* For a group of any size: bounds out of the way, and the PSK of bench_fresh_epoch(). */
mls_group_config_t bench_group_config(void);

#endif
