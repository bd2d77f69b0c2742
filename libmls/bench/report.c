#include "report.h"

#include "must.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- lines --------------------------------------------------------------------------------------- */

void bench_print_primitives(uint16_t cipher_suite, const bench_primitives_t *primitives,
                            const bench_costs_t *costs)
{
    for (int i = 0; i < BENCH_NUM_PRIMITIVES; i++)
        printf("primitive %s 0x%04x %.3f %s\n", bench_primitive_name((bench_primitive_t)i),
               (unsigned)cipher_suite, costs->us[i],
               bench_primitive_library(primitives, (bench_primitive_t)i));
}

static void print_result(const bench_result_t *r)
{
    const char *name = bench_operation_name(r->operation);
    const unsigned suite = r->cipher_suite, members = r->members;
    printf("bench %s 0x%04x %u %.1f %zu\n", name, suite, members, bench_median(&r->us), r->bytes);
    printf("ratio %s 0x%04x %u %.3f\n", name, suite, members, bench_median(&r->ratio));
    printf("minimum %s 0x%04x %u %.1f %.3f\n", name, suite, members, bench_minimum(&r->us),
           bench_minimum(&r->ratio));
    if (r->growth.count > 0)
        printf("growth %s 0x%04x %u %.3f\n", name, suite, members, bench_median(&r->growth));
    if (r->operation == BENCH_SAVE || r->operation == BENCH_LOAD)
        printf("rows %s 0x%04x %u %zu\n", name, suite, members, r->rows);
    else
        printf("allocations %s 0x%04x %u %zu %zu\n", name, suite, members, r->allocations, r->allocated);
}

void bench_print_results(const bench_results_t *results, size_t first)
{
    for (size_t i = first; i < results->count; i++)
        print_result(&results->items[i]);
}

void bench_print_memory(const bench_memory_t *memory)
{
    printf("memory 0x%04x %u %.1f %.1f %.1f\n", (unsigned)memory->cipher_suite, (unsigned)memory->members,
           memory->cold, memory->warm, memory->join_peak);
}

void bench_print_parallel(const bench_parallel_t *parallel)
{
    printf("threads join 0x%04x %u %u %.2f\n", (unsigned)parallel->cipher_suite, (unsigned)parallel->members,
           parallel->threads, bench_median(&parallel->speedup));
}

static void print_peer(const bench_results_t *results, const bench_peer_result_t *r)
{
    const char *name = bench_operation_name(r->operation);
    const unsigned suite = r->cipher_suite, members = r->members;
    if (r->us.count == 0) {
        printf("peer %s %s 0x%04x %u n/a %s\n", r->library, name, suite, members, r->reason);
        return;
    }
    printf("peer %s %s 0x%04x %u %.2f\n", r->library, name, suite, members, bench_peer_ratio(results, r));
    printf("peer-us %s %s 0x%04x %u %.1f\n", r->library, name, suite, members, bench_median(&r->us));
    printf("peer-minimum %s %s 0x%04x %u %.1f\n", r->library, name, suite, members, bench_minimum(&r->us));
}

void bench_print_alone(const bench_results_t *results, size_t first)
{
    for (size_t i = first; i < results->count; i++) {
        const bench_result_t *r = &results->items[i];
        const char *name = bench_operation_name(r->operation);
        const unsigned suite = r->cipher_suite, members = r->members;
        printf("peer-us libmls %s 0x%04x %u %.1f\n", name, suite, members, bench_median(&r->us));
        printf("peer-minimum libmls %s 0x%04x %u %.1f\n", name, suite, members, bench_minimum(&r->us));
    }
}

