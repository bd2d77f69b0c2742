/* What a member owes the others when it sends, and what it does while something of its own waits (RFC 9420,
 * Sections 12.4, 12.4.1 and 14). */
#include "forge.h"
#include "mls/commit.h"
#include "mls/join.h"
#include "mls/outside.h"

/* ---- making Commits ------------------------------------------------------------------------------ */

/* A PublicMessage takes no generation: then nothing at all has changed once the Commit is given up. */
static void rule_M16__commit_in_the_making_changes_nothing(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_group_t *group = test_group(room, VICTIM);
    mls_key_package_t *kp = test_own_key_package(*state);
    const mls_proposal_spec_t specs[] = { test_add(kp), test_remove(2) };
    const mls_commit_options_t options = { .handshake = { .as_public_message = true },
                                           .proposals = specs,
                                           .num_proposals = 2 };
    memory_store_t before = { 0 };
    mls_pending_commit_t *pending;
    test_dump(group, &before);
    assert_ok(mls_group_commit(group, &pending, &options));
    assert_int_equal(mls_group_num_members(group), 3);
    assert_taken(room, test_encrypt(room, FORGER, "hello"));
    mls_group_discard_pending(group, pending);
    memory_store_clear(&before);
    test_dump(group, &before);
    assert_ok(mls_group_commit(group, &pending, &options));
    mls_group_discard_pending(group, pending);
    test_assert_unchanged(group, &before);
    test_deliver(room, 0, test_update(room, FORGER));
    test_assert_agreed(room);
    mls_key_package_free(kp);
    test_room_free(room);
}

static bool commit_has_path(test_room_t *room, const mls_proposal_spec_t *proposals, size_t count)
{
    const mls_commit_options_t options = { .handshake = { .as_public_message = true },
                                           .proposals = proposals,
                                           .num_proposals = count };
    mls_group_t *group = test_group(room, FORGER);
    mls_arena_t *arena = &room->t->arena;
    mls_pending_commit_t *pending;
    mls_message_t message;
    mls_commit_t commit;
    assert_ok(mls_group_commit(group, &pending, &options));
    assert_ok(mls_message_decode(NULL, &message, mls_pending_commit_message(pending), SIZE_MAX, arena));
    assert_ok(mls_decode(&commit, sizeof commit, mls_codec_commit,
                         message.public_message.content.content.body, arena));
    mls_group_discard_pending(group, pending);
    return commit.has_path;
}

static mls_status_t any_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    (void)id;
    *secret = mls_view_text("a secret of thirty-two bytes, ok");
    return MLS_OK;
}

static void rule_M22__committer_adds_a_path_where_it_is_needed(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = any_psk };
    test_room_t *room = test_room(*state, 3, &config);
    mls_key_package_t *kp = test_own_key_package(*state);
    const mls_extensions_t none = { 0 };
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("psk") } };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_proposal_spec_t add[] = { test_add(kp), psk }, remove[] = { test_add(kp), test_remove(2) },
                              extensions[] = { psk, test_extensions(&none) };
    assert_true(commit_has_path(room, NULL, 0));
    assert_true(commit_has_path(room, remove, 2));
    assert_true(commit_has_path(room, extensions, 2));
    assert_false(commit_has_path(room, add, 2));
    assert_ok(test_receive(room, FORGER, test_propose(room, 2, &update), NULL));
    assert_true(commit_has_path(room, add, 2));
    mls_key_package_free(kp);
    test_room_free(room);
}

