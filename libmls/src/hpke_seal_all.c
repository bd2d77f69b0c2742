#include "hpke_seal_all.h"
#include "bytes.h"
#include "shared_work.h"

enum { MIN_RECIPIENTS = 2, MAX_RECIPIENTS = MLS_DH_MAX_AT_ONCE }; /* of one part */

typedef struct recipients {
    const mls_suite_t *suite;
    const mls_hpke_info_t *info;
    const mls_hpke_recipient_t *items;
    size_t count, part;
    uint8_t
        *ikm; /* of the ephemeral keys, KDF.Nh bytes for each: the host's randomness stays on its thread */
} recipients_t;

static mls_status_t make_keys(mls_crypto_t *crypto, const recipients_t *r, size_t begin, size_t count,
                              mls_hpke_private_t *private_keys, mls_hpke_public_t *public_keys)
{
    const size_t len = r->suite->hash->len;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < count; i++)
        status = mls_hpke_derive_private(crypto, r->suite, &private_keys[i],
                                         mls_view(r->ikm + (begin + i) * len, len));
    return status == MLS_OK ? mls_hpke_public_keys(crypto, r->suite, public_keys, private_keys, count)
                            : status;
}

static mls_status_t seal_part(mls_crypto_t *crypto, void *arg, size_t n)
{
    const recipients_t *r = arg;
    const size_t begin = n * r->part, count = r->count - begin < r->part ? r->count - begin : r->part;
    mls_hpke_private_t private_keys[MAX_RECIPIENTS] = { 0 };
    mls_hpke_public_t public_keys[MAX_RECIPIENTS];
    mls_status_t status = make_keys(crypto, r, begin, count, private_keys, public_keys);
    for (size_t i = 0; status == MLS_OK && i < count; i++) {
        const mls_hpke_recipient_t *to = &r->items[begin + i];
        status = mls_hpke_seal_from(crypto, r->suite, &private_keys[i], &public_keys[i], to->kem_output,
                                    to->ciphertext, to->public_key, r->info, to->plaintext);
    }
    mls_wipe(private_keys, sizeof private_keys);
    return status;
}

/* In steps, for hosts whose source gives little at a time. */
static mls_status_t draw(mls_crypto_t *crypto, mls_bytes_t *out, size_t count, size_t len)
{
    mls_status_t status = mls_bytes_alloc_unset(out, count * len);
    for (size_t i = 0; status == MLS_OK && i < count; i++)
        status = mls_crypto_random(crypto, out->data + i * len, len);
    return status;
}

mls_status_t mls_hpke_seal_all(mls_crypto_t *crypto, const mls_suite_t *suite, const mls_hpke_info_t *info,
                               const mls_hpke_recipient_t *recipients, size_t count)
{
    mls_bytes_t ikm = { 0 };
    recipients_t r = {
        suite, info, recipients, count, mls_part_of_work(crypto, count, MIN_RECIPIENTS, MAX_RECIPIENTS), NULL
    };
    mls_status_t status;

    if (count == 0)
        return MLS_OK;
    if ((status = draw(crypto, &ikm, count, suite->hash->len)) == MLS_OK) {
        r.ikm = ikm.data;
        status = mls_share_work(crypto, seal_part, &r, (count - 1) / r.part + 1);
    }
    mls_bytes_clear(&ikm);
    return status;
}
