/* vectors.h -- the official test vectors of the MLS working group: kinds of files, and what verifies them.
 *
 * A verifier checks one case, an object of JSON. Failing is sticky, as in the codec: the first failure is
 * kept with the name of its field, and every function below does nothing after it. So a verifier reads and
 * compares field after field, and asks vector_good() only before it goes on to what needs earlier results.
 *
 * What is secret in a real group is published here: nothing is wiped. */
#ifndef MLS_VECTORS_H
#define MLS_VECTORS_H

#include "labeled.h"
#include "mls/codec.h"

#include <cjson/cJSON.h>

typedef struct vector_case {
    const cJSON *json;
    mls_crypto_t *crypto;
    const mls_suite_t *suite; /* NULL for kinds that name none */
    mls_arena_t arena;        /* holds what was decoded, until the case ends */
    char where[64];           /* the object that is looked at, like "epochs[3]."; empty for the case itself */
    char failure[320];        /* the first failure; empty if there is none */
    char rule[128];           /* the rule that libmls' log has named last */
} vector_case_t;

typedef struct vector_kind {
    const char *name;
    const char *const *fields; /* a case of this kind has all of them; ends with NULL */
    void (*verify)(vector_case_t *c);
} vector_kind_t;

/* The kind of a case, by its fields; NULL: none that is known. */
const vector_kind_t *vector_kind_of(const cJSON *json);

/* ---- failing ------------------------------------------------------------------------------------- */

bool vector_good(const vector_case_t *c);
/* Names the object whose fields are read and compared next. */
void vector_at(vector_case_t *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Each answers whether the case is still good. */
bool vector_check(vector_case_t *c, const char *field, bool holds, const char *otherwise);
bool vector_ok(vector_case_t *c, const char *field, mls_status_t status);
/* Compares `actual` with the field of `object`, or with `expected`. */
bool vector_equal(vector_case_t *c, const cJSON *object, const char *field, mls_view_t actual);
bool vector_same(vector_case_t *c, const char *field, mls_view_t actual, mls_view_t expected);

/* ---- reading fields ------------------------------------------------------------------------------ */

/* A field that is missing or of another type is a failure; then the value is empty or zero. */
mls_view_t vector_bytes(vector_case_t *c, const cJSON *object, const char *field); /* hex */
mls_secret_t vector_secret(vector_case_t *c, const cJSON *object, const char *field);
uint64_t vector_number(vector_case_t *c, const cJSON *object, const char *field);
const char *vector_text(vector_case_t *c, const cJSON *object, const char *field);
const cJSON *vector_object(vector_case_t *c, const cJSON *object, const char *field);
const cJSON *vector_array(vector_case_t *c, const cJSON *object, const char *field);
bool vector_is_null(const cJSON *object, const char *field);
/* A string of hex that is an element of an array. */
mls_view_t vector_hex(vector_case_t *c, const cJSON *item);

/* ---- objects of RFC 9420 ------------------------------------------------------------------------- */

/* Decodes a field into `*object`. */
bool vector_decode(vector_case_t *c, const cJSON *json, const char *field, void *object, size_t size,
                   mls_codec_fn *visit);

/* The encoded GroupContext of a case, with that tree hash and without extensions. */
mls_view_t vector_context(vector_case_t *c, const cJSON *json, uint64_t epoch, mls_view_t tree_hash);

/* ---- the kinds ----------------------------------------------------------------------------------- */

extern const vector_kind_t vector_tree_math;
extern const vector_kind_t vector_crypto_basics;
extern const vector_kind_t vector_deserialization;
extern const vector_kind_t vector_key_schedule;
extern const vector_kind_t vector_psk_secret;
extern const vector_kind_t vector_secret_tree;
extern const vector_kind_t vector_message_protection;
extern const vector_kind_t vector_transcript_hashes;
extern const vector_kind_t vector_tree_operations;
extern const vector_kind_t vector_tree_validation;
extern const vector_kind_t vector_treekem;
extern const vector_kind_t vector_messages;
extern const vector_kind_t vector_welcome;
extern const vector_kind_t vector_passive_client;

#endif
