#include "message_support.h"
#include "public_message.h"
#include "welcome.h"

static mls_view_t seal(test_context_t *t, const test_epoch_t *epoch,
                       const mls_authenticated_content_t *content)
{
    mls_bytes_t message;
    assert_ok(mls_public_message_seal(t->crypto, t->suite, &message, content, &epoch->membership_key,
                                      epoch->context));
    return test_keep(t, &message);
}

static mls_status_t check_tag(test_context_t *t, const test_epoch_t *epoch, const mls_message_t *message)
{
    return mls_public_message_check_tag(t->crypto, t->suite, &message->public_message, &epoch->membership_key,
                                        epoch->context);
}

static mls_status_t verify(test_context_t *t, const test_epoch_t *epoch, const mls_message_t *message)
{
    return mls_framed_content_verify(t->crypto, t->suite, &message->public_message.content,
                                     mls_signature_public_view(&epoch->signature_key), epoch->context);
}

static mls_status_t decode(test_context_t *t, mls_message_t *message, mls_view_t bytes)
{
    return mls_decode(message, sizeof *message, mls_codec_message, bytes, &t->arena);
}

static void seal__gives_what_others_take(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    static const uint8_t types[] = { MLS_CONTENT_PROPOSAL, MLS_CONTENT_COMMIT };
    for (size_t i = 0; i < 2; i++) {
        const mls_authenticated_content_t sent =
            test_content(t, &epoch, types[i], MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
        mls_message_t message;
        assert_ok(decode(t, &message, seal(t, &epoch, &sent)));
        const mls_authenticated_content_t *got = &message.public_message.content;
        assert_ok(check_tag(t, &epoch, &message));
        assert_ok(verify(t, &epoch, &message));
        assert_view_equal(got->content.body, sent.content.body);
        assert_view_equal(got->auth.confirmation_tag, sent.auth.confirmation_tag);
        assert_int_equal(got->content.sender.index, 3);
    }
}

static void seal__refuses_application_data(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_APPLICATION, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_bytes_t message = { (uint8_t *)t, 1 };
    assert_status(mls_public_message_seal(t->crypto, t->suite, &message, &content, &epoch.membership_key,
                                          epoch.context),
                  MLS_ERR_ARGUMENT);
    assert_null(message.data);
}

/* Every bit is under the tag, unless the change leaves no PublicMessage of a member. */
static void tag__covers_every_bit(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_COMMIT, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    const mls_view_t good = seal(t, &epoch, &content);
    size_t num_checked = 0;
    for (size_t bit = 0; bit < 8 * good.len; bit++) {
        mls_message_t message;
        if (decode(t, &message, test_flip(t, good, bit)) != MLS_OK ||
            message.wire_format != MLS_WIRE_FORMAT_PUBLIC_MESSAGE)
            continue;
        assert_int_equal(message.public_message.content.content.sender.type, MLS_SENDER_MEMBER);
        assert_status(check_tag(t, &epoch, &message), MLS_ERR_TAG);
        assert_rule(t, "F6", MLS_ERR_TAG);
        num_checked++;
    }
    assert_true(num_checked > 8 * (64 + 32 + 32)); /* signature, tag and confirmation tag at least */
}

/* A member knows the membership key, so the tag alone does not tell who sent it. */
static void signature__covers_each_field(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t good =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_authenticated_content_t forged[6] = { good, good, good, good, good, good };
    forged[0].content.group_id = mls_view_text("other");
    forged[1].content.epoch++;
    forged[2].content.sender.index++;
    forged[3].content.authenticated_data = mls_view_text("add");
    forged[4].content.body = test_flip(t, good.content.body, 40);
    forged[5].auth.signature = test_flip(t, good.auth.signature, 100);
    for (size_t i = 0; i < 6; i++) {
        mls_message_t message;
        assert_ok(decode(t, &message, seal(t, &epoch, &forged[i])));
        assert_ok(check_tag(t, &epoch, &message));
        assert_status(verify(t, &epoch, &message), MLS_ERR_SIGNATURE);
        assert_rule(t, "F7", MLS_ERR_SIGNATURE);
    }
}

static void signature__holds_in_its_wire_format_only(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    mls_message_t message;
    assert_ok(decode(t, &message, seal(t, &epoch, &content)));
    assert_status(verify(t, &epoch, &message), MLS_ERR_SIGNATURE);
}

static void tag__and_signature_hold_in_their_group_context_only(void **state)
{
    test_context_t *t = *state;
    test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_message_t message;
    assert_ok(decode(t, &message, seal(t, &epoch, &content)));
    epoch.context = test_flip(t, epoch.context, 1);
    assert_status(check_tag(t, &epoch, &message), MLS_ERR_TAG);
    assert_status(verify(t, &epoch, &message), MLS_ERR_SIGNATURE);
}

static void tag__that_is_missing_is_refused(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_authenticated_content_t content =
        test_content(t, &epoch, MLS_CONTENT_PROPOSAL, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    mls_message_t message;
    assert_ok(decode(t, &message, seal(t, &epoch, &content)));
    message.public_message.membership_tag = mls_view(NULL, 0);
    assert_status(check_tag(t, &epoch, &message), MLS_ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(seal__gives_what_others_take),
        TEST(seal__refuses_application_data),
        TEST(tag__covers_every_bit),
        TEST(signature__covers_each_field),
        TEST(signature__holds_in_its_wire_format_only),
        TEST(tag__and_signature_hold_in_their_group_context_only),
        TEST(tag__that_is_missing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
