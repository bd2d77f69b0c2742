/* External Commits, and proposals from outside (RFC 9420, Sections 8.3, 12.1.8, 12.2 and 12.4.3.2). */
#include "forge.h"
#include "mls/commit.h"
#include "mls/join.h"
#include "mls/outside.h"
#include "public_message.h"

/* ---- external Commits ---------------------------------------------------------------------------- */

/* The Commit of somebody who joins, taken apart. */
typedef struct forged_join {
    test_room_t *room;
    mls_group_t *group; /* the joiner's: the last member of the room */
    uint32_t leaf;      /* where it will be */
    mls_view_t genuine;
    mls_message_t message;
    mls_commit_t commit;
    bool signs_with_other_key;
} forged_join_t;

static mls_view_t group_info(test_room_t *room, const mls_group_info_options_t *options)
{
    mls_bytes_t info = { 0 };
    assert_ok(mls_group_info(test_group(room, VICTIM), &info, options));
    return test_keep(room->t, &info);
}

static mls_status_t no_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    *secret = mls_view_text("a secret of thirty-two bytes, ok");
    return mls_view_equal(id->id, mls_view_text("ours")) ? MLS_OK : MLS_ERR_NOT_FOUND;
}

static test_room_t *open_room(test_context_t *t)
{
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .external_commits = true,
                                        .psk = no_psk };
    return test_room(t, 3, &config);
}

static void take_apart(forged_join_t *f)
{
    test_context_t *t = f->room->t;
    assert_ok(mls_message_decode(NULL, &f->message, f->genuine, f->genuine.len, &t->arena));
    mls_authenticated_content_t *content = &f->message.public_message.content;
    assert_ok(mls_decode(&f->commit, sizeof f->commit, mls_codec_commit, content->content.body, &t->arena));
}

static mls_status_t accept(void *arg, const mls_leaf_candidate_t *candidate)
{
    (void)arg;
    (void)candidate;
    return MLS_OK;
}

/* "member", or who is named, joins; or comes back in the place of a leaf. Its own client takes everybody for
 * everybody, or it would not make what members are to refuse. */
static void start_as(forged_join_t *f, test_room_t *room, const char *identity,
                     const mls_external_join_t *extra)
{
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    mls_key_package_t *kp = test_key_package_of(room->t, identity, room->t->suite->id);
    mls_external_join_t options = *extra;
    mls_group_config_t config = room->config;
    mls_pending_commit_t *pending;
    config.authentication = (mls_authentication_t){ .validate = accept };
    *f = (forged_join_t){ .room = room, .leaf = extra->resync ? extra->former_leaf : 3 };
    options.key_package = kp;
    options.group_info = group_info(room, &with);
    assert_ok(mls_group_join_external(&f->group, &pending, room->t->crypto, &config, &options));
    room->members[room->count++].group = f->group;
    f->genuine = forge_copy(room->t, mls_pending_commit_message(pending));
    take_apart(f);
    mls_key_package_free(kp);
}

static void start(forged_join_t *f, void **state)
{
    const mls_external_join_t plain = { .resync = false };
    start_as(f, open_room(*state), "member", &plain);
}

static void start_resync(forged_join_t *f, void **state)
{
    const mls_external_join_t resync = { .resync = true, .former_leaf = 2 };
    start_as(f, open_room(*state), "member", &resync);
}

static void add_proposal(forged_join_t *f, const mls_proposal_or_ref_t *item)
{
    const size_t count = f->commit.proposals.count;
    mls_proposal_or_ref_t *items = test_alloc(f->room->t, (count + 1) * sizeof *items);
    memcpy(items, f->commit.proposals.items, count * sizeof *items);
    items[count] = *item;
    f->commit.proposals.items = items;
    f->commit.proposals.count++;
}

static void add_value(forged_join_t *f, const mls_proposal_t *proposal)
{
    const mls_proposal_or_ref_t item = { .type = MLS_BY_VALUE,
                                         .proposal = forge_proposal_body(f->room->t, proposal) };
    add_proposal(f, &item);
}

