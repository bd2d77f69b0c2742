/* Every operation, with everything failing in turn that can fail: memory, randomness, primitives. Each
 * failure is told as such, leaves outputs empty and the group bit for bit as it was, and leaks nothing (which
 * the sanitizers see). */
#include "evidence.h"
#include "failing.h"
#include "group_support.h"

enum { NUM_MEMBERS = 5, TOPIC = 0x8001, CUSTOM = TEST_OWN_TYPE };

/* What an operation works with. */
typedef struct scene {
    test_context_t *t;
    test_room_t *room;
    mls_key_package_t *key_package, *own;
    mls_view_t message;
    mls_pending_commit_t *pending;
    mls_welcome_t *welcome;
    mls_received_t *received;
    memory_store_t memory;
} scene_t;

typedef struct operation {
    const char *name;
    void (*prepare)(scene_t *s); /* may be NULL */
    mls_status_t (*run)(scene_t *s);
    int member; /* whose state must not change when it fails; -1: nobody's */
} operation_t;

/* ---- the room ------------------------------------------------------------------------------------ */

static mls_status_t take_update(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    (void)arg;
    return change->is_removal ? MLS_OK : mls_bytes_copy(new_data, change->updates[0]);
}

static mls_status_t take_ephemeral(void *arg, uint16_t component_id, mls_view_t data)
{
    (void)arg;
    (void)component_id;
    (void)data;
    return MLS_OK;
}

/* To who joins, also the resumption PSK of the room. */
static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    test_room_t *room = arg;
    *secret = id->is_resumption ? mls_secret_view(&test_group(room, 1)->epoch->secrets.resumption_psk)
                                : mls_view_text("an external secret");
    return MLS_OK;
}

static test_room_t *make_room(test_context_t *t)
{
    static uint16_t proposals[] = { CUSTOM, MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_APP_EPHEMERAL,
                                    MLS_PROPOSAL_SELF_REMOVE };
    static uint16_t extensions[] = { CUSTOM, MLS_EXTENSION_APP_DATA_DICTIONARY };
    static const mls_custom_proposal_t custom = { .type = CUSTOM };
    const mls_group_config_t config = {
        .external_commits = true,
        .external_proposals = true,
        .new_member_proposals = true,
        .custom_proposals = &custom,
        .num_custom_proposals = 1,
        .components = { .update = take_update, .ephemeral = take_ephemeral },
        .psk = give_psk,
        .padding = MLS_PADDING_PADME,
    };
    t->capabilities.proposals = (mls_u16_list_t){ proposals, 4 };
    t->capabilities.extensions = (mls_u16_list_t){ extensions, 2 };
    test_room_t *room = test_room(t, NUM_MEMBERS, &config);
    room->config.psk_arg = room;
    return room;
}

/* The status of a call whose result is bytes. */
static mls_status_t bytes_result(mls_status_t status, mls_bytes_t *out)
{
    assert_true(status == MLS_OK || out->len == 0);
    mls_bytes_clear(out);
    return status;
}

static mls_status_t group_result(mls_status_t status, mls_group_t *group)
{
    assert_int_equal(status != MLS_OK, group == NULL);
    mls_group_free(group);
    return status;
}

/* ---- key packages -------------------------------------------------------------------------------- */

static void make_key_package(scene_t *s)
{
    s->key_package = test_own_key_package(s->t);
}

static mls_status_t key_package_new(scene_t *s)
{
    mls_extension_t item = { CUSTOM, mls_view_text("of the leaf") };
    const mls_key_package_params_t params = { .cipher_suite = s->t->suite->id,
                                              .identity = mls_view_text("member"),
                                              .capabilities = s->t->capabilities,
                                              .leaf_extensions = { &item, 1 },
                                              .extensions = { &item, 1 },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER,
                                              .last_resort = true,
                                              .grease = true };
    mls_key_package_t *made;
    mls_status_t status = mls_key_package_new(&made, s->t->crypto, &params);
    assert_int_equal(status != MLS_OK, made == NULL);
    mls_key_package_free(made);
    return status;
}

