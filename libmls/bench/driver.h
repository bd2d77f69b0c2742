/* driver.h -- a peer's driver: a program that answers each line with one line (peers/README.md). */
#ifndef MLS_BENCH_DRIVER_H
#define MLS_BENCH_DRIVER_H

#include <stdbool.h>

typedef struct bench_driver bench_driver_t;

typedef struct bench_answer {
    bool is_ok;
    double us, storage_us; /* what the library took, and how much of that was storage; 0: not told */
    double cpu_us;         /* what the driver has computed, with all of its threads */
    char text[512];        /* what follows `ok`, or why it is not */
} bench_answer_t;

/* Runs a command, by sh, with as many threads as the libraries make use of. Its standard input ends when this
 * program does, however that ends, and with it the driver. NULL: nothing can be run. */
bench_driver_t *bench_driver_start(const char *command, unsigned threads);
/* Ends it. NULL is fine. */
void bench_driver_stop(bench_driver_t *driver);

/* Waits for the answer for five minutes; a driver that has not answered by then is ended. `out->is_ok`. */
bool bench_ask(bench_driver_t *driver, bench_answer_t *out, const char *line);
/* Whether it still answers. */
bool bench_driver_is_alive(const bench_driver_t *driver);

#endif
