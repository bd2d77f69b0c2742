#include "run.h"

#include "clock.h"
#include "floor.h"

/* Samples; and runs in one sample of what is short. */
enum { LONG_SAMPLES = 3, MIN_SAMPLES = 5, MAX_SAMPLES = 15, SHORT_RUNS = 5 };
/* Beside peers, in one turn. */
enum { TURN_SAMPLES = 5 };
static const double TURN_US = 1e5;
static const double SAMPLES_US = 8e6; /* for all samples of an operation */
static const double LONG_US = 1e7, SHORT_US = 1e3;

/* Beside what takes long the primitives are measured for longer, too: in all a sixth of the time, up to 65
 * ms. */
static void measure_costs(const bench_t *b, bench_costs_t *out)
{
    const double us = b->run_us / 160, most = 5000;
    bench_primitives_measure(b->primitives, out, us < most ? us : most);
}

void bench_before(bench_t *b)
{
    if (!b->plan->alone)
        measure_costs(b, &b->costs);
}

/* The machine may become faster or slower while an operation runs. */
static bench_costs_t costs_around(const bench_t *b)
{
    bench_costs_t costs;
    measure_costs(b, &costs);
    for (size_t i = 0; i < BENCH_NUM_PRIMITIVES; i++)
        costs.us[i] = (costs.us[i] + b->costs.us[i]) / 2;
    return costs;
}

double bench_start(bench_t *b)
{
    b->allocated = bench_allocations();
    return b->crowd->now();
}

double bench_since(const bench_t *b, double begin)
{
    return b->crowd->now() - begin;
}

bench_result_t *bench_result_of(const bench_t *b, bench_operation_t operation)
{
    return bench_result(b->results, operation, b->plan->cipher_suite, b->plan->members);
}

/* Alone each run counts, and the fastest one is looked for. */
static void add_run(const bench_t *b, bench_result_t *result, double us, size_t count, double floor_us)
{
    bench_sum_t *sum = &result->sum;
    const bool is_short = us * (double)count < SHORT_US;
    sum->count++;
    sum->us += us;
    sum->floor_us += floor_us;
    if (!b->plan->alone && is_short && sum->count < SHORT_RUNS)
        return;
    bench_samples_add(&result->us, sum->us / (double)sum->count);
    if (!b->plan->alone)
        bench_samples_add(&result->ratio, sum->us / sum->floor_us);
    *sum = (bench_sum_t){ 0 };
}

void bench_note(bench_t *b, bench_operation_t operation, double us, size_t count, size_t bytes,
                const bench_shape_t *shape)
{
    const bench_allocations_t after = bench_allocations();
    bench_result_t *result = bench_result_of(b, operation);
    double floor_us = 0;
    b->run_us = us;
    if (!b->plan->alone) {
        const bench_costs_t costs = costs_around(b);
        floor_us = bench_floor(operation, &costs, shape);
    }
    add_run(b, result, us / (double)count, count, floor_us);
    result->bytes = bytes;
    result->allocations = (after.calls - b->allocated.calls) / count;
    result->allocated = (after.allocated - b->allocated.allocated) / count;
}

bool bench_is_enough(const bench_t *b, bench_operation_t operation)
{
    const bench_samples_t *us = &bench_result_of(b, operation)->us;
    const size_t first = b->first[operation], count = us->count - first;
    double sum = 0;
    for (size_t i = first; i < us->count; i++)
        sum += us->values[i];
    if (b->plan->alone)
        return count >= TURN_SAMPLES || (count >= 1 && sum > TURN_US) || us->count == BENCH_MAX_SAMPLES;
    return count >= MAX_SAMPLES || (count >= MIN_SAMPLES && sum > SAMPLES_US) ||
           (count >= LONG_SAMPLES && bench_minimum(us) > LONG_US);
}
