/* files.h -- small files in a folder. Who cannot read or write them ends the program. */
#ifndef MLS_BENCH_FILES_H
#define MLS_BENCH_FILES_H

#include <mls/mls.h>

/* Of a path, with its zero. */
enum { BENCH_PATH_SIZE = 512 };

/* Answers `out`. */
const char *bench_path(char out[BENCH_PATH_SIZE], const char *folder, const char *name);
void bench_write_file(const char *folder, const char *name, mls_view_t bytes);
/* The caller clears it. */
mls_bytes_t bench_read_file(const char *folder, const char *name);

/* Makes a folder of that name in a folder, empty. */
void bench_make_folder(const char *folder, const char *name);
/* Removes it with the files in it; none is fine. */
void bench_remove_folder(const char *folder, const char *name);

#endif
