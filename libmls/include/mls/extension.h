/* extension.h -- extensions, credentials and leaves, as the host sees them. */
#ifndef MLS_EXTENSION_H
#define MLS_EXTENSION_H

#include "bytes.h"
#include "crypto.h"

/* Types of extensions (RFC 9420, Section 17.3); those of draft-ietf-mls-extensions are in app_data.h. */
enum {
    MLS_EXTENSION_APPLICATION_ID = 0x0001,
    MLS_EXTENSION_RATCHET_TREE = 0x0002,
    MLS_EXTENSION_REQUIRED_CAPABILITIES = 0x0003,
    MLS_EXTENSION_EXTERNAL_PUB = 0x0004,
    MLS_EXTENSION_EXTERNAL_SENDERS = 0x0005
};

/* Types of credentials (RFC 9420, Section 17.5). */
enum { MLS_CREDENTIAL_BASIC = 0x0001, MLS_CREDENTIAL_X509 = 0x0002 };

/* A credential (RFC 9420, Section 5.3). Each type that is defined so far is one vector, and so a type that
 * libmls does not know is taken to be one, too: `body` is what the vector holds. Of a custom type the
 * Authentication Service alone knows what it means. */
typedef struct mls_credential {
    uint16_t type;
    mls_view_t body; /* basic: the identity; x509: the certificates, encoded */
} mls_credential_t;

/* What a LeafNode was made for (RFC 9420, Section 7.2). */
typedef enum mls_leaf_node_source {
    MLS_LEAF_NODE_SOURCE_KEY_PACKAGE = 1, /* to be added */
    MLS_LEAF_NODE_SOURCE_UPDATE = 2,      /* an Update proposal */
    MLS_LEAF_NODE_SOURCE_COMMIT = 3       /* the path of a Commit */
} mls_leaf_node_source_t;

/* An extension as it is made or found (RFC 9420, Section 13.4). */
typedef struct mls_extension {
    uint16_t type;
    mls_view_t data; /* extension_data */
} mls_extension_t;

/* Extensions that are handed in, in this order. */
typedef struct mls_extensions {
    mls_extension_t *items;
    size_t count;
} mls_extensions_t;

/* A list of versions, suites or types. */
typedef struct mls_u16_list {
    uint16_t *items;
    size_t count;
} mls_u16_list_t;

/* What a client can do (RFC 9420, Section 7.2). Types that every client has by default are not listed. */
typedef struct mls_capabilities {
    mls_u16_list_t versions;
    mls_u16_list_t cipher_suites;
    mls_u16_list_t extensions;
    mls_u16_list_t proposals;
    mls_u16_list_t credentials;
} mls_capabilities_t;

/* What a GroupContext asks of every member (RFC 9420, Section 11.1). */
typedef struct mls_required_capabilities {
    mls_u16_list_t extensions;
    mls_u16_list_t proposals;
    mls_u16_list_t credentials;
} mls_required_capabilities_t;

/* Encodes the extension_data of required_capabilities into `*out`, which the caller clears. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t
mls_required_capabilities_encode(mls_bytes_t *out, const mls_required_capabilities_t *required);

/* The data of the extension of `type`, a view into `encoded`. Extensions that are looked at are encoded: the
 * elements of an `Extension extensions<V>`, without its length (RFC 9420, Section 2.1.2).
 * MLS_ERR_NOT_FOUND, MLS_ERR_MALFORMED. */
MLS_API MLS_MUST_USE mls_status_t mls_extensions_find(mls_view_t *data, mls_view_t encoded, uint16_t type);

/* Steps through encoded extensions, as views into them: start with `*at` zero. MLS_ERR_NOT_FOUND at the end;
 * MLS_ERR_MALFORMED. */
MLS_API MLS_MUST_USE mls_status_t mls_extensions_next(mls_extension_t *extension, mls_view_t encoded,
                                                      size_t *at);

/* A LeafNode to look at (RFC 9420, Section 7.2). All views borrow from the object it was asked of and end
 * with it, or with its next change. */