static mls_status_t key_package_save_and_load(scene_t *s)
{
    mls_bytes_t saved = { 0 };
    mls_key_package_t *loaded = NULL;
    mls_status_t status = mls_key_package_save(&saved, s->key_package);
    if (status == MLS_OK)
        status = mls_key_package_load(&loaded, s->t->crypto, mls_bytes_view(&saved));
    assert_int_equal(status != MLS_OK, loaded == NULL);
    mls_key_package_free(loaded);
    mls_bytes_clear(&saved);
    return status;
}

static mls_status_t key_package_read(scene_t *s)
{
    mls_key_package_info_t info;
    return mls_key_package_read(&info, s->t->crypto, mls_key_package_message(s->key_package), TEST_NOW, NULL);
}

/* ---- making Commits ------------------------------------------------------------------------------ */

static mls_status_t create(scene_t *s)
{
    uint16_t type = CUSTOM;
    const mls_required_capabilities_t required = { .proposals = { &type, 1 } };
    const mls_component_data_t entry = { TOPIC, mls_view_text("tea") };
    const mls_external_sender_t warden = { .signature_key =
                                               mls_signature_public_view(&s->key_package->signature_key),
                                           .credential = { MLS_CREDENTIAL_BASIC, mls_view_text("warden") } };
    mls_bytes_t data[3] = { { 0 } };
    mls_group_t *group = NULL;
    mls_status_t status;
    if ((status = mls_required_capabilities_encode(&data[0], &required)) == MLS_OK &&
        (status = mls_app_data_encode(&data[1], &entry, 1)) == MLS_OK &&
        (status = mls_external_senders_encode(&data[2], &warden, 1)) == MLS_OK) {
        mls_extension_t items[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&data[0]) },
                                    { MLS_EXTENSION_APP_DATA_DICTIONARY, mls_bytes_view(&data[1]) },
                                    { MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&data[2]) } };
        const mls_extensions_t extensions = { items, 3 };
        status = mls_group_create(&group, s->t->crypto, &s->room->config, s->key_package,
                                  mls_view_text("another"), &extensions);
    }
    for (size_t i = 0; i < 3; i++)
        mls_bytes_clear(&data[i]);
    return group_result(status, group);
}

static void propose_to(scene_t *s, size_t from, const mls_proposal_spec_t *proposal, size_t to)
{
    assert_ok(test_receive(s->room, to, test_propose(s->room, from, proposal), NULL));
}

/* Member 0 hears proposals of several kinds; one of them is bad together with the Commit's own. */
static void prepare_commit(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE }, remove = test_remove(3);
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    const mls_proposal_spec_t topic = { .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                        .component_id = TOPIC,
                                        .data = mls_view_text("tea") };
    make_key_package(s);
    propose_to(s, 2, &update, 0);
    propose_to(s, 1, &remove, 0);
    propose_to(s, 4, &leave, 0);
    propose_to(s, 1, &topic, 0);
}

static mls_status_t commit(scene_t *s)
{
    mls_extension_t item = { MLS_EXTENSION_APPLICATION_ID, mls_view_text("id") };
    const mls_extensions_t extensions = { &item, 1 };
    const mls_proposal_spec_t proposals[] = {
        test_add(s->key_package),
        test_remove(3), /* pending, too */
        test_extensions(&extensions),
        { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("psk") } },
        { .type = MLS_PROPOSAL_PSK,
          .psk = { .is_resumption = true,
                   .id = mls_group_id(test_group(s->room, 0)),
                   .psk_epoch = mls_group_epoch(test_group(s->room, 0)) } },
        { .type = MLS_PROPOSAL_APP_EPHEMERAL, .component_id = TOPIC, .data = mls_view_text("now") },
        { .type = CUSTOM, .data = mls_view_text("custom") }
    };
    const mls_commit_options_t options = { .proposals = proposals, .num_proposals = 7, .now = TEST_NOW };
    mls_status_t status = mls_group_commit(test_group(s->room, 0), &s->pending, &options);
    assert_int_equal(status != MLS_OK, s->pending == NULL);
    return status;
}

static void prepare_group_info(scene_t *s)
{
    prepare_commit(s);
    assert_ok(commit(s));
}

static mls_status_t make_group_info(scene_t *s)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    return mls_pending_commit_group_info(s->pending, &options);
}

static void prepare_welcome(scene_t *s)
{
    prepare_group_info(s);
    assert_ok(make_group_info(s));
}

static mls_status_t make_welcome(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_pending_commit_welcome(s->pending, &out, NULL, 0), &out);
}

