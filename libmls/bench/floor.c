#include "floor.h"

/* ---- composites ---------------------------------------------------------------------------------- */

static double long_cost(const bench_costs_t *c, bench_primitive_t primitive, double bytes)
{
    return c->us[primitive] * bytes / BENCH_LONG;
}

/* Any length, from a short and a long one. */
static double sha256(const bench_costs_t *c, double bytes)
{
    return c->us[BENCH_SHA256_64] + (bytes > 64 ? long_cost(c, BENCH_SHA256_LONG, bytes - 64) : 0);
}

static double seal_bytes(const bench_costs_t *c, double bytes)
{
    const double per_byte = (c->us[BENCH_SEAL_4096] - c->us[BENCH_SEAL_64]) / (4096 - 64);
    if (bytes <= 4096)
        return c->us[BENCH_SEAL_64] + per_byte * (bytes > 64 ? bytes - 64 : 0);
    return c->us[BENCH_SEAL_4096] + long_cost(c, BENCH_SEAL_LONG, bytes - 4096);
}

static double open_bytes(const bench_costs_t *c, double bytes)
{
    const double per_byte = (c->us[BENCH_OPEN_4096] - c->us[BENCH_OPEN_64]) / (4096 - 64);
    if (bytes <= 4096)
        return c->us[BENCH_OPEN_64] + per_byte * (bytes > 64 ? bytes - 64 : 0);
    return c->us[BENCH_OPEN_4096] + long_cost(c, BENCH_SEAL_LONG, bytes - 4096);
}

/* Ed25519 over more than the 200 bytes that are in its own cost: it hashes twice to sign, once to verify. */
static double sign(const bench_costs_t *c, double bytes)
{
    return c->us[BENCH_SIGN] + (bytes > 200 ? 2 * long_cost(c, BENCH_SHA512_LONG, bytes - 200) : 0);
}

static double verify(const bench_costs_t *c, double bytes)
{
    return c->us[BENCH_VERIFY] + (bytes > 200 ? long_cost(c, BENCH_SHA512_LONG, bytes - 200) : 0);
}

/* RFC 9180: two HMACs in ExtractAndExpand, three in the key schedule; the hashes of psk_id and info are
 * shared. */
static double hpke_seal(const bench_costs_t *c)
{
    return c->us[BENCH_BASE] + c->us[BENCH_DH] + 5 * c->us[BENCH_HMAC] + c->us[BENCH_SEAL_64];
}

static double hpke_open(const bench_costs_t *c)
{
    return c->us[BENCH_DH] + 5 * c->us[BENCH_HMAC] + c->us[BENCH_OPEN_64];
}

static double derive_key_pair(const bench_costs_t *c)
{
    return c->us[BENCH_BASE] + 2 * c->us[BENCH_HMAC];
}

/* RFC 9420, Section 8, Figure 22 and Table 4, the confirmation tag and the two transcript hashes. */
static double key_schedule(const bench_costs_t *c)
{
    return 16 * c->us[BENCH_HMAC] + 2 * c->us[BENCH_SHA256_64];
}

/* Two HMACs for key and nonce of the sender data, three in the ratchet. */
static double message_keys(const bench_costs_t *c)
{
    return 5 * c->us[BENCH_HMAC];
}

/* ---- operations ---------------------------------------------------------------------------------- */

/* Each added member: two signatures verified (KeyPackage, leaf), one HPKE seal, its KeyPackageRef, the hashes
 * of its leaf and of one parent. Once: the Commit signed, hashed and sealed; the GroupInfo signed, sealed,
 * and hashed as HPKE's info. */
static double create(const bench_costs_t *c, const bench_shape_t *s)
{
    const double added = s->members - 1;
    return added *
               (2 * c->us[BENCH_VERIFY] + hpke_seal(c) + sha256(c, 289) + sha256(c, 191) + sha256(c, 68)) +
           sign(c, s->message_bytes) + sha256(c, s->message_bytes) + seal_bytes(c, s->message_bytes) +
           sign(c, s->tree_bytes) + sha256(c, s->tree_bytes) + seal_bytes(c, s->tree_bytes) + key_schedule(c);
}

/* Each member: its leaf verified, the hashes of its leaf and of one parent, and where that is not blank its
 * parent hash. */
static double check_tree(const bench_costs_t *c, const bench_shape_t *s)
{
    return s->members * (c->us[BENCH_VERIFY] + sha256(c, 191) + sha256(c, 68)) +
           s->num_parents * sha256(c, 110);
}

