/* app_data.h -- the dictionary of components, and how a Commit changes it (draft-ietf-mls-extensions,
 * "AppDataUpdate"). */
#ifndef MLS_SRC_APP_DATA_H
#define MLS_SRC_APP_DATA_H

#include "extension.h"
#include "mls/app_data.h"

enum { MLS_APP_DATA_OP_UPDATE = 1, MLS_APP_DATA_OP_REMOVE = 2 };

/* struct { ComponentData component_data<V>; } AppDataDictionary; */
typedef struct mls_app_data_dictionary {
    mls_component_data_t *items;
    size_t count;
} mls_app_data_dictionary_t;

void mls_codec_app_data_dictionary(mls_codec_t *codec, void *object);

/* The dictionary among encoded extensions; empty where there is none. Rule A4. `arena` has the entries. */
MLS_MUST_USE mls_status_t mls_app_data_read(mls_app_data_dictionary_t *out, mls_arena_t *arena,
                                            mls_crypto_t *crypto, mls_view_t extensions);
/* Puts the data of one component in, in place of what it had; `*extensions` are encoded. */
MLS_MUST_USE mls_status_t mls_app_data_put(mls_bytes_t *extensions, uint16_t component_id, mls_view_t data);

/* Encodes the extensions with that dictionary in the place of their own, or behind the others. */
MLS_MUST_USE mls_status_t mls_app_data_write(mls_bytes_t *out, mls_view_t extensions,
                                             const mls_app_data_dictionary_t *dictionary);

#endif
