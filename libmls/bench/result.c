#include "result.h"

#include "must.h"

static bool is_of(const bench_result_t *r, bench_operation_t operation, uint16_t cipher_suite,
                  uint32_t members)
{
    return r->operation == operation && r->cipher_suite == cipher_suite && r->members == members;
}

const bench_result_t *bench_find_result(const bench_results_t *results, bench_operation_t operation,
                                        uint16_t cipher_suite, uint32_t members)
{
    for (size_t i = 0; i < results->count; i++)
        if (is_of(&results->items[i], operation, cipher_suite, members))
            return &results->items[i];
    return NULL;
}

bench_result_t *bench_result(bench_results_t *results, bench_operation_t operation, uint16_t cipher_suite,
                             uint32_t members)
{
    for (size_t i = 0; i < results->count; i++)
        if (is_of(&results->items[i], operation, cipher_suite, members))
            return &results->items[i];
    bench_expect(results->count < BENCH_MAX_RESULTS, "there is room for the results");
    bench_result_t *result = &results->items[results->count++];
    *result = (bench_result_t){ .operation = operation, .cipher_suite = cipher_suite, .members = members };
    return result;
}

bench_peer_result_t *bench_peer_result_new(bench_results_t *results, const bench_peer_result_t *is_of)
{
    bench_expect(results->num_peers < BENCH_MAX_PEER_RESULTS, "there is room for the results");
    bench_peer_result_t *result = &results->peers[results->num_peers++];
    *result = *is_of;
    return result;
}

/* Of the fastest runs: whatever else a machine does only adds. */
double bench_peer_ratio(const bench_results_t *results, const bench_peer_result_t *result)
{
    const bench_result_t *own =
        bench_find_result(results, result->operation, result->cipher_suite, result->members);
    return own == NULL || result->us.count == 0 ? 0 : bench_minimum(&result->us) / bench_minimum(&own->us);
}
