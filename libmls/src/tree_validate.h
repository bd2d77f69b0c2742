/* tree_validate.h -- whether a tree that was handed in is a good one (RFC 9420, Sections 7.9.2 and
 * 12.4.3.1). That no key stands twice is known before: such a tree is not built. */
#ifndef MLS_TREE_VALIDATE_H
#define MLS_TREE_VALIDATE_H

#include "tree_hash.h"

/* RFC 9420, Section 7.9.2: every non-blank parent node is parent-hash valid. Rule W8. */
MLS_MUST_USE mls_status_t mls_tree_check_parent_hashes(const mls_tree_overlay_t *overlay);

/* Unmerged leaves: rules W10, W11. Keys of parents: E7. */
MLS_MUST_USE mls_status_t mls_tree_check_parents(const mls_tree_overlay_t *overlay);

/* Members support each other's types of credentials: rule L3. The lists in which they say so are read once
 * for each type in use, so they are bounded here already: L13. */
MLS_MUST_USE mls_status_t mls_tree_check_credentials(const mls_tree_overlay_t *overlay,
                                                     const mls_limits_t *limits);

#endif
