#include "operation.h"

static const char *const names[BENCH_NUM_OPERATIONS] = {
    [BENCH_CREATE] = "create",
    [BENCH_JOIN] = "join",
    [BENCH_EXTERNAL_JOIN] = "external-join",
    [BENCH_COLD_COMMIT_CREATE] = "cold-commit-create",
    [BENCH_COLD_COMMIT_PROCESS] = "cold-commit-process",
    [BENCH_WARM_COMMIT_CREATE] = "warm-commit-create",
    [BENCH_WARM_COMMIT_PROCESS] = "warm-commit-process",
    [BENCH_WARM_ADD_CREATE] = "warm-add-create",
    [BENCH_WARM_ADD_PROCESS] = "warm-add-process",
    [BENCH_WARM_REMOVE_CREATE] = "warm-remove-create",
    [BENCH_WARM_REMOVE_PROCESS] = "warm-remove-process",
    [BENCH_ENCRYPT_100] = "encrypt-100",
    [BENCH_DECRYPT_100] = "decrypt-100",
    [BENCH_ENCRYPT_4096] = "encrypt-4096",
    [BENCH_DECRYPT_4096] = "decrypt-4096",
    [BENCH_SAVE] = "save",
    [BENCH_LOAD] = "load",
};

const char *bench_operation_name(bench_operation_t operation)
{
    return names[operation];
}
