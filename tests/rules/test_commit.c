/* Commits (RFC 9420, Sections 7.5, 7.6 and 12.4.2), forged by the member who makes them. */
#include "forge.h"

static mls_view_t other(const forged_commit_t *f, mls_view_t bytes)
{
    return test_flip(f->room->t, bytes, 0);
}

/* A forger's empty Commit in a room of four: its path has two nodes. */
static void start(forged_commit_t *f, void **state)
{
    forge_commit(f, test_room(*state, 4, NULL));
    assert_int_equal(f->commit.path.nodes.count, 2);
}

static void refuse(forged_commit_t *f, const char *rule, mls_status_t status)
{
    assert_message_breaks(f->room, rule, status, forge_commit_seal(f));
    assert_taken(f->room, f->genuine);
    test_room_free(f->room);
}

/* ---- whether there is a path --------------------------------------------------------------------- */

static void rule_M6__empty_commit_without_a_path_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.has_path = false;
    refuse(&f, "M6", MLS_ERR_INVALID);
}

/* RFC 9420, Section 17.4: all types but Add, PreSharedKey and ReInit. */
static void rule_M6_M3__commit_of_a_type_that_needs_a_path_is_refused_without(void **state)
{
    const mls_proposal_t lists[] = { forge_remove(2), { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS } };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        forged_commit_t f;
        start(&f, state);
        forge_list(&f, &lists[i], 1);
        f.commit.has_path = false;
        refuse(&f, "M6", MLS_ERR_INVALID);
    }
}

static void rule_M6__commit_of_an_update_is_refused_without_a_path(void **state)
{
    forged_commit_t f;
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    start(&f, state);
    assert_taken(f.room, test_propose(f.room, 2, &update));
    forge_reference(&f, mls_secret_view(&test_group(f.room, VICTIM)->epoch->proposals[0]->ref));
    f.commit.has_path = false;
    refuse(&f, "M6", MLS_ERR_INVALID);
}

/* ---- what the path is made of -------------------------------------------------------------------- */

static void rule_M9__path_with_a_node_missing_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.count--;
    refuse(&f, "M9", MLS_ERR_INVALID);
}

static void rule_M9_B3__path_without_nodes_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.count = 0;
    refuse(&f, "M9", MLS_ERR_INVALID);
}

static void rule_M9__path_with_a_node_more_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    mls_update_path_node_t nodes[3] = { f.commit.path.nodes.items[0], f.commit.path.nodes.items[1],
                                        f.commit.path.nodes.items[1] };
    nodes[2].encryption_key = test_public_key(*state);
    f.commit.path.nodes.items = nodes;
    f.commit.path.nodes.count = 3;
    refuse(&f, "M9", MLS_ERR_INVALID);
}

static void rule_M9__node_with_a_ciphertext_missing_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.items[0].encrypted_path_secret.count--;
    refuse(&f, "M9_CIPHERTEXTS", MLS_ERR_INVALID);
}

static void rule_M9__node_with_a_ciphertext_more_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    mls_update_path_node_t *node = &f.commit.path.nodes.items[1];
    mls_hpke_ciphertext_t ciphertexts[4];
    const size_t count = node->encrypted_path_secret.count;
    assert_in_range(count, 1, 3);
    memcpy(ciphertexts, node->encrypted_path_secret.items, count * sizeof *ciphertexts);
    ciphertexts[count] = ciphertexts[0];
    node->encrypted_path_secret.items = ciphertexts;
    node->encrypted_path_secret.count++;
    refuse(&f, "M9_CIPHERTEXTS", MLS_ERR_INVALID);
}

/* RFC 9420, Section 7.6: who is added by the Commit gets its secret by the Welcome. */
static void rule_M9__node_with_a_ciphertext_for_who_is_added_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *kp = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(kp);
    forged_commit_t f;
    forge_commit_of(&f, room, &add, 1);
    mls_update_path_node_t *node = &f.commit.path.nodes.items[1];
    assert_int_equal(node->encrypted_path_secret.count, 1); /* for leaf 2, and not for leaf 3 */
    mls_hpke_ciphertext_t both[] = { node->encrypted_path_secret.items[0],
                                     node->encrypted_path_secret.items[0] };
    node->encrypted_path_secret.items = both;
    node->encrypted_path_secret.count = 2;
    mls_key_package_free(kp);
    refuse(&f, "M9_CIPHERTEXTS", MLS_ERR_INVALID);
}

/* ---- keys of the path ---------------------------------------------------------------------------- */

