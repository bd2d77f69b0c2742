#include "refused_leaf.h"

void refuse_in_an_add(test_context_t *t, fault_fn *fault, expected_t expected)
{
    test_room_t *room = test_room(t, 3, NULL);
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    const mls_proposal_t good = forge_add(t, &kp);
    assert_taken(room, forge_proposal(room, &good));
    fault(t, &kp.leaf);
    const mls_proposal_t add = forge_add(t, &kp);
    assert_message_breaks(room, expected.rule, expected.status, forge_proposal(room, &add));
    assert_message_breaks(room, expected.rule, expected.status, forge_commit_with(room, &add, 1));
    test_room_free(room);
}

void refuse_in_an_update(test_context_t *t, fault_fn *fault, expected_t expected)
{
    test_room_t *room = test_room(t, 3, NULL);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    const mls_proposal_t good = forge_update(room, &leaf);
    assert_taken(room, forge_proposal(room, &good));
    fault(t, &leaf);
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, expected.rule, expected.status, forge_proposal(room, &update));
    test_room_free(room);
}

void refuse_in_a_commit(test_context_t *t, fault_fn *fault, expected_t expected)
{
    test_room_t *room = test_room(t, 3, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    assert_taken(room, f.genuine);
    fault(t, &f.commit.path.leaf);
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, expected.rule, expected.status, forge_commit_seal(&f));
    test_room_free(room);
}

void refuse_in_a_tree(test_context_t *t, fault_fn *fault, expected_t expected)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(t, 3, NULL), false);
    forge_welcome_sign_leaf(&f, FORGER);
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    fault(t, &f.nodes[2 * FORGER].leaf);
    forge_welcome_sign_leaf(&f, FORGER);
    assert_welcome_breaks(&f, expected.rule, expected.status);
}
