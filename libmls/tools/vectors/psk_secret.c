/* psk_secret.c -- the secret of a list of PSKs (RFC 9420, Section 8.4). */
#include "key_schedule.h"
#include "vectors.h"

typedef struct psk_list {
    mls_pre_shared_key_id_t *ids;
    mls_view_t *psks;
    size_t count;
} psk_list_t;

static void read_psks(vector_case_t *c, psk_list_t *list, const cJSON *array)
{
    const cJSON *json;
    cJSON_ArrayForEach(json, array)
    {
        vector_at(c, "psks[%zu].", list->count);
        list->ids[list->count] = (mls_pre_shared_key_id_t){ .type = MLS_PSK_EXTERNAL,
                                                            .id = vector_bytes(c, json, "psk_id"),
                                                            .nonce = vector_bytes(c, json, "psk_nonce") };
        list->psks[list->count++] = vector_bytes(c, json, "psk");
    }
    vector_at(c, "%s", "");
}

static void verify(vector_case_t *c)
{
    const cJSON *array = vector_array(c, c->json, "psks");
    const size_t max = (size_t)cJSON_GetArraySize(array);
    psk_list_t list = { mls_arena_alloc(&c->arena, max * sizeof *list.ids),
                        mls_arena_alloc(&c->arena, max * sizeof *list.psks), 0 };
    mls_secret_t psk_secret = { 0 };

    if (!vector_check(c, "psks", list.ids != NULL && list.psks != NULL, "no memory"))
        return;
    read_psks(c, &list, array);
    vector_ok(c, "psk_secret",
              mls_psk_secret(c->crypto, c->suite, &psk_secret, list.ids, list.psks, list.count));
    vector_equal(c, c->json, "psk_secret", mls_secret_view(&psk_secret));
}

static const char *const fields[] = { "cipher_suite", "psks", "psk_secret", NULL };
const vector_kind_t vector_psk_secret = { "pre-shared keys", fields, verify };
