#include "seeded.h"

#include "must.h"

uint64_t bench_seeded_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool fill(void *arg, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)bench_seeded_next(arg);
    return true;
}

mls_crypto_t *bench_seeded_crypto(uint64_t *state)
{
    const mls_crypto_config_t config = { .arg = state, .random = fill };
    mls_crypto_t *crypto;
    bench_must(mls_crypto_new(&crypto, &config), "make a crypto context");
    return crypto;
}
