/* rule_table.h -- the rules of RFC 9420 that a message can break, each with an id.
 *
 * An id is a letter for the topic and a number; what follows an underscore tells apart the ways to break one
 * rule. tests/rules/rules.txt has all rules, also those that no message can break. */
#ifndef MLS_RULE_TABLE_H
#define MLS_RULE_TABLE_H

#include "mls/status.h"

/* id, status when broken, section of RFC 9420, text */
/* clang-format off */
#define MLS_RULES(RULE)                                                                                       \
    /* encoding */                                                                                            \
    RULE(E1, MALFORMED, "2.1.2", "no length begins with the bits 11")                                         \
    RULE(E2, MALFORMED, "2.1.2", "a length takes no more bytes than it needs")                                \
    RULE(E3, MALFORMED, "2.1.1", "an optional value is there or not: 1 or 0")                                 \
    RULE(E4, MALFORMED, "2.1", "nothing goes on beyond the end of the input")                                 \
    RULE(E5, MALFORMED, "2.1", "an object ends where its bytes end")                                          \
    RULE(E6, MALFORMED, "2.1", "enumerators are known values")                                                \
    RULE(E6_VERSION, UNSUPPORTED, "6", "the version is mls10")                                                \
    RULE(E6_WIRE_FORMAT, UNSUPPORTED, "6", "the wire format is known")                                        \
    RULE(E6_SUITE, UNSUPPORTED, "5.1", "the cipher suite is one of this build")                               \
    RULE(E6_PROPOSAL, UNSUPPORTED, "12.1", "the type of the proposal is known")                               \
    RULE(E7, INVALID, "5.1.1", "keys are well-formed for the cipher suite")                                   \
    RULE(E8, LIMIT, "2.1.2", "nothing is longer than is allowed here")                                        \
    /* framing */                                                                                             \
    RULE(F1, GROUP, "6", "the group_id is the group's")                                                       \
    RULE(F2, EPOCH, "6", "the epoch is known, and current for Proposals and Commits")                         \
    RULE(F3, SENDER, "6", "a member's leaf index is that of a non-blank leaf")                                \
    RULE(F4, INVALID, "6", "application data comes as PrivateMessage only")                                   \
    RULE(F5, SENDER, "6", "the sender type may send this content")                                            \
    RULE(F6, TAG, "6.2", "the membership tag of a member's PublicMessage matches")                            \
    RULE(F7, SIGNATURE, "6.1", "the signature of the content verifies")                                       \
    RULE(F9, DECRYPT, "6.3.1", "the content decrypts")                                                        \
    RULE(F9_PADDING, MALFORMED, "6.3.1", "padding is all zero")                                               \
    RULE(F9_SENDER_DATA, DECRYPT, "6.3.2", "the sender data decrypts")                                        \
    RULE(F11, SENDER, "6.3.2", "the sender data name a non-blank leaf")                                       \
    RULE(F13, GENERATION, "9.2", "the key of a generation is used once")                                      \
    RULE(F14, LIMIT, "15.3", "a generation is not too far ahead")                                             \
    RULE(F15, LIMIT, "15.2", "an epoch encrypts a bounded number of messages")                                \
    RULE(F16, REJECTED, "6.2", "the wire-format policy takes the message")                                    \
    /* leaf nodes */                                                                                          \
    RULE(C1, REJECTED, "5.3.1", "the Authentication Service takes the leaf")                                  \
    RULE(C3, INVALID, "5.3", "the first certificate is for the signature key of the leaf")                    \
    RULE(C3_DECODE, MALFORMED, "5.3", "the certificates decode")                                              \
    RULE(C3_ORDER, INVALID, "5.3", "issuers stand behind the certificates that they have issued")             \
    RULE(C3_SIZE, LIMIT, "5.3", "the certificates are few and not too long")                                  \
    RULE(L1, SIGNATURE, "7.2", "the signature of the leaf node verifies")                                     \
    RULE(L2, INVALID, "7.3", "the leaf supports the required capabilities")                                   \
    RULE(L3, INVALID, "7.3", "members support each other's credential types")                                 \
    RULE(L4, INVALID, "7.3", "now is within the lifetime of the leaf")                                        \
    RULE(L4_LENGTH, INVALID, "7.2", "the lifetime of the leaf is not too long")                               \
    RULE(L5, INVALID, "7.2", "the leaf lists the types of its own extensions")                                \
    RULE(L5_CREDENTIAL, INVALID, "7.3", "the leaf lists the type of its own credential")                      \
    RULE(L6, INVALID, "7.3", "leaf_node_source is the one of the context")                                    \
    RULE(L6_KEY, INVALID, "7.3", "the encryption key differs from that of the leaf it replaces")              \
    RULE(L7, INVALID, "7.3", "the signature key is unique in the group")                                      \
    RULE(L8, INVALID, "7.3", "the encryption key is unique in the group")                                     \
    RULE(L9, INVALID, "7.2", "default types are not listed in capabilities")                                  \
    RULE(L10, INVALID, "13.4", "no extension type stands twice in a list")                                    \
    RULE(L11, INVALID, "13.4", "the leaf supports the extensions of the GroupContext")                        \
    RULE(L12, INVALID, "7.2", "the capabilities have the version and the suite of the group")                 \
    RULE(L13, LIMIT, "7.2", "the lists of a leaf are not too long")                                           \
    /* key packages */                                                                                        \
    RULE(K1, UNSUPPORTED, "10", "the version of the KeyPackage is that of the message")                       \
    RULE(K2, INVALID, "10.1", "version and suite are the group's")                                            \
    RULE(K4, SIGNATURE, "10.1", "the signature of the KeyPackage verifies")                                   \
    RULE(K5, INVALID, "10.1", "init_key and encryption_key differ")                                           \
    RULE(K6, INVALID, "10", "the extensions of the KeyPackage are listed by its leaf")                        \
    /* proposals */                                                                                           \
    RULE(P4, INVALID, "12.1.3", "a Remove names a non-blank leaf")                                            \
    RULE(P5, INVALID, "12.1.4", "a PSK is of the right kind, its nonce one hash long")                        \
    RULE(P6, INVALID, "12.1.5", "a ReInit does not lower the version")                                        \
    RULE(P7, SENDER, "12.1.6", "an ExternalInit comes in an external Commit only")                            \
    RULE(P8, INVALID, "12.1.7", "all members support the new extensions")                                     \
    RULE(P9, SENDER, "12.1.8", "an external sender may propose this")                                         \
    RULE(P10, REJECTED, "12.1.8", "the group takes proposals from outside")                                   \
    RULE(P11, LIMIT, "12.1", "not too many proposals wait for a Commit")                                      \
    RULE(Q2, INVALID, "12.2", "the committer does not commit an own Update")                                  \
    RULE(Q3, INVALID, "12.2", "the committer does not remove itself")                                         \
    RULE(Q4, INVALID, "12.2", "a leaf is updated or removed once at most")                                    \
    RULE(Q5, INVALID, "12.2", "no client is added twice")                                                     \
    RULE(Q6, INVALID, "12.2", "no member is added again")                                                     \
    RULE(Q7, INVALID, "12.2", "no PSK is named twice")                                                        \
    RULE(Q8, INVALID, "12.2", "one GroupContextExtensions at most")                                           \
    RULE(Q9, INVALID, "12.2", "a ReInit stands alone")                                                        \
    RULE(Q10, INVALID, "12.2", "ExternalInit stands in external Commits only")                                \
    RULE(Q11, INVALID, "12.2", "all members support the proposal's type")                                     \
    RULE(Q11_JUDGED, REJECTED, "12.2", "the application takes the proposal")                                  \
    RULE(Q13, LIMIT, "12.2", "the list of proposals is not too long")                                         \
    /* external commits */                                                                                    \
    RULE(X1, INVALID, "12.2", "an external Commit has exactly one ExternalInit")                              \
    RULE(X2, INVALID, "12.2", "an external Commit removes at most the joiner's former leaf")                  \
    RULE(X4, INVALID, "12.2", "an external Commit holds nothing else")                                        \
    RULE(X5, INVALID, "12.4", "an external Commit has a path")                                                \
    RULE(X6, INVALID, "12.4", "an external Commit holds proposals by value only")                             \
    RULE(X8, INVALID, "8.3", "the ExternalInit holds a public key")                                           \
    RULE(X9, REJECTED, "12.4.3.2", "the group takes external Commits")                                        \
    RULE(X10, NOT_FOUND, "12.4.3.2", "the GroupInfo has an external_pub")                                     \
    /* draft-ietf-mls-extensions */                                                                          \
    RULE(A1, REJECTED, "extensions, AppDataUpdate", "the component takes what it is given")                   \
    RULE(A2, INVALID, "extensions, AppDataUpdate", "a component is updated, or removed once")                 \
    RULE(A3, INVALID, "extensions, AppDataUpdate", "a component that is removed has data")                    \
    RULE(A4, INVALID, "extensions, app_data_dictionary", "entries are sorted, each component once")           \
    RULE(A5, INVALID, "extensions, AppDataUpdate", "the dictionary changes by AppDataUpdate only")            \
    RULE(R1, INVALID, "extensions, SelfRemove", "a SelfRemove is committed by reference")                     \
    RULE(R2, INVALID, "extensions, SelfRemove", "a SelfRemove comes as PublicMessage")                        \
    /* commits */                                                                                             \
    RULE(M4, NOT_FOUND, "12.4.2", "all PSKs are available")                                                   \
    RULE(M5, NOT_FOUND, "12.4.2", "every reference is to a proposal of this epoch")                           \
    RULE(M5_TWICE, INVALID, "12.2", "no proposal is referred to twice")                                       \
    RULE(M6, INVALID, "12.4", "the path is there where the proposals need it")                                \
    RULE(M8, INVALID, "12.4.2", "no key of the path is in the tree already")                                  \
    RULE(M9, INVALID, "7.6", "the path has the nodes of the filtered direct path")                            \
    RULE(M9_CIPHERTEXTS, INVALID, "7.6", "each path node has one ciphertext for each of its resolution")      \
    RULE(M10, INVALID, "7.9.2", "the parent hash of the path leaf matches")                                   \
    RULE(M11, DECRYPT, "12.4.2", "the path secret decrypts")                                                  \
    RULE(M11_KEYS, INVALID, "12.4.2", "the path secret gives the public keys of the path")                    \
    RULE(M12, TAG, "12.4.2", "the confirmation tag matches")                                                  \
    RULE(M13, SENDER, "12.4.2", "who replaces a leaf is still a member")                                      \
    RULE(M15, INVALID, "12.4.2", "nothing follows a Commit that reinitialises the group")                     \
    RULE(M17, STATE, "12.4", "no application data are sent while proposals wait")                             \
    /* welcome and tree */                                                                                    \
    RULE(W1, NOT_FOUND, "12.4.3.1", "the Welcome is for this KeyPackage")                                     \
    RULE(W1_SUITE, INVALID, "12.4.3.1", "the Welcome has the suite of the KeyPackage")                        \
    RULE(W2, DECRYPT, "12.4.3.1", "the group secrets decrypt")                                                \
    RULE(W2_JOINER_SECRET, MALFORMED, "12.4.3.1", "the joiner secret is one hash long")                       \
    RULE(W2_GROUP_INFO, DECRYPT, "12.4.3.1", "the GroupInfo decrypts")                                        \
    RULE(W3, NOT_FOUND, "12.4.3.1", "the PSKs of the Welcome are available")                                  \
    RULE(W3_COUNT, LIMIT, "12.4.3.1", "a Welcome does not name too many PSKs")                                \
    RULE(W3_KIND, INVALID, "12.4.3.1", "a Welcome names one reinit or branch PSK at most")                    \
    RULE(W4, SIGNATURE, "12.4.3.1", "the signature of the GroupInfo verifies")                                \
    RULE(W4_SIGNER, INVALID, "12.4.3.1", "the signer is a non-blank leaf")                                    \
    RULE(W5, INVALID, "12.4.3.1", "the client is no member of the group yet")                                 \
    RULE(W6, INVALID, "12.4.3.1", "GroupInfo and KeyPackage have the same suite and version")                 \
    RULE(W7, INVALID, "12.4.3.1", "the tree hash is that of the GroupContext")                                \
    RULE(W8, INVALID, "7.9.2", "every parent node is parent-hash valid")                                      \
    RULE(W10, INVALID, "12.4.3.1", "unmerged leaves are non-blank leaves below")                              \
    RULE(W11, INVALID, "12.4.3.1", "nodes between list an unmerged leaf too")                                 \
    RULE(W11_SORTED, MALFORMED, "7.1", "unmerged leaves are sorted, each once")                               \
    RULE(W12, INVALID, "12.4.3.1", "the keys of parent nodes are unique")                                     \
    RULE(W13, NOT_FOUND, "12.4.3.1", "the own leaf is in the tree")                                           \
    RULE(W14, INVALID, "12.4.3.1", "the path secret gives the public keys of the tree")                       \
    RULE(W15, TAG, "12.4.3.1", "the confirmation tag of the GroupInfo matches")                               \
    RULE(W16, INVALID, "13.4", "the own leaf supports the extensions of the GroupContext")                    \
    RULE(W17_EPOCH, INVALID, "12.4.3.1", "a group that follows on another begins in epoch 1")                 \
    RULE(W17_REINIT, INVALID, "12.4.3.1", "the new group is what the ReInit asked for")                       \
    RULE(W17_BRANCH, INVALID, "12.4.3.1", "a branch has the version and the suite of its origin")             \
    RULE(W17_MEMBERS, INVALID, "12.4.3.1", "the members are those of the origin, or some in a branch")        \
    RULE(W19, MALFORMED, "12.4.3.3", "leaves stand at even, parents at odd places of the tree")               \
    RULE(W19_LAST, MALFORMED, "12.4.3.3", "the last node of the encoded tree is a leaf")                   \
    RULE(W19_SIZE, LIMIT, "12.4.3.3", "the tree is not too large")                                            \
    RULE(W21, NOT_FOUND, "12.4.3.1", "the tree is there")
/* clang-format on */

typedef enum mls_rule {
    MLS_RULE_NONE,
#define MLS_RULE_ENUM(id, status, section, text) MLS_RULE_##id,
    MLS_RULES(MLS_RULE_ENUM)
#undef MLS_RULE_ENUM
        MLS_NUM_RULES
} mls_rule_t;

/* The id as in the list above: "L7". */
const char *mls_rule_id(mls_rule_t rule);
const char *mls_rule_section(mls_rule_t rule);
const char *mls_rule_text(mls_rule_t rule);
mls_status_t mls_rule_status(mls_rule_t rule);

#endif
