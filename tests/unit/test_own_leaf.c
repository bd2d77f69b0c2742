/* Changing the signature key, the credential and the capabilities of the own leaf (RFC 9420, Sections 7.5
 * and 12.1.2). */
#include "group_support.h"
#include "mls/join.h"

enum { CUSTOM = 0xf00d };

/* A fresh signature key. */
typedef struct fresh_key {
    mls_view_t private_key, public_key;
} fresh_key_t;

static fresh_key_t fresh_key(test_context_t *t)
{
    mls_bytes_t private_key = { 0 }, public_key = { 0 };
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    const mls_view_t kept = test_keep(t, &private_key);
    return (fresh_key_t){ kept, test_keep(t, &public_key) };
}

static mls_view_t commit_change(test_room_t *room, size_t member, const mls_leaf_change_t *change)
{
    const mls_commit_options_t options = { .leaf_change = change };
    mls_pending_commit_t *pending;
    mls_bytes_t message = { 0 };
    assert_ok(mls_group_commit(test_group(room, member), &pending, &options));
    assert_ok(mls_bytes_copy(&message, mls_pending_commit_message(pending)));
    return test_keep(room->t, &message);
}

static mls_view_t propose_change(test_room_t *room, size_t member, const mls_leaf_change_t *change)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = change };
    return test_propose(room, member, &update);
}

/* All members see this key in that leaf, and its owner can act with it. */
static void assert_in_use(test_room_t *room, size_t member, mls_view_t signature_key)
{
    mls_leaf_info_t leaf;
    for (size_t i = 0; i < room->count; i++) {
        assert_ok(mls_group_leaf(test_group(room, i), &leaf, mls_group_own_leaf(test_group(room, member))));
        assert_view_equal(leaf.signature_key, signature_key);
    }
    const mls_view_t message = test_encrypt(room, member, "signed with the new key");
    for (size_t i = 0; i < room->count; i++)
        assert_ok(test_receive(room, i, message, NULL));
    test_deliver(room, 0, test_update(room, member));
    test_assert_agreed(room);
    assert_ok(mls_group_leaf(test_group(room, 0), &leaf, mls_group_own_leaf(test_group(room, member))));
    assert_view_equal(leaf.signature_key, signature_key);
}

/* ---- signature keys ------------------------------------------------------------------------------ */

static void commit__changes_the_own_signature_key(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const fresh_key_t key = fresh_key(*state);
    const mls_leaf_change_t change = { .signature_private_key = key.private_key };
    const mls_view_t commit = commit_change(room, 1, &change);
    const mls_view_t late = test_encrypt(room, 1, "still signed with the old key");
    test_deliver(room, 0, commit);
    for (size_t i = 0; i < 4; i += 2)
        assert_ok(test_receive(room, i, late, NULL));
    assert_in_use(room, 1, key.public_key);
    test_room_free(room);
}

static void commit__survives_a_restart_with_its_key(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const fresh_key_t key = fresh_key(*state);
    const mls_leaf_change_t change = { .signature_private_key = key.private_key };
    const mls_view_t commit = commit_change(room, 1, &change);
    test_restart(room, 1);
    test_deliver(room, 0, commit);
    test_restart(room, 1);
    assert_in_use(room, 1, key.public_key);
    test_room_free(room);
}

/* Somebody else commits it; only then does its owner sign with it. */
static void update__activates_its_key_when_it_is_committed(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const fresh_key_t key = fresh_key(*state);
    const mls_leaf_change_t change = { .signature_private_key = key.private_key };
    const mls_view_t proposal = propose_change(room, 2, &change);
    for (size_t i = 0; i < 4; i++)
        assert_ok(test_receive(room, i, proposal, NULL));
    assert_ok(test_receive(room, 0, test_encrypt(room, 2, "signed with the old key"), NULL));
    test_restart(room, 2);
    test_deliver(room, 0, test_update(room, 3));
    assert_in_use(room, 2, key.public_key);
    test_room_free(room);
}

static void update__that_nobody_commits_changes_nothing(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const fresh_key_t key = fresh_key(*state);
    const mls_leaf_change_t change = { .signature_private_key = key.private_key };
    mls_leaf_info_t leaf;
    (void)propose_change(room, 2, &change);
    assert_ok(mls_group_leaf(test_group(room, 0), &leaf, 2));
    const fresh_key_t former = { .public_key = leaf.signature_key };
    test_deliver(room, 0, test_update(room, 1));
    assert_ok(mls_group_leaf(test_group(room, 0), &leaf, 2));
    assert_view_equal(leaf.signature_key, former.public_key);
    test_deliver(room, 0, test_update(room, 2));
    test_assert_agreed(room);
    test_room_free(room);
}

static mls_view_t welcome_of(test_room_t *room, mls_pending_commit_t *pending)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome = { 0 };
    assert_ok(mls_pending_commit_group_info(pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(pending, &welcome, NULL, 0));
    return test_keep(room->t, &welcome);
}

