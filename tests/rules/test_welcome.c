/* Welcomes (RFC 9420, Sections 12.4.3 and 12.4.3.1), but for the tree: its rules are in test_tree.c. */
#include "bytes.h"
#include "forge_welcome.h"
#include "mls/join.h"

/* What breaks a Welcome to a room of three; flat, so that nothing but the fault is wrong. */
static void start(forged_welcome_t *f, void **state)
{
    forge_welcome(f, flat_room(*state, 3, NULL), false);
}

/* The same with a path, so that who is invited gets a path secret. */
static void start_with_path(forged_welcome_t *f, void **state)
{
    forge_welcome(f, test_room(*state, 3, NULL), true);
    assert_true(f->secrets.has_path_secret);
}

static void rule_W1_W2_W4_W7_W13_W15__welcome_is_taken(void **state)
{
    for (int with_path = 0; with_path <= 1; with_path++) {
        mls_group_t *group;
        forged_welcome_t f;
        if (with_path)
            start_with_path(&f, state);
        else
            start(&f, state);
        assert_ok(forge_join(&f, forge_welcome_seal(&f), &group));
        assert_int_equal(mls_group_own_leaf(group), 3);
        mls_group_free(group);
        forge_welcome_end(&f);
    }
}

/* ---- the secrets --------------------------------------------------------------------------------- */

static void rule_W1__welcome_for_somebody_else_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.new_member = forge_hash(*state);
    assert_welcome_breaks(&f, "W1", MLS_ERR_NOT_FOUND);
}

static void rule_W1__welcome_of_another_suite_than_the_key_packages_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.cipher_suite ^= 2;
    assert_welcome_breaks(&f, "W1_SUITE", MLS_ERR_INVALID);
}

static void rule_W2__secrets_that_do_not_decrypt_are_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.flips_secrets = true;
    assert_welcome_breaks(&f, "W2", MLS_ERR_DECRYPT);
}

/* The encrypted GroupInfo is the context of the secrets' encryption. */
static void rule_W2__secrets_of_another_group_info_are_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.flips_context = true;
    assert_welcome_breaks(&f, "W2", MLS_ERR_DECRYPT);
}

static void rule_W2__joiner_secret_of_another_length_is_refused(void **state)
{
    const size_t len = forge_hash(*state).len;
    const size_t others[] = { 0, 1, len - 1 };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.secrets.joiner_secret = test_random_bytes(*state, others[i]);
        assert_welcome_breaks(&f, "W2_JOINER_SECRET", MLS_ERR_MALFORMED);
    }
}

static void rule_W2__group_info_that_does_not_decrypt_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.flips_group_info = true;
    assert_welcome_breaks(&f, "W2_GROUP_INFO", MLS_ERR_DECRYPT);
}

static void rule_W2_B3__group_info_shorter_than_a_tag_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.cuts_group_info = true;
    assert_welcome_breaks(&f, "W2_GROUP_INFO", MLS_ERR_DECRYPT);
}

/* ---- PSKs ---------------------------------------------------------------------------------------- */

static mls_status_t one_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    *secret = mls_view_text("a secret of thirty-two bytes, ok");
    return mls_view_equal(id->id, mls_view_text("ours")) ? MLS_OK : MLS_ERR_NOT_FOUND;
}

static mls_pre_shared_key_id_t external_psk(test_context_t *t, const char *id)
{
    return (
        mls_pre_shared_key_id_t){ .type = MLS_PSK_EXTERNAL, .id = mls_view_text(id), .nonce = forge_hash(t) };
}

static mls_pre_shared_key_id_t origin_psk(test_context_t *t, uint8_t usage, const char *group_id)
{
    return (mls_pre_shared_key_id_t){
        .type = MLS_PSK_RESUMPTION, .usage = usage, .id = mls_view_text(group_id), .nonce = forge_hash(t)
    };
}

static void set_psks(forged_welcome_t *f, mls_pre_shared_key_id_t *ids, size_t count)
{
    f->secrets.psks = (mls_pre_shared_key_ids_t){ ids, count };
}

