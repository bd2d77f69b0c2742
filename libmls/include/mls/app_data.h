/* app_data.h -- application data that a group agrees on: components and their dictionary
 * (draft-ietf-mls-extensions, "The Safe Application Interface").
 *
 * The draft is not an RFC yet: its code points, all of them below, are provisional. */
#ifndef MLS_APP_DATA_H
#define MLS_APP_DATA_H

#include "bytes.h"

/* Types of extensions. Provisional: draft-ietf-mls-extensions, "IANA Considerations". */
enum {
    MLS_EXTENSION_APP_DATA_DICTIONARY = 0x0006,
    MLS_EXTENSION_LAST_RESORT =
        0x000a /* last_resort_key_package as earlier drafts had it: read, never made */
};

/* Types of proposals. Provisional: draft-ietf-mls-extensions, "IANA Considerations". */
enum {
    MLS_PROPOSAL_APP_DATA_UPDATE = 0x0008,
    MLS_PROPOSAL_APP_EPHEMERAL = 0x0009,
    MLS_PROPOSAL_SELF_REMOVE = 0x000a
};

/* Components; from 0x8000 on for private use. Provisional: draft-ietf-mls-extensions, "IANA Considerations".
 */
enum {
    MLS_COMPONENT_APP_COMPONENTS = 0x0001,
    MLS_COMPONENT_SAFE_AAD = 0x0002,
    MLS_COMPONENT_CONTENT_MEDIA_TYPES = 0x0003,
    MLS_COMPONENT_LAST_RESORT_KEY_PACKAGE = 0x0004,
    MLS_COMPONENT_APP_ACK = 0x0005
};

/* An entry of a dictionary. */
typedef struct mls_component_data {
    uint16_t component_id;
    mls_view_t data;
} mls_component_data_t;

/* Encodes the extension_data of app_data_dictionary into `*out`, which the caller clears. The entries must
 * ascend by component_id: MLS_ERR_ARGUMENT. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_app_data_encode(mls_bytes_t *out, const mls_component_data_t *entries,
                                                      size_t count);

/* The data of a component in encoded extensions (of a GroupContext, GroupInfo, KeyPackage or leaf): a view
 * into them. MLS_ERR_NOT_FOUND: no dictionary, or not in it. MLS_ERR_MALFORMED. */
MLS_API MLS_MUST_USE mls_status_t mls_app_data_find(mls_view_t *data, mls_view_t extensions,
                                                    uint16_t component_id);

/* What a Commit does to one component. */
typedef struct mls_app_data_change {
    uint16_t component_id;
    bool is_removal;
    bool has_data;   /* before the Commit */
    mls_view_t data; /* and which */
    const mls_view_t *updates;
    size_t num_updates; /* in the order of the Commit; 0 for a removal */
} mls_app_data_change_t;

/* The logic of the application's components. It must depend on nothing but its input, or members come to
 * different verdicts and the group falls apart. Any status but MLS_OK refuses the Commit (or the proposal);
 * MLS_ERR_REJECTED is the usual one, also for a component that is not known. */
typedef struct mls_components {
    void *arg;
    /* The new data of the component after all of `change->updates`: `*new_data`, for libmls to clear; not
     * asked for where it is a removal. NULL: no component can be changed. */
    mls_status_t (*update)(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change);
    /* Whether data of an AppEphemeral are good. NULL: no component takes any. */
    mls_status_t (*ephemeral)(void *arg, uint16_t component_id, mls_view_t data);
} mls_components_t;

#endif
