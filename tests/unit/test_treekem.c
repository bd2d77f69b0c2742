#include "tree_model.h"
#include "tree_validate.h"
#include "treekem.h"

enum { MAX_MEMBERS = 12 };

/* A group of members with real keys: the tree, and what each member knows. */
typedef struct member {
    test_key_package_t kp;
    mls_private_keys_t keys;
} member_t;

typedef struct group {
    mls_ratchet_tree_t *tree;
    member_t members[MAX_MEMBERS]; /* by leaf index */
    uint32_t num_members;
} group_t;

static mls_leaf_place_t place_of(uint32_t leaf)
{
    return (mls_leaf_place_t){ mls_view_text("group"), leaf };
}

static void take_over(mls_tree_overlay_t *overlay)
{
    assert_ok(mls_tree_hash_update(overlay));
    assert_ok(mls_tree_overlay_prepare(overlay));
    mls_tree_overlay_swap(overlay);
    mls_tree_overlay_clear(overlay);
}

static void add_member(test_context_t *t, group_t *group)
{
    member_t *member = &group->members[group->num_members];
    mls_tree_overlay_t overlay;
    uint32_t added;
    test_key_package_fill(t, &member->kp);
    mls_tree_leaf_t *leaf = test_tree_leaf(test_leaf_sign(t, &member->kp, NULL));
    assert_ok(mls_tree_overlay_init(&overlay, group->tree));
    assert_ok(mls_tree_add(&overlay, &added, leaf, MODEL_MAX_LEAVES));
    assert_int_equal(added, group->num_members++);
    mls_private_keys_set(&member->keys, mls_node_of_leaf(added), &member->kp.encryption_private_key);
    mls_tree_leaf_release(leaf);
    take_over(&overlay);
}

static group_t *new_group(test_context_t *t, uint32_t num_members)
{
    group_t *group = test_alloc(t, sizeof *group);
    assert_ok(mls_ratchet_tree_new(&group->tree, t->crypto, t->suite));
    while (group->num_members < num_members)
        add_member(t, group);
    return group;
}

/* ---- sending a path ------------------------------------------------------------------------------ */

/* A Commit's path, and the tree after it in `overlay`. */
typedef struct sent {
    mls_tree_overlay_t overlay;
    mls_new_path_t path;
    mls_view_t encoded; /* UpdatePath */
    mls_view_t context;
} sent_t;

static void put_leaf(mls_tree_overlay_t *overlay, uint32_t index, mls_view_t encoded)
{
    mls_tree_leaf_t *leaf = test_tree_leaf(encoded);
    assert_ok(mls_tree_set_leaf(overlay, index, leaf));
    mls_tree_leaf_release(leaf);
}

static void send_path(test_context_t *t, group_t *group, sent_t *sent, uint32_t sender)
{
    member_t *member = &group->members[sender];
    const mls_leaf_place_t place = place_of(sender);
    mls_bytes_t encoded;
    *sent = (sent_t){ .context = mls_view_text("context") };
    assert_ok(mls_tree_overlay_init(&sent->overlay, group->tree));
    assert_ok(mls_new_path_make(&sent->path, &sent->overlay, sender));
    member->kp.leaf.encryption_key = mls_hpke_public_view(&sent->path.leaf_public_key);
    member->kp.leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    member->kp.leaf.parent_hash = mls_secret_view(&sent->path.leaf_parent_hash);
    const mls_view_t leaf = test_leaf_sign(t, &member->kp, &place);
    put_leaf(&sent->overlay, sender, leaf);
    assert_ok(mls_tree_hash_update(&sent->overlay));
    assert_ok(mls_new_path_encrypt(&sent->path, &encoded, &sent->overlay, leaf, sent->context));
    sent->encoded = test_keep(t, &encoded);
}

static void clear_sent(sent_t *sent)
{
    mls_tree_overlay_clear(&sent->overlay);
    mls_new_path_wipe(&sent->path);
}

/* ---- receiving it -------------------------------------------------------------------------------- */

typedef struct received {
    mls_update_path_t update;
    mls_filtered_path_t path;
    mls_tree_overlay_t overlay;
} received_t;

static void read_path(test_context_t *t, group_t *group, received_t *in, const sent_t *sent, uint32_t sender)
{
    assert_ok(mls_decode(&in->update, sizeof in->update, mls_codec_update_path, sent->encoded, &t->arena));
    assert_ok(mls_tree_overlay_init(&in->overlay, group->tree));
    mls_filtered_direct_path(&in->overlay, &in->path, sender);
}

static mls_status_t install(received_t *in, mls_secret_t *parent_hash, uint32_t sender)
{
    mls_view_t keys[MLS_MAX_LEVELS];
    for (size_t i = 0; i < in->path.count; i++)
        keys[i] = in->update.nodes.items[i].encryption_key;
    return mls_tree_install_path(&in->overlay, parent_hash, sender, &in->path, keys);
}

