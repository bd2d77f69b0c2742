/* timestamp.h -- dates and times of XMPP (XEP-0082). */
#ifndef MOD_MLS_TIMESTAMP_H
#define MOD_MLS_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { MOD_MLS_TIMESTAMP_SIZE = 64 };

/* Writes "2026-11-23T10:00:00Z"; whole seconds. Times after the year 9999 are written as its end. */
void mod_mls_timestamp_write(char out[MOD_MLS_TIMESTAMP_SIZE], uint64_t unix_ms);

/* Reads a DateTime with any offset; fractions beyond milliseconds are dropped. False if it is none, or lies
 * before 1970. NULL is none. */
bool mod_mls_timestamp_read(uint64_t *unix_ms, const char *stamp);

#endif