static void sign_leaf(forged_join_t *f)
{
    const mls_leaf_place_t place = { mls_group_id(f->group), f->leaf };
    mls_bytes_t encoded = { 0 };
    f->commit.path.leaf.tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(f->room->t->crypto, f->room->t->suite, &encoded, &f->commit.path.leaf,
                                 &f->group->epoch->signature_key, &place));
    f->commit.path.leaf_encoded = test_keep(f->room->t, &encoded);
}

static mls_view_t seal(forged_join_t *f)
{
    mls_authenticated_content_t *content = &f->message.public_message.content;
    const mls_group_t *signer = f->signs_with_other_key ? test_group(f->room, FORGER) : f->group;
    mls_bytes_t body = { 0 }, signature = { 0 };
    assert_ok(mls_encode(&body, mls_codec_commit, &f->commit));
    content->content.body = test_keep(f->room->t, &body);
    content->content_encoded = (mls_view_t){ 0 };
    assert_ok(mls_group_sign(signer, content, &signature));
    content->auth.signature = test_keep(f->room->t, &signature);
    return forge_encode(f->room, &f->message);
}

static void refuse(forged_join_t *f, const char *rule, mls_status_t status)
{
    assert_message_breaks(f->room, rule, status, seal(f));
    assert_taken(f->room, f->genuine);
    test_room_free(f->room);
}

static void rule_X1__external_commit_without_external_init_is_refused(void **state)
{
    forged_join_t f;
    start(&f, state);
    f.commit.proposals.count = 0;
    refuse(&f, "X1", MLS_ERR_INVALID);
}

static void rule_X1__external_commit_with_two_external_inits_is_refused(void **state)
{
    forged_join_t f;
    start(&f, state);
    add_proposal(&f, &f.commit.proposals.items[0]);
    refuse(&f, "X1", MLS_ERR_INVALID);
}

static void rule_X2__external_commit_that_removes_two_is_refused(void **state)
{
    forged_join_t f;
    const mls_proposal_t remove = forge_remove(FORGER);
    start_resync(&f, state);
    add_value(&f, &remove);
    refuse(&f, "X2", MLS_ERR_INVALID);
}

/* Without an Authentication Service to ask, only who has the same credential is the same client. */
static void rule_X2_B15__resync_in_the_place_of_another_is_refused(void **state)
{
    const mls_external_join_t resync = { .resync = true, .former_leaf = 2 };
    forged_join_t f;
    start_as(&f, open_room(*state), "mallory", &resync);
    assert_message_breaks(f.room, "X2", MLS_ERR_INVALID, f.genuine);
    test_room_free(f.room);
}

static mls_status_t refuse_successors(void *arg, const mls_leaf_candidate_t *candidate)
{
    return *(bool *)arg && candidate->purpose == MLS_LEAF_IN_COMMIT && candidate->predecessor != NULL
               ? MLS_ERR_REJECTED
               : MLS_OK;
}

static void rule_X2_C1_C2_B15__service_is_asked_about_the_leaf_that_is_replaced(void **state)
{
    bool refuses = false;
    const mls_group_config_t config = { .external_commits = true,
                                        .keep_handshake_keys = true,
                                        .authentication = { refuse_successors, &refuses, NULL } };
    const mls_external_join_t resync = { .resync = true, .former_leaf = 2 };
    forged_join_t f;
    start_as(&f, test_room(*state, 3, &config), "mallory", &resync);
    refuses = true;
    assert_message_breaks(f.room, "C1", MLS_ERR_REJECTED, f.genuine);
    refuses = false;
    assert_taken(f.room, f.genuine);
    test_room_free(f.room);
}

static void rule_X2_L6__resync_that_keeps_the_encryption_key_is_refused(void **state)
{
    forged_join_t f;
    mls_leaf_info_t former;
    start_resync(&f, state);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &former, 2));
    f.commit.path.leaf.encryption_key = forge_copy(*state, former.encryption_key);
    sign_leaf(&f);
    refuse(&f, "L6_KEY", MLS_ERR_INVALID);
}