static void refuse_to_commit(test_room_t *room, const mls_proposal_spec_t *proposals, size_t count,
                             const char *rule)
{
    const mls_commit_options_t options = { .proposals = proposals, .num_proposals = count, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    assert_breaks(room, VICTIM, rule, MLS_ERR_INVALID,
                  mls_group_commit(test_group(room, VICTIM), &pending, &options));
}

/* RFC 9420, Section 12.2: a member creating a Commit checks the list as all others do. */
static void rule_Q15__committer_refuses_what_all_others_would(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = any_psk };
    test_room_t *room = test_room(*state, 4, &config);
    mls_key_package_t *kp = test_own_key_package(*state);
    mls_extension_t unknown = { 0xf00e, mls_view_text("?") };
    const mls_extensions_t none = { 0 }, list = { &unknown, 1 };
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("psk") } };
    const mls_proposal_spec_t init = {
        .type = MLS_PROPOSAL_REINIT,
        .reinit = { .version = 1, .cipher_suite = room->t->suite->id, .group_id = mls_view_text("next") }
    };
    const mls_proposal_spec_t add = test_add(kp);
    const struct {
        const char *rule;
        mls_proposal_spec_t specs[2];
        size_t count;
    } cases[] = {
        { "P4", { test_remove(4) }, 1 },
        { "P8", { test_extensions(&list) }, 1 },
        { "Q3", { test_remove(VICTIM) }, 1 },
        { "Q4", { test_remove(2), test_remove(2) }, 2 },
        { "Q5", { add, add }, 2 },
        { "Q7", { psk, psk }, 2 },
        { "Q8", { test_extensions(&none), test_extensions(&none) }, 2 },
        { "Q9", { init, test_remove(2) }, 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse_to_commit(room, cases[i].specs, cases[i].count, cases[i].rule);
    test_deliver(room, 0, test_commit(room, FORGER, &add, 1, NULL));
    refuse_to_commit(room, &add, 1, "Q6");
    mls_key_package_free(kp);
    test_room_free(room);
}

static void rule_L15__own_leaf_is_signed_anew_when_it_changes(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    mls_view_t signatures[3];
    for (size_t i = 0; i < 3; i++) {
        const mls_tree_overlay_t *tree = &test_group(room, VICTIM)->view;
        signatures[i] = forge_copy(*state, mls_tree_leaf_decode(mls_tree_leaf(tree, FORGER)).signature);
        for (size_t j = 0; j < i; j++)
            assert_view_not_equal(signatures[i], signatures[j]);
        if (i == 0) { /* a Commit, then an Update; both are verified by all others */
            test_deliver(room, 0, test_update(room, FORGER));
        } else if (i == 1) {
            const mls_view_t proposal = test_propose(room, FORGER, &update);
            assert_taken(room, proposal);
            assert_ok(test_receive(room, 2, proposal, NULL));
            test_deliver(room, 0, test_commit(room, VICTIM, NULL, 0, NULL));
        }
    }
    test_assert_agreed(room);
    test_room_free(room);
}

/* ---- while an own Commit waits ------------------------------------------------------------------- */

static void rule_B11__external_commit_comes_first(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_commits = true };
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    test_room_t *room = test_room(*state, 3, &config);
    mls_key_package_t *kp = test_own_key_package(*state);
    mls_bytes_t info;
    mls_pending_commit_t *joining;
    assert_ok(mls_group_info(test_group(room, VICTIM), &info, &with));
    const mls_external_join_t options = { .key_package = kp, .group_info = test_keep(*state, &info) };
    (void)test_update(room, VICTIM);
    (void)test_update(room, FORGER);
    assert_ok(
        mls_group_join_external(&room->members[3].group, &joining, room->t->crypto, &room->config, &options));
    room->count++;
    test_deliver(room, 0, forge_copy(*state, mls_pending_commit_message(joining)));
    test_assert_agreed(room);
    test_deliver(room, 0, test_update(room, VICTIM));
    test_assert_agreed(room);
    mls_key_package_free(kp);
    test_room_free(room);
}

static void rule_B11__removal_comes_first(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_spec_t removal = test_remove(VICTIM);
    const mls_view_t own = test_update(room, VICTIM);
    const mls_view_t commit = test_commit(room, FORGER, &removal, 1, NULL);
    test_merge(room, VICTIM, commit, false);
    assert_true(mls_group_is_removed(test_group(room, VICTIM)));
    assert_null(mls_group_pending_commit(test_group(room, VICTIM), 0));
    assert_status(test_receive(room, VICTIM, own, NULL), MLS_ERR_STATE);
    test_restart(room, VICTIM);
    test_room_free(room);
}

/* ---- what joiners get ---------------------------------------------------------------------------- */

