#include "make.h"

/* ---- fields -------------------------------------------------------------------------------------- */

/* Takes `item` over, which may be NULL. */
static cJSON *put(vector_case_t *c, cJSON *object, const char *field, cJSON *item)
{
    if (vector_check(c, field, item != NULL, "no memory") &&
        vector_check(c, field, cJSON_AddItemToObject(object, field, item), "cannot be added"))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *add(vector_case_t *c, cJSON *array, cJSON *item)
{
    if (vector_check(c, "array", item != NULL, "no memory") &&
        vector_check(c, "array", cJSON_AddItemToArray(array, item), "cannot be added to"))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *hex_of(vector_case_t *c, mls_view_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = mls_arena_alloc(&c->arena, 2 * bytes.len + 1);
    if (hex == NULL)
        return NULL;
    for (size_t i = 0; i < bytes.len; i++) {
        hex[2 * i] = digits[bytes.data[i] >> 4];
        hex[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    return cJSON_CreateString(hex);
}

void put_bytes(vector_case_t *c, cJSON *object, const char *field, mls_view_t bytes)
{
    put(c, object, field, hex_of(c, bytes));
}

void put_secret(vector_case_t *c, cJSON *object, const char *field, const mls_secret_t *secret)
{
    put_bytes(c, object, field, mls_secret_view(secret));
}

void put_number(vector_case_t *c, cJSON *object, const char *field, uint64_t number)
{
    put(c, object, field, cJSON_CreateNumber((double)number));
}

void put_text(vector_case_t *c, cJSON *object, const char *field, const char *text)
{
    put(c, object, field, cJSON_CreateString(text));
}

void put_null(vector_case_t *c, cJSON *object, const char *field)
{
    put(c, object, field, cJSON_CreateNull());
}

cJSON *put_object(vector_case_t *c, cJSON *object, const char *field)
{
    return put(c, object, field, cJSON_CreateObject());
}

cJSON *put_array(vector_case_t *c, cJSON *object, const char *field)
{
    return put(c, object, field, cJSON_CreateArray());
}

void add_bytes(vector_case_t *c, cJSON *array, mls_view_t bytes)
{
    add(c, array, hex_of(c, bytes));
}

void add_number(vector_case_t *c, cJSON *array, uint64_t number)
{
    add(c, array, cJSON_CreateNumber((double)number));
}

void add_null(vector_case_t *c, cJSON *array)
{
    add(c, array, cJSON_CreateNull());
}

cJSON *add_object(vector_case_t *c, cJSON *array)
{
    return add(c, array, cJSON_CreateObject());
}

cJSON *add_array(vector_case_t *c, cJSON *array)
{
    return add(c, array, cJSON_CreateArray());
}

/* ---- values -------------------------------------------------------------------------------------- */

static uint8_t *allocate(vector_case_t *c, const char *what, size_t len)
{
    uint8_t *bytes = mls_arena_alloc(&c->arena, len);
    return vector_check(c, what, bytes != NULL, "no memory") ? bytes : NULL;
}

mls_view_t random_bytes(vector_case_t *c, size_t len)
{
    uint8_t *bytes = allocate(c, "random bytes", len);
    if (bytes == NULL || !vector_ok(c, "random bytes", mls_crypto_random(c->crypto, bytes, len)))
        return (mls_view_t){ 0 };
    return mls_view(bytes, len);
}

mls_secret_t random_secret(vector_case_t *c)
{
    mls_secret_t secret = { 0 };
    vector_ok(c, "random secret", mls_secret_set(&secret, random_bytes(c, c->suite->hash->len)));
    return secret;
}

/* Hardly less even than it should be: the bounds are small. */
uint32_t random_below(vector_case_t *c, uint32_t bound)
{
    uint32_t number = 0;
    const mls_view_t bytes = random_bytes(c, 4);
    for (size_t i = 0; i < bytes.len; i++)
        number = number << 8 | bytes.data[i];
    return number % bound;
}

mls_view_t keep_view(vector_case_t *c, mls_view_t view)
{
    uint8_t *bytes = allocate(c, "copy", view.len);
    if (bytes == NULL)
        return (mls_view_t){ 0 };
    if (view.len > 0)
        memcpy(bytes, view.data, view.len);
    return mls_view(bytes, view.len);
}

mls_view_t keep_bytes(vector_case_t *c, mls_bytes_t *bytes)
{
    const mls_view_t kept = keep_view(c, mls_bytes_view(bytes));
    mls_bytes_clear(bytes);
    return kept;
}

mls_view_t keep_encoded(vector_case_t *c, const char *what, mls_codec_fn *visit, const void *object)
{
    mls_bytes_t encoded = { 0 };
    if (vector_good(c))
        vector_ok(c, what, mls_encode(&encoded, visit, object));
    return keep_bytes(c, &encoded);
}