static void rule_P4_X2_B1__resync_of_nobody_is_refused(void **state)
{
    forged_join_t f;
    const mls_proposal_t nobody = forge_remove(0x80000000);
    start(&f, state);
    add_value(&f, &nobody);
    refuse(&f, "P4", MLS_ERR_INVALID);
}

static void rule_X3__external_commit_with_a_psk_is_taken(void **state)
{
    const mls_psk_id_t psk = { .id = mls_view_text("ours") };
    const mls_external_join_t options = { .psks = &psk, .num_psks = 1 };
    forged_join_t f;
    start_as(&f, open_room(*state), "member", &options);
    test_deliver(f.room, 0, f.genuine);
    test_assert_agreed(f.room);
    test_room_free(f.room);
}

static void rule_X3_M4__external_commit_with_an_unknown_psk_is_refused(void **state)
{
    forged_join_t f;
    const mls_proposal_t psk = forge_psk(*state, "theirs");
    start(&f, state);
    add_value(&f, &psk);
    refuse(&f, "M4", MLS_ERR_NOT_FOUND);
}

static void rule_X4__external_commit_with_anything_else_is_refused(void **state)
{
    test_key_package_t kp;
    forged_join_t f;
    start(&f, state);
    const mls_leaf_node_t leaf = forge_leaf(f.room, FORGER);
    const mls_proposal_t others[] = {
        forge_good_add(*state, &kp),
        forge_update(f.room, &leaf),
        { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS },
        { .type = MLS_PROPOSAL_REINIT, .group_id = mls_view_text("next"), .version = 1, .cipher_suite = 1 }
    };
    const mls_proposal_or_ref_t *items = f.commit.proposals.items;
    const size_t count = f.commit.proposals.count;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        add_value(&f, &others[i]);
        assert_message_breaks(f.room, "X4", MLS_ERR_INVALID, seal(&f));
        memcpy(f.commit.proposals.items, items, count * sizeof *items);
        f.commit.proposals.count = count;
    }
    assert_taken(f.room, f.genuine);
    test_room_free(f.room);
}

static void rule_R1_X4__external_commit_with_a_self_remove_by_value_is_refused(void **state)
{
    const mls_proposal_t self_remove = { .type = MLS_PROPOSAL_SELF_REMOVE };
    forged_join_t f;
    start(&f, state);
    add_value(&f, &self_remove);
    refuse(&f, "R1", MLS_ERR_INVALID);
}

static void rule_X5_B3__external_commit_without_a_path_is_refused(void **state)
{
    forged_join_t f;
    start(&f, state);
    f.commit.has_path = false;
    refuse(&f, "X5", MLS_ERR_INVALID);
}

static void rule_X6__external_commit_that_refers_to_a_proposal_is_refused(void **state)
{
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("ours") } };
    forged_join_t f;
    start(&f, state);
    assert_taken(f.room, test_propose(f.room, FORGER, &psk));
    const mls_proposal_or_ref_t item = { .type = MLS_BY_REFERENCE,
                                         .reference = mls_secret_view(
                                             &test_group(f.room, VICTIM)->epoch->proposals[0]->ref) };
    add_proposal(&f, &item);
    refuse(&f, "X6", MLS_ERR_INVALID);
}

static void rule_X7_F7__external_commit_that_another_has_signed_is_refused(void **state)
{
    forged_join_t f;
    start(&f, state);
    f.signs_with_other_key = true;
    refuse(&f, "F7", MLS_ERR_SIGNATURE);
}

/* The key is taken from the path, before anything is known of it. */
static void rule_X7_E7_B3__external_commit_with_a_signature_key_that_is_none_is_refused(void **state)
{
    forged_join_t f;
    start(&f, state);
    f.commit.path.leaf.signature_key = test_random_bytes(*state, 7);
    sign_leaf(&f);
    refuse(&f, "E7", MLS_ERR_INVALID);
}

