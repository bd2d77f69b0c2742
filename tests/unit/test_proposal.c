#include "app_data.h"
#include "proposal.h"
#include "support.h"
#include "tree_math.h"

/* Decodes, and looks at the encoding without what was kept of it. */
static mls_status_t decode_proposal(test_context_t *t, mls_proposal_t *out, mls_view_t bytes)
{
    mls_bytes_t encoded;
    const mls_status_t status = mls_proposal_decode(out, bytes);
    if (status == MLS_OK) {
        mls_proposal_t fields = *out;
        fields.encoded = (mls_view_t){ 0 };
        assert_ok(mls_encode(&encoded, mls_codec_proposal, &fields));
        assert_view_equal(test_keep(t, &encoded), bytes);
        assert_view_equal(out->encoded, bytes);
    }
    return status;
}

static mls_view_t with_type(test_context_t *t, uint8_t type, mls_view_t body)
{
    uint8_t *bytes = test_alloc(t, 2 + body.len);
    bytes[1] = type;
    memcpy(bytes + 2, body.data, body.len);
    return mls_view(bytes, 2 + body.len);
}

static mls_view_t add_proposal(test_context_t *t, test_key_package_t *kp)
{
    test_key_package_fill(t, kp);
    const mls_view_t message = test_key_package_sign(t, kp);
    return with_type(t, MLS_PROPOSAL_ADD, mls_view(message.data + 4, message.len - 4));
}

static void proposal__of_each_type_decodes(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_proposal_t p;
    const mls_view_t add = add_proposal(t, &kp);
    assert_ok(decode_proposal(t, &p, add));
    assert_view_equal(p.key_package_encoded, mls_view(add.data + 2, add.len - 2));
    assert_view_equal(p.key_package.init_key, mls_hpke_public_view(&kp.init_key));
    assert_ok(decode_proposal(t, &p, with_type(t, MLS_PROPOSAL_UPDATE, test_leaf_sign(t, &kp, NULL))));
    assert_view_equal(p.leaf.signature_key, mls_signature_public_view(&kp.signature_key));
    assert_ok(decode_proposal(t, &p, test_hex(t, "0003 01020304")));
    assert_int_equal(p.removed, 0x01020304);
    assert_ok(decode_proposal(t, &p, test_hex(t, "0004 01 026964 036e6f6e")));
    assert_view_equal(p.psk.id, mls_view_text("id"));
    assert_ok(decode_proposal(t, &p, test_hex(t, "0004 02 03 026964 0000000000000009 036e6f6e")));
    assert_true(p.psk.usage == MLS_PSK_USAGE_BRANCH && p.psk.psk_epoch == 9);
    assert_ok(decode_proposal(t, &p, test_hex(t, "0005 0167 0001 0003 03 f00100")));
    assert_int_equal(p.cipher_suite, 3);
    assert_ok(decode_proposal(t, &p, test_hex(t, "0006 03656e63")));
    assert_view_equal(p.kem_output, mls_view_text("enc"));
    assert_ok(decode_proposal(t, &p, test_hex(t, "0007 03 f00100")));
    assert_view_hex(t, p.extensions, "f00100");
}

static void proposal__of_the_extensions_draft_decodes(void **state)
{
    test_context_t *t = *state;
    mls_proposal_t p;
    assert_ok(decode_proposal(t, &p, test_hex(t, "0008 8001 01 03616263")));
    assert_int_equal(p.component_id, 0x8001);
    assert_view_equal(p.data, mls_view_text("abc"));
    assert_ok(decode_proposal(t, &p, test_hex(t, "0008 8001 02")));
    assert_int_equal(p.op, MLS_APP_DATA_OP_REMOVE);
    assert_ok(decode_proposal(t, &p, test_hex(t, "0009 8001 03616263")));
    assert_view_equal(p.data, mls_view_text("abc"));
    assert_ok(decode_proposal(t, &p, test_hex(t, "000a")));
    assert_status(decode_proposal(t, &p, test_hex(t, "0008 8001 03 00")), MLS_ERR_MALFORMED);
    assert_status(decode_proposal(t, &p, test_hex(t, "0008 8001 00")), MLS_ERR_MALFORMED);
    assert_status(decode_proposal(t, &p, test_hex(t, "000a 00")), MLS_ERR_MALFORMED);
}