static void rule_M8__key_of_a_leaf_in_the_path_is_refused(void **state)
{
    forged_commit_t f;
    mls_leaf_info_t leaf;
    start(&f, state);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &leaf, 3));
    f.commit.path.nodes.items[1].encryption_key = leaf.encryption_key;
    refuse(&f, "M8", MLS_ERR_INVALID);
}

/* Node 5 is not on the path, and so it stays what it is. */
static void rule_M8__key_of_a_parent_in_the_path_is_refused(void **state)
{
    forged_commit_t f;
    test_room_t *room = test_room(*state, 4, NULL);
    test_deliver(room, 0, test_update(room, 3));
    forge_commit(&f, room);
    f.commit.path.nodes.items[1].encryption_key =
        forge_copy(*state, mls_tree_encryption_key(&test_group(room, VICTIM)->view, (mls_node_index_t){ 5 }));
    refuse(&f, "M8", MLS_ERR_INVALID);
}

static void rule_M8__key_twice_in_the_path_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.items[1].encryption_key = f.commit.path.nodes.items[0].encryption_key;
    refuse(&f, "M8", MLS_ERR_INVALID);
}

static void rule_M8__key_of_its_own_leaf_in_the_path_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.items[1].encryption_key = f.commit.path.leaf.encryption_key;
    refuse(&f, "M8", MLS_ERR_INVALID);
}

static void rule_E7__key_of_the_path_that_is_none_is_refused(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.items[1].encryption_key.len--;
    refuse(&f, "E7", MLS_ERR_INVALID);
    start(&f, state);
    f.commit.path.nodes.items[0].encryption_key = test_zero_key(*state);
    refuse(&f, "E7", MLS_ERR_INVALID);
}

/* ---- parent hashes ------------------------------------------------------------------------------- */

static void rule_M10_B7__path_with_another_key_has_another_parent_hash(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        forged_commit_t f;
        start(&f, state);
        mls_view_t *key = &f.commit.path.nodes.items[i].encryption_key;
        *key = test_public_key(*state);
        refuse(&f, "M10", MLS_ERR_INVALID);
    }
}

static void refuse_parent_hash(void **state, const char *hex)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.leaf.parent_hash =
        hex == NULL ? other(&f, f.commit.path.leaf.parent_hash) : test_hex(*state, hex);
    forge_path_leaf_sign(&f);
    refuse(&f, "M10", MLS_ERR_INVALID);
}

static void rule_M10_B7__leaf_with_another_parent_hash_is_refused(void **state)
{
    refuse_parent_hash(state, NULL);
}

static void rule_M10_B7__leaf_without_a_parent_hash_is_refused(void **state)
{
    refuse_parent_hash(state, "");
    refuse_parent_hash(state, "00");
}

/* Alone in the group there is nothing above the leaf, and so nothing to hash. */
static void rule_M10_B7__path_of_a_leaf_alone_has_no_parent_hash(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_proposal_spec_t remove = test_remove(VICTIM);
    mls_leaf_info_t info;
    mls_leaf_node_t leaf;
    test_deliver(room, 0, test_commit(room, FORGER, &remove, 1, NULL));
    test_merge(room, FORGER, test_update(room, FORGER), false);
    assert_ok(mls_group_leaf(test_group(room, FORGER), &info, FORGER));
    assert_ok(mls_leaf_node_decode(&leaf, info.encoded));
    assert_int_equal(leaf.source, MLS_LEAF_NODE_SOURCE_COMMIT);
    assert_true(mls_tree_is_blank(&test_group(room, FORGER)->view, (mls_node_index_t){ 1 }));
    assert_int_equal(leaf.parent_hash.len, 0);
    test_room_free(room);
}

/* ---- the own path secret ------------------------------------------------------------------------- */

/* The victim sees what the Commit says, but cannot follow it: it stays in its epoch. */
static void refuse_to_follow(forged_commit_t *f, const char *rule, mls_status_t status)
{
    test_room_t *room = f->room;
    const mls_view_t message = forge_commit_seal(f);
    mls_received_t *received;
    assert_ok(test_receive(room, VICTIM, message, &received));
    assert_rule(room->t, rule, status);
    assert_false(mls_staged_commit_is_readable(mls_received_commit(received)));
    assert_int_equal(mls_staged_commit_epoch_authenticator(mls_received_commit(received)).len, 0);
    assert_refused(room, VICTIM, MLS_ERR_STATE,
                   mls_group_merge(test_group(room, VICTIM), received, true, TEST_NOW));
    mls_received_free(received);
}