static void rule_W3_S1__welcome_with_psks_is_taken(void **state)
{
    test_context_t *t = *state;
    const mls_view_t secret = mls_view_text("a secret of thirty-two bytes, ok"),
                     secrets[] = { secret, secret };
    mls_pre_shared_key_id_t psks[] = { external_psk(t, "ours"), external_psk(t, "ours") };
    forged_welcome_t f;
    start(&f, state);
    set_psks(&f, psks, 2);
    f.config.psk = one_psk;
    assert_ok(mls_psk_secret(t->crypto, t->suite, &f.psk_secret, psks, secrets, 2));
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    /* They stand in the Welcome in the order of the Commit: in another one they make another secret. */
    mls_pre_shared_key_id_t exchanged[] = { psks[1], psks[0] };
    set_psks(&f, exchanged, 2);
    assert_welcome_breaks(&f, "W2_GROUP_INFO", MLS_ERR_DECRYPT);
}

static void rule_W3__psk_that_is_unknown_is_refused(void **state)
{
    mls_pre_shared_key_id_t psk = external_psk(*state, "theirs");
    forged_welcome_t f;
    start(&f, state);
    set_psks(&f, &psk, 1);
    f.config.psk = one_psk;
    assert_welcome_breaks(&f, "W3", MLS_ERR_NOT_FOUND);
}

static void rule_W3__group_that_another_follows_on_has_to_be_known(void **state)
{
    const uint8_t usages[] = { MLS_PSK_USAGE_REINIT, MLS_PSK_USAGE_BRANCH };
    for (size_t i = 0; i < sizeof usages; i++) {
        mls_pre_shared_key_id_t psk = origin_psk(*state, usages[i], "some group");
        forged_welcome_t f;
        start(&f, state);
        set_psks(&f, &psk, 1);
        assert_welcome_breaks(&f, "W3", MLS_ERR_NOT_FOUND);
    }
}

static void rule_W3__too_many_psks_are_refused(void **state)
{
    mls_pre_shared_key_id_t psks[] = { external_psk(*state, "ours"), external_psk(*state, "ours") };
    forged_welcome_t f;
    start(&f, state);
    set_psks(&f, psks, 2);
    f.config.psk = one_psk;
    f.config.limits = MLS_LIMITS_DEFAULT;
    f.config.limits.num_proposals = 1;
    assert_welcome_breaks(&f, "W3_COUNT", MLS_ERR_LIMIT);
}

static void rule_W3__second_group_to_follow_on_is_refused(void **state)
{
    const uint8_t usages[] = { MLS_PSK_USAGE_REINIT, MLS_PSK_USAGE_BRANCH };
    for (size_t i = 0; i < sizeof usages; i++) {
        mls_pre_shared_key_id_t psks[] = { origin_psk(*state, usages[0], "one"),
                                           origin_psk(*state, usages[i], "another") };
        forged_welcome_t f;
        start(&f, state);
        set_psks(&f, psks, 2);
        assert_welcome_breaks(&f, "W3_KIND", MLS_ERR_INVALID);
    }
}

static void rule_P5_W3__psk_with_a_nonce_of_another_length_is_refused(void **state)
{
    const size_t others[] = { 0, forge_hash(*state).len - 1, forge_hash(*state).len + 1 };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        mls_pre_shared_key_id_t psk = external_psk(*state, "ours");
        forged_welcome_t f;
        start(&f, state);
        psk.nonce = test_random_bytes(*state, others[i]);
        set_psks(&f, &psk, 1);
        f.config.psk = one_psk;
        assert_welcome_breaks(&f, "P5", MLS_ERR_INVALID);
    }
}

/* ---- the GroupInfo ------------------------------------------------------------------------------- */

static void rule_W4__group_info_that_is_not_signed_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.flips_signature = true;
    assert_welcome_breaks(&f, "W4", MLS_ERR_SIGNATURE);
}

static void rule_W4__group_info_that_another_has_signed_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.signer = VICTIM;
    assert_welcome_breaks(&f, "W4", MLS_ERR_SIGNATURE);
}

static void rule_W4_B1__signer_that_is_nobody_is_refused(void **state)
{
    const uint32_t nobody[] = { 4, 1u << 16, 1u << 30, 1u << 31, UINT32_MAX };
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.signer = nobody[i];
        assert_welcome_breaks(&f, "W4_SIGNER", MLS_ERR_INVALID);
    }
}

static const mls_group_t *give_group(void *arg, mls_view_t group_id)
{
    (void)group_id;
    return arg;
}