/* So that a Commit with one can be read to its end; whether the type may be used is another question. */
static void proposal__of_another_type_is_one_opaque_body(void **state)
{
    test_context_t *t = *state;
    mls_proposal_t p;
    assert_ok(decode_proposal(t, &p, test_hex(t, "f001 03616263")));
    assert_view_equal(p.data, mls_view_text("abc"));
    assert_status(decode_proposal(t, &p, test_hex(t, "f001")), MLS_ERR_MALFORMED);
    assert_status(decode_proposal(t, &p, test_hex(t, "f001 0361")), MLS_ERR_MALFORMED);
}

static void proposal__with_an_unknown_kind_of_psk_is_malformed(void **state)
{
    test_context_t *t = *state;
    mls_proposal_t p;
    static const char *const bad[] = { "00040000 00", "00040300 00", "000402 00 00 0000000000000009 00",
                                       "000402 04 00 0000000000000009 00" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_status(decode_proposal(t, &p, test_hex(t, bad[i])), MLS_ERR_MALFORMED);
}

static void proposal__refuses_every_truncation(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_proposal_t p;
    const mls_view_t add = add_proposal(t, &kp);
    for (size_t len = 0; len < add.len; len++)
        assert_status(decode_proposal(t, &p, mls_view(add.data, len)), MLS_ERR_MALFORMED);
}

static void psk_id__is_the_same_whatever_its_nonce(void **state)
{
    (void)state;
    const mls_pre_shared_key_id_t base = { .type = MLS_PSK_RESUMPTION,
                                           .usage = MLS_PSK_USAGE_APPLICATION,
                                           .id = mls_view_text("a"),
                                           .psk_epoch = 1,
                                           .nonce = mls_view_text("n") };
    mls_pre_shared_key_id_t other = base;
    other.nonce = mls_view_text("m");
    assert_true(mls_pre_shared_key_id_same(&base, &other));
    other = base;
    other.psk_epoch = 2;
    assert_false(mls_pre_shared_key_id_same(&base, &other));
    other = base;
    other.id = mls_view_text("b");
    assert_false(mls_pre_shared_key_id_same(&base, &other));
    other = base;
    other.usage = MLS_PSK_USAGE_BRANCH;
    assert_false(mls_pre_shared_key_id_same(&base, &other));
    other = base;
    other.type = MLS_PSK_EXTERNAL;
    assert_false(mls_pre_shared_key_id_same(&base, &other));
}

/* ---- Commit -------------------------------------------------------------------------------------- */

static mls_status_t decode_commit(test_context_t *t, mls_commit_t *out, const char *hex)
{
    return mls_decode(out, sizeof *out, mls_codec_commit, test_hex(t, hex), &t->arena);
}

static void commit__has_proposals_by_value_and_by_reference(void **state)
{
    test_context_t *t = *state;
    mls_commit_t commit;
    assert_ok(decode_commit(t, &commit, "0b 01 0003 00000005 02 02aabb 00"));
    assert_int_equal(commit.proposals.count, 2);
    assert_int_equal(commit.proposals.items[0].type, MLS_BY_VALUE);
    assert_view_hex(t, commit.proposals.items[0].proposal, "000300000005");
    assert_int_equal(commit.proposals.items[1].type, MLS_BY_REFERENCE);
    assert_view_hex(t, commit.proposals.items[1].reference, "aabb");
    assert_false(commit.has_path);
    assert_ok(decode_commit(t, &commit, "0000"));
    assert_int_equal(commit.proposals.count, 0);
}

static void commit__of_unknown_parts_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_commit_t commit;
    assert_status(decode_commit(t, &commit, "07 03 0003 00000005 00"), MLS_ERR_MALFORMED);
    assert_status(decode_commit(t, &commit, "07 00 0003 00000005 00"), MLS_ERR_MALFORMED);
    assert_status(decode_commit(t, &commit, "03 01 f001 00"), MLS_ERR_MALFORMED);
    assert_status(decode_commit(t, &commit, "00 02"), MLS_ERR_MALFORMED);
    assert_status(decode_commit(t, &commit, "00 01"), MLS_ERR_MALFORMED);
    assert_status(decode_commit(t, &commit, "00 00 00"), MLS_ERR_MALFORMED);
}