static mls_status_t added_ref(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_pending_commit_added_ref(s->pending, &out, 0), &out);
}

static mls_status_t next_tree(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_pending_commit_ratchet_tree(s->pending, &out), &out);
}

/* ---- joining ------------------------------------------------------------------------------------- */

static void prepare_opening(scene_t *s)
{
    mls_bytes_t welcome;
    prepare_welcome(s);
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
}

/* The Commit has a resumption PSK of this group, which a joiner gets from its host. */
static mls_status_t open_welcome(scene_t *s)
{
    mls_status_t status =
        mls_welcome_open(&s->welcome, s->t->crypto, &s->room->config, s->key_package, s->message);
    assert_int_equal(status != MLS_OK, s->welcome == NULL);
    return status;
}

static void prepare_joining(scene_t *s)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome;
    make_key_package(s);
    const mls_proposal_spec_t add = test_add(s->key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .force_path = true };
    assert_ok(mls_group_commit(test_group(s->room, 0), &s->pending, &options));
    assert_ok(mls_pending_commit_group_info(s->pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
    assert_ok(open_welcome(s));
}

static mls_status_t join(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status =
        mls_group_join(&group, NULL, s->t->crypto, &s->room->config, s->welcome, mls_view(NULL, 0));
    return group_result(status, group);
}

static void prepare_external_join(scene_t *s)
{
    const mls_group_info_options_t how = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t info;
    make_key_package(s);
    assert_ok(mls_group_info(test_group(s->room, 0), &info, &how));
    s->message = test_keep(s->t, &info);
}

static mls_status_t join_externally(scene_t *s, mls_group_t **group)
{
    const mls_psk_id_t psk = { .id = mls_view_text("psk") };
    const mls_external_join_t options = {
        .group_info = s->message, .key_package = s->key_package, .psks = &psk, .num_psks = 1
    };
    mls_status_t status =
        mls_group_join_external(group, &s->pending, s->t->crypto, &s->room->config, &options);
    assert_int_equal(status != MLS_OK, *group == NULL);
    return status;
}

static mls_status_t external_join(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status = join_externally(s, &group);
    s->pending = NULL;
    return group_result(status, group);
}

/* ---- sending ------------------------------------------------------------------------------------- */

static mls_status_t encrypt(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(
        mls_group_encrypt(test_group(s->room, 0), &out, mls_view_text("hello"), mls_view_text("aad"), false),
        &out);
}

static mls_status_t propose_update(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    mls_bytes_t out;
    return bytes_result(mls_group_propose(test_group(s->room, 0), &out, &update, NULL), &out);
}

static mls_status_t propose_in_public(scene_t *s)
{
    const mls_proposal_spec_t add = test_add(s->key_package);
    const mls_handshake_options_t options = { .as_public_message = true };
    mls_bytes_t out;
    return bytes_result(mls_group_propose(test_group(s->room, 0), &out, &add, &options), &out);
}

static mls_status_t propose_self_remove(scene_t *s)
{
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    mls_bytes_t out;
    return bytes_result(mls_group_propose(test_group(s->room, 0), &out, &leave, NULL), &out);
}

static mls_status_t propose_to_join(scene_t *s)
{
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = 4 };
    mls_bytes_t out;
    return bytes_result(mls_propose_to_join(&out, s->key_package, &options), &out);
}

static mls_status_t group_info(scene_t *s)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t out;
    return bytes_result(mls_group_info(test_group(s->room, 0), &out, &options), &out);
}

static mls_status_t ratchet_tree(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_group_ratchet_tree(test_group(s->room, 0), &out), &out);
}

static mls_status_t export(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_group_export(test_group(s->room, 0), &out, "label", mls_view_text("x"), 40),
                        &out);
}

static mls_status_t safe_export(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_group_safe_export(test_group(s->room, 0), &out, TOPIC), &out);
}

/* ---- the own leaf -------------------------------------------------------------------------------- */

/* Another signature key, another credential and other capabilities. */
typedef struct leaf_change {
    uint16_t types[2];
    mls_credential_t credential;
    mls_capabilities_t capabilities;
    mls_leaf_change_t change;
} leaf_change_t;

