/* Commits that break a rule, made by a member who signs what he likes. Each names the rule, and leaves the
 * state as it was. */
#include "framing.h"
#include "group_support.h"

/* A Commit of member 1, taken apart: a test changes what it likes, then it is signed and encrypted again. */
typedef struct forgery {
    test_room_t *room;
    mls_arena_t arena;
    mls_authenticated_content_t content;
    mls_commit_t commit;
    bool keeps_tag;
} forgery_t;

enum { FORGER = 1, VICTIM = 0 };

static void take_apart(forgery_t *f, test_room_t *room, mls_pending_commit_t *pending)
{
    *f = (forgery_t){ .room = room };
    assert_ok(mls_decode(&f->content, sizeof f->content, mls_codec_authenticated_content,
                         mls_bytes_view(&pending->content), &f->arena));
    assert_ok(mls_decode(&f->commit, sizeof f->commit, mls_codec_commit, f->content.content.body, &f->arena));
}

static mls_view_t put_together(forgery_t *f)
{
    mls_group_t *group = test_group(f->room, FORGER);
    mls_bytes_t body = { 0 }, signature = { 0 }, message = { 0 };
    assert_ok(mls_encode(&body, mls_codec_commit, &f->commit));
    f->content.content.body = mls_bytes_view(&body);
    f->content.content_encoded = (mls_view_t){ 0 };
    assert_ok(mls_group_sign(group, &f->content, &signature));
    assert_ok(mls_group_protect(group, &message, &f->content));
    mls_bytes_clear(&body);
    mls_bytes_clear(&signature);
    mls_arena_clear(&f->arena);
    return test_keep(f->room->t, &message);
}

static void start(forgery_t *f, void **state, size_t members)
{
    test_room_t *room = test_room(*state, members, NULL);
    mls_pending_commit_t *pending;
    (void)test_commit(room, FORGER, NULL, 0, &pending);
    take_apart(f, room, pending);
}

/* The forged Commit is refused by that rule. */
static void assert_forgery(forgery_t *f, const char *rule, mls_status_t status)
{
    test_room_t *room = f->room;
    const mls_view_t message = put_together(f);
    assert_refused(room, VICTIM, status, test_receive(room, VICTIM, message, NULL));
    assert_rule(room->t, rule, status);
    test_room_free(room);
}

static mls_view_t other_bytes(forgery_t *f, mls_view_t bytes)
{
    return test_flip(f->room->t, bytes, 0);
}

/* ---- the path ------------------------------------------------------------------------------------ */

static void commit_without_its_path__breaks_m6(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.has_path = false;
    assert_forgery(&f, "M6", MLS_ERR_INVALID);
}

static void path_that_is_too_short__breaks_m9(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.count--;
    assert_forgery(&f, "M9", MLS_ERR_INVALID);
}

static void path_with_a_ciphertext_missing__breaks_m9(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.items[0].encrypted_path_secret.count--;
    assert_forgery(&f, "M9_CIPHERTEXTS", MLS_ERR_INVALID);
}

static void path_with_a_key_of_the_tree__breaks_m8(void **state)
{
    forgery_t f;
    mls_leaf_info_t leaf;
    start(&f, state, 4);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &leaf, 3));
    f.commit.path.nodes.items[1].encryption_key = leaf.encryption_key;
    assert_forgery(&f, "M8", MLS_ERR_INVALID);
}

static void path_with_one_key_twice__breaks_m8(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.items[1].encryption_key = f.commit.path.nodes.items[0].encryption_key;
    assert_forgery(&f, "M8", MLS_ERR_INVALID);
}

static void path_with_the_key_of_its_leaf__breaks_m8(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.items[1].encryption_key = f.commit.path.leaf.encryption_key;
    assert_forgery(&f, "M8", MLS_ERR_INVALID);
}

static void path_with_another_key__breaks_m10(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.items[1].encryption_key = test_public_key(*state);
    assert_forgery(&f, "M10", MLS_ERR_INVALID);
}

static void path_with_a_key_of_wrong_length__breaks_e7(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.nodes.items[1].encryption_key.len--;
    assert_forgery(&f, "E7", MLS_ERR_INVALID);
}

