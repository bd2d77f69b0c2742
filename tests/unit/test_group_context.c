#include "group_context.h"
#include "support.h"

/* version, suite 3, group_id "g", epoch 2, tree_hash "h", confirmed_transcript_hash "c", one extension */
#define CONTEXT "0001 0003 0167 0000000000000002 0168 0163 04 f0010178"

static mls_status_t decode(mls_group_context_t *context, mls_view_t bytes)
{
    return mls_decode(context, sizeof *context, mls_codec_group_context, bytes, NULL);
}

static void context__round_trips(void **state)
{
    test_context_t *t = *state;
    mls_group_context_t context;
    mls_bytes_t encoded;
    assert_ok(decode(&context, test_hex(t, CONTEXT)));
    assert_int_equal(context.cipher_suite, 3);
    assert_int_equal(context.epoch, 2);
    assert_view_equal(context.group_id, mls_view_text("g"));
    assert_view_hex(t, context.extensions, "f0010178");
    assert_ok(mls_encode(&encoded, mls_codec_group_context, &context));
    assert_view_hex(t, mls_bytes_view(&encoded), CONTEXT);
    mls_bytes_clear(&encoded);
}

static void context__of_another_version_is_unsupported(void **state)
{
    test_context_t *t = *state;
    mls_group_context_t context;
    assert_status(decode(&context, test_flip(t, test_hex(t, CONTEXT), 9)), MLS_ERR_UNSUPPORTED);
}

static void context__that_is_cut_short_is_malformed(void **state)
{
    test_context_t *t = *state;
    mls_group_context_t context;
    const mls_view_t whole = test_hex(t, CONTEXT);
    for (size_t len = 0; len < whole.len; len++)
        assert_status(decode(&context, mls_view(whole.data, len)), MLS_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(context__round_trips),
        TEST(context__of_another_version_is_unsupported),
        TEST(context__that_is_cut_short_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
