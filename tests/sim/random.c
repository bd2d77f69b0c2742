#include "random.h"

/* splitmix64: the same sequence on every machine. */
static uint64_t next(sim_random_t *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

sim_random_t sim_random(uint64_t seed, uint64_t stream)
{
    sim_random_t random = { .state = seed };
    random.state = next(&random) + stream * 0xd1342543de82ef95u;
    return random;
}

uint32_t sim_below(sim_random_t *random, uint32_t bound)
{
    return (uint32_t)((next(random) >> 32) * bound >> 32);
}

uint32_t sim_between(sim_random_t *random, uint32_t low, uint32_t high)
{
    return low + sim_below(random, high - low + 1);
}

bool sim_chance(sim_random_t *random, uint32_t percent)
{
    return sim_below(random, 100) < percent;
}

void sim_fill(sim_random_t *random, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = next(random);
        for (size_t k = i; k < len && k < i + 8; k++, word >>= 8)
            out[k] = (uint8_t)word;
    }
}
