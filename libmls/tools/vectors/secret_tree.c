/* secret_tree.c -- keys of messages and of sender data (RFC 9420, Sections 6.3.2 and 9). */
#include "secret_tree.h"
#include "vectors.h"

static void check_sender_data(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "sender_data");
    mls_message_key_t key = { 0 };
    vector_at(c, "sender_data.");
    const mls_secret_t secret = vector_secret(c, json, "sender_data_secret");
    vector_ok(c, "key",
              mls_sender_data_key(c->crypto, c->suite, &key, &secret, vector_bytes(c, json, "ciphertext")));
    vector_equal(c, json, "key", mls_view(key.key, c->suite->aead->key_len));
    vector_equal(c, json, "nonce", mls_view(key.nonce, c->suite->aead->nonce_len));
}

static void check_key(vector_case_t *c, mls_secret_tree_t *tree, uint32_t leaf, mls_ratchet_kind_t kind,
                      const cJSON *json)
{
    const bool is_handshake = kind == MLS_RATCHET_HANDSHAKE;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_ratchet_request_t request = { .leaf = leaf,
                                            .kind = kind,
                                            .generation = (uint32_t)vector_number(c, json, "generation") };
    mls_ratchet_step_t step;
    if (!vector_good(c) ||
        !vector_ok(c, "generation", mls_secret_tree_step(tree, &step, c->crypto, &limits, &request)))
        return;
    vector_equal(c, json, is_handshake ? "handshake_key" : "application_key",
                 mls_view(step.key.key, c->suite->aead->key_len));
    vector_equal(c, json, is_handshake ? "handshake_nonce" : "application_nonce",
                 mls_view(step.key.nonce, c->suite->aead->nonce_len));
    mls_secret_tree_take(tree, &step, false);
}

static void check_leaf(vector_case_t *c, mls_secret_tree_t *tree, uint32_t leaf, const cJSON *generations,
                       bool last_first)
{
    const int count = cJSON_GetArraySize(generations);
    for (int i = 0; i < count; i++) {
        const int at = last_first ? count - 1 - i : i;
        vector_at(c, "leaves[%u][%d].", (unsigned)leaf, at);
        check_key(c, tree, leaf, MLS_RATCHET_HANDSHAKE, cJSON_GetArrayItem(generations, at));
        check_key(c, tree, leaf, MLS_RATCHET_APPLICATION, cJSON_GetArrayItem(generations, at));
    }
}

/* Asks for all keys in the order of their generations, or the last ones first: then the others are skipped,
 * kept, and taken out of turn. */
static void check_leaves(vector_case_t *c, bool last_first)
{
    const cJSON *leaves = vector_array(c, c->json, "leaves"), *generations;
    const mls_secret_t encryption_secret = vector_secret(c, c->json, "encryption_secret");
    mls_secret_tree_t tree = { 0 };
    uint32_t leaf = 0;

    if (!vector_good(c) ||
        !vector_ok(
            c, "encryption_secret",
            mls_secret_tree_init(&tree, c->suite, (uint32_t)cJSON_GetArraySize(leaves), &encryption_secret)))
        return;
    cJSON_ArrayForEach(generations, leaves) check_leaf(c, &tree, leaf++, generations, last_first);
    mls_secret_tree_clear(&tree);
    vector_at(c, "%s", "");
}

static void verify(vector_case_t *c)
{
    check_leaves(c, false);
    check_leaves(c, true);
    check_sender_data(c);
}

static const char *const fields[] = { "cipher_suite", "sender_data", "encryption_secret", "leaves", NULL };
const vector_kind_t vector_secret_tree = { "secret tree", fields, verify };