/* Signs the leaf of the path again after a change. */
static void sign_leaf(forgery_t *f)
{
    const mls_group_t *group = test_group(f->room, FORGER);
    const mls_leaf_place_t place = { mls_group_id(group), mls_group_own_leaf(group) };
    mls_bytes_t leaf = { 0 };
    f->commit.path.leaf.tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(f->room->t->crypto, f->room->t->suite, &leaf, &f->commit.path.leaf,
                                 &group->epoch->signature_key, &place));
    f->commit.path.leaf_encoded = test_keep(f->room->t, &leaf);
}

static void leaf_with_another_parent_hash__breaks_m10(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.leaf.parent_hash = other_bytes(&f, f.commit.path.leaf.parent_hash);
    sign_leaf(&f);
    assert_forgery(&f, "M10", MLS_ERR_INVALID);
}

static void leaf_without_parent_hash__breaks_m10(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.leaf.parent_hash = (mls_view_t){ 0 };
    sign_leaf(&f);
    assert_forgery(&f, "M10", MLS_ERR_INVALID);
}

static void leaf_of_source_update__breaks_l6(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.commit.path.leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    sign_leaf(&f);
    assert_forgery(&f, "L6", MLS_ERR_INVALID);
}

static void leaf_with_its_former_key__breaks_l6(void **state)
{
    forgery_t f;
    mls_leaf_info_t leaf;
    start(&f, state, 4);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &leaf, FORGER));
    f.commit.path.leaf.encryption_key = leaf.encryption_key;
    sign_leaf(&f);
    assert_forgery(&f, "L6_KEY", MLS_ERR_INVALID);
}

static void leaf_with_the_key_of_another__breaks_l8(void **state)
{
    forgery_t f;
    mls_leaf_info_t leaf;
    start(&f, state, 4);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &leaf, 2));
    f.commit.path.leaf.encryption_key = leaf.encryption_key;
    sign_leaf(&f);
    assert_forgery(&f, "L8", MLS_ERR_INVALID);
}

static void leaf_signed_for_another_place__breaks_l1(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    const mls_group_t *group = test_group(f.room, FORGER);
    const mls_leaf_place_t place = { mls_group_id(group), 2 };
    mls_bytes_t leaf = { 0 };
    f.commit.path.leaf.tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(f.room->t->crypto, f.room->t->suite, &leaf, &f.commit.path.leaf,
                                 &group->epoch->signature_key, &place));
    f.commit.path.leaf_encoded = test_keep(f.room->t, &leaf);
    assert_forgery(&f, "L1", MLS_ERR_SIGNATURE);
}

static void wrong_confirmation_tag__breaks_m12(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    f.content.auth.confirmation_tag = other_bytes(&f, f.content.auth.confirmation_tag);
    assert_forgery(&f, "M12", MLS_ERR_TAG);
}

static void short_confirmation_tag__breaks_m12(void **state)
{
    for (size_t len = 0; len < 32; len += 31) {
        forgery_t f;
        start(&f, state, 4);
        f.content.auth.confirmation_tag.len = len;
        assert_forgery(&f, "M12", MLS_ERR_TAG);
    }
}

/* ---- what concerns one member only --------------------------------------------------------------- */

/* Path secrets that do not decrypt: the Commit is staged, but cannot be followed. */
static void garbage_for_one_member__is_not_readable_to_that_one_only(void **state)
{
    forgery_t f;
    mls_received_t *received;
    start(&f, state, 4);
    test_room_t *room = f.room;
    mls_hpke_ciphertext_t *for_victim = &f.commit.path.nodes.items[0].encrypted_path_secret.items[0];
    for_victim->ciphertext = other_bytes(&f, for_victim->ciphertext);
    /* The tag of the original Commit does not fit the changed one: the victim does not come that far. */
    const mls_view_t message = put_together(&f);
    assert_ok(test_receive(room, VICTIM, message, &received));
    const mls_staged_commit_t *staged = mls_received_commit(received);
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_COMMIT);
    assert_false(mls_staged_commit_is_readable(staged));
    assert_int_equal(mls_staged_commit_committer(staged), FORGER);
    assert_int_equal(mls_staged_commit_epoch_authenticator(staged).len, 0);
    assert_rule(room->t, "M11", MLS_ERR_DECRYPT);
    assert_refused(room, VICTIM, MLS_ERR_STATE,
                   mls_group_merge(test_group(room, VICTIM), received, true, TEST_NOW));
    mls_received_free(received);
    assert_refused(room, 2, MLS_ERR_TAG, test_receive(room, 2, message, NULL));
    test_room_free(room);
}