static void codec_key(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* The key that the members of the epoch will decrypt an external init_secret with. */
static void assert_external_pub_of(test_room_t *room, mls_view_t group_info_extensions)
{
    mls_view_t data, promised = { 0 };
    mls_hpke_private_t private_key;
    mls_hpke_public_t public_key;
    assert_ok(mls_external_key_pair(room->t->crypto, room->t->suite, &private_key, &public_key,
                                    &test_group(room, VICTIM)->epoch->secrets.external_secret));
    assert_ok(mls_extensions_find(&data, group_info_extensions, MLS_EXTENSION_EXTERNAL_PUB));
    assert_ok(mls_decode(&promised, sizeof promised, codec_key, data, NULL));
    assert_view_equal(promised, mls_hpke_public_view(&public_key));
}

/* The GroupInfo of a Welcome is of the epoch that begins, that of mls_group_info() of the one that is. */
static void rule_B12__external_pub_is_of_the_epoch_of_its_group_info(void **state)
{
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    test_room_t *room = test_room(*state, 2, NULL);
    mls_key_package_t *kp = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(kp);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .force_path = true };
    mls_pending_commit_t *pending;
    mls_welcome_t *welcome;
    mls_message_t message;
    mls_bytes_t bytes;
    assert_ok(mls_group_info(test_group(room, VICTIM), &bytes, &with));
    assert_ok(mls_message_decode(NULL, &message, test_keep(*state, &bytes), SIZE_MAX, &room->t->arena));
    assert_external_pub_of(room, message.group_info.extensions);
    assert_ok(mls_group_commit(test_group(room, FORGER), &pending, &options));
    assert_ok(mls_pending_commit_group_info(pending, &with));
    assert_ok(mls_pending_commit_welcome(pending, &bytes, NULL, 0));
    const mls_view_t sent = test_keep(*state, &bytes);
    test_deliver(room, 0, forge_copy(*state, mls_pending_commit_message(pending)));
    assert_ok(mls_welcome_open(&welcome, room->t->crypto, &room->config, kp, sent));
    assert_external_pub_of(room, mls_welcome_group_info_extensions(welcome));
    mls_welcome_free(welcome);
    mls_key_package_free(kp);
    test_room_free(room);
}

/* ---- names --------------------------------------------------------------------------------------- */

static mls_status_t note_identity(void *arg, const mls_leaf_candidate_t *candidate)
{
    mls_view_t *noted = arg;
    if (candidate->purpose == MLS_LEAF_IN_ADD)
        *noted = candidate->leaf.identity;
    return MLS_OK;
}

/* RFC 9420, Section 5.3.3: nobody has authenticated an application_id, and two clients may have the same. */
static void rule_C4__application_id_is_nobodys_name(void **state)
{
    test_context_t *t = *state;
    mls_view_t noted = { 0 };
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .authentication = { note_identity, &noted, NULL } };
    test_room_t *room = test_room(t, 2, &config);
    mls_extension_t id = { MLS_EXTENSION_APPLICATION_ID, mls_view_text("\5alice") };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .identity = mls_view_text("mallory"),
                                              .leaf_extensions = { &id, 1 },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    for (int i = 0; i < 2; i++) {
        mls_key_package_t *kp;
        assert_ok(mls_key_package_new(&kp, t->crypto, &params));
        const mls_proposal_spec_t add = test_add(kp);
        const mls_view_t commit = test_commit(room, FORGER, &add, 1, NULL);
        mls_received_t *received;
        assert_ok(test_receive(room, VICTIM, commit, &received));
        assert_view_equal(noted, mls_view_text("mallory"));
        mls_received_free(received);
        test_deliver(room, 0, commit);
        test_join(room, kp);
        test_assert_agreed(room);
        mls_key_package_free(kp);
    }
    test_room_free(room);
}

/* ---- what outsiders send ------------------------------------------------------------------------- */

static void assert_public(mls_bytes_t *message)
{
    mls_message_info_t info;
    assert_ok(mls_message_inspect(&info, mls_bytes_view(message)));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_bytes_clear(message);
}

/* Sender data name members: Section 6.3.2; and an outsider has no key for them: Section 12.1.8. */
static void rule_P12_F18__proposals_from_outside_are_public_messages(void **state)
{
    test_context_t *t = *state;
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = 1 };
    const mls_proposal_spec_t remove = test_remove(1);
    mls_key_package_t *kp = test_own_key_package(t);
    mls_bytes_t message;
    assert_ok(mls_propose_to_join(&message, kp, &options));
    assert_public(&message);
    assert_ok(mls_propose_external(&message, t->crypto, t->suite->id,
                                   mls_signature_private_view(&kp->signature_key), 0, &remove, &options));
    assert_public(&message);
    mls_key_package_free(kp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_M16__commit_in_the_making_changes_nothing),
        TEST(rule_M22__committer_adds_a_path_where_it_is_needed),
        TEST(rule_Q15__committer_refuses_what_all_others_would),
        TEST(rule_L15__own_leaf_is_signed_anew_when_it_changes),
        TEST(rule_B11__external_commit_comes_first),
        TEST(rule_B11__removal_comes_first),
        TEST(rule_B12__external_pub_is_of_the_epoch_of_its_group_info),
        TEST(rule_C4__application_id_is_nobodys_name),
        TEST(rule_P12_F18__proposals_from_outside_are_public_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