static void rule_X8_E7__external_init_without_a_public_key_is_refused(void **state)
{
    const mls_view_t none[] = { mls_view(NULL, 0), test_random_bytes(*state, 7), test_zero_key(*state) };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        forged_join_t f;
        const mls_proposal_t init = { .type = MLS_PROPOSAL_EXTERNAL_INIT, .kem_output = none[i] };
        start(&f, state);
        f.commit.proposals.count = 0;
        add_value(&f, &init);
        refuse(&f, "X8", MLS_ERR_INVALID);
    }
}

/* Another init_secret than the joiner's gives another confirmation tag. */
static void rule_X8_M12__external_init_of_another_secret_is_refused(void **state)
{
    forged_join_t f;
    const mls_proposal_t init = { .type = MLS_PROPOSAL_EXTERNAL_INIT, .kem_output = test_public_key(*state) };
    start(&f, state);
    f.commit.proposals.count = 0;
    add_value(&f, &init);
    refuse(&f, "M12", MLS_ERR_TAG);
}

static void rule_X9__external_commit_is_refused_where_policy_forbids_it(void **state)
{
    forged_join_t f;
    start(&f, state);
    test_group(f.room, VICTIM)->config.external_commits = false;
    assert_message_breaks(f.room, "X9", MLS_ERR_REJECTED, f.genuine);
    test_group(f.room, VICTIM)->config.external_commits = true;
    assert_taken(f.room, f.genuine);
    test_room_free(f.room);
}

static void rule_L8_X2__joiner_with_the_key_of_a_member_is_refused(void **state)
{
    forged_join_t f;
    mls_leaf_info_t other;
    start(&f, state);
    assert_ok(mls_group_leaf(test_group(f.room, VICTIM), &other, 2));
    f.commit.path.leaf.encryption_key = forge_copy(*state, other.encryption_key);
    sign_leaf(&f);
    refuse(&f, "L8", MLS_ERR_INVALID);
}

/* ---- joining from a GroupInfo -------------------------------------------------------------------- */

/* Who would join by that GroupInfo refuses by that rule; there is no group, and the KeyPackage is what it
 * was. */
static void refuse_to_join(test_room_t *room, mls_key_package_t *kp, mls_view_t info, const char *rule,
                           mls_status_t status)
{
    test_context_t *t = room->t;
    const mls_external_join_t options = { .group_info = info, .key_package = kp };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    mls_bytes_t before = { 0 }, after = { 0 };
    assert_ok(mls_key_package_save(&before, kp));
    t->rule[0] = '\0';
    assert_status(mls_group_join_external(&group, &commit, t->crypto, &room->config, &options), status);
    assert_rule(t, rule, status);
    assert_null(group);
    assert_null(commit);
    assert_ok(mls_key_package_save(&after, kp));
    assert_view_equal(mls_bytes_view(&after), mls_bytes_view(&before));
    mls_bytes_clear(&before);
    mls_bytes_clear(&after);
    mls_key_package_free(kp);
    test_room_free(room);
}

/* A GroupInfo with these extensions beside the tree. */
static void refuse_group_info(void **state, const mls_extensions_t *list, const char *rule,
                              mls_status_t status)
{
    test_room_t *room = open_room(*state);
    const mls_group_info_options_t with = { .with_tree = true, .extensions = list };
    refuse_to_join(room, test_own_key_package(*state), group_info(room, &with), rule, status);
}

static void refuse_external_pub(void **state, mls_view_t external_pub, const char *rule, mls_status_t status)
{
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_PUB, external_pub };
    const mls_extensions_t list = { &item, 1 };
    refuse_group_info(state, &list, rule, status);
}