/* The tree of the new epoch has the new key at the signer's leaf, and who joins looks there. */
static void rule_W4_B12__welcome_is_signed_with_the_new_key_of_its_commit(void **state)
{
    for (int restart = 0; restart < 2; restart++) {
        test_room_t *room = test_room(*state, 3, NULL);
        mls_key_package_t *dave = test_own_key_package(*state);
        const fresh_key_t key = fresh_key(*state);
        const mls_leaf_change_t change = { .signature_private_key = key.private_key };
        const mls_proposal_spec_t add = test_add(dave);
        const mls_commit_options_t options = { .proposals = &add,
                                               .num_proposals = 1,
                                               .leaf_change = &change };
        mls_pending_commit_t *pending;
        mls_bytes_t message = { 0 };
        assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
        if (restart == 1) {
            test_restart(room, 0);
            pending = mls_group_pending_commit(test_group(room, 0), 0);
        }
        room->welcome = welcome_of(room, pending);
        assert_ok(mls_bytes_copy(&message, mls_pending_commit_message(pending)));
        test_deliver(room, 0, test_keep(room->t, &message));
        test_join(room, dave);
        test_assert_agreed(room);
        assert_in_use(room, 0, key.public_key);
        mls_key_package_free(dave);
        test_room_free(room);
    }
}

/* Back in the epoch before, the old key is in use again; the Update that was pending there is pending again.
 */
static void going_back__brings_the_old_key_back(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const fresh_key_t key = fresh_key(*state);
    const mls_leaf_change_t change = { .signature_private_key = key.private_key };
    const mls_view_t proposal = propose_change(room, 2, &change);
    for (size_t i = 0; i < 3; i++)
        assert_ok(test_receive(room, i, proposal, NULL));
    const mls_view_t lost = test_update(room, 0), won = test_update(room, 1);
    for (size_t i = 0; i < 3; i++)
        test_merge(room, i, lost, true);
    for (size_t i = 0; i < 3; i++)
        assert_ok(mls_group_go_back(test_group(room, i), 2));
    assert_ok(test_receive(room, 0, test_encrypt(room, 2, "signed with the old key"), NULL));
    test_restart(room, 2);
    test_deliver(room, 0, won);
    assert_in_use(room, 2, key.public_key);
    test_room_free(room);
}

static void rule_L7__a_key_that_is_in_use_is_not_taken(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t taken = mls_signature_private_view(&test_group(room, 1)->epoch->signature_key);
    const mls_leaf_change_t change = { .signature_private_key = taken };
    const mls_commit_options_t options = { .leaf_change = &change };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = &change };
    mls_pending_commit_t *pending;
    mls_bytes_t message = { 0 };
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(room->t, "L7", MLS_ERR_INVALID);
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_propose(test_group(room, 0), &message, &update, NULL));
    assert_rule(room->t, "L7", MLS_ERR_INVALID);
    test_room_free(room);
}

static void signature_key__must_be_one_of_the_suite(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const size_t len = room->t->suite->signature->private_len;
    const mls_leaf_change_t change = { .signature_private_key = test_random_bytes(*state, len + 1) };
    const mls_commit_options_t options = { .leaf_change = &change };
    mls_pending_commit_t *pending;
    assert_refused(room, 0, MLS_ERR_ARGUMENT, mls_group_commit(test_group(room, 0), &pending, &options));
    test_room_free(room);
}

/* ---- credentials and capabilities ---------------------------------------------------------------- */

static mls_status_t same_family(void *arg, const mls_leaf_candidate_t *candidate)
{
    int *num_successors = arg;
    const mls_leaf_info_t *old = candidate->predecessor;
    if (old == NULL)
        return MLS_OK;
    ++*num_successors;
    return candidate->leaf.identity.len >= 6 && memcmp(candidate->leaf.identity.data, "member", 6) == 0
               ? MLS_OK
               : MLS_ERR_REJECTED;
}

static void commit__changes_the_credential(void **state)
{
    int num_successors = 0;
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .authentication = { .validate = same_family, .arg = &num_successors }
    };
    test_room_t *room = test_room(*state, 3, &config);
    const fresh_key_t key = fresh_key(*state);
    const mls_credential_t married = { MLS_CREDENTIAL_BASIC, mls_view_text("member, married") };
    const mls_leaf_change_t change = { .signature_private_key = key.private_key, .credential = &married };
    mls_leaf_info_t leaf;
    const mls_view_t commit = commit_change(room, 1, &change);
    num_successors = 0;
    test_deliver(room, 0, commit);
    assert_int_equal(num_successors, 2); /* who made it has asked already */
    for (size_t i = 0; i < 3; i++) {
        assert_ok(mls_group_leaf(test_group(room, i), &leaf, 1));
        assert_view_equal(leaf.identity, married.body);
    }
    assert_in_use(room, 1, key.public_key);
    test_room_free(room);
}

