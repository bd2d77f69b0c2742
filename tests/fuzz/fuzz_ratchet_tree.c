/* fuzz_ratchet_tree.c -- the ratchet_tree extension (RFC 9420, Section 12.4.3.3): a tree that is read is
 * written to the same bytes. */
#include "roundtrip.h"
#include "suite.h"
#include "tree_codec.h"

enum { MAX_LEAVES = 1 << 12 };

static void require_encoding(mls_ratchet_tree_t *tree, mls_view_t expected)
{
    mls_tree_overlay_t overlay = { 0 };
    mls_bytes_t encoded = { 0 };

    fuzz_require(mls_tree_overlay_init(&overlay, tree) == MLS_OK, "a tree can be looked at");
    fuzz_require(mls_tree_encode(&encoded, &overlay) == MLS_OK, "what is accepted can be encoded");
    fuzz_require(mls_view_equal(mls_bytes_view(&encoded), expected),
                 "it encodes to the bytes it was read from");
    mls_bytes_clear(&encoded);
    mls_tree_overlay_clear(&overlay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_view_t in = mls_view(data, len);
    mls_crypto_t *crypto = NULL;
    mls_ratchet_tree_t *tree = NULL;

    fuzz_require(mls_crypto_new(&crypto, NULL) == MLS_OK, "a crypto context can be made");
    const mls_suite_t *suite = mls_suite_find(MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519);
    if (mls_tree_decode(&tree, crypto, suite, in, MAX_LEAVES) == MLS_OK)
        require_encoding(tree, in);
    else
        fuzz_require(tree == NULL, "what is refused leaves no tree");
    mls_ratchet_tree_free(tree);
    mls_crypto_free(crypto);
    return 0;
}
