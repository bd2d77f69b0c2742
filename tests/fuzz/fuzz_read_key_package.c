/* fuzz_read_key_package.c -- reading the KeyPackage of somebody else (RFC 9420, Section 10.1): only the one
 * that was signed is taken. */
#include "own_key_package.h"
#include "roundtrip.h"

static bool lies_in(mls_view_t part, mls_view_t whole)
{
    return part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void require_views(const mls_key_package_info_t *info, mls_view_t message)
{
    const mls_view_t views[] = { info->encoded,       info->extensions,         info->leaf.encoded,
                                 info->leaf.identity, info->leaf.signature_key, info->leaf.encryption_key,
                                 info->leaf.init_key, info->leaf.extensions };
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        fuzz_require(lies_in(views[i], message), "what is shown borrows from the message");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_own_t own;
    mls_key_package_info_t info;
    const mls_key_package_info_t empty = { 0 };

    fuzz_own_make(&own);
    const mls_view_t good = mls_key_package_message(own.key_package);
    mls_bytes_t message = fuzz_change(good, mls_view(data, len));
    const mls_status_t status =
        mls_key_package_read(&info, own.crypto, mls_bytes_view(&message), FUZZ_NOT_BEFORE, NULL);
    fuzz_require(status == MLS_OK || !fuzz_is_good(mls_view(data, len)), "the good one is taken");
    if (status == MLS_OK) {
        fuzz_require(mls_view_equal(mls_bytes_view(&message), good), "only what was signed is taken");
        require_views(&info, mls_bytes_view(&message));
    } else {
        fuzz_require(mls_status_is_input(status), "the input is blamed");
        fuzz_require(memcmp(&info, &empty, sizeof info) == 0, "what is refused leaves nothing");
    }
    mls_bytes_clear(&message);
    fuzz_own_clear(&own);
    return 0;
}
