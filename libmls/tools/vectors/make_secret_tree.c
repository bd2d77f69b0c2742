/* make_secret_tree.c -- the keys of some generations, from a tree in which every secret is derived. */
#include "by_hand.h"
#include "generate.h"
#include "make.h"

enum { MAX_LEAVES = 8, LAST_GENERATION = 15 };
static const uint32_t generations[] = { 0, 1, LAST_GENERATION };

/* RFC 9420, Section 6.3.2 */
static void make_sender_data(vector_case_t *c, cJSON *json)
{
    const mls_secret_t secret = random_secret(c);
    const mls_view_t ciphertext = random_bytes(c, c->suite->hash->len + random_below(c, 20));
    const mls_view_t sample = mls_view(ciphertext.data, c->suite->hash->len);
    const mls_secret_t key = hand_expand(c, &secret, "key", sample, c->suite->aead->key_len);
    const mls_secret_t nonce = hand_expand(c, &secret, "nonce", sample, c->suite->aead->nonce_len);
    put_secret(c, json, "sender_data_secret", &secret);
    put_bytes(c, json, "ciphertext", ciphertext);
    put_secret(c, json, "key", &key);
    put_secret(c, json, "nonce", &nonce);
}

/* RFC 9420, Section 9: the secrets of the leaves, in place of the root's. */
static void derive_leaves(vector_case_t *c, mls_secret_t *secrets, uint32_t num_leaves)
{
    for (uint32_t width = num_leaves; width > 1; width /= 2) {
        for (uint32_t at = 0; at < num_leaves; at += width) {
            const mls_secret_t secret = secrets[at];
            const size_t len = c->suite->hash->len;
            secrets[at] = hand_expand(c, &secret, "tree", mls_view_text("left"), len);
            secrets[at + width / 2] = hand_expand(c, &secret, "tree", mls_view_text("right"), len);
        }
    }
}

/* DeriveTreeSecret (RFC 9420, Section 9.1) */
static mls_secret_t derive(vector_case_t *c, const mls_secret_t *secret, const char *label,
                           uint32_t generation, size_t len)
{
    hand_t context = { 0 };
    hand_number(&context, generation, 4);
    return hand_expand(c, secret, label, hand_view(c, &context), len);
}

typedef struct ratchet_keys {
    mls_secret_t keys[LAST_GENERATION + 1], nonces[LAST_GENERATION + 1];
} ratchet_keys_t;

static void turn_ratchet(vector_case_t *c, ratchet_keys_t *out, const mls_secret_t *leaf_secret,
                         const char *kind)
{
    mls_secret_t secret = hand_derive(c, leaf_secret, kind);
    for (uint32_t i = 0; i <= LAST_GENERATION; i++) {
        out->keys[i] = derive(c, &secret, "key", i, c->suite->aead->key_len);
        out->nonces[i] = derive(c, &secret, "nonce", i, c->suite->aead->nonce_len);
        secret = derive(c, &secret, "secret", i, c->suite->hash->len);
    }
}

static void make_leaf(vector_case_t *c, cJSON *array, const mls_secret_t *leaf_secret)
{
    ratchet_keys_t handshake, application;
    turn_ratchet(c, &handshake, leaf_secret, "handshake");
    turn_ratchet(c, &application, leaf_secret, "application");
    for (size_t i = 0; i < sizeof generations / sizeof *generations; i++) {
        const uint32_t generation = generations[i];
        cJSON *json = add_object(c, array);
        put_number(c, json, "generation", generation);
        put_secret(c, json, "handshake_key", &handshake.keys[generation]);
        put_secret(c, json, "handshake_nonce", &handshake.nonces[generation]);
        put_secret(c, json, "application_key", &application.keys[generation]);
        put_secret(c, json, "application_nonce", &application.nonces[generation]);
    }
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    mls_secret_t secrets[MAX_LEAVES] = { random_secret(c) };
    const uint32_t num_leaves = variant == 0 ? 1 : MAX_LEAVES;
    put_secret(c, json, "encryption_secret", &secrets[0]);
    make_sender_data(c, put_object(c, json, "sender_data"));
    derive_leaves(c, secrets, num_leaves);
    cJSON *leaves = put_array(c, json, "leaves");
    for (uint32_t i = 0; i < num_leaves; i++)
        make_leaf(c, add_array(c, leaves), &secrets[i]);
}

const vector_generator_t generate_secret_tree = { "secret-tree", "keys of messages", true, 2, make };
