/* trace.h -- what happens in a run: told to who wants to look, summed up in a digest, and faults reported. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "mls/bytes.h"

#if defined(__GNUC__)
#define SIM_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define SIM_PRINTF(at, first)
#endif

typedef struct sim_trace {
    uint64_t seed;
    unsigned step;
    bool is_verbose;
    bool has_same_bytes; /* the seed makes the same bytes each time, not only the same events */
    uint64_t digest;     /* of all that was noted so far */
    unsigned num_faults;
    const char *rule; /* that libmls has found broken last; NULL: none since the last call that was good */
} sim_trace_t;

sim_trace_t sim_trace(uint64_t seed, bool is_verbose);

/* Something that happens: part of the digest, and a line of its own where the run is looked at. */
void sim_note(sim_trace_t *trace, const char *format, ...) SIM_PRINTF(2, 3);
/* Bytes that are the same whenever this seed is run, if any are. */
void sim_note_bytes(sim_trace_t *trace, mls_view_t bytes);

/* Answers `good`. Where it is false, that is a fault: `format` says who and what, and with seed and step it
 * is printed to the standard error. */
bool sim_check(sim_trace_t *trace, bool good, const char *format, ...) SIM_PRINTF(3, 4);
/* The same for a call that has to succeed. */
bool sim_check_ok(sim_trace_t *trace, mls_status_t status, const char *who, const char *what);

#endif