/* To others it is readable, and so they can see that its tag is not the genuine one's any more. */
static void rule_M11__path_secret_that_does_not_decrypt_is_not_followed(void **state)
{
    forged_commit_t f;
    start(&f, state);
    mls_hpke_ciphertext_t *for_victim = &f.commit.path.nodes.items[0].encrypted_path_secret.items[0];
    for_victim->ciphertext = other(&f, for_victim->ciphertext);
    refuse_to_follow(&f, "M11", MLS_ERR_DECRYPT);
    assert_refused(f.room, 2, MLS_ERR_TAG, test_receive(f.room, 2, forge_commit_seal(&f), NULL));
    for_victim->kem_output = test_zero_key(*state); /* of small order */
    refuse_to_follow(&f, "M11", MLS_ERR_DECRYPT);
    test_room_free(f.room);
}

/* Encrypts another path secret to the victim, as the genuine one was: in the context of the new epoch. */
static mls_hpke_ciphertext_t encrypt_to_victim(test_room_t *room, mls_view_t path_secret)
{
    test_context_t *t = room->t;
    mls_epoch_t *epoch = test_group(room, FORGER)->epoch;
    const mls_staged_commit_t *staged = epoch->commits[epoch->num_commits - 1]->staged;
    const size_t kem_len = t->suite->dh->public_len, len = path_secret.len + MLS_AEAD_TAG_LEN;
    uint8_t *bytes = test_alloc(t, kem_len + len);
    mls_hpke_info_t info;
    mls_bytes_t context = { 0 };
    assert_ok(mls_staged_commit_context(staged, &context, epoch, epoch->context.confirmed_transcript_hash));
    assert_ok(mls_encrypt_context(t->crypto, t->suite, &info, "UpdatePathNode", mls_bytes_view(&context)));
    assert_ok(mls_hpke_seal(t->crypto, t->suite, bytes, bytes + kem_len,
                            mls_tree_encryption_key(&staged->overlay, mls_node_of_leaf(VICTIM)), &info,
                            path_secret));
    mls_bytes_clear(&context);
    return (mls_hpke_ciphertext_t){ mls_view(bytes, kem_len), mls_view(bytes + kem_len, len) };
}

static void rule_M11__path_secret_of_other_keys_is_not_followed(void **state)
{
    forged_commit_t f;
    start(&f, state);
    f.commit.path.nodes.items[0].encrypted_path_secret.items[0] =
        encrypt_to_victim(f.room, forge_hash(*state));
    refuse_to_follow(&f, "M11_KEYS", MLS_ERR_INVALID);
    test_room_free(f.room);
}

static void rule_M11__path_secret_of_another_length_is_not_followed(void **state)
{
    const size_t good = test_suite()->hash->len, lens[] = { 0, good - 1, good + 1, 128 };
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        forged_commit_t f;
        start(&f, state);
        f.commit.path.nodes.items[0].encrypted_path_secret.items[0] =
            encrypt_to_victim(f.room, test_random_bytes(*state, lens[i]));
        refuse_to_follow(&f, "M11", MLS_ERR_DECRYPT);
        test_room_free(f.room);
    }
}

/* ---- PSKs ---------------------------------------------------------------------------------------- */

static mls_status_t no_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    *secret = mls_view_text("a secret of thirty-two bytes, ok");
    return mls_view_equal(id->id, mls_view_text("mine")) ? MLS_OK : MLS_ERR_NOT_FOUND;
}

static void rule_M4__psk_that_is_not_here_is_refused(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = no_psk };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_proposal_t psk = forge_psk(*state, "theirs");
    const mls_proposal_spec_t good = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("mine") } };
    assert_message_breaks(room, "M4", MLS_ERR_NOT_FOUND, forge_commit_with(room, &psk, 1));
    test_deliver(room, 0, test_commit(room, FORGER, &good, 1, NULL));
    test_assert_agreed(room);
    test_room_free(room);
}

/* Nor is there one of an epoch of this group that was never, or was forgotten. */
static void rule_M4__resumption_psk_that_is_not_kept_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_proposal_t psk = forge_psk(*state, "a room");
    psk.psk.type = MLS_PSK_RESUMPTION;
    psk.psk.usage = MLS_PSK_USAGE_APPLICATION;
    psk.psk.psk_epoch = 0; /* before the forger was there; the victim knows it */
    assert_message_breaks(room, "M12", MLS_ERR_TAG, forge_commit_with(room, &psk, 1));
    psk.psk.psk_epoch = UINT64_MAX;
    assert_message_breaks(room, "M4", MLS_ERR_NOT_FOUND, forge_commit_with(room, &psk, 1));
    test_room_free(room);
}

