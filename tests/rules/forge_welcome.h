/* forge_welcome.h -- a Welcome as its fields: a test changes what it likes, the rest is made to fit. */
#ifndef TESTS_RULES_FORGE_WELCOME_H
#define TESTS_RULES_FORGE_WELCOME_H

#include "forge.h"

enum { FORGE_MAX_NODES = 63, FORGE_MAX_EXTENSIONS = 80 };

typedef struct forged_node {
    bool present;
    mls_leaf_node_t leaf; /* at even places */
    mls_view_t leaf_encoded;
    mls_parent_node_t parent; /* at odd places */
} forged_node_t;

typedef struct forged_welcome {
    test_room_t *room;
    mls_group_config_t config;      /* of who joins: the room's */
    mls_key_package_t *key_package; /* of who is invited */
    mls_pending_commit_t *pending;  /* the forger's Commit */

    forged_node_t nodes[FORGE_MAX_NODES]; /* the ratchet tree */
    uint32_t num_nodes;
    mls_view_t tree; /* instead of those nodes, if it is not empty: the whole extension_data */
    bool without_tree;
    mls_group_context_t context;
    bool keeps_tree_hash; /* else it becomes that of the tree, where the tree has one */
    mls_extension_t extensions[FORGE_MAX_EXTENSIONS]; /* of the GroupInfo, beside the tree */
    size_t num_extensions;
    mls_view_t confirmation_tag; /* empty: the right one */
    uint32_t signer;
    const mls_signature_key_t *signature_key; /* of the forger */
    bool flips_signature;
    mls_view_t group_info_tail; /* bytes after the GroupInfo */
    bool flips_group_info;      /* of its ciphertext, before the secrets are encrypted along with it */
    bool cuts_group_info;       /* what is left is shorter than the AEAD's tag */
    mls_group_secrets_t secrets;
    mls_secret_t psk_secret;
    mls_view_t secrets_tail; /* bytes after the GroupSecrets */
    bool flips_secrets;
    bool flips_context; /* the GroupInfo's ciphertext, after they are encrypted along with it */
    uint16_t cipher_suite;
    mls_view_t new_member;
} forged_welcome_t;

/* The forger invites a fresh KeyPackage by a Commit, with a path or without. */
void forge_welcome(forged_welcome_t *f, test_room_t *room, bool with_path);
/* Signs a leaf of the tree again, as the member would. */
void forge_welcome_sign_leaf(forged_welcome_t *f, uint32_t leaf);
mls_view_t forge_welcome_seal(forged_welcome_t *f);

/* Opens and joins; the group is freed at once where it is not asked for. */
mls_status_t forge_join(forged_welcome_t *f, mls_view_t welcome, mls_group_t **group);
/* Who is invited refuses by that rule; there is no group, and the KeyPackage is what it was. Ends the forgery
 * and its room. */
void assert_welcome_breaks(forged_welcome_t *f, const char *rule, mls_status_t status);
void forge_welcome_end(forged_welcome_t *f);

/* A room without any parent node: leaves can be changed without breaking a parent hash. */
test_room_t *flat_room(test_context_t *t, size_t count, const mls_group_config_t *config);
/* The same, created with these extensions in its GroupContext. */
test_room_t *flat_room_with(test_context_t *t, size_t count, const mls_extensions_t *extensions);

#endif
