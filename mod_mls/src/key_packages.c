#include "key_packages.h"
#include "room.h"

enum {
    MAX_SUITES = 3,
    HOUR = 3600, /* seconds */
    DAY = 24 * HOUR,
    LIFETIME = 84 * DAY,
    RENEWED_BEFORE_END = 28 * DAY,
    GRACE = 7 * DAY /* a Welcome made with a package that is used up may still be on its way */
};

size_t mod_mls_preferred_suites(uint16_t *out, size_t max)
{
    static const uint16_t preferred[MAX_SUITES] = { 0x0001, 0x0003, 0x0002 };
    size_t count = 0;

    for (size_t i = 0; i < MAX_SUITES && count < max; i++) {
        if (mls_crypto_suite_name(preferred[i]) != NULL)
            out[count++] = preferred[i];
    }
    return count;
}

mls_status_t mod_mls_key_package_make(mod_mls_t *mls, mls_key_package_t **out, uint16_t cipher_suite)
{
    uint16_t suites[MAX_SUITES], extensions[] = { MOD_MLS_EXTENSION_DEVICE, MOD_MLS_EXTENSION_ROOM };
    mod_mls_leaf_signer_t signer = mod_mls_own_signer(mls);
    const uint64_t now = mls->now / 1000;
    const mls_key_package_params_t params = {
        .cipher_suite = cipher_suite,
        .identity = mls_view_text(mls->account),
        .capabilities = { .cipher_suites = { suites, mod_mls_preferred_suites(suites, MAX_SUITES) },
                          .extensions = { extensions, sizeof extensions / sizeof extensions[0] } },
        .not_before = now < HOUR ? 0 : now - HOUR,
        .not_after = now + LIFETIME,
        .grease = true,
        .leaf_hook = { mod_mls_leaf_sign, &signer },
    };
    mls_status_t status = mls_key_package_new(out, mls->crypto, &params);

    return status != MLS_OK ? status : mod_mls_store_put_account(mls->store, &mls->self);
}

static mls_status_t make_one(mod_mls_t *mls, uint16_t cipher_suite, bool is_last_resort)
{
    mls_key_package_t *key_package = NULL;
    mls_bytes_t saved = { 0 };
    mls_status_t status;

    if ((status = mod_mls_key_package_make(mls, &key_package, cipher_suite)) == MLS_OK &&
        (status = mls_key_package_save(&saved, key_package)) == MLS_OK) {
        const mod_mls_key_package_row_t row = {
            .ref = mls_key_package_ref(key_package),
            .cipher_suite = cipher_suite,
            .is_last_resort = is_last_resort,
            .not_after = mls->now / 1000 + LIFETIME,
            .message = mls_key_package_message(key_package),
            .saved = mls_bytes_view(&saved),
            .state = MOD_MLS_KEY_PACKAGE_FRESH,
        };
        status = mod_mls_store_add_key_package(mls->store, &row);
    }
    mls_bytes_clear(&saved);
    mls_key_package_free(key_package);
    mls->self.index_is_stale = true;
    return status != MLS_OK ? status : mod_mls_store_put_account(mls->store, &mls->self);
}

static bool is_offered(const mod_mls_key_package_row_t *row)
{
    return row->state == MOD_MLS_KEY_PACKAGE_FRESH || row->state == MOD_MLS_KEY_PACKAGE_PUBLISHED;
}

static mls_status_t renew_old(mod_mls_t *mls, const mod_mls_key_package_rows_t *rows)
{
    mls_status_t status = MLS_OK;

    for (size_t i = 0; i < rows->count && status == MLS_OK; i++) {
        mod_mls_key_package_row_t *row = &rows->items[i];
        if (is_offered(row) && row->not_after < mls->now / 1000 + RENEWED_BEFORE_END) {
            status = mod_mls_key_package_used(mls, row->ref);
            row->state = MOD_MLS_KEY_PACKAGE_USED;
        }
    }
    return status;
}

static size_t count_offered(const mod_mls_key_package_rows_t *rows, uint16_t cipher_suite,
                            bool is_last_resort)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const mod_mls_key_package_row_t *row = &rows->items[i];
        count +=
            is_offered(row) && row->cipher_suite == cipher_suite && row->is_last_resort == is_last_resort;
    }
    return count;
}

mls_status_t mod_mls_key_packages_stock(mod_mls_t *mls)
{
    uint16_t suites[MAX_SUITES];
    const size_t num_suites = mod_mls_preferred_suites(suites, MAX_SUITES);
    mls_arena_t arena = { 0 };
    mod_mls_key_package_rows_t rows;
    mls_status_t status;

    if ((status = mod_mls_store_expire_key_packages(mls->store, mls->now)) == MLS_OK &&
        (status = mod_mls_store_key_packages(mls->store, &rows, &arena)) == MLS_OK)
        status = renew_old(mls, &rows);
    for (size_t s = 0; s < num_suites && status == MLS_OK; s++) {
        for (size_t n = count_offered(&rows, suites[s], false);
             n < mls->settings.num_key_packages && status == MLS_OK; n++)
            status = make_one(mls, suites[s], false);
        if (status == MLS_OK && count_offered(&rows, suites[s], true) == 0)
            status = make_one(mls, suites[s], true);
    }
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mod_mls_key_package_used(mod_mls_t *mls, mls_view_t ref)
{
    mls_status_t status = mod_mls_store_set_key_package(mls->store, ref, MOD_MLS_KEY_PACKAGE_USED,
                                                        mls->now + (uint64_t)GRACE * 1000);
    mls->self.index_is_stale = true;
    return status != MLS_OK ? status : mod_mls_store_put_account(mls->store, &mls->self);
}

mls_status_t mod_mls_key_package_index_write(mod_mls_t *mls, mls_bytes_t *out)
{
    mls_arena_t arena = { 0 };
    mod_mls_key_package_rows_t rows;
    mod_mls_key_package_index_t index = { .account = mls_view_text(mls->account),
                                          .device_key =
                                              mls_view(mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN) };
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
    mls_status_t status = mod_mls_store_key_packages(mls->store, &rows, &arena);

    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK && (index.entries.items = mls_arena_alloc(
                                 &arena, (rows.count + 1) * sizeof *index.entries.items)) == NULL)
        status = MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        const mod_mls_key_package_row_t *row = &rows.items[i];
        if (row->state == MOD_MLS_KEY_PACKAGE_PUBLISHED)
            index.entries.items[index.entries.count++] =
                (mod_mls_key_package_entry_t){ row->cipher_suite, row->ref, row->is_last_resort,
                                               row->not_after };
    }
    mls->self.index_serial = mls->self.index_serial + 1 > mls->now ? mls->self.index_serial + 1 : mls->now;
    index.serial = mls->self.index_serial;
    index.signature = mls_view(signature, sizeof signature);
    if (status == MLS_OK && (status = mod_mls_store_put_account(mls->store, &mls->self)) == MLS_OK &&
        (status = mod_mls_device_sign(signature, mls->crypto, &mls->self.key, MOD_MLS_LABEL_INDEX,
                                      mod_mls_codec_key_package_index_tbs, &index)) == MLS_OK)
        status = mls_encode(out, mod_mls_codec_key_package_index, &index);
    mls_arena_clear(&arena);
    return status;
}