static void receive_path(test_context_t *t, group_t *group, received_t *in, const sent_t *sent,
                         uint32_t sender)
{
    mls_secret_t parent_hash;
    read_path(t, group, in, sent, sender);
    assert_ok(mls_update_path_check(&in->overlay, &in->path, &in->update));
    assert_ok(install(in, &parent_hash, sender));
    assert_view_equal(in->update.leaf.parent_hash, mls_secret_view(&parent_hash));
    put_leaf(&in->overlay, sender, in->update.leaf_encoded);
    assert_ok(mls_tree_hash_update(&in->overlay));
    assert_view_equal(mls_tree_hash_root(&in->overlay), mls_tree_hash_root(&sent->overlay));
}

static mls_status_t decrypt(received_t *in, const sent_t *sent, mls_private_keys_t *keys,
                            mls_path_secrets_t *secrets, uint32_t own_leaf)
{
    *secrets = (mls_path_secrets_t){ 0 };
    return mls_update_path_decrypt(&in->overlay, secrets, keys, &in->path, &in->update, own_leaf,
                                   sent->context);
}

/* Whether the private keys are those of the tree. */
static void check_keys(test_context_t *t, const mls_private_keys_t *keys, const mls_tree_overlay_t *overlay)
{
    for (size_t i = 0; i < keys->count; i++) {
        mls_hpke_public_t public_key;
        assert_ok(mls_hpke_public_key(t->crypto, t->suite, &public_key, &keys->items[i].key));
        assert_view_equal(mls_tree_encryption_key(overlay, keys->items[i].node),
                          mls_hpke_public_view(&public_key));
    }
}

/* All members process a path of one of them, and the tree is what the sender made. */
static void commit(test_context_t *t, group_t *group, uint32_t sender)
{
    sent_t sent;
    send_path(t, group, &sent, sender);
    received_t in = { 0 };
    receive_path(t, group, &in, &sent, sender);
    for (uint32_t i = 0; i < group->num_members; i++) {
        mls_private_keys_t *keys = &group->members[i].keys;
        mls_path_secrets_t secrets;
        mls_private_keys_prune(keys, &in.overlay);
        if (i == sender) {
            *keys = sent.path.private_keys;
        } else {
            assert_ok(decrypt(&in, &sent, keys, &secrets, i));
            assert_view_equal(mls_secret_view(&secrets.commit_secret),
                              mls_secret_view(&sent.path.secrets.commit_secret));
        }
        check_keys(t, keys, &in.overlay);
    }
    take_over(&in.overlay);
    clear_sent(&sent);
}

static void path__gives_all_members_the_commit_secret(void **state)
{
    test_context_t *t = *state;
    for (uint32_t num_members = 1; num_members <= MAX_MEMBERS; num_members++) {
        group_t *group = new_group(t, num_members);
        for (uint32_t sender = 0; sender < num_members; sender++)
            commit(t, group, sender);
        mls_ratchet_tree_free(group->tree);
    }
}

static void path__reaches_unmerged_leaves(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 3);
    while (group->num_members < MAX_MEMBERS) {
        commit(t, group, test_random(t, group->num_members));
        add_member(t, group);
        if (group->num_members < MAX_MEMBERS)
            add_member(t, group);
    }
    commit(t, group, 0);
    mls_ratchet_tree_free(group->tree);
}

static void path__leaves_a_tree_that_is_parent_hash_valid(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 7);
    mls_tree_overlay_t overlay;
    for (uint32_t sender = 0; sender < 7; sender++) {
        commit(t, group, sender);
        assert_ok(mls_tree_overlay_init(&overlay, group->tree));
        assert_ok(mls_tree_check_parent_hashes(&overlay));
        assert_ok(mls_tree_check_parents(&overlay));
        mls_tree_overlay_clear(&overlay);
    }
    mls_ratchet_tree_free(group->tree);
}

/* ---- what is refused ----------------------------------------------------------------------------- */

