#include "hpke_sealer.h"

void mls_hpke_sealer_init(mls_hpke_sealer_t *sealer, mls_crypto_t *crypto, const mls_suite_t *suite,
                          const mls_hpke_info_t *info, size_t num_recipients)
{
    *sealer =
        (mls_hpke_sealer_t){ .crypto = crypto, .suite = suite, .info = info, .num_left = num_recipients };
}

void mls_hpke_sealer_wipe(mls_hpke_sealer_t *sealer)
{
    mls_wipe(sealer, sizeof *sealer);
}

static mls_status_t make_ephemeral_keys(mls_hpke_sealer_t *s)
{
    const size_t wanted = s->num_left == 0 ? 1 : s->num_left;
    const size_t num = wanted < MLS_DH_MAX_AT_ONCE ? wanted : MLS_DH_MAX_AT_ONCE;
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < num; i++)
        status = mls_hpke_generate_private(s->crypto, s->suite, &s->ephemeral.private_keys[i]);
    if (status == MLS_OK)
        status = mls_hpke_public_keys(s->crypto, s->suite, s->ephemeral.public_keys,
                                      s->ephemeral.private_keys, num);
    if (status == MLS_OK) {
        s->ephemeral.count = num;
        s->ephemeral.next = 0;
        s->num_left = wanted - num;
    }
    return status;
}

mls_status_t mls_hpke_sealer_seal(mls_hpke_sealer_t *s, uint8_t *kem_output, uint8_t *ciphertext,
                                  mls_view_t public_key, mls_view_t plaintext)
{
    mls_status_t status = s->ephemeral.next < s->ephemeral.count ? MLS_OK : make_ephemeral_keys(s);
    if (status != MLS_OK)
        return status;
    const size_t at = s->ephemeral.next++;
    status =
        mls_hpke_seal_from(s->crypto, s->suite, &s->ephemeral.private_keys[at], &s->ephemeral.public_keys[at],
                           kem_output, ciphertext, public_key, s->info, plaintext);
    mls_hpke_private_wipe(&s->ephemeral.private_keys[at]);
    return status;
}