static void fill_change(const scene_t *s, leaf_change_t *c)
{
    const test_context_t *t = s->t;
    *c = (leaf_change_t){ .types = { MLS_CREDENTIAL_BASIC, 0xf00d } };
    c->credential = (mls_credential_t){ MLS_CREDENTIAL_BASIC, mls_view_text("somebody else") };
    c->capabilities = t->capabilities;
    c->capabilities.credentials = (mls_u16_list_t){ c->types, 2 };
    c->change = (mls_leaf_change_t){ .signature_private_key = s->message,
                                     .credential = &c->credential,
                                     .capabilities = &c->capabilities,
                                     .grease = true };
}

static void prepare_change(scene_t *s)
{
    mls_bytes_t private_key = { 0 }, public_key = { 0 };
    assert_ok(mls_crypto_signature_key_pair(s->t->crypto, &private_key, &public_key, s->t->suite->id));
    s->message = test_keep(s->t, &private_key);
    mls_bytes_clear(&public_key);
}

static mls_status_t commit_change(scene_t *s)
{
    leaf_change_t c;
    fill_change(s, &c);
    const mls_commit_options_t options = { .leaf_change = &c.change };
    mls_status_t status = mls_group_commit(test_group(s->room, 0), &s->pending, &options);
    assert_int_equal(status != MLS_OK, s->pending == NULL);
    return status;
}

static mls_status_t propose_change(scene_t *s)
{
    leaf_change_t c;
    mls_bytes_t out;
    fill_change(s, &c);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = &c.change };
    return bytes_result(mls_group_propose(test_group(s->room, 0), &out, &update, NULL), &out);
}

/* ---- receiving ----------------------------------------------------------------------------------- */

static mls_status_t receive(scene_t *s, size_t member)
{
    mls_received_t *received;
    mls_status_t status = mls_group_receive(test_group(s->room, member), &received, s->message, TEST_NOW);
    assert_int_equal(status != MLS_OK, received == NULL);
    mls_received_free(received);
    return status;
}

static mls_status_t receive_at_0(scene_t *s)
{
    return receive(s, 0);
}

static mls_status_t receive_at_1(scene_t *s)
{
    return receive(s, 1);
}

/* A Commit of member 0 that members 1 and 2 can follow. */
static void prepare_receiving(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_view_t updated = test_propose(s->room, 1, &update);
    mls_bytes_t copy = { 0 };
    for (size_t i = 0; i < NUM_MEMBERS; i++)
        if (i != 1)
            assert_ok(test_receive(s->room, i, updated, NULL));
    make_key_package(s);
    assert_ok(commit(s));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(s->pending)));
    s->message = test_keep(s->t, &copy);
}

/* The same, with the committer's state read from its store. */
static void prepare_restaging(scene_t *s)
{
    prepare_receiving(s);
    test_restart(s->room, 0);
    s->pending = mls_group_pending_commit(test_group(s->room, 0), 0);
}

static void prepare_external_commit(scene_t *s)
{
    mls_group_t *group;
    mls_bytes_t copy = { 0 };
    prepare_external_join(s);
    assert_ok(join_externally(s, &group));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(s->pending)));
    s->message = test_keep(s->t, &copy);
    s->room->members[s->room->count++].group = group;
}

static mls_status_t receive_at_joiner(scene_t *s)
{
    return receive(s, NUM_MEMBERS);
}

static void prepare_application(scene_t *s)
{
    for (int i = 0; i < 3; i++)
        s->message = test_encrypt(s->room, 2, "a few are skipped");
}

static void prepare_late_application(scene_t *s)
{
    prepare_application(s);
    test_deliver(s->room, 0, test_update(s->room, 2));
}

static void prepare_proposal(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    s->message = test_propose(s->room, 2, &update);
}

static void prepare_public_proposal(scene_t *s)
{
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    s->message = test_propose(s->room, 2, &leave);
}

static void prepare_proposal_to_join(scene_t *s)
{
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = NUM_MEMBERS - 1 };
    mls_bytes_t out;
    make_key_package(s);
    assert_ok(mls_propose_to_join(&out, s->key_package, &options));
    s->message = test_keep(s->t, &out);
}

/* ---- from epoch to epoch ------------------------------------------------------------------------- */

static void prepare_merging(scene_t *s)
{
    prepare_receiving(s);
    assert_ok(test_receive(s->room, 1, s->message, &s->received));
}