/* Path secrets that decrypt, but to others than the public keys say. */
static void wrong_secret_for_one_member__is_not_readable_to_that_one(void **state)
{
    forgery_t f;
    mls_received_t *received;
    mls_pending_commit_t *other;
    start(&f, state, 4);
    test_room_t *room = f.room;
    forgery_t second;
    (void)test_commit(room, FORGER, NULL, 0, &other);
    take_apart(&second, room, other);
    /* A good ciphertext of another Commit would have another context: encrypt a wrong secret properly. */
    mls_tree_overlay_t *overlay = &other->staged->overlay;
    mls_hpke_info_t info;
    mls_bytes_t context = { 0 };
    mls_secret_t wrong = { .len = room->t->suite->hash->len, .data = { 1, 2, 3 } };
    const size_t kem_len = room->t->suite->dh->public_len, ciphertext_len = wrong.len + MLS_AEAD_TAG_LEN;
    uint8_t *bytes = test_alloc(room->t, kem_len + ciphertext_len);
    mls_epoch_t *epoch = test_group(room, FORGER)->epoch;
    assert_ok(
        mls_staged_commit_context(other->staged, &context, epoch, epoch->context.confirmed_transcript_hash));
    assert_ok(mls_encrypt_context(room->t->crypto, room->t->suite, &info, "UpdatePathNode",
                                  mls_bytes_view(&context)));
    assert_ok(mls_hpke_seal(room->t->crypto, room->t->suite, bytes, bytes + kem_len,
                            mls_tree_encryption_key(overlay, mls_node_of_leaf(VICTIM)), &info,
                            mls_secret_view(&wrong)));
    mls_hpke_ciphertext_t *for_victim = &second.commit.path.nodes.items[0].encrypted_path_secret.items[0];
    for_victim->kem_output = mls_view(bytes, kem_len);
    for_victim->ciphertext = mls_view(bytes + kem_len, ciphertext_len);
    assert_ok(test_receive(room, VICTIM, put_together(&second), &received));
    assert_false(mls_staged_commit_is_readable(mls_received_commit(received)));
    assert_rule(room->t, "M11_KEYS", MLS_ERR_INVALID);
    mls_received_free(received);
    mls_bytes_clear(&context);
    mls_arena_clear(&f.arena);
    test_room_free(room);
}

/* ---- the list of proposals ----------------------------------------------------------------------- */

/* A Commit of member 1 with these proposals by value, whatever they are. */
static void start_with(forgery_t *f, void **state, const mls_proposal_t *proposals, size_t count)
{
    start(f, state, 4);
    f->commit.proposals.items = test_alloc(*state, count * sizeof *f->commit.proposals.items);
    f->commit.proposals.count = count;
    for (size_t i = 0; i < count; i++) {
        mls_bytes_t encoded = { 0 };
        assert_ok(mls_encode(&encoded, mls_codec_proposal, &proposals[i]));
        f->commit.proposals.items[i] =
            (mls_proposal_or_ref_t){ .type = MLS_BY_VALUE, .proposal = test_keep(*state, &encoded) };
    }
}

static mls_proposal_t removal(uint32_t leaf)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_REMOVE, .removed = leaf };
}

static void removing_a_blank_leaf__breaks_p4(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { removal(17) };
    start_with(&f, state, list, 1);
    assert_forgery(&f, "P4", MLS_ERR_INVALID);
}

static void removing_oneself__breaks_q3(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { removal(FORGER) };
    start_with(&f, state, list, 1);
    assert_forgery(&f, "Q3", MLS_ERR_INVALID);
}

static void removing_twice__breaks_q4(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { removal(2), removal(2) };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "Q4", MLS_ERR_INVALID);
}

static void two_lists_of_extensions__break_q8(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS },
                                    { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS } };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "Q8", MLS_ERR_INVALID);
}

static void reinit_with_others__breaks_q9(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_REINIT, .version = 1, .cipher_suite = 1 },
                                    removal(2) };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "Q9", MLS_ERR_INVALID);
}

