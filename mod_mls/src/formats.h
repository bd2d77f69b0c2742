/* formats.h -- the structs of the binding, in the presentation language of RFC 9420, Section 2.1.
 *
 * A visitor checks shape: lengths, versions, enumerators, sets. What a struct means, and whether its
 * signature verifies, is looked at elsewhere. Every struct that is signed has a visitor of its own for what
 * is signed (TBS): the struct without its last field. */
#ifndef MOD_MLS_FORMATS_H
#define MOD_MLS_FORMATS_H

#include <mls/mls.h>

/* Private-use code points (RFC 9420, Section 17.3). */
enum {
    MOD_MLS_EXTENSION_DEVICE = 0xF4D0, /* LeafNode */
    MOD_MLS_EXTENSION_ROOM = 0xF4D1,   /* GroupContext */
    MOD_MLS_EXTENSION_ANCHOR = 0xF4D2, /* GroupInfo */
    MOD_MLS_EXTENSION_TREE = 0xF4D3    /* GroupInfo */
};

enum {
    MOD_MLS_DEVICE_KEY_LEN = 32,
    MOD_MLS_DEVICE_ID_LEN = 16,
    MOD_MLS_SHA256_LEN = 32,
    MOD_MLS_SIGNATURE_LEN = 64,
    MOD_MLS_ANCHOR_LEN = 16 /* of a Commit's hash, in authenticated data */
};

typedef struct mod_mls_views {
    mls_view_t *items;
    size_t count;
} mod_mls_views_t;

/* Label "XMPP MLS endorsement", signed by `endorser`. */
typedef struct mod_mls_endorsement {
    uint8_t version;
    mls_view_t account;
    mls_view_t endorser;
    mls_view_t device_key;
    uint64_t created; /* milliseconds, like all times here that do not say otherwise */
    mls_view_t signature;
} mod_mls_endorsement_t;
mls_codec_fn mod_mls_codec_endorsement, mod_mls_codec_endorsement_tbs;

/* Label "XMPP MLS device", signed by `device_key`. */
typedef struct mod_mls_device_item {
    uint8_t version;
    mls_view_t account;
    mls_view_t device_key;
    mls_view_t label;
    uint64_t created;
    uint64_t updated;
    mls_view_t signature;
} mod_mls_device_item_t;
mls_codec_fn mod_mls_codec_device_item, mod_mls_codec_device_item_tbs;

typedef enum mod_mls_revocation_reason {
    MOD_MLS_REVOCATION_LOST = 1,
    MOD_MLS_REVOCATION_STOLEN,
    MOD_MLS_REVOCATION_RETIRED
} mod_mls_revocation_reason_t;

/* Label "XMPP MLS revocation", signed by `revoker`. */
typedef struct mod_mls_revocation {
    uint8_t version;
    mls_view_t account;
    mls_view_t revoker;
    mls_view_t device_key;
    uint8_t reason;
    uint64_t created;
    mls_view_t signature;
} mod_mls_revocation_t;
mls_codec_fn mod_mls_codec_revocation, mod_mls_codec_revocation_tbs;

typedef struct mod_mls_key_package_entry {
    uint16_t cipher_suite;
    mls_view_t ref;
    uint8_t last_resort;
    uint64_t not_after; /* seconds */
} mod_mls_key_package_entry_t;

/* Label "XMPP MLS index", signed by `device_key`. */
typedef struct mod_mls_key_package_index {
    uint8_t version;
    mls_view_t account;
    mls_view_t device_key;
    uint64_t serial;
    struct {
        mod_mls_key_package_entry_t *items;
        size_t count;
    } entries;
    mls_view_t signature;
} mod_mls_key_package_index_t;
mls_codec_fn mod_mls_codec_key_package_index, mod_mls_codec_key_package_index_tbs;

typedef struct mod_mls_endorsements {
    mod_mls_endorsement_t *items;
    size_t count;
} mod_mls_endorsements_t;

/* LeafNode extension 0xF4D0. */
typedef struct mod_mls_xmpp_device {
    uint8_t version;
    mls_view_t device_key;
    uint64_t serial;
    mls_view_t init_key_hash;
    mod_mls_endorsements_t endorsements;
    mls_view_t signature;
} mod_mls_xmpp_device_t;
mls_codec_fn mod_mls_codec_xmpp_device;

