#include "support.h"

#include <openssl/err.h>

enum { MAX_LEN = 57 };

/* The thread's queue of errors is the host's too. */
static void refusals__leave_no_error_behind(void **state)
{
    test_context_t *t = *state;
    static const mls_dh_engine_t *const dh_engines[] = { &mls_openssl_x25519, &mls_openssl_x448 };
    static const mls_signature_engine_t *const signature_engines[] = { &mls_openssl_ed25519,
                                                                       &mls_openssl_ed448 };
    const uint8_t private_key[MAX_LEN] = { 1 }, zeros[MAX_LEN] = { 0 };
    uint8_t shared[MAX_LEN], public_key[MAX_LEN], ones[2 * MAX_LEN];
    memset(ones, 0xff, sizeof ones);
    ERR_clear_error();
    for (size_t i = 0; i < 2; i++) {
        const mls_dh_engine_t *dh = dh_engines[i];
        const mls_signature_engine_t *signature = signature_engines[i];
        const mls_view_t message = mls_view_text("message");
        const mls_view_t full = mls_view(ones, 2 * signature->public_len),
                         half = mls_view(ones, full.len / 2);
        assert_status(dh->shared(t->crypto, dh->variant, shared, private_key, zeros), MLS_ERR_INVALID);
        assert_ok(signature->public_key(t->crypto, signature->variant, public_key, private_key));
        assert_status(signature->verify(t->crypto, signature->variant, public_key, message, full),
                      MLS_ERR_SIGNATURE);
        assert_status(signature->verify(t->crypto, signature->variant, public_key, message, half),
                      MLS_ERR_SIGNATURE);
        assert_status(signature->verify(t->crypto, signature->variant, ones, message, full),
                      MLS_ERR_SIGNATURE);
    }
    assert_int_equal(ERR_get_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusals__leave_no_error_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
