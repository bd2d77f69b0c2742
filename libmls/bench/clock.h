/* clock.h -- time that passes, and what many measurements say together. */
#ifndef MLS_BENCH_CLOCK_H
#define MLS_BENCH_CLOCK_H

#include <stddef.h>

/* Microseconds that this thread has computed: what else the machine does meanwhile is left out. */
double bench_cpu(void);
/* Microseconds since some moment, for what waits for a disk or for other threads. */
double bench_now(void);

/* Measurements of one thing. A zeroed list is empty; more than MAX_SAMPLES are left out. */
enum { BENCH_MAX_SAMPLES = 512 };
typedef struct bench_samples {
    double values[BENCH_MAX_SAMPLES];
    size_t count;
} bench_samples_t;

void bench_samples_add(bench_samples_t *samples, double value);
/* 0 of none. */
double bench_median(const bench_samples_t *samples);
double bench_minimum(const bench_samples_t *samples);

#endif
