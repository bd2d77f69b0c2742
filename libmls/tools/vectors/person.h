/* person.h -- the members of made-up groups. */
#ifndef MLS_VECTORS_PERSON_H
#define MLS_VECTORS_PERSON_H

#include "key_package.h"
#include "vectors.h"

/* The lifetime of every leaf, in seconds, and a moment in it. */
enum {
    PERSON_NOT_BEFORE = 1700000000,
    PERSON_NOT_AFTER = PERSON_NOT_BEFORE + 90 * 24 * 3600,
    PERSON_NOW = PERSON_NOT_BEFORE + 24 * 3600
};

/* A fresh KeyPackage; the caller frees it. NULL on failure. */
mls_key_package_t *person_new(vector_case_t *c, const char *name);
/* The LeafNode in it, encoded. */
mls_view_t person_leaf(vector_case_t *c, const mls_key_package_t *person);

#endif
