#include "files.h"

#include "must.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

void bench_make_folder(const char *folder, const char *name)
{
    char path[BENCH_PATH_SIZE];
    bench_remove_folder(folder, name);
    bench_expect(mkdir(bench_path(path, folder, name), 0700) == 0, path);
}

void bench_remove_folder(const char *folder, const char *name)
{
    char path[BENCH_PATH_SIZE], file[BENCH_PATH_SIZE];
    DIR *entries = opendir(bench_path(path, folder, name));
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            (void)unlink(bench_path(file, path, entry->d_name));
    (void)closedir(entries);
    (void)rmdir(path);
}
