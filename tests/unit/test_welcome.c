#include "support.h"
#include "welcome.h"

#include <stdio.h>

/* suite 1, secrets for the references "r1" and "r22", encrypted_group_info "info" */
#define WELCOME "0001 0003 0001 0f 027231 0165 0163 03723232 0165 0163 04696e666f"

static mls_view_t key_package(test_context_t *t)
{
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    return test_key_package_sign(t, &kp);
}

/* ---- inspecting ---------------------------------------------------------------------------------- */

static void inspect__tells_what_a_message_says_in_the_clear(void **state)
{
    test_context_t *t = *state;
    mls_message_info_t info;
    assert_ok(mls_message_inspect(&info, test_hex(t, "0001 0002 0167 0000000000000007 03 0161 0173 0163")));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    assert_view_equal(info.group_id, mls_view_text("g"));
    assert_int_equal(info.epoch, 7);
    assert_int_equal(info.content_type, MLS_CONTENT_COMMIT);
    assert_view_equal(info.authenticated_data, mls_view_text("a"));
    assert_ok(
        mls_message_inspect(&info, test_hex(t, "0001 0001 0167 0000000000000008 03 0162 03 0000 0173 0174")));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    assert_int_equal(info.epoch, 8);
    assert_view_equal(info.authenticated_data, mls_view_text("b"));
    assert_ok(mls_message_inspect(&info, test_hex(t, WELCOME)));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_WELCOME);
    assert_int_equal(info.cipher_suite, 1);
    assert_ok(mls_message_inspect(&info, key_package(t)));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_KEY_PACKAGE);
    assert_int_equal(info.cipher_suite, t->suite->id);
}

static void inspect__refuses_other_versions_and_wire_formats(void **state)
{
    test_context_t *t = *state;
    mls_message_info_t info;
    static const char *const bad[] = { "0000 0002", "0002 0002", "0001 0000", "0001 0006 00" };
    const mls_message_info_t empty = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_status(mls_message_inspect(&info, test_hex(t, bad[i])), MLS_ERR_UNSUPPORTED);
        assert_memory_equal(&info, &empty, sizeof info);
    }
}

static void inspect__refuses_every_truncation_and_trailing_bytes(void **state)
{
    test_context_t *t = *state;
    mls_message_info_t info;
    const mls_view_t messages[] = { test_hex(t, WELCOME), key_package(t) };
    for (size_t i = 0; i < 2; i++) {
        assert_ok(mls_message_inspect(&info, messages[i]));
        for (size_t len = 0; len < messages[i].len; len++)
            assert_status(mls_message_inspect(&info, mls_view(messages[i].data, len)), MLS_ERR_MALFORMED);
        uint8_t *longer = test_alloc(t, messages[i].len + 1);
        memcpy(longer, messages[i].data, messages[i].len);
        assert_status(mls_message_inspect(&info, mls_view(longer, messages[i].len + 1)), MLS_ERR_MALFORMED);
    }
}

static void decode__refuses_messages_beyond_the_limit(void **state)
{
    test_context_t *t = *state;
    mls_message_t message;
    const mls_view_t welcome = test_hex(t, WELCOME);
    assert_ok(mls_message_decode(t->crypto, &message, welcome, welcome.len, &t->arena));
    assert_status(mls_message_decode(t->crypto, &message, welcome, welcome.len - 1, &t->arena),
                  MLS_ERR_LIMIT);
    assert_int_equal(message.wire_format, 0);
}

/* ---- Welcome, GroupSecrets and GroupInfo --------------------------------------------------------- */

typedef struct visits {
    mls_view_t refs[4];
    size_t count, stop_after;
} visits_t;

static mls_status_t visit(void *arg, mls_view_t ref)
{
    visits_t *visits = arg;
    visits->refs[visits->count++] = ref;
    return visits->count == visits->stop_after ? MLS_ERR_STATE : MLS_OK;
}

static void recipients__are_visited_in_order_until_told_otherwise(void **state)
{
    test_context_t *t = *state;
    visits_t visits = { .count = 0 };
    assert_ok(mls_welcome_recipients(test_hex(t, WELCOME), visit, &visits));
    assert_int_equal(visits.count, 2);
    assert_view_equal(visits.refs[0], mls_view_text("r1"));
    assert_view_equal(visits.refs[1], mls_view_text("r22"));
    visits = (visits_t){ .stop_after = 1 };
    assert_status(mls_welcome_recipients(test_hex(t, WELCOME), visit, &visits), MLS_ERR_STATE);
    assert_int_equal(visits.count, 1);
}

static void recipients__are_those_of_a_welcome_only(void **state)
{
    test_context_t *t = *state;
    visits_t visits = { .count = 0 };
    assert_status(mls_welcome_recipients(key_package(t), visit, &visits), MLS_ERR_ARGUMENT);
    assert_status(mls_welcome_recipients(test_hex(t, "000100"), visit, &visits), MLS_ERR_MALFORMED);
    assert_int_equal(visits.count, 0);
}

static void group_secrets__round_trip(void **state)
{
    test_context_t *t = *state;
    mls_group_secrets_t secrets;
    mls_bytes_t encoded;
    const mls_view_t in = test_hex(t, "026a73 01 027073 07 01 026964 026e6e");
    assert_ok(mls_decode(&secrets, sizeof secrets, mls_codec_group_secrets, in, &t->arena));
    assert_view_equal(secrets.joiner_secret, mls_view_text("js"));
    assert_true(secrets.has_path_secret);
    assert_view_equal(secrets.path_secret, mls_view_text("ps"));
    assert_int_equal(secrets.psks.count, 1);
    assert_ok(mls_encode(&encoded, mls_codec_group_secrets, &secrets));
    assert_view_equal(test_keep(t, &encoded), in);
    assert_status(
        mls_decode(&secrets, sizeof secrets, mls_codec_group_secrets, test_hex(t, "0002 0000"), &t->arena),
        MLS_ERR_MALFORMED);
}

static void group_info__keeps_what_is_signed(void **state)
{
    test_context_t *t = *state;
    mls_group_info_t info;
    /* GroupContext of suite 1, group "g", epoch 2; no extensions; tag "t"; signer 1 */
    const char *tbs = "0001 0001 0167 0000000000000002 0168 0163 00 00 0174 00000001";
    char hex[200];
    snprintf(hex, sizeof hex, "%s%s", tbs, "0173");
    assert_ok(mls_decode(&info, sizeof info, mls_codec_group_info, test_hex(t, hex), &t->arena));
    assert_view_hex(t, info.tbs, tbs);
    assert_int_equal(info.context.epoch, 2);
    assert_int_equal(info.signer, 1);
    assert_view_equal(info.signature, mls_view_text("s"));
    hex[3] = '2'; /* the version of the GroupContext */
    assert_status(mls_decode(&info, sizeof info, mls_codec_group_info, test_hex(t, hex), &t->arena),
                  MLS_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(inspect__tells_what_a_message_says_in_the_clear),
        TEST(inspect__refuses_other_versions_and_wire_formats),
        TEST(inspect__refuses_every_truncation_and_trailing_bytes),
        TEST(decode__refuses_messages_beyond_the_limit),
        TEST(recipients__are_visited_in_order_until_told_otherwise),
        TEST(recipients__are_those_of_a_welcome_only),
        TEST(group_secrets__round_trip),
        TEST(group_info__keeps_what_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
