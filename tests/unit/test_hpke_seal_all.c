#include "hpke_seal_all.h"
#include "worker_support.h"

enum { RECIPIENTS = 40, PLAINTEXT = 32, MAX_CIPHERTEXT = PLAINTEXT + MLS_AEAD_TAG_LEN };

/* People with keys, and what is sent to them. */
typedef struct mail {
    test_context_t *t;
    mls_hpke_info_t info;
    mls_hpke_private_t private_keys[RECIPIENTS];
    mls_hpke_public_t public_keys[RECIPIENTS];
    uint8_t plaintexts[RECIPIENTS][PLAINTEXT];
    uint8_t kem_outputs[RECIPIENTS][MLS_MAX_KEM_PUBLIC_LEN];
    uint8_t ciphertexts[RECIPIENTS][MAX_CIPHERTEXT];
    mls_hpke_recipient_t recipients[RECIPIENTS];
} mail_t;

static mail_t *write_mail(test_context_t *t)
{
    mail_t *mail = test_alloc(t, sizeof *mail);
    const mls_view_t info = mls_view_text("what it is for");
    mail->t = t;
    assert_ok(mls_hpke_hash_info(t->crypto, t->suite, &mail->info, &info, 1));
    for (size_t i = 0; i < RECIPIENTS; i++) {
        assert_ok(mls_hpke_generate(t->crypto, t->suite, &mail->private_keys[i], &mail->public_keys[i]));
        memset(mail->plaintexts[i], (int)i, PLAINTEXT);
        mail->recipients[i] =
            (mls_hpke_recipient_t){ .public_key = mls_hpke_public_view(&mail->public_keys[i]),
                                    .plaintext = mls_view(mail->plaintexts[i], PLAINTEXT),
                                    .kem_output = mail->kem_outputs[i],
                                    .ciphertext = mail->ciphertexts[i] };
    }
    return mail;
}

static mls_status_t seal(mail_t *mail, size_t count)
{
    return mls_hpke_seal_all(mail->t->crypto, mail->t->suite, &mail->info, mail->recipients, count);
}

static void assert_everybody_reads(const mail_t *mail, size_t count)
{
    const test_context_t *t = mail->t;
    for (size_t i = 0; i < count; i++) {
        uint8_t plaintext[PLAINTEXT];
        assert_ok(mls_hpke_open(t->crypto, t->suite, plaintext,
                                mls_view(mail->kem_outputs[i], t->suite->dh->public_len),
                                &mail->private_keys[i], mls_view(NULL, 0), &mail->info,
                                mls_view(mail->ciphertexts[i], MAX_CIPHERTEXT)));
        assert_memory_equal(plaintext, mail->plaintexts[i], PLAINTEXT);
    }
}

static void assert_no_key_twice(const mail_t *mail, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < i; n++)
            assert_memory_not_equal(mail->kem_outputs[i], mail->kem_outputs[n],
                                    mail->t->suite->dh->public_len);
}

static void seal_all__is_read_by_everybody(void **state)
{
    static const size_t counts[] = { 1, 2, 31, 32, 33, RECIPIENTS };
    mail_t *mail = write_mail(*state);
    assert_ok(seal(mail, 0));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_ok(seal(mail, counts[i]));
        assert_everybody_reads(mail, counts[i]);
        assert_no_key_twice(mail, counts[i]);
    }
}

static void seal_all__is_the_same_with_workers(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    mail_t *mail = write_mail(t), *alone = test_alloc(t, sizeof *alone);
    const uint64_t random = t->random;
    assert_ok(seal(mail, RECIPIENTS));
    memcpy(alone->ciphertexts, mail->ciphertexts, sizeof mail->ciphertexts);
    test_lend_workers(t, test_workers_side_by_side(&counted));
    t->random = random;
    assert_ok(seal(mail, RECIPIENTS));
    assert_int_equal(counted.num_tasks, RECIPIENTS / 5);
    assert_memory_equal(alone->ciphertexts, mail->ciphertexts, sizeof mail->ciphertexts);
    assert_everybody_reads(mail, RECIPIENTS);
}

static void seal_all__refuses_what_is_no_key(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    mail_t *mail = write_mail(t);
    memset(mail->public_keys[20].data, 0, mail->public_keys[20].len);
    assert_status(seal(mail, RECIPIENTS), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    test_lend_workers(t, test_workers_side_by_side(&counted));
    assert_status(seal(mail, RECIPIENTS), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
}

static void seal_all__needs_randomness(void **state)
{
    mail_t *mail = write_mail(*state);
    mail->t->random_fails = true;
    assert_status(seal(mail, 3), MLS_ERR_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(seal_all__is_read_by_everybody),
        TEST(seal_all__is_the_same_with_workers),
        TEST(seal_all__refuses_what_is_no_key),
        TEST(seal_all__needs_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
