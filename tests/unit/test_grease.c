/* GREASE: sent where it may be, and nowhere else; taken like anything that is unknown (RFC 9420,
 * Section 13.5). */
#include "bytes.h"
#include "grease.h"
#include "group_support.h"
#include "mls/join.h"

static void values__are_the_fifteen_of_the_registries(void **state)
{
    uint16_t found[15] = { 0 };
    size_t count = 0;
    for (uint32_t value = 0; value <= UINT16_MAX; value++)
        if (mls_is_grease((uint16_t)value))
            found[count++ % 15] = (uint16_t)value;
    assert_int_equal(count, 15);
    for (size_t i = 0; i < 15; i++)
        assert_int_equal(found[i], 0x0a0a + i * 0x1010);
    (void)state;
}

static void value__is_any_of_them(void **state)
{
    test_context_t *t = *state;
    bool seen[16] = { 0 };
    for (int i = 0; i < 1000; i++) {
        uint16_t value = 0;
        assert_ok(mls_grease_value(t->crypto, &value));
        assert_true(mls_is_grease(value));
        seen[value >> 12] = true;
    }
    for (size_t i = 0; i < 15; i++)
        assert_true(seen[i]);
}

/* Whatever the place, the rest of the list stays as it was. */
static void list__is_longer_by_the_value(void **state)
{
    test_context_t *t = *state;
    bool places[4] = { 0 };
    for (int i = 0; i < 200; i++) {
        mls_bytes_t list = { 0 };
        size_t at = 0;
        assert_ok(mls_bytes_copy(&list, test_hex(t, "000100020003")));
        assert_ok(mls_grease_list(t->crypto, &list, 0x1a1a));
        assert_ok(mls_grease_list(t->crypto, &list, 0x1a1a)); /* it is there already */
        assert_int_equal(list.len, 8);
        while (list.data[2 * at] != 0x1a)
            at++;
        places[at] = true;
        memmove(list.data + 2 * at, list.data + 2 * at + 2, 6 - 2 * at);
        list.len = 6;
        assert_view_equal(mls_bytes_view(&list), test_hex(t, "000100020003"));
        mls_bytes_clear(&list);
    }
    assert_true(places[0] && places[1] && places[2] && places[3]);
}

/* ---- G1: where it is sent ------------------------------------------------------------------------ */

static size_t num_in_list(const mls_u16s_t *list)
{
    size_t count = 0;
    for (size_t i = 0; i < mls_u16s_count(list); i++)
        count += mls_is_grease(mls_u16s_at(list, i));
    return count;
}

static size_t num_extensions(mls_view_t extensions)
{
    mls_extension_t extension;
    size_t count = 0;
    for (size_t at = 0; mls_extensions_next(&extension, extensions, &at) == MLS_OK;)
        count += mls_is_grease(extension.type);
    return count;
}

static void assert_greased(const mls_key_package_data_t *kp, size_t num)
{
    const mls_leaf_capabilities_t *capabilities = &kp->leaf.capabilities;
    assert_int_equal(num_in_list(&capabilities->cipher_suites), num);
    assert_int_equal(num_in_list(&capabilities->extensions), num);
    assert_int_equal(num_in_list(&capabilities->proposals), num);
    assert_int_equal(num_in_list(&capabilities->credentials), num);
    assert_int_equal(num_in_list(&capabilities->versions), 0);
    assert_int_equal(num_extensions(kp->leaf.extensions), num);
    assert_int_equal(num_extensions(kp->extensions), num);
}

static void rule_G1__key_package_and_leaf_have_it_if_asked(void **state)
{
    test_context_t *t = *state;
    static uint16_t types[] = { 0xf001 };
    static mls_extension_t items[] = { { 0xf001, { (const uint8_t *)"data", 4 } } };
    mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                        .identity = mls_view_text("alice"),
                                        .capabilities = { .extensions = { types, 1 } },
                                        .leaf_extensions = { items, 1 },
                                        .extensions = { items, 1 },
                                        .not_before = TEST_NOT_BEFORE,
                                        .not_after = TEST_NOT_AFTER };
    for (int i = 0; i < 60; i++) {
        mls_key_package_t *kp;
        mls_key_package_data_t data;
        mls_key_package_info_t info;
        mls_view_t found;
        params.grease = i % 2 == 0;
        assert_ok(mls_key_package_new(&kp, t->crypto, &params));
        assert_ok(mls_key_package_decode(kp, &data));
        assert_greased(&data, params.grease ? 1 : 0);
        assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), TEST_NOW, NULL));
        assert_ok(mls_extensions_find(&found, info.leaf.extensions, 0xf001));
        assert_view_equal(found, mls_view_text("data"));
        mls_key_package_free(kp);
    }
}

static void rule_G1__group_info_has_it_if_asked(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    mls_key_package_t *bob = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(bob);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1 };
    const mls_group_info_options_t greased = { .with_tree = true, .grease = true };
    mls_pending_commit_t *pending;
    mls_welcome_t *welcome;
    mls_group_t *group;
    mls_bytes_t message = { 0 };
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
    assert_ok(mls_pending_commit_group_info(pending, &greased));
    assert_ok(mls_pending_commit_welcome(pending, &message, NULL, 0));
    assert_ok(mls_welcome_open(&welcome, room->t->crypto, &room->config, bob, mls_bytes_view(&message)));
    assert_int_equal(num_extensions(mls_welcome_group_info_extensions(welcome)), 1);
    assert_int_equal(num_extensions(mls_welcome_group_context_extensions(welcome)), 0);
    assert_ok(mls_group_join(&group, NULL, room->t->crypto, &room->config, welcome, mls_view(NULL, 0)));
    mls_group_free(group);
    mls_welcome_free(welcome);
    mls_bytes_clear(&message);
    mls_key_package_free(bob);
    test_room_free(room);
}