typedef struct mls_leaf_info {
    uint32_t leaf_index; /* UINT32_MAX for a leaf that is in no tree */
    mls_view_t encryption_key;
    mls_view_t signature_key;
    uint16_t credential_type;
    mls_view_t identity; /* the body of the credential: of a basic one, the identity */
    mls_leaf_node_source_t source;
    uint64_t not_before, not_after; /* source key_package: seconds since 1970-01-01T00:00:00Z; else 0 */
    mls_view_t extensions;          /* encoded: see mls_extensions_find() */
    mls_view_t encoded;             /* the whole LeafNode */
    mls_view_t init_key;            /* of the KeyPackage it came in, where there is one; else empty */
} mls_leaf_info_t;

/* The lists of a leaf's capabilities. */
typedef enum mls_capability {
    MLS_CAPABILITY_VERSION,
    MLS_CAPABILITY_CIPHER_SUITE,
    MLS_CAPABILITY_EXTENSION,
    MLS_CAPABILITY_PROPOSAL,
    MLS_CAPABILITY_CREDENTIAL
} mls_capability_t;

/* Whether the leaf supports that value: lists it, or need not, as it is one that every client has. */
MLS_API bool mls_leaf_supports(const mls_leaf_info_t *leaf, mls_capability_t capability, uint16_t value);

/* A leaf whose keys are made and which is about to be signed, in a mls_leaf_hook_t. Views end with the call.
 */
typedef struct mls_leaf_draft {
    uint16_t cipher_suite;
    mls_leaf_node_source_t source;
    mls_view_t encryption_key;
    mls_view_t signature_key;
    mls_view_t init_key; /* source key_package, else empty */
    mls_view_t group_id; /* source update and commit, else empty */
    uint16_t credential_type;
    mls_view_t identity;
    struct mls_leaf_draft_extensions *extensions; /* for mls_leaf_draft_set_extension() */
} mls_leaf_draft_t;

/* Sets the data of one extension of the draft, in place of what it had. Copies `data`. Its type must be
 * listed in the leaf's capabilities. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_leaf_draft_set_extension(mls_leaf_draft_t *draft, uint16_t type,
                                                               mls_view_t data);

/* Called for each LeafNode that this client makes, between the derivation of its encryption key and its
 * signature. Any status but MLS_OK ends the operation with that status. `function` NULL: leaves are signed
 * with the extensions they have. */
typedef struct mls_leaf_hook {
    mls_status_t (*function)(void *arg, mls_leaf_draft_t *draft);
    void *arg;
} mls_leaf_hook_t;

/* Why a leaf is shown to the Authentication Service (RFC 9420, Section 5.3.1). */
typedef enum mls_leaf_purpose {
    MLS_LEAF_IN_KEY_PACKAGE,     /* a KeyPackage that was downloaded */
    MLS_LEAF_IN_TREE,            /* in the tree of a group that is joined */
    MLS_LEAF_IN_ADD,             /* an Add, or the creator's of a new group */
    MLS_LEAF_IN_UPDATE,          /* an Update */
    MLS_LEAF_IN_COMMIT,          /* the path of a Commit; without predecessor: who joins by it */
    MLS_LEAF_IN_EXTERNAL_SENDERS /* no leaf: the key and the credential of who may propose from outside */
} mls_leaf_purpose_t;

/* A leaf for the Authentication Service to judge. Views end with the call. */
typedef struct mls_leaf_candidate {
    mls_leaf_purpose_t purpose;
    uint16_t cipher_suite;
    mls_view_t group_id; /* empty for MLS_LEAF_IN_KEY_PACKAGE */
    mls_leaf_info_t leaf;
    const mls_leaf_info_t *predecessor; /* the leaf that this one replaces, or NULL */
} mls_leaf_candidate_t;

/* The Authentication Service: says whether the credential, the extensions and the succession of a leaf are
 * good. It must depend on nothing but its input, or members come to different verdicts and the group falls
 * apart. Any status but MLS_OK refuses the leaf, and with it the message it came in; MLS_ERR_REJECTED is the
 * usual one. `validate` NULL: every credential is taken. */
typedef struct mls_authentication {
    mls_status_t (*validate)(void *arg, const mls_leaf_candidate_t *candidate);
    void *arg;
    /* Writes the identifier that the credential of a leaf presents (RFC 9420, Section 5.3.1) into
     * `*identifier`, for libmls to clear: by it the members of two groups are matched (Sections 11.2
     * and 11.3). NULL: the type and the bytes of the credential. */
    mls_status_t (*identify)(void *arg, mls_bytes_t *identifier, const mls_leaf_info_t *leaf);
} mls_authentication_t;

#endif
