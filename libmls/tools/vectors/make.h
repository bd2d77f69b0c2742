/* make.h -- making test vectors: filling a case field after field.
 *
 * What makes a case works as what verifies one does: the first failure is kept in the vector_case_t, and
 * every function below does nothing after it. All bytes live in the arena of the case. Randomness is that of
 * c->crypto and follows from a seed, see generate.c. */
#ifndef MLS_VECTORS_MAKE_H
#define MLS_VECTORS_MAKE_H

#include "vectors.h"

/* ---- fields -------------------------------------------------------------------------------------- */

/* Each adds a field to an object. */
void put_bytes(vector_case_t *c, cJSON *object, const char *field, mls_view_t bytes); /* as hex */
void put_secret(vector_case_t *c, cJSON *object, const char *field, const mls_secret_t *secret);
void put_number(vector_case_t *c, cJSON *object, const char *field, uint64_t number); /* below 2^53 */
void put_text(vector_case_t *c, cJSON *object, const char *field, const char *text);
void put_null(vector_case_t *c, cJSON *object, const char *field);
cJSON *put_object(vector_case_t *c, cJSON *object, const char *field);
cJSON *put_array(vector_case_t *c, cJSON *object, const char *field);

/* Each adds an element to an array. */
void add_bytes(vector_case_t *c, cJSON *array, mls_view_t bytes);
void add_number(vector_case_t *c, cJSON *array, uint64_t number);
void add_null(vector_case_t *c, cJSON *array);
cJSON *add_object(vector_case_t *c, cJSON *array);
cJSON *add_array(vector_case_t *c, cJSON *array);

/* ---- values -------------------------------------------------------------------------------------- */

/* C leaves open in which order the parts of an expression are evaluated, and another order makes another
 * vector: one full expression or initialiser draws once. */
mls_view_t random_bytes(vector_case_t *c, size_t len);
mls_secret_t random_secret(vector_case_t *c); /* one hash */
uint32_t random_below(vector_case_t *c, uint32_t bound);

/* Copies into the arena; the second clears `*bytes`. */
mls_view_t keep_view(vector_case_t *c, mls_view_t view);
mls_view_t keep_bytes(vector_case_t *c, mls_bytes_t *bytes);
mls_view_t keep_encoded(vector_case_t *c, const char *what, mls_codec_fn *visit, const void *object);

#endif
