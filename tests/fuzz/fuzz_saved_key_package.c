/* fuzz_saved_key_package.c -- the saved form of an own KeyPackage: what is loaded is saved as the same bytes.
 */
#include "own_key_package.h"
#include "roundtrip.h"

static void require_saved(const mls_key_package_t *key_package, mls_view_t expected)
{
    mls_bytes_t saved = { 0 };
    fuzz_require(mls_key_package_save(&saved, key_package) == MLS_OK, "what was loaded can be saved");
    fuzz_require(mls_view_equal(mls_bytes_view(&saved), expected), "it is saved as it was loaded");
    mls_bytes_clear(&saved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_own_t own;
    mls_bytes_t saved = { 0 };
    mls_key_package_t *loaded = NULL;

    fuzz_own_make(&own);
    fuzz_require(mls_key_package_save(&saved, own.key_package) == MLS_OK, "a key package can be saved");
    mls_bytes_t bytes = fuzz_change(mls_bytes_view(&saved), mls_view(data, len));
    const mls_status_t status = mls_key_package_load(&loaded, own.crypto, mls_bytes_view(&bytes));
    fuzz_require(status == MLS_OK || !fuzz_is_good(mls_view(data, len)), "the good one is taken");
    if (status == MLS_OK) {
        require_saved(loaded, mls_bytes_view(&bytes));
    } else {
        fuzz_require(loaded == NULL, "what is refused leaves nothing");
        fuzz_require(status == MLS_ERR_STORE, "the store is blamed");
    }
    mls_key_package_free(loaded);
    mls_bytes_clear(&bytes);
    mls_bytes_clear(&saved);
    fuzz_own_clear(&own);
    return 0;
}