static mls_status_t merge(scene_t *s)
{
    return mls_group_merge(test_group(s->room, 1), s->received, true, TEST_NOW);
}

/* ---- evidence, of an application message and of a Commit ----------------------------------------- */

static void prepare_evidence(scene_t *s)
{
    assert_ok(test_receive(s->room, 1, test_encrypt(s->room, 2, "hello"), &s->received));
}

static mls_status_t make_evidence(scene_t *s)
{
    mls_bytes_t out;
    return bytes_result(mls_received_evidence(s->received, &out), &out);
}

static void prepare_reading_evidence(scene_t *s)
{
    mls_bytes_t out;
    prepare_merging(s);
    assert_ok(mls_received_evidence(s->received, &out));
    s->message = test_keep(s->t, &out);
}

static mls_status_t read_evidence(scene_t *s)
{
    mls_evidence_t info;
    return mls_evidence_read(&info, s->t->crypto, s->message);
}

/* ---- and back ------------------------------------------------------------------------------------ */

static void prepare_going_back(scene_t *s)
{
    prepare_merging(s);
    assert_ok(merge(s));
    (void)test_encrypt(s->room, 1, "uses a generation");
}

static mls_status_t go_back(scene_t *s)
{
    mls_group_t *group = test_group(s->room, 1);
    return mls_group_go_back(group, mls_group_epoch(group) - 1);
}

/* ---- stores -------------------------------------------------------------------------------------- */

static mls_status_t save(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    return mls_group_save(test_group(s->room, 1), &store);
}

static void prepare_loading(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    prepare_going_back(s);
    (void)test_propose(s->room, 1, &update);
    (void)test_update(s->room, 1);
    assert_ok(save(s));
}

static mls_status_t load(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    mls_group_t *group;
    mls_status_t status =
        mls_group_load(&group, s->t->crypto, &s->room->config, &store, mls_view_text("a room"));
    return group_result(status, group);
}

static void prepare_erasing(scene_t *s)
{
    assert_ok(save(s));
}

static mls_status_t erase(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    return mls_group_erase(&store, mls_view_text("a room"));
}

/* ---- groups that follow -------------------------------------------------------------------------- */

static void make_key_packages(scene_t *s)
{
    make_key_package(s);
    s->own = test_own_key_package(s->t);
}

static mls_status_t make_branch(scene_t *s, mls_group_t **group)
{
    const mls_view_t other = mls_key_package_message(s->key_package);
    const mls_subgroup_options_t options = { .key_package = s->own,
                                             .key_packages = &other,
                                             .num_key_packages = 1,
                                             .group_id = mls_view_text("branch") };
    return mls_group_branch(group, &s->pending, test_group(s->room, 0), &s->room->config, &options);
}

static mls_status_t branch(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status = make_branch(s, &group);
    s->pending = NULL;
    return group_result(status, group);
}

static const mls_group_t *find_origin(void *arg, mls_view_t group_id)
{
    test_room_t *room = arg;
    (void)group_id;
    return test_group(room, 1);
}

