/* The presentation language (RFC 9420, Section 2.1): bytes that are not those of a message. Nobody has signed
 * them yet when they are looked at, so each comes from anybody. */
#include "forge_welcome.h"
#include "private_message.h"

#include <stdio.h>

/* A PrivateMessage: version, wire format, then the group_id "a room" with its length. */
enum { GROUP_ID_AT = 4 };

/* ---- lengths ------------------------------------------------------------------------------------- */

static void rule_E1__length_that_begins_with_11_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    static const char *const lengths[] = { "c6", "c006", "c0000006", "c000000000000006", "ff" };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_message_breaks(room, "E1", MLS_ERR_MALFORMED,
                              forge_splice(*state, good, GROUP_ID_AT, 1, test_hex(*state, lengths[i])));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_E2_B13__length_in_more_bytes_than_it_needs_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    static const char *const lengths[] = { "4006", "80000006" };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_message_breaks(room, "E2", MLS_ERR_MALFORMED,
                              forge_splice(*state, good, GROUP_ID_AT, 1, test_hex(*state, lengths[i])));
    assert_taken(room, good);
    test_room_free(room);
}

static void codec_bytes(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* Where one more byte becomes necessary, and where no length is long enough. */
static void rule_E2_B13__lengths_are_the_shortest_at_their_ends(void **state)
{
    test_context_t *t = *state;
    static const struct {
        const char *length;
        size_t len;
        bool good;
    } cases[] = { { "3f", 63, true },      { "403f", 63, false },        { "4040", 64, true },
                  { "7fff", 16383, true }, { "80003fff", 16383, false }, { "80004000", 16384, true } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mls_view_t bytes = forge_splice(t, mls_view(test_alloc(t, cases[i].len), cases[i].len), 0, 0,
                                              test_hex(t, cases[i].length));
        mls_view_t value;
        t->rule[0] = '\0';
        const mls_status_t status =
            mls_decode_input(t->crypto, &value, sizeof value, codec_bytes, bytes, NULL);
        assert_status(status, cases[i].good ? MLS_OK : MLS_ERR_MALFORMED);
        assert_string_equal(t->rule, cases[i].good ? "" : "E2");
        assert_int_equal(value.len, cases[i].good ? cases[i].len : 0);
    }
}

static void rule_E4_B2__length_beyond_the_input_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    /* The last two ask for a gigabyte: nothing of that is allocated. */
    static const char *const lengths[] = { "7fff", "80010000", "bfffffff", "bffffffe" };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_message_breaks(room, "E4", MLS_ERR_MALFORMED,
                              forge_splice(*state, good, GROUP_ID_AT, 1, test_hex(*state, lengths[i])));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_E4__message_that_is_cut_off_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    const mls_view_t messages[] = { test_encrypt(room, FORGER, "hello"), forge_commit_seal_public(&f) };
    for (size_t m = 0; m < 2; m++) {
        for (size_t len = 0; len < messages[m].len; len++) {
            /* A copy of just that many bytes: what lies behind them must not be looked at. */
            assert_message_breaks(room, "E4", MLS_ERR_MALFORMED,
                                  forge_copy(*state, mls_view(messages[m].data, len)));
        }
    }
    assert_taken(room, messages[0]);
    test_room_free(room);
}

/* ---- optional values ----------------------------------------------------------------------------- */

static mls_view_t public_commit_with_body(test_room_t *room, const char *hex)
{
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_COMMIT, test_hex(room->t, hex));
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    content.auth.confirmation_tag = forge_hash(room->t);
    forge_sign(room, &content);
    return forge_public(room, &content);
}

static void rule_E3__path_that_is_neither_there_nor_not_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    assert_message_breaks(room, "E3", MLS_ERR_MALFORMED, public_commit_with_body(room, "00 02"));
    assert_message_breaks(room, "E3", MLS_ERR_MALFORMED, public_commit_with_body(room, "00 ff"));
    assert_message_breaks(room, "M6", MLS_ERR_INVALID, public_commit_with_body(room, "00 00"));
    test_room_free(room);
}

static void rule_E3__node_that_is_neither_there_nor_not_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.tree = test_hex(*state, "03 02 01 00");
    assert_welcome_breaks(&f, "E3", MLS_ERR_MALFORMED);
}

/* ---- ends ---------------------------------------------------------------------------------------- */