static void external_init__breaks_q10(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_EXTERNAL_INIT,
                                      .kem_output = test_hex(*state, "00") } };
    start_with(&f, state, list, 1);
    assert_forgery(&f, "Q10", MLS_ERR_INVALID);
}

static void psk_named_twice__breaks_q7(void **state)
{
    forgery_t f;
    const mls_pre_shared_key_id_t id = { .type = MLS_PSK_EXTERNAL,
                                         .id = mls_view_text("psk"),
                                         .nonce = test_random_bytes(*state, 32) };
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_PSK, .psk = id },
                                    { .type = MLS_PROPOSAL_PSK, .psk = id } };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "Q7", MLS_ERR_INVALID);
}

static void psk_with_a_short_nonce__breaks_p5(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_PSK,
                                      .psk = { .type = MLS_PSK_EXTERNAL,
                                               .id = mls_view_text("psk"),
                                               .nonce = test_random_bytes(*state, 31) } } };
    start_with(&f, state, list, 1);
    assert_forgery(&f, "P5", MLS_ERR_INVALID);
}

static void psk_of_a_reinitialisation__breaks_p5(void **state)
{
    forgery_t f;
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_PSK,
                                      .psk = { .type = MLS_PSK_RESUMPTION,
                                               .usage = MLS_PSK_USAGE_REINIT,
                                               .id = mls_view_text("a room"),
                                               .nonce = test_random_bytes(*state, 32) } } };
    start_with(&f, state, list, 1);
    assert_forgery(&f, "P5", MLS_ERR_INVALID);
}

static mls_proposal_t addition(void **state, test_key_package_t *kp)
{
    const mls_view_t message = test_key_package_sign(*state, kp);
    return (mls_proposal_t){ .type = MLS_PROPOSAL_ADD,
                             .key_package_encoded = mls_view(message.data + 4, message.len - 4) };
}

static void adding_a_key_twice__breaks_q5(void **state)
{
    forgery_t f;
    test_key_package_t kp;
    test_key_package_fill(*state, &kp);
    const mls_proposal_t list[] = { addition(state, &kp), addition(state, &kp) };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "Q5", MLS_ERR_INVALID);
}

static void adding_an_encryption_key_twice__breaks_l8(void **state)
{
    forgery_t f;
    test_key_package_t first, second;
    test_key_package_fill(*state, &first);
    test_key_package_fill(*state, &second);
    second.leaf.encryption_key = first.leaf.encryption_key;
    const mls_proposal_t list[] = { addition(state, &first), addition(state, &second) };
    start_with(&f, state, list, 2);
    assert_forgery(&f, "L8", MLS_ERR_INVALID);
}

static void adding_with_a_wrong_signature__breaks_k4(void **state)
{
    forgery_t f;
    test_key_package_t kp;
    test_key_package_fill(*state, &kp);
    mls_proposal_t list[] = { addition(state, &kp) };
    list[0].key_package_encoded =
        test_flip(*state, list[0].key_package_encoded, 8 * list[0].key_package_encoded.len - 1);
    start_with(&f, state, list, 1);
    assert_forgery(&f, "K4", MLS_ERR_SIGNATURE);
}

static void unknown_reference__breaks_m5(void **state)
{
    forgery_t f;
    start(&f, state, 4);
    mls_proposal_or_ref_t item = { .type = MLS_BY_REFERENCE, .reference = test_random_bytes(*state, 32) };
    f.commit.proposals.items = &item;
    f.commit.proposals.count = 1;
    assert_forgery(&f, "M5", MLS_ERR_NOT_FOUND);
}

static void reference_used_twice__is_refused(void **state)
{
    forgery_t f;
    const mls_proposal_spec_t leave = test_remove(2);
    start(&f, state, 4);
    assert_ok(test_receive(f.room, VICTIM, test_propose(f.room, 2, &leave), NULL));
    const mls_view_t ref = mls_secret_view(&test_group(f.room, VICTIM)->epoch->proposals[0]->ref);
    mls_proposal_or_ref_t items[] = { { .type = MLS_BY_REFERENCE, .reference = ref },
                                      { .type = MLS_BY_REFERENCE, .reference = ref } };
    f.commit.proposals.items = items;
    f.commit.proposals.count = 2;
    assert_forgery(&f, "M5_TWICE", MLS_ERR_INVALID);
}

