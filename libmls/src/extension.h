/* extension.h -- extension lists and capabilities (RFC 9420, Sections 7.2, 11.1 and 13).
 *
 * Lists stay encoded: a view of `Extension extensions<V>` or of uint16 values, in network order, is all
 * that most leaves of a large tree will ever need. The codec has checked their shape. */
#ifndef MLS_SRC_EXTENSION_H
#define MLS_SRC_EXTENSION_H

#include "mls/codec.h"
#include "mls/extension.h"
#include "mls/limits.h"
#include "rule.h"

enum { MLS_VERSION_MLS10 = 1 };

/* uint16 values<V>, still encoded. */
typedef struct mls_u16s {
    mls_view_t bytes;
} mls_u16s_t;

static inline size_t mls_u16s_count(const mls_u16s_t *list)
{
    return list->bytes.len / 2;
}

static inline uint16_t mls_u16s_at(const mls_u16s_t *list, size_t i)
{
    return (uint16_t)(list->bytes.data[2 * i] << 8 | list->bytes.data[2 * i + 1]);
}

bool mls_u16s_contain(const mls_u16s_t *list, uint16_t value);
void mls_codec_u16s(mls_codec_t *codec, mls_u16s_t *list);

/* struct {
 *     ProtocolVersion versions<V>;
 *     CipherSuite cipher_suites<V>;
 *     ExtensionType extensions<V>;
 *     ProposalType proposals<V>;
 *     CredentialType credentials<V>;
 * } Capabilities;                                                     RFC 9420, Section 7.2 */
typedef struct mls_leaf_capabilities {
    mls_u16s_t versions, cipher_suites, extensions, proposals, credentials;
} mls_leaf_capabilities_t;

void mls_codec_capabilities(mls_codec_t *codec, void *object);

/* A view of an encoded `Extension extensions<V>` without its length, each Extension well-formed. */
void mls_codec_extensions(mls_codec_t *codec, mls_view_t *extensions);
/* Encodes a list into `*out`, without its length; the caller clears it. */
MLS_MUST_USE mls_status_t mls_extensions_encode(mls_bytes_t *out, const mls_extensions_t *extensions);
/* RFC 9420, Section 13.4 and the configured bound: no type twice, not too many. Rules L10, L13. */
MLS_MUST_USE mls_status_t mls_extensions_check(mls_crypto_t *crypto, const mls_limits_t *limits,
                                               mls_view_t extensions);

/* Whether every client supports it without saying so (RFC 9420, Section 7.2). */
bool mls_extension_is_default(uint16_t type);
bool mls_proposal_is_default(uint16_t type);

/* struct {
 *     ExtensionType extension_types<V>;
 *     ProposalType proposal_types<V>;
 *     CredentialType credential_types<V>;
 * } RequiredCapabilities;                                             RFC 9420, Section 11.1 */
typedef struct mls_required {
    mls_u16s_t extensions, proposals, credentials;
} mls_required_t;

/* What the extensions of a GroupContext ask for; all empty where they have no required_capabilities. */
MLS_MUST_USE mls_status_t mls_required_read(mls_crypto_t *crypto, mls_required_t *out,
                                            mls_view_t group_context_extensions);
/* The same for the extensions of a GroupContext. Their required_capabilities are bounded as a leaf's
 * capabilities are, for every member is held against them: rule L13. */
MLS_MUST_USE mls_status_t mls_context_extensions_check(mls_crypto_t *crypto, const mls_limits_t *limits,
                                                       mls_view_t extensions);

#endif