static mls_status_t take_all(void *arg, const mls_leaf_candidate_t *candidate)
{
    (void)arg;
    (void)candidate;
    return MLS_OK;
}

static void rule_C2__a_stranger_is_no_successor(void **state)
{
    int num_successors = 0;
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .authentication = { .validate = same_family, .arg = &num_successors }
    };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_credential_t stranger = { MLS_CREDENTIAL_BASIC, mls_view_text("mallory") };
    const mls_leaf_change_t change = { .credential = &stranger };
    const mls_commit_options_t options = { .leaf_change = &change };
    mls_pending_commit_t *pending;
    assert_refused(room, 1, MLS_ERR_REJECTED, mls_group_commit(test_group(room, 1), &pending, &options));
    test_group(room, 1)->config.authentication.validate = take_all;
    const mls_view_t proposal = propose_change(room, 1, &change), commit = commit_change(room, 1, &change);
    assert_refused(room, 0, MLS_ERR_REJECTED, test_receive(room, 0, proposal, NULL));
    assert_rule(room->t, "C1", MLS_ERR_REJECTED);
    assert_refused(room, 0, MLS_ERR_REJECTED, test_receive(room, 0, commit, NULL));
    assert_rule(room->t, "C1", MLS_ERR_REJECTED);
    test_room_free(room);
}

/* RFC 9420, Section 13.3: first all members list the new type, then one of them uses it. */
static void new_type_of_credential__comes_in_when_all_list_it(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    uint16_t types[] = { MLS_CREDENTIAL_BASIC, CUSTOM };
    const mls_capabilities_t capabilities = { .credentials = { types, 2 } };
    const mls_credential_t custom = { CUSTOM, mls_view_text("otherwise") };
    const mls_leaf_change_t list = { .capabilities = &capabilities, .grease = true },
                            use = { .credential = &custom };
    const mls_commit_options_t options = { .leaf_change = &use };
    mls_pending_commit_t *pending;
    mls_leaf_info_t leaf;

    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(room->t, "L5_CREDENTIAL", MLS_ERR_INVALID);
    for (size_t i = 0; i < 3; i++) {
        if (i > 0) {
            assert_refused(room, 0, MLS_ERR_INVALID,
                           mls_group_commit(test_group(room, 0), &pending, &options));
            assert_rule(room->t, "L3", MLS_ERR_INVALID);
        }
        test_deliver(room, 0, commit_change(room, i, &list));
    }
    test_deliver(room, 0, commit_change(room, 0, &use));
    test_assert_agreed(room);
    assert_ok(mls_group_leaf(test_group(room, 2), &leaf, 0));
    assert_int_equal(leaf.credential_type, CUSTOM);
    assert_view_equal(leaf.identity, custom.body);
    test_room_free(room);
}

static size_t num_grease_extensions(test_room_t *room, uint32_t leaf_index)
{
    mls_leaf_info_t leaf;
    mls_extension_t extension;
    size_t count = 0;
    assert_ok(mls_group_leaf(test_group(room, 0), &leaf, leaf_index));
    for (size_t at = 0; mls_extensions_next(&extension, leaf.extensions, &at) == MLS_OK;)
        count += (extension.type & 0x0f0f) == 0x0a0a;
    return count;
}

/* New lists have GREASE only if it is asked for; an extension that they do not list would void the leaf. */
static void new_capabilities__replace_grease_too(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_capabilities_t capabilities = { 0 };
    mls_leaf_change_t list = { .capabilities = &capabilities };
    assert_int_equal(num_grease_extensions(room, 1), 1);
    test_deliver(room, 0, commit_change(room, 1, &list));
    assert_int_equal(num_grease_extensions(room, 1), 0);
    list.grease = true;
    test_deliver(room, 0, commit_change(room, 1, &list));
    assert_int_equal(num_grease_extensions(room, 1), 1);
    test_deliver(room, 0, commit_change(room, 1, &list));
    assert_int_equal(num_grease_extensions(room, 1), 1);
    test_deliver(room, 0, test_update(room, 1));
    assert_int_equal(num_grease_extensions(room, 1), 1);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commit__changes_the_own_signature_key),
        TEST(commit__survives_a_restart_with_its_key),
        TEST(update__activates_its_key_when_it_is_committed),
        TEST(update__that_nobody_commits_changes_nothing),
        TEST(rule_W4_B12__welcome_is_signed_with_the_new_key_of_its_commit),
        TEST(going_back__brings_the_old_key_back),
        TEST(rule_L7__a_key_that_is_in_use_is_not_taken),
        TEST(signature_key__must_be_one_of_the_suite),
        TEST(commit__changes_the_credential),
        TEST(rule_C2__a_stranger_is_no_successor),
        TEST(new_type_of_credential__comes_in_when_all_list_it),
        TEST(new_capabilities__replace_grease_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