/* ---- the confirmation tag ------------------------------------------------------------------------ */

static void rule_M12_B6__confirmation_tag_is_compared_in_full(void **state)
{
    forged_commit_t f;
    start(&f, state);
    const mls_view_t good = f.content.auth.confirmation_tag;
    for (size_t n = 0; n < FORGE_NUM_TAGS; n++) {
        f.content.auth.confirmation_tag = forge_tag(*state, good, n);
        assert_message_breaks(f.room, "M12", MLS_ERR_TAG, forge_commit_seal(&f));
    }
    assert_taken(f.room, f.genuine);
    test_room_free(f.room);
}

/* Two Commits of one epoch: each has the other's tag. */
static void rule_M12__confirmation_tag_of_another_commit_is_refused(void **state)
{
    forged_commit_t f, second;
    start(&f, state);
    forge_commit(&second, f.room);
    f.content.auth.confirmation_tag = second.content.auth.confirmation_tag;
    refuse(&f, "M12", MLS_ERR_TAG);
}

/* ---- removing the receiver ----------------------------------------------------------------------- */

/* It cannot check the tag, but signature and list; a forged one does not throw it out. */
static void rule_M14__removal_is_checked_by_who_is_removed(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t remove = test_remove(VICTIM);
    const mls_proposal_t list[] = { forge_remove(VICTIM), forge_remove(FORGER) };
    mls_received_t *received;
    forged_commit_t f;
    forge_commit_of(&f, room, &remove, 1);
    assert_message_breaks(room, "Q3", MLS_ERR_INVALID, forge_commit_with(room, list, 2));
    f.commit.path.leaf.parent_hash = other(&f, f.commit.path.leaf.parent_hash);
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, "M10", MLS_ERR_INVALID, forge_commit_seal(&f));
    assert_ok(test_receive(room, VICTIM, f.genuine, &received));
    assert_true(mls_staged_commit_removes_self(mls_received_commit(received)));
    assert_ok(mls_group_merge(test_group(room, VICTIM), received, false, TEST_NOW));
    mls_received_free(received);
    const mls_epoch_t *epoch = test_group(room, VICTIM)->epoch;
    assert_true(mls_group_is_removed(test_group(room, VICTIM)));
    assert_int_equal(epoch->secrets.sender_data_secret.len, 0);
    assert_int_equal(epoch->secret_tree.secrets.count + epoch->secret_tree.senders.count, 0);
    assert_int_equal(epoch->private_keys.count, 0);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_M6__empty_commit_without_a_path_is_refused),
        TEST(rule_M6_M3__commit_of_a_type_that_needs_a_path_is_refused_without),
        TEST(rule_M6__commit_of_an_update_is_refused_without_a_path),
        TEST(rule_M9__path_with_a_node_missing_is_refused),
        TEST(rule_M9_B3__path_without_nodes_is_refused),
        TEST(rule_M9__path_with_a_node_more_is_refused),
        TEST(rule_M9__node_with_a_ciphertext_missing_is_refused),
        TEST(rule_M9__node_with_a_ciphertext_more_is_refused),
        TEST(rule_M9__node_with_a_ciphertext_for_who_is_added_is_refused),
        TEST(rule_M8__key_of_a_leaf_in_the_path_is_refused),
        TEST(rule_M8__key_of_a_parent_in_the_path_is_refused),
        TEST(rule_M8__key_twice_in_the_path_is_refused),
        TEST(rule_M8__key_of_its_own_leaf_in_the_path_is_refused),
        TEST(rule_E7__key_of_the_path_that_is_none_is_refused),
        TEST(rule_M10_B7__path_with_another_key_has_another_parent_hash),
        TEST(rule_M10_B7__leaf_with_another_parent_hash_is_refused),
        TEST(rule_M10_B7__leaf_without_a_parent_hash_is_refused),
        TEST(rule_M10_B7__path_of_a_leaf_alone_has_no_parent_hash),
        TEST(rule_M11__path_secret_that_does_not_decrypt_is_not_followed),
        TEST(rule_M11__path_secret_of_other_keys_is_not_followed),
        TEST(rule_M11__path_secret_of_another_length_is_not_followed),
        TEST(rule_M4__psk_that_is_not_here_is_refused),
        TEST(rule_M4__resumption_psk_that_is_not_kept_is_refused),
        TEST(rule_M12_B6__confirmation_tag_is_compared_in_full),
        TEST(rule_M12__confirmation_tag_of_another_commit_is_refused),
        TEST(rule_M14__removal_is_checked_by_who_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