static void rule_E5__bytes_behind_a_message_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    assert_message_breaks(room, "E5", MLS_ERR_MALFORMED,
                          forge_splice(*state, good, good.len, 0, test_hex(*state, "00")));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_E5__half_a_value_in_a_list_is_refused(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    kp.leaf.capabilities.proposals.bytes = test_hex(t, "1a1a2a2a");
    const mls_view_t good = test_key_package_sign(t, &kp);
    assert_ok(mls_key_package_read(&info, t->crypto, good, TEST_NOW, NULL));
    const mls_view_t half = forge_replace(t, good, "041a1a2a2a", "031a1a2a");
    assert_status(mls_key_package_read(&info, t->crypto, half, TEST_NOW, NULL), MLS_ERR_MALFORMED);
    assert_rule(t, "E5", MLS_ERR_MALFORMED);
}

static void rule_E5__half_an_extension_is_refused(void **state)
{
    test_context_t *t = *state;
    static const char *const halves[] = { "02f001", "01f0", "04f00102ff" };
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    kp.leaf.capabilities.extensions.bytes = test_hex(t, "f001");
    kp.data.extensions = test_hex(t, "f00102ffff");
    const mls_view_t good = test_key_package_sign(t, &kp);
    assert_ok(mls_key_package_read(&info, t->crypto, good, TEST_NOW, NULL));
    for (size_t i = 0; i < 3; i++) {
        const mls_view_t half = forge_replace(t, good, "05f00102ffff", halves[i]);
        assert_status(mls_key_package_read(&info, t->crypto, half, TEST_NOW, NULL), MLS_ERR_MALFORMED);
        assert_rule(t, "E5", MLS_ERR_MALFORMED);
    }
}

static void rule_E5_B8__half_an_unmerged_leaf_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, test_room(*state, 3, NULL), true);
    /* A blank leaf; then a parent without keys, whose list has three bytes. */
    f.tree = test_hex(*state, "0a 00 01 02 00 00 03 000000 00");
    assert_welcome_breaks(&f, "E5", MLS_ERR_MALFORMED);
}

/* What was decrypted is a struct of its own, and ends where its bytes end as well. */
static void rule_E5__bytes_behind_what_a_welcome_encrypts_are_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.secrets_tail = test_hex(*state, "00");
    assert_welcome_breaks(&f, "E5", MLS_ERR_MALFORMED);
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.group_info_tail = test_hex(*state, "00");
    assert_welcome_breaks(&f, "E5", MLS_ERR_MALFORMED);
}

/* RFC 9420, Section 13.4: the data of an extension is an object, too. */
static void rule_E5_B13__bytes_behind_the_data_of_an_extension_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    static const struct {
        uint16_t type;
        const char *data;
    } cases[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, "00 00 00 ff" },
                  { MLS_EXTENSION_EXTERNAL_SENDERS, "00 ff" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mls_extension_t item = { cases[i].type, test_hex(*state, cases[i].data) };
        const mls_extensions_t list = { &item, 1 };
        const mls_proposal_t proposal = forge_extensions(*state, &list);
        assert_message_breaks(room, "E5", MLS_ERR_MALFORMED, forge_proposal(room, &proposal));
        item.data.len--;
        const mls_proposal_t good = forge_extensions(*state, &list);
        assert_taken(room, forge_proposal(room, &good));
    }
    test_room_free(room);
}

static void rule_E5_B13__bytes_behind_a_ratchet_tree_are_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.tree = test_hex(*state, "01 00 ff");
    assert_welcome_breaks(&f, "E5", MLS_ERR_MALFORMED);
}

/* ---- enumerators --------------------------------------------------------------------------------- */

/* Changes one byte of a message that comes in the clear. */
static mls_view_t with_byte(void **state, mls_view_t message, size_t at, uint8_t value)
{
    return forge_splice(*state, message, at, 1, mls_view(&value, 1));
}

static void rule_E6_B3__unknown_kinds_of_senders_and_contents_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    const mls_view_t message = forge_commit_seal_public(&f);
    /* version, wire format, group_id, epoch; then sender type, leaf index, authenticated data, content type
     */
    enum { SENDER_TYPE_AT = 4 + 7 + 8 };
    assert_int_equal(message.data[SENDER_TYPE_AT], MLS_SENDER_MEMBER);
    const size_t content_type_at = SENDER_TYPE_AT + 5 + 1 + f.content.content.authenticated_data.len;
    assert_int_equal(message.data[content_type_at], MLS_CONTENT_COMMIT);
    static const uint8_t senders[] = { 0, 5, 0x0a, 255 }, contents[] = { 0, 4, 0x0a, 255 };
    for (size_t i = 0; i < 4; i++) {
        assert_message_breaks(room, "E6", MLS_ERR_MALFORMED,
                              with_byte(state, message, SENDER_TYPE_AT, senders[i]));
        assert_message_breaks(room, "E6", MLS_ERR_MALFORMED,
                              with_byte(state, message, content_type_at, contents[i]));
    }
    test_room_free(room);
}