/* The tree; the GroupSecrets opened; the GroupInfo hashed as HPKE's info, opened and verified. */
static double join_by_welcome(const bench_costs_t *c, const bench_shape_t *s)
{
    return check_tree(c, s) + hpke_open(c) + sha256(c, s->tree_bytes) + open_bytes(c, s->tree_bytes) +
           verify(c, s->tree_bytes) + key_schedule(c);
}

/* A key pair for the leaf and each step, a seal for each ciphertext, leaf and Commit signed; the Commit
 * hashed and sealed. */
static double commit_create(const bench_costs_t *c, const bench_shape_t *s)
{
    return s->ciphertexts * hpke_seal(c) + (s->steps + 1) * derive_key_pair(c) + sign(c, 200) +
           sign(c, s->message_bytes) + sha256(c, s->message_bytes) + seal_bytes(c, s->message_bytes);
}

/* Commit and leaf verified, one path secret opened, the key pairs from the common ancestor up, tree hash and
 * parent hash of each level; the Commit hashed and opened. */
static double commit_process(const bench_costs_t *c, const bench_shape_t *s)
{
    return verify(c, s->message_bytes) + c->us[BENCH_VERIFY] + hpke_open(c) +
           s->common_steps * derive_key_pair(c) + 2 * s->levels * sha256(c, 110) +
           sha256(c, s->message_bytes) + open_bytes(c, s->message_bytes) + key_schedule(c);
}

/* The GroupInfo verified, the tree; the ExternalInit, whose public key and secret are a seal without its
 * AEAD; the Commit. */
static double external_join(const bench_costs_t *c, const bench_shape_t *s)
{
    return verify(c, s->tree_bytes) + check_tree(c, s) + hpke_seal(c) + commit_create(c, s) + key_schedule(c);
}

/* Two signatures of the KeyPackage verified, Commit and GroupInfo signed, one seal; the GroupInfo with its
 * tree hashed as HPKE's info and sealed. */
static double add_create(const bench_costs_t *c, const bench_shape_t *s)
{
    return 2 * c->us[BENCH_VERIFY] + hpke_seal(c) + sign(c, s->message_bytes) + sign(c, s->tree_bytes) +
           sha256(c, s->tree_bytes) + seal_bytes(c, s->tree_bytes);
}

/* Commit, KeyPackage and leaf verified, the tree hash of each level. */
static double add_process(const bench_costs_t *c, const bench_shape_t *s)
{
    return verify(c, s->message_bytes) + 2 * c->us[BENCH_VERIFY] + s->levels * sha256(c, 110) +
           sha256(c, s->message_bytes) + open_bytes(c, s->message_bytes) + key_schedule(c);
}

/* As a Commit; and the hashes of the path that is blanked. */
static double remove_process(const bench_costs_t *c, const bench_shape_t *s)
{
    return commit_process(c, s) + s->levels * sha256(c, 110);
}

static double encrypt(const bench_costs_t *c, const bench_shape_t *s)
{
    return sign(c, s->message_bytes) + seal_bytes(c, s->message_bytes) + c->us[BENCH_SEAL_64] +
           message_keys(c);
}

static double decrypt(const bench_costs_t *c, const bench_shape_t *s)
{
    return verify(c, s->message_bytes) + open_bytes(c, s->message_bytes) + c->us[BENCH_OPEN_64] +
           message_keys(c);
}

double bench_floor(bench_operation_t operation, const bench_costs_t *c, const bench_shape_t *s)
{
    switch (operation) {
    case BENCH_CREATE:
        return create(c, s);
    case BENCH_JOIN:
        return join_by_welcome(c, s);
    case BENCH_EXTERNAL_JOIN:
        return external_join(c, s);
    case BENCH_COLD_COMMIT_CREATE:
    case BENCH_WARM_COMMIT_CREATE:
    case BENCH_WARM_REMOVE_CREATE:
        return commit_create(c, s);
    case BENCH_COLD_COMMIT_PROCESS:
    case BENCH_WARM_COMMIT_PROCESS:
        return commit_process(c, s);
    case BENCH_WARM_ADD_CREATE:
        return add_create(c, s);
    case BENCH_WARM_ADD_PROCESS:
        return add_process(c, s);
    case BENCH_WARM_REMOVE_PROCESS:
        return remove_process(c, s);
    case BENCH_ENCRYPT_100:
    case BENCH_ENCRYPT_4096:
        return encrypt(c, s);
    case BENCH_DECRYPT_100:
    case BENCH_DECRYPT_4096:
        return decrypt(c, s);
    default:
        return 0;
    }
}
