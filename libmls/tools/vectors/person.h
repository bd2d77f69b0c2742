/* person.h -- the members of made-up groups. */
#ifndef MLS_VECTORS_PERSON_H
#define MLS_VECTORS_PERSON_H

#include "key_package.h"
#include "vectors.h"

/* A fresh KeyPackage, of no end: whoever verifies has a clock. The caller frees it. NULL on failure. */
mls_key_package_t *person_new(vector_case_t *c, const char *name);
/* The LeafNode in it, encoded. */
mls_view_t person_leaf(vector_case_t *c, const mls_key_package_t *person);

#endif
