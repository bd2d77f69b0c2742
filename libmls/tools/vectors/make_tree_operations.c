/* make_tree_operations.c -- an Add at a free place and one that makes the tree grow, an Update, and a Remove
 * that makes it shrink. */
#include "by_hand.h"
#include "generate.h"
#include "grown_tree.h"
#include "make.h"
#include "person.h"

static void make_add(vector_case_t *c, hand_t *proposal, plain_tree_t *after)
{
    mls_key_package_t *person = person_new(c, "new member");
    const mls_view_t leaf = person_leaf(c, person);
    if (vector_good(c)) {
        hand_number(proposal, 1, 2);
        hand_raw(proposal, person->encoded);
        plain_tree_add(c, after, leaf);
    }
    mls_key_package_free(person);
}

static void make_update(vector_case_t *c, hand_t *proposal, plain_tree_t *after, const grown_tree_t *grown,
                        uint32_t sender)
{
    mls_hpke_private_t key;
    const mls_view_t leaf = grown_tree_update_leaf(c, grown, sender, &key);
    hand_number(proposal, 2, 2);
    hand_raw(proposal, leaf);
    plain_tree_update(after, sender, leaf);
}

static void make_remove(hand_t *proposal, plain_tree_t *after, uint32_t removed)
{
    hand_number(proposal, 3, 2);
    hand_number(proposal, removed, 4);
    plain_tree_remove(after, removed);
}

static void put_change(vector_case_t *c, cJSON *json, const grown_tree_t *grown, size_t variant)
{
    plain_tree_t before, after;
    hand_t proposal = { 0 };
    const uint32_t sender = variant == 2 ? 2 : 0;
    if (!plain_tree_read(c, &before, &grown->overlay))
        return;
    after = before;
    if (variant < 2)
        make_add(c, &proposal, &after);
    else if (variant == 2)
        make_update(c, &proposal, &after, grown, sender);
    else
        make_remove(&proposal, &after, 2);
    const mls_secret_t hash_before = plain_tree_hash(c, &before, mls_root(before.num_leaves));
    const mls_secret_t hash_after = plain_tree_hash(c, &after, mls_root(after.num_leaves));
    put_bytes(c, json, "tree_before", plain_tree_encode(c, &before));
    put_bytes(c, json, "proposal", hand_view(c, &proposal));
    put_number(c, json, "proposal_sender", sender);
    put_secret(c, json, "tree_hash_before", &hash_before);
    put_bytes(c, json, "tree_after", plain_tree_encode(c, &after));
    put_secret(c, json, "tree_hash_after", &hash_after);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    static const uint32_t num_members[] = { 4, 2, 3, 3 };
    grown_tree_t grown;
    if (grown_tree_start(c, &grown, num_members[variant]) && variant == 0 && grown_tree_remove(c, &grown, 1))
        grown_tree_commit(c, &grown, 0); /* the free place is below parents that are not blank */
    if (vector_good(c))
        put_change(c, json, &grown, variant);
    grown_tree_clear(&grown);
}

const vector_generator_t generate_tree_operations = { "tree-operations", "Add, Update and Remove", true, 4,
                                                      make };
