/* case.c -- what all verifiers share: reading fields of JSON, comparing, and the first failure. */
#include "group_context.h"
#include "vectors.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- failing ------------------------------------------------------------------------------------- */

bool vector_good(const vector_case_t *c)
{
    return c->failure[0] == '\0';
}

void vector_at(vector_case_t *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->where, sizeof c->where, format, args);
    va_end(args);
}

static void fail(vector_case_t *c, const char *field, const char *text)
{
    if (vector_good(c))
        snprintf(c->failure, sizeof c->failure, "%s%s: %s", c->where, field, text);
}

bool vector_check(vector_case_t *c, const char *field, bool holds, const char *otherwise)
{
    if (!holds)
        fail(c, field, otherwise);
    return vector_good(c);
}

bool vector_ok(vector_case_t *c, const char *field, mls_status_t status)
{
    char text[200];
    if (status == MLS_OK)
        return vector_good(c);
    snprintf(text, sizeof text, "%s%s%s", mls_status_text(status), c->rule[0] == '\0' ? "" : "; rule ",
             c->rule);
    fail(c, field, text);
    return false;
}

bool vector_same(vector_case_t *c, const char *field, mls_view_t actual, mls_view_t expected)
{
    return vector_check(c, field, mls_view_equal(actual, expected), "differs");
}

bool vector_equal(vector_case_t *c, const cJSON *object, const char *field, mls_view_t actual)
{
    const mls_view_t expected = vector_bytes(c, object, field);
    return vector_good(c) && vector_same(c, field, actual, expected);
}

/* ---- reading fields ------------------------------------------------------------------------------ */

static const cJSON *get(const cJSON *object, const char *field)
{
    return cJSON_GetObjectItemCaseSensitive(object, field);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool unhex(uint8_t *out, const char *hex, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static mls_view_t decode_hex(vector_case_t *c, const cJSON *item, const char *field)
{
    if (!vector_check(c, field, cJSON_IsString(item), "is not there as a string"))
        return (mls_view_t){ 0 };
    const size_t len = strlen(item->valuestring) / 2;
    uint8_t *bytes = mls_arena_alloc(&c->arena, len);
    if (vector_check(c, field, bytes != NULL, "no memory"))
        vector_check(c, field, strlen(item->valuestring) % 2 == 0 && unhex(bytes, item->valuestring, len),
                     "is not hex");
    return vector_good(c) ? mls_view(bytes, len) : (mls_view_t){ 0 };
}

mls_view_t vector_bytes(vector_case_t *c, const cJSON *object, const char *field)
{
    return decode_hex(c, get(object, field), field);
}

mls_view_t vector_hex(vector_case_t *c, const cJSON *item)
{
    return decode_hex(c, item, "");
}

mls_secret_t vector_secret(vector_case_t *c, const cJSON *object, const char *field)
{
    mls_secret_t secret = { 0 };
    vector_ok(c, field, mls_secret_set(&secret, vector_bytes(c, object, field)));
    return secret;
}

uint64_t vector_number(vector_case_t *c, const cJSON *object, const char *field)
{
    /* A double holds every integer up to 2^53; the numbers of the vectors are far smaller. */
    const double limit = 9007199254740992.0;
    const cJSON *item = get(object, field);
    if (!vector_check(c, field, cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= limit,
                      "is not there as a number"))
        return 0;
    return (uint64_t)item->valuedouble;
}

const char *vector_text(vector_case_t *c, const cJSON *object, const char *field)
{
    const cJSON *item = get(object, field);
    return vector_check(c, field, cJSON_IsString(item), "is not there as a string") ? item->valuestring : "";
}

const cJSON *vector_object(vector_case_t *c, const cJSON *object, const char *field)
{
    const cJSON *item = get(object, field);
    return vector_check(c, field, cJSON_IsObject(item), "is not there as an object") ? item : NULL;
}

const cJSON *vector_array(vector_case_t *c, const cJSON *object, const char *field)
{
    const cJSON *item = get(object, field);
    return vector_check(c, field, cJSON_IsArray(item), "is not there as an array") ? item : NULL;
}

bool vector_is_null(const cJSON *object, const char *field)
{
    return cJSON_IsNull(get(object, field));
}

/* ---- objects of RFC 9420 ------------------------------------------------------------------------- */

bool vector_decode(vector_case_t *c, const cJSON *json, const char *field, void *object, size_t size,
                   mls_codec_fn *visit)
{
    const mls_view_t bytes = vector_bytes(c, json, field);
    return vector_good(c) && vector_ok(c, field, mls_decode(object, size, visit, bytes, &c->arena));
}

mls_view_t vector_context(vector_case_t *c, const cJSON *json, uint64_t epoch, mls_view_t tree_hash)
{
    const mls_group_context_t context = {
        .version = MLS_VERSION_MLS10,
        .cipher_suite = c->suite->id,
        .group_id = vector_bytes(c, c->json, "group_id"),
        .epoch = epoch,
        .tree_hash = tree_hash,
        .confirmed_transcript_hash = vector_bytes(c, json, "confirmed_transcript_hash"),
    };
    mls_bytes_t encoded = { 0 };
    mls_view_t view = { 0 };
    if (vector_good(c) &&
        vector_ok(c, "GroupContext", mls_encode(&encoded, mls_codec_group_context, &context))) {
        uint8_t *copy = mls_arena_alloc(&c->arena, encoded.len);
        if (vector_check(c, "GroupContext", copy != NULL, "no memory"))
            view = mls_view(memcpy(copy, encoded.data, encoded.len), encoded.len);
    }
    mls_bytes_clear(&encoded);
    return view;
}