/* ---- the host's say ------------------------------------------------------------------------------ */

static mls_status_t refuse_commit_leaves(void *arg, const mls_leaf_candidate_t *candidate)
{
    bool *refuse = arg;
    return *refuse && candidate->purpose == MLS_LEAF_IN_COMMIT ? MLS_ERR_REJECTED : MLS_OK;
}

static void leaf_refused_by_the_authentication_service__refuses_the_commit(void **state)
{
    bool refuse = false;
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .authentication = { refuse_commit_leaves, &refuse } };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_view_t commit = test_update(room, 1);
    refuse = true;
    assert_refused(room, 0, MLS_ERR_REJECTED, test_receive(room, 0, commit, NULL));
    assert_rule(room->t, "C1", MLS_ERR_REJECTED);
    refuse = false;
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    test_room_free(room);
}

static mls_status_t put_extension(void *arg, mls_leaf_draft_t *draft)
{
    (void)arg;
    assert_int_equal(draft->source, MLS_LEAF_NODE_SOURCE_COMMIT);
    assert_int_equal(draft->encryption_key.len, mls_suite_find(draft->cipher_suite)->dh->public_len);
    assert_true(draft->group_id.len > 0);
    return mls_leaf_draft_set_extension(draft, MLS_EXTENSION_APPLICATION_ID, draft->encryption_key);
}

static void leaf_hook__sets_what_is_signed(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_commit_options_t options = { .leaf_hook = { put_extension, NULL } };
    mls_pending_commit_t *pending;
    mls_leaf_info_t leaf;
    mls_view_t data;
    mls_bytes_t copy = { 0 };
    assert_ok(mls_group_commit(test_group(room, 1), &pending, &options));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(pending)));
    test_deliver(room, 0, test_keep(*state, &copy));
    assert_ok(mls_group_leaf(test_group(room, 2), &leaf, 1));
    assert_ok(mls_extensions_find(&data, leaf.extensions, MLS_EXTENSION_APPLICATION_ID));
    assert_view_equal(data, leaf.encryption_key);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commit_without_its_path__breaks_m6),
        TEST(path_that_is_too_short__breaks_m9),
        TEST(path_with_a_ciphertext_missing__breaks_m9),
        TEST(path_with_a_key_of_the_tree__breaks_m8),
        TEST(path_with_one_key_twice__breaks_m8),
        TEST(path_with_the_key_of_its_leaf__breaks_m8),
        TEST(path_with_another_key__breaks_m10),
        TEST(path_with_a_key_of_wrong_length__breaks_e7),
        TEST(leaf_with_another_parent_hash__breaks_m10),
        TEST(leaf_without_parent_hash__breaks_m10),
        TEST(leaf_of_source_update__breaks_l6),
        TEST(leaf_with_its_former_key__breaks_l6),
        TEST(leaf_with_the_key_of_another__breaks_l8),
        TEST(leaf_signed_for_another_place__breaks_l1),
        TEST(wrong_confirmation_tag__breaks_m12),
        TEST(short_confirmation_tag__breaks_m12),
        TEST(garbage_for_one_member__is_not_readable_to_that_one_only),
        TEST(wrong_secret_for_one_member__is_not_readable_to_that_one),
        TEST(removing_a_blank_leaf__breaks_p4),
        TEST(removing_oneself__breaks_q3),
        TEST(removing_twice__breaks_q4),
        TEST(two_lists_of_extensions__break_q8),
        TEST(reinit_with_others__breaks_q9),
        TEST(external_init__breaks_q10),
        TEST(psk_named_twice__breaks_q7),
        TEST(psk_with_a_short_nonce__breaks_p5),
        TEST(psk_of_a_reinitialisation__breaks_p5),
        TEST(adding_a_key_twice__breaks_q5),
        TEST(adding_an_encryption_key_twice__breaks_l8),
        TEST(adding_with_a_wrong_signature__breaks_k4),
        TEST(unknown_reference__breaks_m5),
        TEST(reference_used_twice__is_refused),
        TEST(leaf_refused_by_the_authentication_service__refuses_the_commit),
        TEST(leaf_hook__sets_what_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
