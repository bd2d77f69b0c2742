/* fuzz_saved_group.c -- the entries of a stored group. The first two bytes are the kind of entry and the
 * version of the store. */
#include "group_rows.h"
#include "roundtrip.h"

#include <stdlib.h>

/* An epoch is read into an epoch, and written from one. */
static void try_epoch(mls_view_t in, uint16_t version)
{
    mls_epoch_t *epoch = calloc(1, sizeof *epoch);
    mls_epoch_row_t row = { .version = version, .epoch = epoch };
    mls_bytes_t out = { 0 };
    mls_arena_t arena = { 0 };
    mls_codec_t codec = {
        .op = MLS_CODEC_DECODE, .in = in.data, .end = in.data + in.len, .arena = &arena, .max_items = 1000
    };
    fuzz_require(epoch != NULL, "memory");
    mls_codec_epoch_row(&codec, &row);
    if (codec.status == MLS_OK && codec.in == codec.end) {
        fuzz_require(mls_encode(&out, mls_codec_epoch_row, &row) == MLS_OK, "what was read can be written");
        fuzz_require(mls_view_equal(mls_bytes_view(&out), in), "and is the same");
    }
    mls_bytes_clear(&out);
    mls_arena_clear(&arena);
    free(epoch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    union {
        mls_group_row_t group;
        mls_lists_row_t lists;
        mls_past_row_t past;
        mls_ratchets_row_t ratchets;
    } row;
    if (len < 3)
        return 0;
    const uint16_t version = data[1];
    const mls_view_t in = mls_view(data + 2, len - 2);
    switch (data[0]) {
    case MLS_ROW_GROUP:
        fuzz_roundtrip(&row, sizeof row.group, mls_codec_group_row, NULL, in);
        break;
    case MLS_ROW_EPOCH:
        try_epoch(in, version);
        break;
    case MLS_ROW_LISTS:
        fuzz_roundtrip(&row, sizeof row.lists,
                       version > MLS_STORE_VERSION_2 ? mls_codec_lists_row : mls_codec_lists_row_2, NULL, in);
        break;
    case MLS_ROW_PAST:
        fuzz_roundtrip(&row, sizeof row.past, mls_codec_past_row, NULL, in);
        break;
    case MLS_ROW_RATCHETS:
        fuzz_roundtrip(&row, sizeof row.ratchets, mls_codec_ratchets_row, NULL, in);
        break;
    default:
        break;
    }
    return 0;
}