static void prepare_joining_branch(scene_t *s)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome;
    mls_group_t *group;
    make_key_packages(s);
    assert_ok(make_branch(s, &group));
    assert_ok(mls_pending_commit_group_info(s->pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
    s->room->config.find_group = find_origin;
    s->room->config.find_group_arg = s->room;
    s->pending = NULL;
    mls_group_free(group);
}

static mls_status_t join_branch(scene_t *s)
{
    mls_status_t status = open_welcome(s);
    if (status == MLS_OK)
        status = join(s);
    mls_welcome_free(s->welcome);
    s->welcome = NULL;
    return status;
}

/* ---- all of them --------------------------------------------------------------------------------- */

static const operation_t operations[] = {
    { "key_package_new", NULL, key_package_new, -1 },
    { "key_package_save_and_load", make_key_package, key_package_save_and_load, -1 },
    { "key_package_read", make_key_package, key_package_read, -1 },
    { "create", make_key_package, create, -1 },
    { "commit", prepare_commit, commit, 0 },
    { "group_info of a Commit", prepare_group_info, make_group_info, 0 },
    { "welcome", prepare_welcome, make_welcome, 0 },
    { "added_ref", prepare_welcome, added_ref, 0 },
    { "ratchet_tree of a Commit", prepare_restaging, next_tree, 0 },
    { "welcome_open", prepare_opening, open_welcome, -1 },
    { "join", prepare_joining, join, -1 },
    { "join_external", prepare_external_join, external_join, -1 },
    { "encrypt", NULL, encrypt, 0 },
    { "propose an Update", NULL, propose_update, 0 },
    { "commit a change of the own leaf", prepare_change, commit_change, 0 },
    { "propose a change of the own leaf", prepare_change, propose_change, 0 },
    { "propose in public", make_key_package, propose_in_public, 0 },
    { "propose a SelfRemove", NULL, propose_self_remove, 0 },
    { "propose to join", make_key_package, propose_to_join, -1 },
    { "group_info", NULL, group_info, 0 },
    { "ratchet_tree", NULL, ratchet_tree, 0 },
    { "export", NULL, export, 0 },
    { "safe_export", NULL, safe_export, 0 },
    { "receive a Commit", prepare_receiving, receive_at_1, 1 },
    { "receive an own Commit", prepare_receiving, receive_at_0, 0 },
    { "receive an own Commit after loading", prepare_restaging, receive_at_0, 0 },
    { "group_info after loading", prepare_restaging, make_group_info, 0 },
    { "receive an external Commit", prepare_external_commit, receive_at_1, 1 },
    { "receive an own external Commit", prepare_external_commit, receive_at_joiner, NUM_MEMBERS },
    { "receive an application message", prepare_application, receive_at_1, 1 },
    { "receive a late application message", prepare_late_application, receive_at_1, 1 },
    { "receive a Proposal", prepare_proposal, receive_at_1, 1 },
    { "receive a public Proposal", prepare_public_proposal, receive_at_1, 1 },
    { "receive a Proposal to join", prepare_proposal_to_join, receive_at_1, 1 },
    { "evidence", prepare_evidence, make_evidence, 1 },
    { "evidence of a Commit", prepare_merging, make_evidence, 1 },
    { "evidence_read", prepare_reading_evidence, read_evidence, -1 },
    { "merge", prepare_merging, merge, 1 },
    { "go_back", prepare_going_back, go_back, 1 },
    { "save", prepare_going_back, save, 1 },
    { "load", prepare_loading, load, -1 },
    { "erase", prepare_erasing, erase, 1 },
    { "branch", make_key_packages, branch, 0 },
    { "join a branch", prepare_joining_branch, join_branch, 1 },
};

static void clear_scene(scene_t *s)
{
    mls_received_free(s->received);
    mls_welcome_free(s->welcome);
    test_room_free(s->room);
    mls_key_package_free(s->key_package);
    mls_key_package_free(s->own);
    memory_store_clear(&s->memory);
}

/* Runs the operation with each thing failing that it calls, until it gets through. Returns how many. */
static long run(const operation_t *operation, scene_t *s)
{
    memory_store_t before = { 0 }, after = { 0 };
    mls_status_t status;
    long n = 0;

    if (operation->prepare != NULL)
        operation->prepare(s);
    if (operation->member >= 0)
        test_dump(test_group(s->room, (size_t)operation->member), &before);
    s->t->crypto->config.random = failing_random;
    for (bool failed = true; failed;) {
        failing_set(++n);
        status = operation->run(s);
        failed = failing_has_failed();
        if (failed != (status != MLS_OK))
            fail_msg("%s: status %d, and call %ld %s", operation->name, status, n,
                     failed ? "has failed" : "was not made");
        if (!failed)
            break;
        if (status != MLS_ERR_NOMEM && status != MLS_ERR_CRYPTO)
            fail_msg("%s: status %d when call %ld failed", operation->name, status, n);
        if (operation->member < 0)
            continue;
        test_dump(test_group(s->room, (size_t)operation->member), &after);
        if (!memory_store_equal(&before, &after))
            fail_msg("%s: the state has changed when call %ld failed", operation->name, n);
        memory_store_clear(&after);
    }
    memory_store_clear(&before);
    return n - 1;
}

static void every_operation__fails_cleanly(void **state)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        scene_t s = { .t = *state };
        s.room = make_room(s.t);
        const long count = run(&operations[i], &s);
        print_message("%-38s %4ld failures\n", operations[i].name, count);
        assert_true(count > 0);
        clear_scene(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_operation__fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