static void rule_W5__welcome_to_a_group_one_is_in_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.config.find_group = give_group;
    f.config.find_group_arg = test_group(f.room, VICTIM);
    assert_welcome_breaks(&f, "W5", MLS_ERR_INVALID);
}

static void rule_W5__who_was_removed_may_come_back(void **state)
{
    test_room_t *room = flat_room(*state, 4, NULL);
    const mls_proposal_spec_t removal = test_remove(3);
    forged_welcome_t f;
    test_deliver(room, 0, test_commit(room, 0, &removal, 1, NULL));
    room->count = 3;
    forge_welcome(&f, room, false);
    f.config.find_group = give_group;
    f.config.find_group_arg = test_group(room, 3);
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    room->count = 4;
    forge_welcome_end(&f);
}

/* The Welcome's suite is that of the KeyPackage, the group's is another. */
static void rule_W6__group_of_another_suite_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.context.cipher_suite ^= 2;
    assert_welcome_breaks(&f, "W6", MLS_ERR_INVALID);
}

static void rule_W7__tree_of_another_hash_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.keeps_tree_hash = true;
    f.context.tree_hash = test_flip(*state, f.context.tree_hash, 0);
    assert_welcome_breaks(&f, "W7", MLS_ERR_INVALID);
}

static void rule_W13__tree_without_the_own_leaf_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[6].present = false;
    f.num_nodes = 5;
    assert_welcome_breaks(&f, "W13", MLS_ERR_NOT_FOUND);
}

/* The same keys and the same name, but it is not what the KeyPackage says. */
static void rule_W13__own_leaf_has_to_be_the_key_packages(void **state)
{
    const mls_leaf_place_t nowhere = { .leaf_index = 0 };
    mls_bytes_t encoded = { 0 };
    forged_welcome_t f;
    start(&f, state);
    forged_node_t *own = &f.nodes[6];
    own->leaf.tbs = (mls_view_t){ 0 };
    own->leaf.not_after++;
    assert_ok(mls_leaf_node_sign(f.room->t->crypto, f.room->t->suite, &encoded, &own->leaf,
                                 &f.key_package->signature_key, &nowhere));
    own->leaf_encoded = test_keep(*state, &encoded);
    assert_welcome_breaks(&f, "W13", MLS_ERR_NOT_FOUND);
}

static void rule_W14__path_secret_of_other_keys_is_refused(void **state)
{
    forged_welcome_t f;
    start_with_path(&f, state);
    f.secrets.path_secret = test_flip(*state, f.secrets.path_secret, 0);
    assert_welcome_breaks(&f, "W14", MLS_ERR_INVALID);
}

static void rule_W14__path_secret_where_there_is_no_path_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.secrets.has_path_secret = true;
    f.secrets.path_secret = forge_hash(*state);
    assert_welcome_breaks(&f, "W14", MLS_ERR_INVALID);
}

static void rule_W14__path_secret_of_another_length_is_refused(void **state)
{
    const size_t others[] = { 0, forge_hash(*state).len - 1, forge_hash(*state).len + 1 };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        forged_welcome_t f;
        start_with_path(&f, state);
        f.secrets.path_secret = test_random_bytes(*state, others[i]);
        assert_welcome_breaks(&f, "W14", MLS_ERR_INVALID);
    }
}

/* Who signs with the key of the one who is invited has no path in common with it. */
static void rule_W14_B1__path_secret_from_oneself_is_refused(void **state)
{
    forged_welcome_t f;
    start_with_path(&f, state);
    f.signer = 3;
    f.signature_key = &f.key_package->signature_key;
    assert_welcome_breaks(&f, "W14", MLS_ERR_INVALID);
}

static void rule_W15_B6__other_confirmation_tags_are_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    const mls_view_t tag = mls_secret_view(&f.pending->staged->next->confirmation_tag);
    for (size_t n = 0; n < FORGE_NUM_TAGS; n++) {
        f.confirmation_tag = forge_tag(*state, tag, n);
        const mls_view_t welcome = forge_welcome_seal(&f);
        f.room->t->rule[0] = '\0';
        assert_status(forge_join(&f, welcome, NULL), MLS_ERR_TAG);
        assert_rule(f.room->t, "W15", MLS_ERR_TAG);
    }
    f.confirmation_tag = tag;
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    forge_welcome_end(&f);
}

