#include "key_schedule.h"
#include "support.h"

static mls_secret_t random_secret(test_context_t *t)
{
    mls_secret_t secret = { 0 };
    assert_ok(mls_secret_set(&secret, test_random_bytes(t, t->suite->hash->len)));
    return secret;
}

static bool same_secret(const mls_secret_t *a, const mls_secret_t *b)
{
    return mls_view_equal(mls_secret_view(a), mls_secret_view(b));
}

/* ---- the secrets of an epoch --------------------------------------------------------------------- */

static mls_epoch_secrets_t derive(test_context_t *t, const mls_secret_t *joiner, const mls_secret_t *psk,
                                  const char *context)
{
    mls_epoch_secrets_t secrets;
    assert_ok(mls_epoch_secrets_derive(t->crypto, t->suite, &secrets, joiner, psk, mls_view_text(context)));
    return secrets;
}

static void secrets__of_an_epoch_all_differ(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t joiner = random_secret(t), psk = random_secret(t);
    const mls_epoch_secrets_t s = derive(t, &joiner, &psk, "context");
    const mls_secret_t *all[] = { &s.sender_data_secret, &s.encryption_secret,   &s.exporter_secret,
                                  &s.external_secret,    &s.confirmation_key,    &s.membership_key,
                                  &s.resumption_psk,     &s.epoch_authenticator, &s.init_secret };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(all[i]->len, t->suite->hash->len);
        for (size_t j = 0; j < i; j++)
            assert_false(same_secret(all[i], all[j]));
    }
}

static void secrets__depend_on_joiner_psk_and_context(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t joiner = random_secret(t), psk = random_secret(t), other = random_secret(t);
    const mls_epoch_secrets_t base = derive(t, &joiner, &psk, "context");
    const mls_epoch_secrets_t same = derive(t, &joiner, &psk, "context");
    const mls_epoch_secrets_t changed[] = { derive(t, &other, &psk, "context"),
                                            derive(t, &joiner, &other, "context"),
                                            derive(t, &joiner, &psk, "Context") };
    assert_true(same_secret(&base.epoch_authenticator, &same.epoch_authenticator));
    for (size_t i = 0; i < 3; i++)
        assert_false(same_secret(&base.epoch_authenticator, &changed[i].epoch_authenticator));
}

static void joiner_secret__depends_on_init_commit_and_context(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t init = random_secret(t), commit = random_secret(t);
    mls_secret_t base, swapped, other_context;
    assert_ok(mls_joiner_secret(t->crypto, t->suite, &base, &init, &commit, mls_view_text("context")));
    assert_ok(mls_joiner_secret(t->crypto, t->suite, &swapped, &commit, &init, mls_view_text("context")));
    assert_ok(
        mls_joiner_secret(t->crypto, t->suite, &other_context, &init, &commit, mls_view_text("Context")));
    assert_false(same_secret(&base, &swapped));
    assert_false(same_secret(&base, &other_context));
}

static void exporter__depends_on_label_context_and_length(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t exporter_secret = random_secret(t);
    uint8_t base[48], other[48];
    assert_ok(
        mls_exporter(t->crypto, t->suite, base, 48, &exporter_secret, "label", mls_view_text("context")));
    assert_ok(
        mls_exporter(t->crypto, t->suite, other, 48, &exporter_secret, "label", mls_view_text("context")));
    assert_memory_equal(base, other, 48);
    assert_ok(
        mls_exporter(t->crypto, t->suite, other, 48, &exporter_secret, "Label", mls_view_text("context")));
    assert_memory_not_equal(base, other, 48);
    assert_ok(
        mls_exporter(t->crypto, t->suite, other, 48, &exporter_secret, "label", mls_view_text("Context")));
    assert_memory_not_equal(base, other, 48);
    assert_ok(
        mls_exporter(t->crypto, t->suite, other, 47, &exporter_secret, "label", mls_view_text("context")));
    assert_memory_not_equal(base, other,
                            47); /* the length is part of the KDFLabel: no prefix of the longer one */
}

static void exporter__of_more_than_255_hashes_is_refused(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t exporter_secret = random_secret(t);
    const size_t max = 255 * t->suite->hash->len;
    uint8_t *out = test_alloc(t, max + 1);
    assert_ok(mls_exporter(t->crypto, t->suite, out, max, &exporter_secret, "label", mls_view(NULL, 0)));
    assert_status(
        mls_exporter(t->crypto, t->suite, out, max + 1, &exporter_secret, "label", mls_view(NULL, 0)),
        MLS_ERR_ARGUMENT);
}

/* ---- PSKs ---------------------------------------------------------------------------------------- */

static mls_secret_t psk_secret(test_context_t *t, const mls_pre_shared_key_id_t *ids, const mls_view_t *psks,
                               size_t num_psks)
{
    mls_secret_t secret;
    assert_ok(mls_psk_secret(t->crypto, t->suite, &secret, ids, psks, num_psks));
    return secret;
}

static void psk_secret__of_no_psk_is_all_zero(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t zero = { .len = t->suite->hash->len }, none = psk_secret(t, NULL, NULL, 0);
    assert_true(same_secret(&none, &zero));
}

