#include "proposal.h"
#include "app_data.h"
#include "codec_check.h"
#include "tree_math.h"

void mls_codec_pre_shared_key_id(mls_codec_t *codec, void *object)
{
    mls_pre_shared_key_id_t *id = object;
    mls_codec_u8(codec, &id->type);
    switch (id->type) {
    case MLS_PSK_EXTERNAL:
        mls_codec_opaque(codec, &id->id);
        break;
    case MLS_PSK_RESUMPTION:
        mls_codec_u8(codec, &id->usage);
        (void)mls_codec_check(codec, MLS_RULE_E6,
                              id->usage >= MLS_PSK_USAGE_APPLICATION && id->usage <= MLS_PSK_USAGE_BRANCH);
        mls_codec_opaque(codec, &id->id);
        mls_codec_u64(codec, &id->psk_epoch);
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
    mls_codec_opaque(codec, &id->nonce);
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int mls_pre_shared_key_id_compare(const mls_pre_shared_key_id_t *a, const mls_pre_shared_key_id_t *b)
{
    int order = compare(a->type, b->type);
    if (order == 0)
        order = compare(a->usage, b->usage);
    if (order == 0)
        order = compare(a->psk_epoch, b->psk_epoch);
    if (order == 0)
        order = compare(a->id.len, b->id.len);
    return order == 0 && a->id.len > 0 ? memcmp(a->id.data, b->id.data, a->id.len) : order;
}

bool mls_pre_shared_key_id_same(const mls_pre_shared_key_id_t *a, const mls_pre_shared_key_id_t *b)
{
    return mls_pre_shared_key_id_compare(a, b) == 0;
}

/* struct {
 *     ComponentID component_id;
 *     AppDataUpdateOperation op;
 *     select (AppDataUpdate.op) { case update: opaque update<V>; case remove: struct{}; };
 * } AppDataUpdate;                                    draft-ietf-mls-extensions, "AppDataUpdate" */
static void codec_app_data_update(mls_codec_t *codec, mls_proposal_t *proposal)
{
    mls_codec_u16(codec, &proposal->component_id);
    mls_codec_u8(codec, &proposal->op);
    switch (proposal->op) {
    case MLS_APP_DATA_OP_UPDATE:
        mls_codec_opaque(codec, &proposal->data);
        break;
    case MLS_APP_DATA_OP_REMOVE:
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
}

static void codec_body(mls_codec_t *codec, mls_proposal_t *proposal)
{
    switch (proposal->type) {
    case MLS_PROPOSAL_ADD:
        mls_codec_encoded(codec, &proposal->key_package_encoded, mls_codec_key_package_data,
                          &proposal->key_package);
        break;
    case MLS_PROPOSAL_UPDATE:
        mls_codec_encoded(codec, &proposal->leaf_encoded, mls_codec_leaf_node, &proposal->leaf);
        break;
    case MLS_PROPOSAL_REMOVE:
        mls_codec_u32(codec, &proposal->removed);
        break;
    case MLS_PROPOSAL_PSK:
        mls_codec_pre_shared_key_id(codec, &proposal->psk);
        break;
    case MLS_PROPOSAL_REINIT:
        mls_codec_opaque(codec, &proposal->group_id);
        mls_codec_u16(codec, &proposal->version);
        mls_codec_u16(codec, &proposal->cipher_suite);
        mls_codec_extensions(codec, &proposal->extensions);
        break;
    case MLS_PROPOSAL_EXTERNAL_INIT:
        mls_codec_opaque(codec, &proposal->kem_output);
        break;
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        mls_codec_extensions(codec, &proposal->extensions);
        break;
    case MLS_PROPOSAL_APP_DATA_UPDATE:
        codec_app_data_update(codec, proposal);
        break;
    case MLS_PROPOSAL_APP_EPHEMERAL:
        mls_codec_u16(codec, &proposal->component_id);
        mls_codec_opaque(codec, &proposal->data);
        break;
    case MLS_PROPOSAL_SELF_REMOVE:
        break;
    default:
        mls_codec_opaque(codec, &proposal->data);
    }
}

static void codec_fields(mls_codec_t *codec, void *object)
{
    mls_proposal_t *proposal = object;
    mls_codec_u16(codec, &proposal->type);
    codec_body(codec, proposal);
}

void mls_codec_proposal(mls_codec_t *codec, void *object)
{
    mls_proposal_t *proposal = object;
    mls_codec_encoded(codec, &proposal->encoded, codec_fields, proposal);
}

mls_status_t mls_proposal_decode(mls_proposal_t *out, mls_view_t encoded)
{
    return mls_decode(out, sizeof *out, mls_codec_proposal, encoded, NULL);
}

void mls_codec_hpke_ciphertext(mls_codec_t *codec, void *object)
{
    mls_hpke_ciphertext_t *ciphertext = object;
    mls_codec_opaque(codec, &ciphertext->kem_output);
    mls_codec_opaque(codec, &ciphertext->ciphertext);
}

/* Each ciphertext is for another leaf: the bound for one vector goes for all nodes of the path together. */
static void codec_path_node(mls_codec_t *codec, void *object)
{
    mls_update_path_node_t *node = object;
    mls_codec_opaque(codec, &node->encryption_key);
    MLS_CODEC_VECTOR(codec, &node->encrypted_path_secret, mls_codec_hpke_ciphertext);
    codec->max_items -= node->encrypted_path_secret.count;
}

void mls_codec_update_path(mls_codec_t *codec, void *object)
{
    mls_update_path_t *path = object;
    mls_codec_encoded(codec, &path->leaf_encoded, mls_codec_leaf_node, &path->leaf);
    const size_t max_items = codec->max_items;
    MLS_CODEC_VECTOR_MAX(codec, &path->nodes, codec_path_node, MLS_MAX_LEVELS);
    codec->max_items = max_items;
}

/* struct {
 *     ProposalOrRefType type;
 *     select (ProposalOrRef.type) {
 *         case proposal:  Proposal proposal;
 *         case reference: ProposalRef reference;
 *     };
 * } ProposalOrRef;                                                    RFC 9420, Section 12.4 */
static void codec_proposal_or_ref(mls_codec_t *codec, void *object)
{
    mls_proposal_or_ref_t *item = object;
    mls_proposal_t scratch = { 0 };
    mls_codec_u8(codec, &item->type);
    switch (item->type) {
    case MLS_BY_VALUE:
        mls_codec_encoded(codec, &item->proposal, mls_codec_proposal, &scratch);
        break;
    case MLS_BY_REFERENCE:
        mls_codec_opaque(codec, &item->reference);
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
}

void mls_codec_commit_proposals(mls_codec_t *codec, mls_commit_t *commit)
{
    MLS_CODEC_VECTOR(codec, &commit->proposals, codec_proposal_or_ref);
}

/* struct { ProposalOrRef proposals<V>; optional<UpdatePath> path; } Commit; */
void mls_codec_commit(mls_codec_t *codec, void *object)
{
    mls_commit_t *commit = object;
    mls_codec_commit_proposals(codec, commit);
    mls_codec_optional(codec, &commit->has_path, mls_codec_update_path, &commit->path);
}
