/* evidence.h -- a received message as evidence for somebody who is not in the group, as when abuse is
 * reported (architecture draft, Section 3.2.2.5). The program mls-verify-evidence reads it.
 *
 * What evidence proves: the holder of a signature key has made this message, content, authenticated data and
 * wire format included, for this group and epoch, and as this leaf. For a member and for who joins by a
 * Commit that is so with the whole GroupContext, which the signature covers (RFC 9420, Section 6.1). The
 * third party trusts in the signature scheme of the cipher suite, and needs to know one thing from elsewhere:
 * whose the signature key is. That the sender's leaf names somebody is no more than a claim of the same key,
 * until the credential is verified or the key compared.
 *
 * What it does not prove: when the message was sent, in what order or in answer to what; that it was
 * delivered, to whom, and who has read it; that the sender was a member, except by its own word (the tree is
 * in the GroupContext as a hash only, and whoever holds a key may sign a GroupContext of its own making);
 * that the one who shows the evidence was a member. Nothing says that a message is all there was.
 *
 * What it costs: it shows the plaintext, the GroupContext with the group's id and extensions, and the
 * sender's leaf to whoever gets it; and so does each copy. It has no secrets of the group.
 *
 * Messages in MLS are signed. No member can deny to have sent what it has sent, whether libmls can export it
 * or not: libmls does not offer deniability. */
#ifndef MLS_EVIDENCE_H
#define MLS_EVIDENCE_H

#include "receive.h"

/* Makes evidence of an application message, Proposal or Commit that others sent. The caller clears `*out`,
 * which may be stored and shown at any time later. Ask for it while the group still knows the message's
 * epoch, and for a Commit's before it is merged. MLS_ERR_STATE: too late, or an own message. MLS_ERR_NOMEM.
 */
MLS_API MLS_MUST_USE mls_status_t mls_received_evidence(const mls_received_t *received, mls_bytes_t *out);

/* What evidence says. Views borrow from its bytes. */
typedef struct mls_evidence {
    mls_view_t signature_key; /* that all of this is signed with */
    mls_view_t group_id;
    uint64_t epoch;
    mls_wire_format_t wire_format;
    mls_sender_type_t sender_type;
    uint32_t sender; /* member: leaf index; external sender: its number; else UINT32_MAX */
    mls_view_t authenticated_data;
    mls_content_type_t content_type;
    mls_view_t content;       /* APPLICATION: the plaintext; else the encoded Proposal or Commit */
    mls_view_t group_context; /* encoded; empty where it is not signed: other senders than those above */
    uint16_t cipher_suite;    /* 0 for an external sender */
    mls_leaf_info_t leaf;     /* of the sender, as it claims; empty for an external sender */
} mls_evidence_t;

/* Checks that evidence is of the form that it should be, and everything in it signed with one key. It proves
 * nothing before `out->signature_key` is found to be somebody's. MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED (a
 * later version of the format, a suite that is not of this build), MLS_ERR_INVALID, MLS_ERR_SIGNATURE,
 * MLS_ERR_LIMIT (more than 32 MiB), MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_evidence_read(mls_evidence_t *out, mls_crypto_t *crypto,
                                                    mls_view_t evidence);

/* The same, and that the key is the one that the caller knows. MLS_ERR_SENDER: it is another. */
MLS_API MLS_MUST_USE mls_status_t mls_evidence_verify(mls_evidence_t *out, mls_crypto_t *crypto,
                                                      mls_view_t evidence, mls_view_t signature_key);

#endif