static void update_path__round_trips(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_update_path_t path = { 0 }, decoded;
    mls_hpke_ciphertext_t ciphertexts[] = { { mls_view_text("e1"), mls_view_text("c1") },
                                            { mls_view_text("e2"), mls_view_text("c2") } };
    mls_update_path_node_t nodes[] = { { mls_view_text("key"), { ciphertexts, 2 } },
                                       { mls_view_text("k"), { NULL, 0 } } };
    mls_bytes_t encoded;
    test_key_package_fill(t, &kp);
    path.leaf_encoded = test_leaf_sign(t, &kp, NULL);
    path.nodes.items = nodes;
    path.nodes.count = 2;
    assert_ok(mls_encode(&encoded, mls_codec_update_path, &path));
    const mls_view_t bytes = test_keep(t, &encoded);
    assert_ok(mls_decode(&decoded, sizeof decoded, mls_codec_update_path, bytes, &t->arena));
    assert_int_equal(decoded.nodes.count, 2);
    assert_view_equal(decoded.nodes.items[0].encrypted_path_secret.items[1].ciphertext, mls_view_text("c2"));
    assert_view_equal(decoded.leaf_encoded, path.leaf_encoded);
    assert_ok(mls_encode(&encoded, mls_codec_update_path, &decoded));
    assert_view_equal(test_keep(t, &encoded), bytes);
}

/* A path of nodes with so many empty ciphertexts each. */
static mls_status_t decode_path(test_context_t *t, size_t num_nodes, size_t num_ciphertexts)
{
    test_key_package_t kp;
    mls_update_path_t path = { 0 }, decoded;
    mls_arena_t arena = { 0 };
    mls_bytes_t encoded;
    mls_hpke_ciphertext_t *ciphertexts = test_alloc(t, num_ciphertexts * sizeof *ciphertexts);
    test_key_package_fill(t, &kp);
    path.leaf_encoded = test_leaf_sign(t, &kp, NULL);
    path.nodes.items = test_alloc(t, num_nodes * sizeof *path.nodes.items);
    for (path.nodes.count = 0; path.nodes.count < num_nodes; path.nodes.count++)
        path.nodes.items[path.nodes.count].encrypted_path_secret =
            (mls_hpke_ciphertexts_t){ ciphertexts, num_ciphertexts };
    assert_ok(mls_encode(&encoded, mls_codec_update_path, &path));
    const mls_status_t status =
        mls_decode(&decoded, sizeof decoded, mls_codec_update_path, test_keep(t, &encoded), &arena);
    mls_arena_clear(&arena);
    return status;
}

/* A node for each level, and to each leaf one ciphertext: nobody needs more. */
static void update_path__is_bounded(void **state)
{
    test_context_t *t = *state;
    assert_ok(decode_path(t, MLS_MAX_LEVELS, 1));
    assert_status(decode_path(t, MLS_MAX_LEVELS + 1, 1), MLS_ERR_LIMIT);
    assert_ok(decode_path(t, 4, 1 << 16));
    assert_status(decode_path(t, 4, (1 << 16) + 1), MLS_ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(proposal__of_each_type_decodes),
        TEST(proposal__of_the_extensions_draft_decodes),
        TEST(proposal__of_another_type_is_one_opaque_body),
        TEST(proposal__with_an_unknown_kind_of_psk_is_malformed),
        TEST(proposal__refuses_every_truncation),
        TEST(psk_id__is_the_same_whatever_its_nonce),
        TEST(commit__has_proposals_by_value_and_by_reference),
        TEST(commit__of_unknown_parts_is_refused),
        TEST(update_path__round_trips),
        TEST(update_path__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
