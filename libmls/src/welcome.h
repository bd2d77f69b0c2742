/* welcome.h -- GroupInfo, GroupSecrets and Welcome as structs, and MLSMessage around everything
 * (RFC 9420, Sections 12.4.3, 12.4.3.1 and 6). */
#ifndef MLS_WELCOME_H
#define MLS_WELCOME_H

#include "framing.h"

/* struct {
 *     GroupContext group_context;
 *     Extension extensions<V>;
 *     MAC confirmation_tag;
 *     uint32 signer;
 *     opaque signature<V>;
 * } GroupInfo;                                                        RFC 9420, Section 12.4.3 */
typedef struct mls_group_info {
    mls_view_t tbs; /* all but the signature, as decoded */
    mls_view_t context_encoded;
    mls_group_context_t context;
    mls_view_t extensions;
    mls_view_t confirmation_tag;
    uint32_t signer;
    mls_view_t signature;
} mls_group_info_t;

void mls_codec_group_info(mls_codec_t *codec, void *object);
/* The fields that are signed. */
void mls_codec_group_info_tbs(mls_codec_t *codec, void *object);

/* struct { opaque path_secret<V>; } PathSecret;
 * struct {
 *     opaque joiner_secret<V>;
 *     optional<PathSecret> path_secret;
 *     PreSharedKeyID psks<V>;
 * } GroupSecrets;                                                     RFC 9420, Section 12.4.3.1 */
typedef struct mls_group_secrets {
    mls_view_t joiner_secret;
    bool has_path_secret;
    mls_view_t path_secret;
    mls_pre_shared_key_ids_t psks;
} mls_group_secrets_t;

void mls_codec_group_secrets(mls_codec_t *codec, void *object);

/* struct { KeyPackageRef new_member; HPKECiphertext encrypted_group_secrets; } EncryptedGroupSecrets; */
typedef struct mls_encrypted_group_secrets {
    mls_view_t new_member;
    mls_hpke_ciphertext_t ciphertext;
} mls_encrypted_group_secrets_t;

/* struct {
 *     CipherSuite cipher_suite;
 *     EncryptedGroupSecrets secrets<V>;
 *     opaque encrypted_group_info<V>;
 * } Welcome; */
typedef struct mls_welcome_data {
    uint16_t cipher_suite;
    struct {
        mls_encrypted_group_secrets_t *items;
        size_t count;
    } secrets;
    mls_view_t encrypted_group_info;
} mls_welcome_data_t;

void mls_codec_welcome(mls_codec_t *codec, void *object);

/* struct { ProtocolVersion version = mls10; WireFormat wire_format; select … } MLSMessage; */
typedef struct mls_message {
    uint16_t version;
    uint16_t wire_format; /* mls_wire_format_t */
    mls_public_message_t public_message;
    mls_private_message_t private_message;
    mls_welcome_data_t welcome;
    mls_group_info_t group_info;
    mls_view_t key_package; /* encoded */
} mls_message_t;

void mls_codec_message(mls_codec_t *codec, void *object);
/* Decodes a message of at most `max_len` bytes: rule E8. `crypto` NULL: no log is told. */
MLS_MUST_USE mls_status_t mls_message_decode(mls_crypto_t *crypto, mls_message_t *out, mls_view_t bytes,
                                             size_t max_len, mls_arena_t *arena);

#endif