static void codec_key(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

static mls_view_t encode_key(test_context_t *t, mls_view_t key)
{
    mls_bytes_t encoded = { 0 };
    assert_ok(mls_encode(&encoded, codec_key, &key));
    return test_keep(t, &encoded);
}

static void rule_X10_W20__group_info_without_external_pub_lets_nobody_in(void **state)
{
    refuse_group_info(state, NULL, "X10", MLS_ERR_NOT_FOUND);
}

static void rule_E7_X10__external_pub_that_is_no_key_is_refused(void **state)
{
    const mls_view_t none[] = { encode_key(*state, mls_view(NULL, 0)),
                                encode_key(*state, test_random_bytes(*state, 7)),
                                encode_key(*state, test_zero_key(*state)) };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        refuse_external_pub(state, none[i], "E7", MLS_ERR_INVALID);
}

static void rule_E5_B13__bytes_behind_an_external_pub_are_refused(void **state)
{
    const mls_view_t key = encode_key(*state, test_public_key(*state));
    const mls_view_t longer = forge_splice(*state, key, key.len, 0, test_hex(*state, "00"));
    refuse_external_pub(state, longer, "E5", MLS_ERR_MALFORMED);
}

static void rule_L10_B9__extension_of_a_group_info_twice_lets_nobody_in(void **state)
{
    const mls_view_t key = encode_key(*state, test_public_key(*state));
    mls_extension_t items[] = { { MLS_EXTENSION_EXTERNAL_PUB, key }, { MLS_EXTENSION_EXTERNAL_PUB, key } };
    const mls_extensions_t list = { items, 2 };
    refuse_group_info(state, &list, "L10", MLS_ERR_INVALID);
}

static void rule_W6_X10__group_of_another_suite_than_the_key_packages_is_not_joined(void **state)
{
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    test_room_t *room = open_room(*state);
    /* Before the suite: the message's version, its wire format, the GroupContext's version. */
    const mls_view_t info = group_info(room, &with);
    const uint8_t suite[] = { 0, (uint8_t)(room->t->suite->id ^ 2) };
    const mls_view_t other = forge_splice(*state, info, 6, 2, mls_view(suite, 2));
    refuse_to_join(room, test_own_key_package(*state), other, "W6", MLS_ERR_INVALID);
}

/* The others would refuse its leaf. */
static void rule_W16_L11__who_does_not_support_the_groups_extensions_does_not_join(void **state)
{
    test_context_t *t = *state;
    mls_extension_t item = { TEST_OWN_TYPE, mls_view_text("?") };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    static uint16_t none[] = { 0xf00e };
    test_room_t *room = open_room(t);
    test_deliver(room, 0, test_commit(room, FORGER, &change, 1, NULL));
    t->capabilities = (mls_capabilities_t){ .extensions = { none, 1 } };
    refuse_to_join(room, test_own_key_package(t), group_info(room, &with), "L11", MLS_ERR_INVALID);
}

/* ---- SelfRemoves that are taken along -------------------------------------------------------------- */

/* The SelfRemove of the forger, with that group_id, epoch and leaf index. */
static mls_view_t forge_self_remove(test_room_t *room, const char *group_id, uint64_t epoch, uint32_t leaf)
{
    const mls_proposal_t self_remove = { .type = MLS_PROPOSAL_SELF_REMOVE };
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, forge_proposal_body(room->t, &self_remove));
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    content.content.group_id = mls_view_text(group_id);
    content.content.epoch = epoch;
    content.content.sender.index = leaf;
    forge_sign(room, &content);
    return forge_public(room, &content);
}

static mls_status_t join_with(test_room_t *room, const mls_view_t *self_remove)
{
    const mls_group_info_options_t with = { .with_tree = true, .with_external_pub = true };
    mls_key_package_t *kp = test_own_key_package(room->t);
    const mls_external_join_t options = { .group_info = group_info(room, &with),
                                          .key_package = kp,
                                          .self_removes = self_remove,
                                          .num_self_removes = 1 };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    mls_status_t status = mls_group_join_external(&group, &commit, room->t->crypto, &room->config, &options);
    assert_true((group == NULL) == (status != MLS_OK));
    mls_group_free(group);
    mls_key_package_free(kp);
    return status;
}