void bench_print_peers(const bench_results_t *results, size_t first)
{
    for (size_t i = first; i < results->num_peers; i++)
        print_peer(results, &results->peers[i]);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void add_number(cJSON *object, const char *name, double value)
{
    bench_expect(cJSON_AddNumberToObject(object, name, value) != NULL, "there is memory");
}

static cJSON *add_object(cJSON *array, uint16_t cipher_suite, uint32_t members)
{
    char suite[8];
    cJSON *object = cJSON_CreateObject();
    (void)snprintf(suite, sizeof suite, "0x%04x", (unsigned)cipher_suite);
    bench_expect(object != NULL && cJSON_AddItemToArray(array, object) &&
                     cJSON_AddStringToObject(object, "suite", suite) != NULL,
                 "there is memory");
    add_number(object, "members", members);
    return object;
}

static void add_result(cJSON *array, const bench_result_t *r)
{
    cJSON *object = add_object(array, r->cipher_suite, r->members);
    bench_expect(cJSON_AddStringToObject(object, "operation", bench_operation_name(r->operation)) != NULL,
                 "there is memory");
    add_number(object, "runs", (double)r->us.count);
    add_number(object, "us", bench_median(&r->us));
    add_number(object, "minimum_us", bench_minimum(&r->us));
    add_number(object, "ratio", bench_median(&r->ratio));
    add_number(object, "minimum_ratio", bench_minimum(&r->ratio));
    if (r->growth.count > 0)
        add_number(object, "growth", bench_median(&r->growth));
    add_number(object, "bytes", (double)r->bytes);
    add_number(object, "rows", (double)r->rows);
    add_number(object, "allocations", (double)r->allocations);
    add_number(object, "allocated", (double)r->allocated);
}

static void add_memory(cJSON *array, const bench_memory_t *m)
{
    cJSON *object = add_object(array, m->cipher_suite, m->members);
    add_number(object, "cold", m->cold);
    add_number(object, "warm", m->warm);
    add_number(object, "join_peak", m->join_peak);
}

static cJSON *add_peer(cJSON *array, const char *library, bench_operation_t operation, uint16_t cipher_suite,
                       uint32_t members)
{
    cJSON *object = add_object(array, cipher_suite, members);
    bench_expect(cJSON_AddStringToObject(object, "library", library) != NULL &&
                     cJSON_AddStringToObject(object, "operation", bench_operation_name(operation)) != NULL,
                 "there is memory");
    return object;
}

static void add_alone(cJSON *array, const bench_result_t *r)
{
    cJSON *object = add_peer(array, "libmls", r->operation, r->cipher_suite, r->members);
    add_number(object, "runs", (double)r->us.count);
    add_number(object, "us", bench_median(&r->us));
    add_number(object, "ratio", 1);
    add_number(object, "minimum_us", bench_minimum(&r->us));
    add_number(object, "minimum_ratio", 1);
}

static void add_peer_result(cJSON *array, const bench_results_t *results, const bench_peer_result_t *r)
{
    cJSON *object = add_peer(array, r->library, r->operation, r->cipher_suite, r->members);
    if (r->us.count == 0) {
        bench_expect(cJSON_AddStringToObject(object, "reason", r->reason) != NULL, "there is memory");
        return;
    }
    add_number(object, "runs", (double)r->us.count);
    add_number(object, "us", bench_median(&r->us));
    add_number(object, "ratio", bench_peer_ratio(results, r));
    add_number(object, "minimum_us", bench_minimum(&r->us));
}

void bench_write_json(const bench_results_t *results, const bench_results_t *beside, const char *path)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *operations = cJSON_AddArrayToObject(root, "operations"),
          *memory = cJSON_AddArrayToObject(root, "memory"), *peers = cJSON_AddArrayToObject(root, "peers");
    FILE *file = fopen(path, "w");
    bench_expect(operations != NULL && memory != NULL && peers != NULL, "there is memory");
    for (size_t i = 0; i < results->count; i++)
        add_result(operations, &results->items[i]);
    for (size_t i = 0; i < results->num_memory; i++)
        add_memory(memory, &results->memory[i]);
    for (size_t i = 0; i < beside->count; i++)
        add_alone(peers, &beside->items[i]);
    for (size_t i = 0; i < beside->num_peers; i++)
        add_peer_result(peers, beside, &beside->peers[i]);
    char *text = cJSON_Print(root);
    bench_expect(text != NULL && file != NULL && fprintf(file, "%s\n", text) > 0 && fclose(file) == 0,
                 "the JSON file can be written");
    cJSON_free(text);
    cJSON_Delete(root);
}