static void rule_L10_B9__extension_of_a_group_info_twice_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.extensions[f.num_extensions++] = (mls_extension_t){ 0xf00e, mls_view_text("a") };
    f.extensions[f.num_extensions++] = (mls_extension_t){ 0xf00e, mls_view_text("b") };
    assert_welcome_breaks(&f, "L10", MLS_ERR_INVALID);
}

static void rule_L13_B2__too_many_extensions_of_a_group_info_are_refused(void **state)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    forged_welcome_t f;
    start(&f, state);
    while (f.num_extensions < limits.num_extensions) /* and the tree */
        f.extensions[f.num_extensions++] =
            (mls_extension_t){ (uint16_t)(0xf000 + f.num_extensions), mls_view_text("?") };
    assert_welcome_breaks(&f, "L13", MLS_ERR_LIMIT);
}

static void rule_W21__welcome_without_a_tree_waits_for_one(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.without_tree = true;
    assert_welcome_breaks(&f, "W21", MLS_ERR_NOT_FOUND);
}

/* ---- afterwards ---------------------------------------------------------------------------------- */

/* Nothing of the group needs it: it goes with the KeyPackage. */
static void rule_W18__joined_group_does_not_hold_the_init_key(void **state)
{
    memory_store_t memory = { 0 };
    mls_group_t *group;
    forged_welcome_t f;
    start_with_path(&f, state);
    assert_ok(forge_join(&f, forge_welcome_seal(&f), &group));
    test_dump(group, &memory);
    assert_false(forge_holds(&memory, mls_hpke_private_view(&f.key_package->init_private_key)));
    assert_true(forge_holds(&memory, mls_hpke_private_view(&f.key_package->encryption_private_key)));
    memory_store_clear(&memory);
    mls_group_free(group);
    forge_welcome_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_W1_W2_W4_W7_W13_W15__welcome_is_taken),
        TEST(rule_W1__welcome_for_somebody_else_is_refused),
        TEST(rule_W1__welcome_of_another_suite_than_the_key_packages_is_refused),
        TEST(rule_W2__secrets_that_do_not_decrypt_are_refused),
        TEST(rule_W2__secrets_of_another_group_info_are_refused),
        TEST(rule_W2__joiner_secret_of_another_length_is_refused),
        TEST(rule_W2__group_info_that_does_not_decrypt_is_refused),
        TEST(rule_W2_B3__group_info_shorter_than_a_tag_is_refused),
        TEST(rule_W3_S1__welcome_with_psks_is_taken),
        TEST(rule_W3__psk_that_is_unknown_is_refused),
        TEST(rule_W3__group_that_another_follows_on_has_to_be_known),
        TEST(rule_W3__too_many_psks_are_refused),
        TEST(rule_W3__second_group_to_follow_on_is_refused),
        TEST(rule_P5_W3__psk_with_a_nonce_of_another_length_is_refused),
        TEST(rule_W4__group_info_that_is_not_signed_is_refused),
        TEST(rule_W4__group_info_that_another_has_signed_is_refused),
        TEST(rule_W4_B1__signer_that_is_nobody_is_refused),
        TEST(rule_W5__welcome_to_a_group_one_is_in_is_refused),
        TEST(rule_W5__who_was_removed_may_come_back),
        TEST(rule_W6__group_of_another_suite_is_refused),
        TEST(rule_W7__tree_of_another_hash_is_refused),
        TEST(rule_W13__tree_without_the_own_leaf_is_refused),
        TEST(rule_W13__own_leaf_has_to_be_the_key_packages),
        TEST(rule_W14__path_secret_of_other_keys_is_refused),
        TEST(rule_W14__path_secret_where_there_is_no_path_is_refused),
        TEST(rule_W14__path_secret_of_another_length_is_refused),
        TEST(rule_W14_B1__path_secret_from_oneself_is_refused),
        TEST(rule_W15_B6__other_confirmation_tags_are_refused),
        TEST(rule_L10_B9__extension_of_a_group_info_twice_is_refused),
        TEST(rule_L13_B2__too_many_extensions_of_a_group_info_are_refused),
        TEST(rule_W21__welcome_without_a_tree_waits_for_one),
        TEST(rule_W18__joined_group_does_not_hold_the_init_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
