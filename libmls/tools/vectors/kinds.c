#include "vectors.h"

static const vector_kind_t *const kinds[] = {
    &vector_tree_math,
    &vector_crypto_basics,
    &vector_deserialization,
    &vector_key_schedule,
    &vector_psk_secret,
    &vector_secret_tree,
    &vector_message_protection,
    &vector_transcript_hashes,
    &vector_tree_operations,
    &vector_tree_validation,
    &vector_treekem,
    &vector_messages,
    &vector_welcome,
    &vector_passive_client,
};

static bool has_all(const cJSON *json, const char *const *fields)
{
    for (; *fields != NULL; fields++)
        if (cJSON_GetObjectItemCaseSensitive(json, *fields) == NULL)
            return false;
    return true;
}

const vector_kind_t *vector_kind_of(const cJSON *json)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has_all(json, kinds[i]->fields))
            return kinds[i];
    return NULL;
}
