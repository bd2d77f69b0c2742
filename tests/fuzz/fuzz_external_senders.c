/* fuzz_external_senders.c -- the extension external_senders of a GroupContext (RFC 9420, Section 12.1.8.1):
 * who is in it is found by number, and what was found can be written. */
#include "external_senders.h"
#include "roundtrip.h"

enum { MAX_SENDERS = 32 };

static mls_view_t with_extension(mls_bytes_t *out, mls_view_t data)
{
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, data };
    const mls_extensions_t list = { &item, 1 };
    fuzz_require(mls_extensions_encode(out, &list) == MLS_OK, "any data can be an extension's");
    return mls_bytes_view(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_external_sender_t senders[MAX_SENDERS];
    mls_bytes_t extensions = { 0 }, again = { 0 };
    size_t count = 0;
    const mls_view_t list = with_extension(&extensions, mls_view(data, len));
    mls_status_t status;

    while ((status = mls_external_senders_at(&senders[count], list, (uint32_t)count)) == MLS_OK)
        if (++count == MAX_SENDERS)
            break;
    fuzz_require(status == MLS_OK || status == MLS_ERR_NOT_FOUND ||
                     (count == 0 && mls_status_is_input(status)),
                 "all are good, or none");
    if (status == MLS_ERR_NOT_FOUND) {
        fuzz_require(mls_external_senders_encode(&again, senders, count) == MLS_OK, "they can be written");
        fuzz_require(mls_view_equal(mls_bytes_view(&again), mls_view(data, len)), "and are the same");
    }
    mls_bytes_clear(&again);
    mls_bytes_clear(&extensions);
    return 0;
}
