/* make_deserialization.c -- lengths at the bounds of their encodings, and others between them. */
#include "by_hand.h"
#include "generate.h"
#include "make.h"

static const uint32_t bounds[] = { 0, 63, 64, 16383, 16384, (1 << 30) - 1 };
enum { NUM_BOUNDS = sizeof bounds / sizeof *bounds, NUM_RANDOM = 6 };

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    static const uint32_t limits[] = { 1 << 6, 1 << 14, 1 << 24 };
    const size_t len = variant < NUM_BOUNDS ? bounds[variant] : random_below(c, limits[variant % 3]);
    hand_t header = { 0 };
    hand_length(&header, len);
    put_bytes(c, json, "vlbytes_header", hand_view(c, &header));
    put_number(c, json, "length", len);
}

const vector_generator_t generate_deserialization = { "deserialization", "headers of vectors", false,
                                                      NUM_BOUNDS + NUM_RANDOM, make };
