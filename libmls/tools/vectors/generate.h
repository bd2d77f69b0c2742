/* generate.h -- files of test vectors that follow from a seed. */
#ifndef MLS_VECTORS_GENERATE_H
#define MLS_VECTORS_GENERATE_H

#include "vectors.h"

typedef struct vector_generator {
    const char *name;    /* of the file, without ".json" */
    const char *content; /* in a few words */
    bool has_suite;      /* the cases name a cipher suite, and there are some of each; else they name none */
    size_t num_cases;    /* of a suite, or of none; each is another variant */
    /* Fills in a case of a variant; what names its suite is there. */
    void (*make)(vector_case_t *c, cJSON *json, size_t variant);
} vector_generator_t;

extern const vector_generator_t generate_tree_math;
extern const vector_generator_t generate_crypto_basics;
extern const vector_generator_t generate_deserialization;
extern const vector_generator_t generate_key_schedule;
extern const vector_generator_t generate_psk_secret;
extern const vector_generator_t generate_secret_tree;
extern const vector_generator_t generate_message_protection;
extern const vector_generator_t generate_transcript_hashes;
extern const vector_generator_t generate_tree_operations;
extern const vector_generator_t generate_tree_validation;
extern const vector_generator_t generate_treekem;
extern const vector_generator_t generate_messages;
extern const vector_generator_t generate_welcome;
extern const vector_generator_t generate_passive_client_welcome;
extern const vector_generator_t generate_passive_client_handling_commit;
extern const vector_generator_t generate_passive_client_random;

/* All of them, in the order of the document that describes the formats; ends with NULL. */
extern const vector_generator_t *const vector_generators[];

enum { VECTOR_MAX_SUITES = 16 };

typedef struct vector_order {
    const char *kind; /* the name of a generator; NULL: all of them */
    uint64_t seed;
    uint16_t suites[VECTOR_MAX_SUITES]; /* of cases that name one */
    size_t num_suites;
    size_t max_cases;   /* of one suite; 0: all that there are */
    const char *output; /* a file, or the folder for all kinds; NULL: standard output, for one kind */
} vector_order_t;

/* Makes what is ordered. Every case is verified before it is written; what goes wrong is told on standard
 * error. */
bool vector_generate(const vector_order_t *order);

#endif
