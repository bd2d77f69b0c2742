/* exporter_tree.h -- one secret for each component, forgotten once it is taken: the Exporter Tree of
 * draft-ietf-mls-extensions, "Exported Secrets".
 *
 * It is as deep as a ComponentID has bits. Only those nodes are held whose secret was not derived from yet.
 */
#ifndef MLS_EXPORTER_TREE_H
#define MLS_EXPORTER_TREE_H

#include "labeled.h"

enum { MLS_EXPORTER_TREE_DEPTH = 16, MLS_MAX_EXPORTER_NODES = 1 << MLS_EXPORTER_TREE_DEPTH };

typedef struct mls_exporter_node {
    uint8_t depth;   /* 0: the root */
    uint16_t prefix; /* the first `depth` bits of the ComponentIDs below, as a number */
    mls_secret_t secret;
} mls_exporter_node_t;

typedef struct mls_exporter_tree {
    mls_exporter_node_t *items; /* none covers another */
    size_t count;
} mls_exporter_tree_t;

/* The tree over an application_export_secret. */
MLS_MUST_USE mls_status_t mls_exporter_tree_init(mls_exporter_tree_t *tree, const mls_secret_t *root);
void mls_exporter_tree_clear(mls_exporter_tree_t *tree);

/* Makes the tree of nodes that were saved. */
MLS_MUST_USE mls_status_t mls_exporter_tree_set(mls_exporter_tree_t *tree, const mls_exporter_node_t *items,
                                                size_t count);

/* Takes the secret of a component out of the tree. MLS_ERR_STATE: taken already, or the tree was never made;
 * MLS_ERR_NOMEM, MLS_ERR_CRYPTO: nothing has changed. */
MLS_MUST_USE mls_status_t mls_exporter_tree_take(mls_exporter_tree_t *tree, mls_secret_t *out,
                                                 mls_crypto_t *crypto, const mls_suite_t *suite,
                                                 uint16_t component_id);

#endif