/* ---- G2: where it is never --------------------------------------------------------------------------- */

/* A KeyPackage that lists 0x0A0A everywhere, as one with GREASE might. */
static mls_key_package_t *listing_grease(test_context_t *t)
{
    static uint16_t value[] = { 0x0a0a }, credentials[] = { 1, 0x0a0a };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .identity = mls_view_text("alice"),
                                              .capabilities = { .extensions = { value, 1 },
                                                                .proposals = { value, 1 },
                                                                .credentials = { credentials, 2 } },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    mls_key_package_t *kp;
    assert_ok(mls_key_package_new(&kp, t->crypto, &params));
    return kp;
}

static void rule_G2__no_group_context_has_it(void **state)
{
    test_context_t *t = *state;
    mls_key_package_t *kp = listing_grease(t);
    mls_extension_t item = { 0x0a0a, mls_view_text("anything") };
    const mls_extensions_t list = { &item, 1 };
    mls_bytes_t message = { 0 };
    mls_group_t *group;
    assert_status(mls_group_create(&group, t->crypto, NULL, kp, mls_view_text("room"), &list),
                  MLS_ERR_INVALID);
    assert_rule(t, "L11", MLS_ERR_INVALID);
    assert_ok(mls_group_create(&group, t->crypto, NULL, kp, mls_view_text("room"), NULL));
    const mls_proposal_spec_t change = test_extensions(&list);
    const mls_commit_options_t options = { .proposals = &change, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    assert_status(mls_group_commit(group, &pending, &options), MLS_ERR_INVALID);
    assert_rule(t, "P8", MLS_ERR_INVALID);
    mls_bytes_clear(&message);
    mls_group_free(group);
    mls_key_package_free(kp);
}

static void rule_G2__no_group_requires_it(void **state)
{
    test_context_t *t = *state;
    uint16_t value[] = { 0x0a0a };
    for (int kind = 0; kind < 3; kind++) {
        mls_required_capabilities_t required = { 0 };
        *(kind == 0   ? &required.extensions
          : kind == 1 ? &required.proposals
                      : &required.credentials) = (mls_u16_list_t){ value, 1 };
        mls_key_package_t *kp = listing_grease(t);
        mls_bytes_t data = { 0 };
        mls_group_t *group;
        assert_ok(mls_required_capabilities_encode(&data, &required));
        mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
        const mls_extensions_t list = { &item, 1 };
        assert_status(mls_group_create(&group, t->crypto, NULL, kp, mls_view_text("room"), &list),
                      MLS_ERR_INVALID);
        assert_rule(t, "L2", MLS_ERR_INVALID);
        mls_key_package_free(kp);
    }
}

static void rule_G2__no_credential_has_it(void **state)
{
    test_context_t *t = *state;
    const mls_credential_t credential = { 0x0a0a, mls_view_text("alice") };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .credential = &credential,
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    mls_key_package_t *kp;
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_INVALID);
    assert_rule(t, "L5_CREDENTIAL", MLS_ERR_INVALID);
    assert_null(kp);
}

/* ---- G3: it is nothing special ---------------------------------------------------------------------------
 */

/* Unknown values of both kinds go the same way: listed, they are passed over; not listed, they are refused.
 */
static void rule_G3__it_is_treated_like_all_that_is_unknown(void **state)
{
    test_context_t *t = *state;
    static const char *const lists[] = { "0a0a", "f123" };
    for (size_t i = 0; i < 2; i++) {
        test_key_package_t kp;
        mls_key_package_info_t info;
        mls_bytes_t extensions = { 0 };
        mls_extension_t item = { (uint16_t)(i == 0 ? 0x0a0a : 0xf123), mls_view_text("anything") };
        const mls_extensions_t list = { &item, 1 };
        test_key_package_fill(t, &kp);
        assert_ok(mls_extensions_encode(&extensions, &list));
        kp.leaf.extensions = kp.data.extensions = test_keep(t, &extensions);
        assert_status(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), TEST_NOW, NULL),
                      MLS_ERR_INVALID);
        assert_rule(t, "L5", MLS_ERR_INVALID);
        kp.leaf.capabilities.extensions.bytes = kp.leaf.capabilities.proposals.bytes = test_hex(t, lists[i]);
        assert_ok(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), TEST_NOW, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values__are_the_fifteen_of_the_registries),
        TEST(value__is_any_of_them),
        TEST(list__is_longer_by_the_value),
        TEST(rule_G1__key_package_and_leaf_have_it_if_asked),
        TEST(rule_G1__group_info_has_it_if_asked),
        TEST(rule_G2__no_group_context_has_it),
        TEST(rule_G2__no_group_requires_it),
        TEST(rule_G2__no_credential_has_it),
        TEST(rule_G3__it_is_treated_like_all_that_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