static void rule_F1_F2_F3_F7_X4__joiner_takes_no_self_remove_that_members_would_refuse(void **state)
{
    static uint16_t known[] = { MLS_PROPOSAL_SELF_REMOVE };
    test_context_t *t = *state;
    t->capabilities.proposals = (mls_u16_list_t){ known, 1 };
    test_room_t *room = open_room(t);
    const uint64_t epoch = mls_group_epoch(test_group(room, VICTIM));
    const mls_view_t good = forge_self_remove(room, "a room", epoch, FORGER);
    const struct {
        const char *rule;
        mls_status_t status;
        mls_view_t message;
    } bad[] = {
        { "F1", MLS_ERR_GROUP, forge_self_remove(room, "b room", epoch, FORGER) },
        { "F2", MLS_ERR_EPOCH, forge_self_remove(room, "a room", epoch - 1, FORGER) },
        { "F2", MLS_ERR_EPOCH, forge_self_remove(room, "a room", epoch + 1, FORGER) },
        { "F3", MLS_ERR_SENDER, forge_self_remove(room, "a room", epoch, 3) },
        { "F3", MLS_ERR_SENDER, forge_self_remove(room, "a room", epoch, UINT32_MAX) },
        { "F7", MLS_ERR_SIGNATURE, forge_self_remove(room, "a room", epoch, 2) },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_status(join_with(room, &bad[i].message), bad[i].status);
        assert_rule(t, bad[i].rule, bad[i].status);
    }
    assert_ok(join_with(room, &good));
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_X1__external_commit_without_external_init_is_refused),
        TEST(rule_X1__external_commit_with_two_external_inits_is_refused),
        TEST(rule_X2__external_commit_that_removes_two_is_refused),
        TEST(rule_X2_B15__resync_in_the_place_of_another_is_refused),
        TEST(rule_X2_C1_C2_B15__service_is_asked_about_the_leaf_that_is_replaced),
        TEST(rule_X2_L6__resync_that_keeps_the_encryption_key_is_refused),
        TEST(rule_P4_X2_B1__resync_of_nobody_is_refused),
        TEST(rule_X3__external_commit_with_a_psk_is_taken),
        TEST(rule_X3_M4__external_commit_with_an_unknown_psk_is_refused),
        TEST(rule_X4__external_commit_with_anything_else_is_refused),
        TEST(rule_R1_X4__external_commit_with_a_self_remove_by_value_is_refused),
        TEST(rule_X5_B3__external_commit_without_a_path_is_refused),
        TEST(rule_X6__external_commit_that_refers_to_a_proposal_is_refused),
        TEST(rule_X7_F7__external_commit_that_another_has_signed_is_refused),
        TEST(rule_X7_E7_B3__external_commit_with_a_signature_key_that_is_none_is_refused),
        TEST(rule_X8_E7__external_init_without_a_public_key_is_refused),
        TEST(rule_X8_M12__external_init_of_another_secret_is_refused),
        TEST(rule_X9__external_commit_is_refused_where_policy_forbids_it),
        TEST(rule_L8_X2__joiner_with_the_key_of_a_member_is_refused),
        TEST(rule_X10_W20__group_info_without_external_pub_lets_nobody_in),
        TEST(rule_E7_X10__external_pub_that_is_no_key_is_refused),
        TEST(rule_E5_B13__bytes_behind_an_external_pub_are_refused),
        TEST(rule_L10_B9__extension_of_a_group_info_twice_lets_nobody_in),
        TEST(rule_W6_X10__group_of_another_suite_than_the_key_packages_is_not_joined),
        TEST(rule_W16_L11__who_does_not_support_the_groups_extensions_does_not_join),
        TEST(rule_F1_F2_F3_F7_X4__joiner_takes_no_self_remove_that_members_would_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