/* A sender that has no leaf index, and so no membership tag: what follows is all as it should be. */
static void rule_E6_B3__unknown_kind_of_sender_is_refused_by_itself(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_APPLICATION, forge_hello());
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    content.content.sender = (mls_sender_t){ .type = MLS_SENDER_NEW_MEMBER_PROPOSAL };
    forge_sign(room, &content);
    const mls_view_t message = forge_public(room, &content);
    enum { SENDER_TYPE_AT = 4 + 7 + 8 };
    assert_int_equal(message.data[SENDER_TYPE_AT], MLS_SENDER_NEW_MEMBER_PROPOSAL);
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, with_byte(state, message, SENDER_TYPE_AT, 5));
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, with_byte(state, message, SENDER_TYPE_AT, 0));
    test_room_free(room);
}

static void rule_E6__unknown_content_type_of_a_private_message_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    enum { CONTENT_TYPE_AT = 4 + 7 + 8 };
    assert_int_equal(good.data[CONTENT_TYPE_AT], MLS_CONTENT_APPLICATION);
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, with_byte(state, good, CONTENT_TYPE_AT, 0));
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, with_byte(state, good, CONTENT_TYPE_AT, 4));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_E6__proposal_neither_by_value_nor_by_reference_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, public_commit_with_body(room, "02 00 00 00"));
    assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, public_commit_with_body(room, "02 03 00 00"));
    test_room_free(room);
}

static mls_view_t public_proposal_with_body(test_room_t *room, const char *hex)
{
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_PROPOSAL, test_hex(room->t, hex));
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    forge_sign(room, &content);
    return forge_public(room, &content);
}

static void rule_E6__unknown_kind_of_psk_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    static const char *const bodies[] = {
        "0004 00 00 00",                     /* psktype 0 */
        "0004 03 00 00",                     /* psktype 3 */
        "0004 02 00 00 0000000000000000 00", /* usage 0 */
        "0004 02 04 00 0000000000000000 00", /* usage 4 */
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, public_proposal_with_body(room, bodies[i]));
    test_room_free(room);
}

static void rule_E6__unknown_change_of_application_data_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    char body[32];
    for (unsigned op = 0; op <= 3; op += 3) {
        snprintf(body, sizeof body, "%04x 0001 %02x", MLS_PROPOSAL_APP_DATA_UPDATE, op);
        assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, public_proposal_with_body(room, body));
    }
    test_room_free(room);
}

static void rule_E6__unknown_source_of_a_leaf_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    const mls_proposal_t update = forge_update(room, &leaf);
    const mls_view_t body = forge_proposal_body(*state, &update);
    /* Before the source: type, both keys, the credential, the capabilities. */
    const mls_leaf_capabilities_t *c = &leaf.capabilities;
    const mls_view_t before[] = { leaf.encryption_key, leaf.signature_key,     leaf.credential.body,
                                  c->versions.bytes,   c->cipher_suites.bytes, c->extensions.bytes,
                                  c->proposals.bytes,  c->credentials.bytes };
    size_t at = 4; /* the types of the proposal and of the credential */
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        at += before[i].len + (before[i].len < 64 ? 1 : 2);
    assert_int_equal(body.data[at], MLS_LEAF_NODE_SOURCE_UPDATE);
    static const uint8_t sources[] = { 0, 4, 255 };
    for (size_t i = 0; i < sizeof sources; i++) {
        mls_authenticated_content_t content =
            forge_content(room, MLS_CONTENT_PROPOSAL, with_byte(state, body, at, sources[i]));
        forge_sign(room, &content);
        assert_message_breaks(room, "E6", MLS_ERR_MALFORMED, forge_private(room, &content));
    }
    test_room_free(room);
}

static void rule_E6__unknown_type_of_a_node_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.tree = test_hex(*state, "02 01 03");
    assert_welcome_breaks(&f, "W19", MLS_ERR_MALFORMED);
}

