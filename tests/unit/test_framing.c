#include "framing.h"
#include "message_support.h"

#include <stdio.h>

/* ---- FramedContent ------------------------------------------------------------------------------- */

static mls_status_t decode(test_context_t *t, mls_framed_content_t *content, const char *hex)
{
    return mls_decode(content, sizeof *content, mls_codec_framed_content, test_hex(t, hex), &t->arena);
}

/* group_id "g", epoch 7, the sender, authenticated_data "a" */
#define CONTENT(sender, content) "0167 0000000000000007" sender "0161" content

static void content__has_each_type_of_sender(void **state)
{
    test_context_t *t = *state;
    mls_framed_content_t content;
    assert_ok(decode(t, &content, CONTENT("01 00000003", "01 0168")));
    assert_true(content.sender.type == MLS_SENDER_MEMBER && content.sender.index == 3);
    assert_ok(decode(t, &content, CONTENT("02 00000004", "01 0168")));
    assert_true(content.sender.type == MLS_SENDER_EXTERNAL && content.sender.index == 4);
    assert_ok(decode(t, &content, CONTENT("03", "01 0168")));
    assert_int_equal(content.sender.type, MLS_SENDER_NEW_MEMBER_PROPOSAL);
    assert_ok(decode(t, &content, CONTENT("04", "01 0168")));
    assert_int_equal(content.sender.type, MLS_SENDER_NEW_MEMBER_COMMIT);
    assert_status(decode(t, &content, CONTENT("00", "01 0168")), MLS_ERR_MALFORMED);
    assert_status(decode(t, &content, CONTENT("05", "01 0168")), MLS_ERR_MALFORMED);
}

static void content__keeps_its_body_encoded(void **state)
{
    test_context_t *t = *state;
    mls_framed_content_t content;
    mls_view_t data;
    assert_ok(decode(t, &content, CONTENT("03", "01 026869")));
    assert_view_hex(t, content.body, "026869");
    assert_ok(mls_application_data(&data, content.body));
    assert_view_equal(data, mls_view_text("hi"));
    assert_ok(decode(t, &content, CONTENT("03", "02 000300000005")));
    assert_view_hex(t, content.body, "000300000005");
    assert_ok(decode(t, &content, CONTENT("03", "03 0000")));
    assert_view_hex(t, content.body, "0000");
    assert_status(decode(t, &content, CONTENT("03", "00 00")), MLS_ERR_MALFORMED);
    assert_status(decode(t, &content, CONTENT("03", "04 00")), MLS_ERR_MALFORMED);
    assert_status(decode(t, &content, CONTENT("03", "02 0003000005")), MLS_ERR_MALFORMED);
}

/* Looked at before it is known who sent it: 16 MiB of a Commit are very many small vectors. */
static void content__takes_no_memory_for_a_commit(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_framed_content_t content;
    mls_bytes_t encoded;
    mls_proposal_or_ref_t reference = { .type = MLS_BY_REFERENCE, .reference = mls_view_text("ref") };
    mls_hpke_ciphertext_t ciphertexts[2] = { { mls_view_text("e"), mls_view_text("c") } };
    mls_update_path_node_t nodes[] = { { mls_view_text("key"), { ciphertexts, 2 } },
                                       { mls_view_text("k"), { NULL, 0 } } };
    mls_commit_t commit = { .proposals = { &reference, 1 }, .has_path = true, .path.nodes = { nodes, 2 } };
    test_key_package_fill(t, &kp);
    commit.path.leaf_encoded = test_leaf_sign(t, &kp, NULL);
    assert_ok(mls_encode(&encoded, mls_codec_commit, &commit));
    const mls_view_t body = test_keep(t, &encoded);
    const mls_framed_content_t whole = { .group_id = mls_view_text("g"),
                                         .sender = { .type = MLS_SENDER_MEMBER },
                                         .content_type = MLS_CONTENT_COMMIT,
                                         .body = body };
    assert_ok(mls_encode(&encoded, mls_codec_framed_content, &whole));
    assert_ok(mls_decode(&content, sizeof content, mls_codec_framed_content, test_keep(t, &encoded), NULL));
    assert_view_equal(content.body, body);
}

