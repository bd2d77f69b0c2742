/* private_message.h -- messages whose content and sender are encrypted (RFC 9420, Section 6.3). */
#ifndef MLS_PRIVATE_MESSAGE_H
#define MLS_PRIVATE_MESSAGE_H

#include "framing.h"
#include "mls/group_config.h"
#include "secret_tree.h"

/* struct { uint32 leaf_index; uint32 generation; opaque reuse_guard[4]; } SenderData;
 *                                                                     RFC 9420, Section 6.3.2 */
typedef struct mls_sender_data {
    uint32_t leaf_index;
    uint32_t generation;
    uint8_t reuse_guard[4];
} mls_sender_data_t;

/* struct {
 *     select (PrivateMessage.content_type) { … };
 *     FramedContentAuthData auth;
 *     opaque padding[length_of_padding];
 * } PrivateMessageContent;                                            RFC 9420, Section 6.3.1 */
typedef struct mls_private_content {
    mls_view_t body;
    mls_content_auth_t auth;
    mls_view_t padding;
} mls_private_content_t;

/* The visitor of a PrivateMessageContent of that type. */
mls_codec_fn *mls_private_content_visitor(uint8_t content_type);

/* Bytes of padding for a content of `len` bytes, its AEAD tag included. */
size_t mls_padding_len(const mls_group_config_t *config, size_t len);

/* Encrypts a signed content as MLSMessage, with the key of a generation. The caller clears `*out`. */
typedef struct mls_private_message_key {
    uint32_t leaf_index;
    uint32_t generation;
    const mls_message_key_t *key;
    const mls_secret_t *sender_data_secret;
    const mls_group_config_t *config; /* its padding */
} mls_private_message_key_t;
MLS_MUST_USE mls_status_t mls_private_message_seal(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_bytes_t *out,
                                                   const mls_authenticated_content_t *content,
                                                   const mls_private_message_key_t *with);

/* Decrypts the sender data: rule F9_SENDER_DATA. */
MLS_MUST_USE mls_status_t mls_private_message_sender(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                     mls_sender_data_t *out,
                                                     const mls_private_message_t *message,
                                                     const mls_secret_t *sender_data_secret);

/* A decrypted message; `content` has views into it, and into the message. */
typedef struct mls_opened_message {
    mls_bytes_t plaintext;
    mls_authenticated_content_t content;
} mls_opened_message_t;
void mls_opened_message_clear(mls_opened_message_t *opened);

/* Decrypts the content: rules F9, F9_PADDING. Its signature is still to be verified. */
MLS_MUST_USE mls_status_t mls_private_message_open(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_opened_message_t *out,
                                                   const mls_private_message_t *message,
                                                   const mls_sender_data_t *sender,
                                                   const mls_message_key_t *key);

#endif
