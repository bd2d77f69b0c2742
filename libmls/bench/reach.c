#include "reach.h"

#include <stdio.h>
#include <string.h>

/* ---- one demand ---------------------------------------------------------------------------------- */

static bool demand(const char *what, uint16_t suite, uint32_t members, double value, double limit)
{
    const bool is_reached = value <= limit;
    printf("%s %s 0x%04x %u %.3f %.3f\n", is_reached ? "reached" : "missed", what, (unsigned)suite,
           (unsigned)members, value, limit);
    return is_reached;
}

/* ---- ratios to the floor ------------------------------------------------------------------------- */

static const struct ratio_row {
    bench_operation_t operation;
    uint32_t least_members, most_members;
    double limit;
} ratio_rows[] = {
    { BENCH_WARM_COMMIT_PROCESS, 1000, 50000, 2.0 },
    { BENCH_WARM_ADD_PROCESS, 1000, 50000, 2.0 },
    { BENCH_WARM_REMOVE_PROCESS, 1000, 50000, 2.0 },
    { BENCH_WARM_COMMIT_CREATE, 1000, 50000, 1.5 },
    { BENCH_COLD_COMMIT_CREATE, 10000, 10000, 1.2 },
    { BENCH_COLD_COMMIT_PROCESS, 10000, 10000, 2.0 },
    { BENCH_CREATE, 10000, 50000, 1.3 },
    { BENCH_JOIN, 10000, 50000, 1.15 },
    { BENCH_ENCRYPT_100, 2, UINT32_MAX, 1.5 },
    { BENCH_DECRYPT_100, 2, UINT32_MAX, 1.5 },
    { BENCH_ENCRYPT_4096, 2, UINT32_MAX, 1.5 },
    { BENCH_DECRYPT_4096, 2, UINT32_MAX, 1.5 },
};

static bool check_ratio(const bench_result_t *result)
{
    bool is_reached = true;
    for (size_t i = 0; i < sizeof ratio_rows / sizeof *ratio_rows; i++) {
        const struct ratio_row *row = &ratio_rows[i];
        if (row->operation == result->operation && result->members >= row->least_members &&
            result->members <= row->most_members)
            is_reached = demand(bench_operation_name(result->operation), result->cipher_suite,
                                result->members, bench_median(&result->ratio), row->limit) &&
                         is_reached;
    }
    return is_reached;
}

/* ---- growth -------------------------------------------------------------------------------------- */

/* What 50,000 members cost, measured by what 1,000 do; the same for the bytes allocated. */
static bool check_growth(const bench_results_t *results, const bench_result_t *large)
{
    static const bench_operation_t logarithmic[] = { BENCH_WARM_COMMIT_PROCESS, BENCH_WARM_ADD_PROCESS,
                                                     BENCH_WARM_REMOVE_PROCESS, BENCH_WARM_COMMIT_CREATE,
                                                     BENCH_WARM_REMOVE_CREATE,  BENCH_ENCRYPT_100,
                                                     BENCH_DECRYPT_100 };
    const bench_result_t *small = bench_find_result(results, large->operation, large->cipher_suite, 1000);
    char what[64];
    bool is_reached = true;
    if (large->members != 50000 || small == NULL)
        return true;
    for (size_t i = 0; i < sizeof logarithmic / sizeof *logarithmic; i++) {
        if (logarithmic[i] != large->operation)
            continue;
        (void)snprintf(what, sizeof what, "%s-allocated-growth", bench_operation_name(large->operation));
        is_reached = demand(what, large->cipher_suite, large->members,
                            (double)large->allocated / (double)small->allocated, 1.5);
        if (i > 2)
            continue;
        (void)snprintf(what, sizeof what, "%s-growth", bench_operation_name(large->operation));
        is_reached = demand(what, large->cipher_suite, large->members, bench_median(&large->growth), 1.5) &&
                     is_reached;
    }
    return is_reached;
}

/* Five times the members: five times the memory, and the time; of which each is by the floor of its own time,
 * which is linear, because the machine may not be as fast as it was. */