static void psk_secret__depends_on_order_id_nonce_and_kind(void **state)
{
    test_context_t *t = *state;
    const mls_pre_shared_key_id_t ids[] = {
        { .type = MLS_PSK_EXTERNAL, .id = mls_view_text("a"), .nonce = mls_view_text("n") },
        { .type = MLS_PSK_EXTERNAL, .id = mls_view_text("b"), .nonce = mls_view_text("n") },
        { .type = MLS_PSK_EXTERNAL, .id = mls_view_text("a"), .nonce = mls_view_text("m") },
        { .type = MLS_PSK_RESUMPTION,
          .usage = MLS_PSK_USAGE_APPLICATION,
          .id = mls_view_text("a"),
          .nonce = mls_view_text("n") },
        { .type = MLS_PSK_RESUMPTION,
          .usage = MLS_PSK_USAGE_BRANCH,
          .id = mls_view_text("a"),
          .nonce = mls_view_text("n") },
        { .type = MLS_PSK_RESUMPTION,
          .usage = MLS_PSK_USAGE_APPLICATION,
          .id = mls_view_text("a"),
          .psk_epoch = 1,
          .nonce = mls_view_text("n") },
    };
    const mls_view_t psk = mls_view_text("psk"), psks[] = { psk, psk };
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < i; j++) {
            const mls_secret_t a = psk_secret(t, &ids[i], &psk, 1), b = psk_secret(t, &ids[j], &psk, 1);
            assert_false(same_secret(&a, &b));
        }
    }
    const mls_pre_shared_key_id_t reversed[] = { ids[1], ids[0] };
    const mls_secret_t forward = psk_secret(t, ids, psks, 2), backward = psk_secret(t, reversed, psks, 2);
    assert_false(same_secret(&forward, &backward));
}

static void psk_secret__of_more_than_2_to_the_16_psks_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_secret_t secret;
    assert_status(mls_psk_secret(t->crypto, t->suite, &secret, NULL, NULL, 65536), MLS_ERR_LIMIT);
}

/* ---- transcript hashes and tags ------------------------------------------------------------------ */

static void transcript_hash__covers_every_input(void **state)
{
    test_context_t *t = *state;
    const mls_view_t before = test_random_bytes(t, 32), content = test_random_bytes(t, 100),
                     signature = test_random_bytes(t, 64);
    mls_secret_t base, changed;
    assert_ok(mls_confirmed_transcript_hash(t->crypto, t->suite, &base, before, 1, content, signature));
    assert_ok(mls_confirmed_transcript_hash(t->crypto, t->suite, &changed, test_flip(t, before, 0), 1,
                                            content, signature));
    assert_false(same_secret(&base, &changed));
    assert_ok(mls_confirmed_transcript_hash(t->crypto, t->suite, &changed, before, 2, content, signature));
    assert_false(same_secret(&base, &changed));
    assert_ok(mls_confirmed_transcript_hash(t->crypto, t->suite, &changed, before, 1,
                                            test_flip(t, content, 799), signature));
    assert_false(same_secret(&base, &changed));
    assert_ok(mls_confirmed_transcript_hash(t->crypto, t->suite, &changed, before, 1, content,
                                            test_flip(t, signature, 511)));
    assert_false(same_secret(&base, &changed));
}

static void tag__is_compared_whole(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t key = random_secret(t);
    mls_secret_t tag;
    assert_ok(mls_confirmation_tag(t->crypto, t->suite, &tag, &key, mls_view_text("hash")));
    const mls_view_t good = mls_secret_view(&tag);
    assert_true(mls_tag_equal(&tag, good));
    assert_false(mls_tag_equal(&tag, mls_view(good.data, good.len - 1)));
    assert_false(mls_tag_equal(&tag, mls_view(NULL, 0)));
    for (size_t bit = 0; bit < 8 * good.len; bit++)
        assert_false(mls_tag_equal(&tag, test_flip(t, good, bit)));
}

static void external_key_pair__follows_from_the_external_secret(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t secret = random_secret(t), other = random_secret(t);
    mls_hpke_private_t private_key;
    mls_hpke_public_t a, b, derived;
    assert_ok(mls_external_key_pair(t->crypto, t->suite, &private_key, &a, &secret));
    assert_ok(mls_hpke_public_key(t->crypto, t->suite, &derived, &private_key));
    assert_view_equal(mls_hpke_public_view(&a), mls_hpke_public_view(&derived));
    assert_ok(mls_external_key_pair(t->crypto, t->suite, &private_key, &b, &other));
    assert_view_not_equal(mls_hpke_public_view(&a), mls_hpke_public_view(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(secrets__of_an_epoch_all_differ),
        TEST(secrets__depend_on_joiner_psk_and_context),
        TEST(joiner_secret__depends_on_init_commit_and_context),
        TEST(exporter__depends_on_label_context_and_length),
        TEST(exporter__of_more_than_255_hashes_is_refused),
        TEST(psk_secret__of_no_psk_is_all_zero),
        TEST(psk_secret__depends_on_order_id_nonce_and_kind),
        TEST(psk_secret__of_more_than_2_to_the_16_psks_is_refused),
        TEST(transcript_hash__covers_every_input),
        TEST(tag__is_compared_whole),
        TEST(external_key_pair__follows_from_the_external_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
