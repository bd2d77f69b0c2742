#include "trace.h"

#include <stdarg.h>
#include <stdio.h>

/* FNV-1a, 64 bits. */
static const uint64_t digest_basis = 0xcbf29ce484222325u, digest_prime = 0x100000001b3u;

sim_trace_t sim_trace(uint64_t seed, bool is_verbose)
{
    return (sim_trace_t){ .seed = seed, .is_verbose = is_verbose, .digest = digest_basis };
}

static void add_to_digest(sim_trace_t *trace, mls_view_t bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        trace->digest = (trace->digest ^ bytes.data[i]) * digest_prime;
}

void sim_note_bytes(sim_trace_t *trace, mls_view_t bytes)
{
    if (trace->has_same_bytes)
        add_to_digest(trace, bytes);
}

void sim_note(sim_trace_t *trace, const char *format, ...)
{
    char line[240];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    add_to_digest(trace, mls_view_text(line));
    if (trace->is_verbose)
        printf("%4u  %s\n", trace->step, line);
}

bool sim_check(sim_trace_t *trace, bool good, const char *format, ...)
{
    va_list args;
    if (good)
        return true;
    trace->num_faults++;
    fflush(stdout); /* what led to it comes first */
    fprintf(stderr, "FAULT seed %llu step %u: ", (unsigned long long)trace->seed, trace->step);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

bool sim_check_ok(sim_trace_t *trace, mls_status_t status, const char *who, const char *what)
{
    if (status == MLS_OK)
        trace->rule = NULL;
    return sim_check(trace, status == MLS_OK, "%s: %s: %s%s%s", who, what, mls_status_text(status),
                     trace->rule == NULL ? "" : ", rule ", trace->rule == NULL ? "" : trace->rule);
}
