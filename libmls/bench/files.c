#include "files.h"

#include "must.h"

#include <stdio.h>

const char *bench_path(char out[BENCH_PATH_SIZE], const char *folder, const char *name)
{
    const int len = snprintf(out, BENCH_PATH_SIZE, "%s/%s", folder, name);
    bench_expect(len > 0 && len < BENCH_PATH_SIZE, "a path is short enough");
    return out;
}

void bench_write_file(const char *folder, const char *name, mls_view_t bytes)
{
    char path[BENCH_PATH_SIZE];
    FILE *file = fopen(bench_path(path, folder, name), "wb");
    bench_expect(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len && fclose(file) == 0,
                 path);
}

mls_bytes_t bench_read_file(const char *folder, const char *name)
{
    char path[BENCH_PATH_SIZE];
    FILE *file = fopen(bench_path(path, folder, name), "rb");
    bench_expect(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
    const long len = ftell(file);
    bench_expect(len > 0 && fseek(file, 0, SEEK_SET) == 0, path);
    mls_bytes_t bytes = { .data = bench_alloc(1, (size_t)len), .len = (size_t)len };
    bench_expect(fread(bytes.data, 1, bytes.len, file) == bytes.len, path);
    (void)fclose(file);
    return bytes;
}
