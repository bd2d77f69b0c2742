/* operation.h -- what is measured, by name. */
#ifndef MLS_BENCH_OPERATION_H
#define MLS_BENCH_OPERATION_H

typedef enum bench_operation {
    BENCH_CREATE,
    BENCH_JOIN,
    BENCH_EXTERNAL_JOIN,
    BENCH_COLD_COMMIT_CREATE,
    BENCH_COLD_COMMIT_PROCESS,
    BENCH_WARM_COMMIT_CREATE,
    BENCH_WARM_COMMIT_PROCESS,
    BENCH_WARM_ADD_CREATE,
    BENCH_WARM_ADD_PROCESS,
    BENCH_WARM_REMOVE_CREATE,
    BENCH_WARM_REMOVE_PROCESS,
    BENCH_ENCRYPT_100,
    BENCH_DECRYPT_100,
    BENCH_ENCRYPT_4096,
    BENCH_DECRYPT_4096,
    BENCH_SAVE,
    BENCH_LOAD,
    BENCH_NUM_OPERATIONS
} bench_operation_t;

const char *bench_operation_name(bench_operation_t operation);

#endif