static void rule_E6_B3__unknown_version_or_wire_format_is_unsupported(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    static const uint8_t versions[] = { 0, 2, 255 }, wire_formats[] = { 0, 6, 0x0a, 255 };
    for (size_t i = 0; i < sizeof versions; i++)
        assert_message_breaks(room, "E6_VERSION", MLS_ERR_UNSUPPORTED,
                              with_byte(state, good, 1, versions[i]));
    for (size_t i = 0; i < sizeof wire_formats; i++)
        assert_message_breaks(room, "E6_WIRE_FORMAT", MLS_ERR_UNSUPPORTED,
                              with_byte(state, good, 3, wire_formats[i]));
    assert_message_breaks(room, "E6_WIRE_FORMAT", MLS_ERR_UNSUPPORTED, with_byte(state, good, 2, 0x0a));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_E6__key_package_in_another_message_is_unsupported(void **state)
{
    test_context_t *t = *state;
    mls_key_package_t *kp = test_own_key_package(t);
    const mls_view_t good = mls_key_package_message(kp);
    mls_key_package_info_t info;
    assert_status(mls_key_package_read(&info, t->crypto, with_byte(state, good, 1, 2), TEST_NOW, NULL),
                  MLS_ERR_UNSUPPORTED);
    assert_rule(t, "E6_VERSION", MLS_ERR_UNSUPPORTED);
    assert_status(mls_key_package_read(&info, t->crypto, with_byte(state, good, 3, 6), TEST_NOW, NULL),
                  MLS_ERR_UNSUPPORTED);
    assert_rule(t, "E6_WIRE_FORMAT", MLS_ERR_UNSUPPORTED);
    assert_ok(mls_key_package_read(&info, t->crypto, good, TEST_NOW, NULL));
    mls_key_package_free(kp);
}

static void rule_E6__group_of_another_version_is_unsupported(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.context.version = 2;
    assert_welcome_breaks(&f, "E6_VERSION", MLS_ERR_UNSUPPORTED);
}

static void rule_E6__suite_that_is_not_here_is_unsupported(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    kp.data.cipher_suite = 0x0a0a;
    assert_status(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), TEST_NOW, NULL),
                  MLS_ERR_UNSUPPORTED);
    assert_rule(t, "E6_SUITE", MLS_ERR_UNSUPPORTED);
}

/* ---- sizes --------------------------------------------------------------------------------------- */

static void rule_E8_B2__message_beyond_the_limit_is_refused(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    test_room_t *room = test_room(*state, 2, &config);
    const mls_view_t message = test_encrypt(room, FORGER, "hello");
    test_group(room, VICTIM)->config.limits.message_len = message.len - 1;
    assert_message_breaks(room, "E8", MLS_ERR_LIMIT, message);
    test_group(room, VICTIM)->config.limits.message_len = message.len;
    assert_taken(room, message);
    test_room_free(room);
}

/* A path has at most one node for each level of the largest tree. */
static void rule_E8_B2__vector_of_too_many_elements_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.nodes.count = MLS_MAX_LEVELS + 1;
    f.commit.path.nodes.items = test_alloc(*state, (MLS_MAX_LEVELS + 1) * sizeof *f.commit.path.nodes.items);
    assert_message_breaks(room, "E8", MLS_ERR_LIMIT, forge_commit_seal(&f));
    f.commit.path.nodes.count = MLS_MAX_LEVELS;
    assert_message_breaks(room, "M9", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_E1__length_that_begins_with_11_is_refused),
        TEST(rule_E2_B13__length_in_more_bytes_than_it_needs_is_refused),
        TEST(rule_E2_B13__lengths_are_the_shortest_at_their_ends),
        TEST(rule_E4_B2__length_beyond_the_input_is_refused),
        TEST(rule_E4__message_that_is_cut_off_is_refused),
        TEST(rule_E3__path_that_is_neither_there_nor_not_is_refused),
        TEST(rule_E3__node_that_is_neither_there_nor_not_is_refused),
        TEST(rule_E5__bytes_behind_a_message_are_refused),
        TEST(rule_E5__half_a_value_in_a_list_is_refused),
        TEST(rule_E5__half_an_extension_is_refused),
        TEST(rule_E5_B8__half_an_unmerged_leaf_is_refused),
        TEST(rule_E5__bytes_behind_what_a_welcome_encrypts_are_refused),
        TEST(rule_E5_B13__bytes_behind_the_data_of_an_extension_are_refused),
        TEST(rule_E5_B13__bytes_behind_a_ratchet_tree_are_refused),
        TEST(rule_E6_B3__unknown_kinds_of_senders_and_contents_are_refused),
        TEST(rule_E6_B3__unknown_kind_of_sender_is_refused_by_itself),
        TEST(rule_E6__unknown_content_type_of_a_private_message_is_refused),
        TEST(rule_E6__proposal_neither_by_value_nor_by_reference_is_refused),
        TEST(rule_E6__unknown_kind_of_psk_is_refused),
        TEST(rule_E6__unknown_change_of_application_data_is_refused),
        TEST(rule_E6__unknown_source_of_a_leaf_is_refused),
        TEST(rule_E6__unknown_type_of_a_node_is_refused),
        TEST(rule_E6_B3__unknown_version_or_wire_format_is_unsupported),
        TEST(rule_E6__key_package_in_another_message_is_unsupported),
        TEST(rule_E6__group_of_another_version_is_unsupported),
        TEST(rule_E6__suite_that_is_not_here_is_unsupported),
        TEST(rule_E8_B2__message_beyond_the_limit_is_refused),
        TEST(rule_E8_B2__vector_of_too_many_elements_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
