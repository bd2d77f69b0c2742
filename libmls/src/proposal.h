/* proposal.h -- Proposals, Commits and paths as structs (RFC 9420, Sections 7.6, 8.4, 12.1 and 12.4). */
#ifndef MLS_PROPOSAL_H
#define MLS_PROPOSAL_H

#include "key_package.h"
#include "mls/mls.h"

/* RFC 9420, Section 8.4 */
enum { MLS_PSK_EXTERNAL = 1, MLS_PSK_RESUMPTION = 2 };
enum { MLS_PSK_USAGE_APPLICATION = 1, MLS_PSK_USAGE_REINIT = 2, MLS_PSK_USAGE_BRANCH = 3 };

/* struct {
 *     PSKType psktype;
 *     select (PreSharedKeyID.psktype) {
 *         case external:   opaque psk_id<V>;
 *         case resumption: ResumptionPSKUsage usage; opaque psk_group_id<V>; uint64 psk_epoch;
 *     };
 *     opaque psk_nonce<V>;
 * } PreSharedKeyID;                                                   RFC 9420, Section 8.4 */
typedef struct mls_pre_shared_key_id {
    uint8_t type;
    uint8_t usage;
    mls_view_t id; /* psk_id or psk_group_id */
    uint64_t psk_epoch;
    mls_view_t nonce;
} mls_pre_shared_key_id_t;

void mls_codec_pre_shared_key_id(mls_codec_t *codec, void *object);
/* Whether both name the same PSK; the nonce is not part of the name (RFC 9420, Section 12.2). */
bool mls_pre_shared_key_id_same(const mls_pre_shared_key_id_t *a, const mls_pre_shared_key_id_t *b);
/* An order of names, for sorting: 0 for the same. */
int mls_pre_shared_key_id_compare(const mls_pre_shared_key_id_t *a, const mls_pre_shared_key_id_t *b);

typedef struct mls_pre_shared_key_ids {
    mls_pre_shared_key_id_t *items;
    size_t count;
} mls_pre_shared_key_ids_t;

/* Proposal of RFC 9420, Section 12.1, with the struct that `type` selects. Of a type that libmls does not
 * know it takes the content to be one `opaque body<V>`, so that it has an end. */
typedef struct mls_proposal {
    mls_view_t encoded; /* as decoded */
    uint16_t type;
    /* add */
    mls_view_t key_package_encoded;
    mls_key_package_data_t key_package;
    /* update */
    mls_view_t leaf_encoded;
    mls_leaf_node_t leaf;
    /* remove */
    uint32_t removed;
    /* psk */
    mls_pre_shared_key_id_t psk;
    /* reinit */
    mls_view_t group_id;
    uint16_t version, cipher_suite;
    /* reinit, group_context_extensions */
    mls_view_t extensions;
    /* external_init */
    mls_view_t kem_output;
    /* app_data_update, app_ephemeral */
    uint16_t component_id;
    uint8_t op;
    /* app_data_update, app_ephemeral, and the body of types that libmls does not know */
    mls_view_t data;
} mls_proposal_t;

void mls_codec_proposal(mls_codec_t *codec, void *object);
MLS_MUST_USE mls_status_t mls_proposal_decode(mls_proposal_t *out, mls_view_t encoded);

/* struct { HPKEPublicKey encryption_key; HPKECiphertext encrypted_path_secret<V>; } UpdatePathNode;
 * struct { opaque kem_output<V>; opaque ciphertext<V>; } HPKECiphertext;
 * struct { LeafNode leaf_node; UpdatePathNode nodes<V>; } UpdatePath;      RFC 9420, Section 7.6 */
typedef struct mls_hpke_ciphertext {
    mls_view_t kem_output, ciphertext;
} mls_hpke_ciphertext_t;

void mls_codec_hpke_ciphertext(mls_codec_t *codec, void *object);

typedef struct mls_hpke_ciphertexts {
    mls_hpke_ciphertext_t *items;
    size_t count;
} mls_hpke_ciphertexts_t;

typedef struct mls_update_path_node {
    mls_view_t encryption_key;
    mls_hpke_ciphertexts_t encrypted_path_secret;
} mls_update_path_node_t;

typedef struct mls_update_path {
    mls_view_t leaf_encoded;
    mls_leaf_node_t leaf;
    struct {
        mls_update_path_node_t *items;
        size_t count;
    } nodes;
} mls_update_path_t;

void mls_codec_update_path(mls_codec_t *codec, void *object);

enum { MLS_BY_VALUE = 1, MLS_BY_REFERENCE = 2 };

/* RFC 9420, Section 12.4. A proposal stays encoded here, so that a Commit of a great many small ones takes
 * no more than a small multiple of its bytes. */
typedef struct mls_proposal_or_ref {
    uint8_t type;
    mls_view_t proposal;  /* the encoded Proposal */
    mls_view_t reference; /* ProposalRef */
} mls_proposal_or_ref_t;

typedef struct mls_commit {
    struct {
        mls_proposal_or_ref_t *items;
        size_t count;
    } proposals;
    bool has_path;
    mls_update_path_t path;
} mls_commit_t;

void mls_codec_commit(mls_codec_t *codec, void *object);
/* Its first field. */
void mls_codec_commit_proposals(mls_codec_t *codec, mls_commit_t *commit);

#endif
