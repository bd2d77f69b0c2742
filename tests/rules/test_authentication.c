/* The Authentication Service (RFC 9420, Section 5.3.1): whoever comes into the tree, or puts another
 * credential there, is judged by the application. */
#include "forge_welcome.h"

/* What the service refuses: leaves on one way, and successors of another identity. */
typedef struct service {
    bool refuses_all;
    mls_leaf_purpose_t refused;
    bool refuses_new_identities;
} service_t;

static mls_status_t judge(void *arg, const mls_leaf_candidate_t *candidate)
{
    const service_t *service = arg;
    if (service->refuses_all && candidate->purpose == service->refused)
        return MLS_ERR_REJECTED;
    return service->refuses_new_identities && candidate->predecessor != NULL &&
                   !mls_view_equal(candidate->predecessor->identity, candidate->leaf.identity)
               ? MLS_ERR_REJECTED
               : MLS_OK;
}

static mls_group_config_t judged_by(service_t *service)
{
    return (mls_group_config_t){ .keep_handshake_keys = true, .authentication = { judge, service, NULL } };
}

static void rule_C1__downloaded_key_package_is_judged(void **state)
{
    test_context_t *t = *state;
    service_t service = { true, MLS_LEAF_IN_KEY_PACKAGE, false };
    const mls_authentication_t authentication = { judge, &service, NULL };
    mls_key_package_t *kp = test_own_key_package(t);
    mls_key_package_info_t info;
    const mls_view_t message = mls_key_package_message(kp);
    assert_status(mls_key_package_read(&info, t->crypto, message, TEST_NOW, &authentication),
                  MLS_ERR_REJECTED);
    assert_rule(t, "C1", MLS_ERR_REJECTED);
    service.refuses_all = false;
    assert_ok(mls_key_package_read(&info, t->crypto, message, TEST_NOW, &authentication));
    mls_key_package_free(kp);
}

static void rule_C1_P2__added_leaf_is_judged(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = judged_by(&service);
    test_room_t *room = test_room(*state, 3, &config);
    test_key_package_t kp;
    const mls_proposal_t add = forge_good_add(*state, &kp);
    const mls_view_t proposal = forge_proposal(room, &add), commit = forge_commit_with(room, &add, 1);
    service = (service_t){ true, MLS_LEAF_IN_ADD, false };
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, proposal);
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, commit);
    service.refuses_all = false;
    assert_taken(room, proposal);
    test_room_free(room);
}

static void rule_C1_P3__updated_leaf_is_judged(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = judged_by(&service);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_view_t proposal = test_propose(room, FORGER, &update);
    service = (service_t){ true, MLS_LEAF_IN_UPDATE, false };
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, proposal);
    service.refuses_all = false;
    assert_taken(room, proposal);
    test_room_free(room);
}

static void rule_C1_M7__leaf_of_a_path_is_judged(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = judged_by(&service);
    test_room_t *room = test_room(*state, 3, &config);
    const mls_view_t commit = test_update(room, FORGER);
    service = (service_t){ true, MLS_LEAF_IN_COMMIT, false };
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, commit);
    service.refuses_all = false;
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    test_room_free(room);
}

static void rule_C1_W9__leaves_of_a_tree_are_judged(void **state)
{
    service_t service = { true, MLS_LEAF_IN_TREE, false };
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 3, NULL), false);
    f.config = judged_by(&service);
    service.refuses_all = false;
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    service.refuses_all = true;
    assert_welcome_breaks(&f, "C1", MLS_ERR_REJECTED);
}

/* ---- successors ---------------------------------------------------------------------------------- */

static void rule_C2_C1_P3__update_to_another_identity_is_for_the_service_to_take(void **state)
{
    service_t service = { .refuses_new_identities = true };
    const mls_group_config_t config = judged_by(&service);
    test_room_t *room = test_room(*state, 3, &config);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    leaf.credential.body = mls_view_text("mallory");
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, forge_proposal(room, &update));
    service.refuses_new_identities = false;
    assert_taken(room, forge_proposal(room, &update));
    test_room_free(room);
}

static void rule_C2_C1_M7__path_to_another_identity_is_for_the_service_to_take(void **state)
{
    service_t service = { .refuses_new_identities = true };
    const mls_group_config_t config = judged_by(&service);
    test_room_t *room = test_room(*state, 3, &config);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.leaf.credential.body = mls_view_text("mallory");
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, "C1", MLS_ERR_REJECTED, forge_commit_seal(&f));
    assert_taken(room, f.genuine);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_C1__downloaded_key_package_is_judged),
        TEST(rule_C1_P2__added_leaf_is_judged),
        TEST(rule_C1_P3__updated_leaf_is_judged),
        TEST(rule_C1_M7__leaf_of_a_path_is_judged),
        TEST(rule_C1_W9__leaves_of_a_tree_are_judged),
        TEST(rule_C2_C1_P3__update_to_another_identity_is_for_the_service_to_take),
        TEST(rule_C2_C1_M7__path_to_another_identity_is_for_the_service_to_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
