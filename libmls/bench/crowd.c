#include "crowd.h"

#include "clock.h"
#include "must.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { IDENTITY_LEN = 21, LEAF_NODE_LEN = 185 };

/* What other libraries would not take as expired. It is no part of what is counted: a number is as long as
 * another. */
static const uint64_t LIFETIME = (uint64_t)28 * 24 * 3600;

mls_key_package_t *bench_key_package(mls_crypto_t *crypto, uint16_t cipher_suite, uint32_t number)
{
    const uint64_t now = (uint64_t)time(NULL);
    char identity[IDENTITY_LEN + 1];
    (void)snprintf(identity, sizeof identity, "member-%014u", (unsigned)number);
    const mls_key_package_params_t params = { .cipher_suite = cipher_suite,
                                              .identity = mls_view_text(identity),
                                              .not_before = now - 3600,
                                              .not_after = now + LIFETIME };
    mls_key_package_t *key_package;
    bench_must(mls_key_package_new(&key_package, crypto, &params), "make a KeyPackage");
    return key_package;
}

static void check_workload(mls_crypto_t *crypto, const mls_key_package_t *key_package)
{
    mls_key_package_info_t info;
    bench_must(mls_key_package_read(&info, crypto, mls_key_package_message(key_package), 0, NULL),
               "read a KeyPackage");
    bench_expect(info.leaf.encoded.len == LEAF_NODE_LEN, "a LeafNode has 185 bytes");
}

bench_crowd_t *bench_crowd_new(mls_crypto_t *crypto, uint16_t cipher_suite, uint32_t num_members)
{
    bench_crowd_t *crowd = bench_alloc(1, sizeof *crowd);
    crowd->crypto = crypto;
    crowd->now = bench_cpu;
    crowd->cipher_suite = cipher_suite;
    crowd->num_members = num_members;
    crowd->key_packages = bench_alloc((size_t)num_members + 1, sizeof *crowd->key_packages);
    for (uint32_t i = 0; i <= num_members; i++)
        crowd->key_packages[i] = bench_key_package(crypto, cipher_suite, i);
    check_workload(crypto, crowd->key_packages[0]);
    return crowd;
}

void bench_crowd_free(bench_crowd_t *crowd)
{
    for (uint32_t i = 0; i <= crowd->num_members; i++)
        mls_key_package_free(crowd->key_packages[i]);
    free(crowd->key_packages);
    mls_bytes_clear(&crowd->guest_key_package);
    free(crowd);
}

void bench_crowd_invite(bench_crowd_t *crowd, uint32_t member, mls_bytes_t key_package)
{
    mls_bytes_clear(&crowd->guest_key_package);
    crowd->guest = member;
    crowd->guest_key_package = key_package;
}

mls_view_t bench_crowd_message(const bench_crowd_t *crowd, uint32_t member)
{
    if (crowd->guest_key_package.len > 0 && member == crowd->guest)
        return mls_bytes_view(&crowd->guest_key_package);
    return mls_key_package_message(crowd->key_packages[member]);
}

static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    (void)id;
    *secret = mls_view_text("a PSK that everybody has, to begin an epoch");
    return MLS_OK;
}

mls_group_config_t bench_group_config(void)
{
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT, .psk = give_psk, .external_commits = true };
    config.limits.message_len = (size_t)64 << 20;
    config.limits.num_leaves = 1u << 20;
    config.limits.num_proposals = 1u << 20;
    return config;
}