static bool check_linear(const bench_results_t *results, const bench_result_t *large)
{
    const bench_result_t *small = bench_find_result(results, BENCH_CREATE, large->cipher_suite, 10000);
    if (large->operation != BENCH_CREATE || large->members != 50000 || small == NULL)
        return true;
    const bool is_linear = demand("create-growth", large->cipher_suite, large->members,
                                  5 * bench_median(&large->ratio) / bench_median(&small->ratio), 6.5);
    return demand("create-allocated-growth", large->cipher_suite, large->members,
                  (double)large->allocated / (double)small->allocated, 5.25) &&
           is_linear;
}

/* ---- what is stored and held --------------------------------------------------------------------- */

static bool check_store(const bench_result_t *result)
{
    bool is_reached = true;
    if (result->operation == BENCH_SAVE) {
        is_reached = demand("save-rows", result->cipher_suite, result->members, (double)result->rows, 64);
        is_reached =
            demand("save-bytes", result->cipher_suite, result->members, (double)result->bytes, 32768) &&
            is_reached;
    }
    if (result->operation == BENCH_LOAD && result->members == 50000)
        is_reached =
            demand("load-us", result->cipher_suite, result->members, bench_median(&result->us), 1e6) &&
            is_reached;
    return is_reached;
}

static bool check_memory(const bench_memory_t *memory)
{
    if (memory->members != 50000)
        return true;
    bool is_reached = demand("memory-cold", memory->cipher_suite, memory->members, memory->cold, 450);
    is_reached =
        demand("memory-warm", memory->cipher_suite, memory->members, memory->warm, 450) && is_reached;
    return demand("memory-join-peak", memory->cipher_suite, memory->members, memory->join_peak,
                  1.3 * memory->warm) &&
           is_reached;
}

/* Signatures are checked side by side; the rest of joining is not. */
static bool check_parallel(const bench_parallel_t *parallel)
{
    return parallel->members < 10000 ||
           demand("join-threads", parallel->cipher_suite, parallel->members,
                  1 / bench_median(&parallel->speedup), 1.25 / parallel->threads);
}

bool bench_reach(const bench_results_t *results)
{
    bool is_reached = true;
    for (size_t i = 0; i < results->count; i++) {
        const bench_result_t *result = &results->items[i];
        is_reached = check_ratio(result) && is_reached;
        is_reached = check_growth(results, result) && is_reached;
        is_reached = check_linear(results, result) && is_reached;
        is_reached = check_store(result) && is_reached;
    }
    for (size_t i = 0; i < results->num_memory; i++)
        is_reached = check_memory(&results->memory[i]) && is_reached;
    for (size_t i = 0; i < results->num_parallel; i++)
        is_reached = check_parallel(&results->parallel[i]) && is_reached;
    return is_reached;
}

/* ---- peers --------------------------------------------------------------------------------------- */

/* Of one peer, whose first result is `first`. */
static bool check_peer(const bench_results_t *results, const bench_peer_result_t *first)
{
    const bench_peer_result_t *nearest = NULL;
    double least = 0;
    size_t num_compared = 0, num_behind = 0;
    for (const bench_peer_result_t *r = first; r < results->peers + results->num_peers; r++) {
        const double ratio = bench_peer_ratio(results, r);
        if (strcmp(r->library, first->library) != 0 || r->us.count == 0)
            continue;
        num_compared++;
        if (nearest == NULL || ratio < least) {
            nearest = r;
            least = ratio;
        }
        if (ratio >= 1)
            continue;
        num_behind++;
        printf("behind %s %s 0x%04x %u %.3f\n", r->library, bench_operation_name(r->operation),
               (unsigned)r->cipher_suite, (unsigned)r->members, ratio);
    }
    if (nearest != NULL)
        printf("ahead %s in %zu of %zu, least %s 0x%04x %u %.3f\n", first->library, num_compared - num_behind,
               num_compared, bench_operation_name(nearest->operation), (unsigned)nearest->cipher_suite,
               (unsigned)nearest->members, least);
    return num_behind == 0;
}

static bool is_first_of_peer(const bench_results_t *results, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(results->peers[i].library, results->peers[n].library) == 0)
            return false;
    return true;
}

bool bench_reach_peers(const bench_results_t *results)
{
    bool is_reached = true;
    for (size_t i = 0; i < results->num_peers; i++)
        if (is_first_of_peer(results, i))
            is_reached = check_peer(results, &results->peers[i]) && is_reached;
    return is_reached;
}