static void check__wants_a_node_for_each_step(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    send_path(t, group, &sent, 0);
    read_path(t, group, &in, &sent, 0);
    assert_ok(mls_update_path_check(&in.overlay, &in.path, &in.update));
    in.update.nodes.count--;
    assert_status(mls_update_path_check(&in.overlay, &in.path, &in.update), MLS_ERR_INVALID);
    assert_rule(t, "M9", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

static void check__wants_a_ciphertext_for_each_of_the_resolution(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    send_path(t, group, &sent, 0);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[1].encrypted_path_secret.count--;
    assert_status(mls_update_path_check(&in.overlay, &in.path, &in.update), MLS_ERR_INVALID);
    assert_rule(t, "M9_CIPHERTEXTS", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

static void install__refuses_keys_that_are_in_use_or_none(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    mls_secret_t parent_hash;
    send_path(t, group, &sent, 0);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[1].encryption_key = group->members[3].kp.leaf.encryption_key;
    assert_status(install(&in, &parent_hash, 0), MLS_ERR_INVALID);
    assert_rule(t, "M8", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[1].encryption_key.len--;
    assert_status(install(&in, &parent_hash, 0), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[1].encryption_key = test_zero_key(t);
    assert_status(install(&in, &parent_hash, 0), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[0].encryption_key = in.update.nodes.items[1].encryption_key; /* twice in one path */
    assert_status(install(&in, &parent_hash, 0), MLS_ERR_INVALID);
    assert_rule(t, "M8", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

static void decrypt__refuses_a_changed_ciphertext_or_context(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    mls_path_secrets_t secrets;
    mls_private_keys_t keys = group->members[1].keys;
    send_path(t, group, &sent, 0);
    receive_path(t, group, &in, &sent, 0);
    mls_hpke_ciphertext_t *ciphertext = &in.update.nodes.items[0].encrypted_path_secret.items[0];
    const mls_hpke_ciphertext_t good = *ciphertext;

    ciphertext->ciphertext = test_flip(t, good.ciphertext, 77);
    assert_status(decrypt(&in, &sent, &keys, &secrets, 1), MLS_ERR_DECRYPT);
    assert_rule(t, "M11", MLS_ERR_DECRYPT);
    *ciphertext = good;
    ciphertext->kem_output = mls_view(good.kem_output.data, 31);
    assert_status(decrypt(&in, &sent, &keys, &secrets, 1), MLS_ERR_DECRYPT);
    assert_rule(t, "M11", MLS_ERR_DECRYPT);
    *ciphertext = good;
    sent.context = mls_view_text("other");
    assert_status(decrypt(&in, &sent, &keys, &secrets, 1), MLS_ERR_DECRYPT);
    assert_rule(t, "M11", MLS_ERR_DECRYPT);
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

/* The path secret decrypts, but another public key stands at a node above. */
static void decrypt__refuses_secrets_that_give_other_keys(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    mls_secret_t parent_hash;
    mls_path_secrets_t secrets;
    mls_private_keys_t keys = group->members[1].keys;
    send_path(t, group, &sent, 0);
    read_path(t, group, &in, &sent, 0);
    in.update.nodes.items[1].encryption_key = test_public_key(t);
    assert_ok(install(&in, &parent_hash, 0));
    assert_status(decrypt(&in, &sent, &keys, &secrets, 1), MLS_ERR_INVALID);
    assert_rule(t, "M11_KEYS", MLS_ERR_INVALID);
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

static void decrypt__without_the_private_key_fails(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 5);
    sent_t sent;
    received_t in = { 0 };
    mls_path_secrets_t secrets;
    mls_private_keys_t none = { 0 };
    send_path(t, group, &sent, 0);
    receive_path(t, group, &in, &sent, 0);
    assert_status(decrypt(&in, &sent, &none, &secrets, 1), MLS_ERR_DECRYPT);
    assert_status(decrypt(&in, &sent, &none, &secrets, 0), MLS_ERR_DECRYPT); /* the sender itself */
    mls_tree_overlay_clear(&in.overlay);
    clear_sent(&sent);
    mls_ratchet_tree_free(group->tree);
}

static void prune__drops_keys_of_nodes_that_changed(void **state)
{
    test_context_t *t = *state;
    group_t *group = new_group(t, 4);
    mls_tree_overlay_t overlay;
    commit(t, group, 0);
    mls_private_keys_t keys = group->members[1].keys;
    assert_int_equal(keys.count, 3); /* leaf, node 1 and the root */
    assert_ok(mls_tree_overlay_init(&overlay, group->tree));
    mls_private_keys_prune(&keys, &overlay);
    assert_int_equal(keys.count, 3);
    assert_ok(mls_tree_remove(&overlay, 2));
    mls_private_keys_prune(&keys, &overlay);
    assert_int_equal(keys.count, 2);
    assert_non_null(mls_private_keys_find(&keys, mls_node_of_leaf(1)));
    assert_null(mls_private_keys_find(&keys, mls_root(4)));
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(group->tree);
}

/* A member has one node on each level. Whatever holds more is damaged; it is not written behind. */
static void private_keys__hold_one_for_each_level(void **state)
{
    struct {
        mls_private_keys_t keys;
        uint8_t behind[sizeof(struct mls_private_key)];
    } at = { 0 };
    const mls_hpke_private_t key = { .len = 32, .data = { 7 } };
    const uint8_t zero[sizeof at.behind] = { 0 };
    (void)state;
    for (uint32_t i = 0; i < MLS_MAX_LEVELS + 3; i++)
        mls_private_keys_set(&at.keys, mls_node_of_leaf(i), &key);
    assert_int_equal(at.keys.count, MLS_MAX_LEVELS + 1);
    assert_memory_equal(at.behind, zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(private_keys__hold_one_for_each_level),
        TEST(path__gives_all_members_the_commit_secret),
        TEST(path__reaches_unmerged_leaves),
        TEST(path__leaves_a_tree_that_is_parent_hash_valid),
        TEST(check__wants_a_node_for_each_step),
        TEST(check__wants_a_ciphertext_for_each_of_the_resolution),
        TEST(install__refuses_keys_that_are_in_use_or_none),
        TEST(decrypt__refuses_a_changed_ciphertext_or_context),
        TEST(decrypt__refuses_secrets_that_give_other_keys),
        TEST(decrypt__without_the_private_key_fails),
        TEST(prune__drops_keys_of_nodes_that_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