/* Label "XMPP MLS leaf". */
typedef struct mod_mls_xmpp_device_tbs {
    uint8_t version;
    uint16_t cipher_suite;
    mls_view_t signature_key;
    mls_view_t encryption_key;
    mls_view_t account;
    mls_view_t device_key;
    uint64_t serial;
    uint8_t leaf_node_source;
    mls_view_t init_key_hash; /* source key_package */
    mls_view_t group_id;      /* source update and commit */
} mod_mls_xmpp_device_tbs_t;
mls_codec_fn mod_mls_codec_xmpp_device_tbs;

typedef enum mod_mls_room_kind { MOD_MLS_KIND_ROOM = 1, MOD_MLS_KIND_ONE_TO_ONE = 2 } mod_mls_room_kind_t;

/* GroupContext extension 0xF4D1. A version that is not known is MLS_ERR_UNSUPPORTED: do not join. */
typedef struct mod_mls_xmpp_room {
    uint8_t version;
    mls_view_t room;
    uint8_t kind;
    uint8_t may_add, may_remove, may_change; /* mod_mls_who_t */
    uint8_t bridges;
    mod_mls_views_t admins;
    uint32_t idle_days;
    uint32_t max_leaves;
    mod_mls_views_t revoked; /* device ids */
    mls_view_t replaces;
    mls_view_t name;
    mls_extensions_t extensions;
} mod_mls_xmpp_room_t;
mls_codec_fn mod_mls_codec_xmpp_room;

/* GroupInfo extension 0xF4D2. */
typedef struct mod_mls_xmpp_anchor {
    uint8_t version;
    mls_view_t commit; /* SHA-256 of the Commit's MLSMessage */
} mod_mls_xmpp_anchor_t;
mls_codec_fn mod_mls_codec_xmpp_anchor;

/* GroupInfo extension 0xF4D3. */
typedef struct mod_mls_xmpp_tree {
    uint8_t version;
    mls_view_t url;
    mls_view_t key;
    mls_view_t nonce;
    mls_view_t sha256;
    uint64_t size; /* bytes */
} mod_mls_xmpp_tree_t;
mls_codec_fn mod_mls_codec_xmpp_tree;

typedef enum mod_mls_join_reason {
    MOD_MLS_JOIN_NEW_DEVICE = 1,
    MOD_MLS_JOIN_STATE_LOST,
    MOD_MLS_JOIN_OUT_OF_STEP,
    MOD_MLS_JOIN_WELCOME_UNUSABLE
} mod_mls_join_reason_t;

/* A KeyPackage inside another struct (RFC 9420, Section 10), cut into what has a length of its own. */
typedef struct mod_mls_key_package_shape {
    uint16_t version, cipher_suite;
    mls_view_t init_key, encryption_key, signature_key;
    uint16_t credential_type;
    mls_view_t credential;      /* basic: identity; x509: certificates */
    mls_view_t capabilities[5]; /* versions, cipher_suites, extensions, proposals, credentials */
    uint8_t leaf_node_source;
    uint64_t not_before, not_after; /* seconds */
    mls_view_t leaf_extensions, leaf_signature, extensions, signature;
} mod_mls_key_package_shape_t;

/* Label "XMPP MLS join", signed by `device_key`. */
typedef struct mod_mls_join_request {
    uint8_t version;
    mls_view_t room;
    mls_view_t group_id;
    mls_view_t account;
    mls_view_t device_key;
    uint8_t reason;
    uint64_t epoch;
    mls_view_t commit;
    mod_mls_key_package_shape_t key_package;
    mls_view_t key_package_encoded; /* set by decoding */
    mls_view_t signature;
} mod_mls_join_request_t;
mls_codec_fn mod_mls_codec_join_request, mod_mls_codec_join_request_tbs;

/* authenticated_data of every PrivateMessage. */
typedef struct mod_mls_authenticated_data {
    uint8_t version;
    mls_view_t room;
    mls_view_t anchor;
    mls_view_t origin_id;
    struct {
        mod_mls_join_request_t *items;
        size_t count;
    } join_requests;
} mod_mls_authenticated_data_t;
mls_codec_fn mod_mls_codec_authenticated_data;

#endif