static void authenticated_content__has_a_tag_for_commits_only(void **state)
{
    test_context_t *t = *state;
    mls_authenticated_content_t content;
    assert_ok(mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                         test_hex(t, "0001" CONTENT("03", "03 0000") "0173 0174"), &t->arena));
    assert_view_equal(content.auth.confirmation_tag, mls_view_text("t"));
    assert_ok(mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                         test_hex(t, "0002" CONTENT("03", "01 00") "0173"), &t->arena));
    assert_int_equal(content.auth.confirmation_tag.len, 0);
    assert_status(mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                             test_hex(t, "0001" CONTENT("03", "03 0000") "0173"), &t->arena),
                  MLS_ERR_MALFORMED);
    assert_status(mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                             test_hex(t, "0003" CONTENT("03", "01 00") "0173"), &t->arena),
                  MLS_ERR_MALFORMED); /* a Welcome is no wire format of contents */
}

/* ---- signatures ---------------------------------------------------------------------------------- */

static void tbs__has_the_group_context_for_members_and_joiners(void **state)
{
    test_context_t *t = *state;
    static const char *const senders[] = { "0100000003", "0200000003", "03", "04" };
    for (size_t i = 0; i < 4; i++) {
        mls_authenticated_content_t content = { .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE };
        const uint8_t type = (uint8_t)(i + 1);
        const bool has_context = type == MLS_SENDER_MEMBER || type == MLS_SENDER_NEW_MEMBER_COMMIT;
        mls_bytes_t tbs;
        char hex[100];
        snprintf(hex, sizeof hex, "01670000000000000007%s016101026869", senders[i]);
        assert_ok(decode(t, &content.content, hex));
        assert_ok(mls_framed_content_tbs(&tbs, &content, mls_view_text("context")));
        snprintf(hex, sizeof hex,
                 "00010001"
                 "01670000000000000007%s016101026869%s",
                 senders[i], has_context ? "636f6e74657874" : "");
        assert_view_hex(t, mls_bytes_view(&tbs), hex);
        mls_bytes_clear(&tbs);
    }
}

static void verify__refuses_another_key_or_signature(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t), other = test_epoch_new(t);
    mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    const mls_view_t key = mls_signature_public_view(&epoch.signature_key);
    assert_ok(mls_framed_content_verify(t->crypto, t->suite, &content, key, epoch.context));
    assert_status(mls_framed_content_verify(t->crypto, t->suite, &content,
                                            mls_signature_public_view(&other.signature_key), epoch.context),
                  MLS_ERR_SIGNATURE);
    assert_rule(t, "F7", MLS_ERR_SIGNATURE);
    content.auth.signature.len = 0;
    assert_status(mls_framed_content_verify(t->crypto, t->suite, &content, key, epoch.context),
                  MLS_ERR_SIGNATURE);
}

/* RFC 9420, Section 5.2: a reference names the Proposal together with who sent it, and how. */
static void proposal_ref__covers_the_whole_content(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t good =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_authenticated_content_t changed[5] = { good, good, good, good, good };
    mls_secret_t ref, other;
    changed[0].wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE;
    changed[1].content.sender.index++;
    changed[2].content.body = test_flip(t, good.content.body, 40);
    changed[3].auth.signature = test_flip(t, good.auth.signature, 0);
    changed[4].content.authenticated_data = mls_view_text("other");
    assert_ok(mls_proposal_ref(t->crypto, t->suite, &ref, &good));
    for (size_t i = 0; i < 5; i++) {
        assert_ok(mls_proposal_ref(t->crypto, t->suite, &other, &changed[i]));
        assert_view_not_equal(mls_secret_view(&ref), mls_secret_view(&other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(content__has_each_type_of_sender),
        TEST(content__keeps_its_body_encoded),
        TEST(content__takes_no_memory_for_a_commit),
        TEST(authenticated_content__has_a_tag_for_commits_only),
        TEST(tbs__has_the_group_context_for_members_and_joiners),
        TEST(verify__refuses_another_key_or_signature),
        TEST(proposal_ref__covers_the_whole_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
