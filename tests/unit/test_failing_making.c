/* What a client makes and sends, with everything failing in turn that can fail: memory, randomness,
 * primitives. Each failure is told as such, leaves outputs empty and the group bit for bit as it was, and
 * leaks nothing (which the sanitizers see). */
#include "failing_scene.h"

/* ---- key packages -------------------------------------------------------------------------------- */

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
    return scene_group_result(status, group);
}

static mls_status_t make_welcome(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_pending_commit_welcome(s->pending, &out, NULL, 0), &out);
}

static mls_status_t added_ref(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_pending_commit_added_ref(s->pending, &out, 0), &out);
}

/* ---- sending ------------------------------------------------------------------------------------- */

static mls_status_t encrypt(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(
        mls_group_encrypt(test_group(s->room, 0), &out, mls_view_text("hello"), mls_view_text("aad"), false),
        &out);
}

static mls_status_t propose_update(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    mls_bytes_t out;
    return scene_bytes_result(mls_group_propose(test_group(s->room, 0), &out, &update, NULL), &out);
}

static mls_status_t propose_in_public(scene_t *s)
{
    const mls_proposal_spec_t add = test_add(s->key_package);
    const mls_handshake_options_t options = { .as_public_message = true };
    mls_bytes_t out;
    return scene_bytes_result(mls_group_propose(test_group(s->room, 0), &out, &add, &options), &out);
}

static mls_status_t propose_self_remove(scene_t *s)
{
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    mls_bytes_t out;
    return scene_bytes_result(mls_group_propose(test_group(s->room, 0), &out, &leave, NULL), &out);
}

static mls_status_t propose_to_join(scene_t *s)
{
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = 4 };
    mls_bytes_t out;
    return scene_bytes_result(mls_propose_to_join(&out, s->key_package, &options), &out);
}

static mls_status_t group_info(scene_t *s)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t out;
    return scene_bytes_result(mls_group_info(test_group(s->room, 0), &out, &options), &out);
}

static mls_status_t ratchet_tree(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_group_ratchet_tree(test_group(s->room, 0), &out), &out);
}

static mls_status_t export(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_group_export(test_group(s->room, 0), &out, "label", mls_view_text("x"), 40),
                              &out);
}

static mls_status_t safe_export(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_group_safe_export(test_group(s->room, 0), &out, TOPIC), &out);
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
    return scene_bytes_result(mls_group_propose(test_group(s->room, 0), &out, &update, NULL), &out);
}

/* ---- all of them --------------------------------------------------------------------------------- */

static const operation_t operations[] = {
    { "key_package_new", NULL, key_package_new, -1 },
    { "key_package_save_and_load", scene_make_key_package, key_package_save_and_load, -1 },
    { "key_package_read", scene_make_key_package, key_package_read, -1 },
    { "create", scene_make_key_package, create, -1 },
    { "commit", scene_prepare_commit, scene_commit, 0 },
    { "group_info of a Commit", scene_prepare_group_info, scene_make_group_info, 0 },
    { "welcome", scene_prepare_welcome, make_welcome, 0 },
    { "added_ref", scene_prepare_welcome, added_ref, 0 },
    { "encrypt", NULL, encrypt, 0 },
    { "propose an Update", NULL, propose_update, 0 },
    { "commit a change of the own leaf", prepare_change, commit_change, 0 },
    { "propose a change of the own leaf", prepare_change, propose_change, 0 },
    { "propose in public", scene_make_key_package, propose_in_public, 0 },
    { "propose a SelfRemove", NULL, propose_self_remove, 0 },
    { "propose to join", scene_make_key_package, propose_to_join, -1 },
    { "group_info", NULL, group_info, 0 },
    { "ratchet_tree", NULL, ratchet_tree, 0 },
    { "export", NULL, export, 0 },
    { "safe_export", NULL, safe_export, 0 },
};

static void what_is_made__fails_cleanly(void **state)
{
    scene_run_all(*state, operations, sizeof operations / sizeof *operations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_made__fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
