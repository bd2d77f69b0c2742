#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static double microseconds(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        abort(); /* there is no Linux without them */
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

double bench_cpu(void)
{
    return microseconds(CLOCK_THREAD_CPUTIME_ID);
}

double bench_now(void)
{
    return microseconds(CLOCK_MONOTONIC);
}

void bench_samples_add(bench_samples_t *samples, double value)
{
    if (samples->count < BENCH_MAX_SAMPLES)
        samples->values[samples->count++] = value;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_median(const bench_samples_t *samples)
{
    double sorted[BENCH_MAX_SAMPLES];
    const size_t n = samples->count;
    if (n == 0)
        return 0;
    memcpy(sorted, samples->values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double bench_minimum(const bench_samples_t *samples)
{
    double least = samples->count == 0 ? 0 : samples->values[0];
    for (size_t i = 1; i < samples->count; i++)
        if (samples->values[i] < least)
            least = samples->values[i];
    return least;
}
