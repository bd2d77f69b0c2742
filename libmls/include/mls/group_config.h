/* group_config.h -- how a client keeps a group: bounds, policies and callbacks. Handed in whenever a group is
 * made, joined or loaded; nothing of it is stored. */
#ifndef MLS_GROUP_CONFIG_H
#define MLS_GROUP_CONFIG_H

#include "app_data.h"
#include "extension.h"
#include "limits.h"

/* How much zeros are put behind the content of a PrivateMessage (RFC 9420, Section 6.3.1). */
typedef enum mls_padding {
    MLS_PADDING_NONE,
    MLS_PADDING_BLOCK, /* up to the next multiple of padding_block bytes */
    MLS_PADDING_PADME  /* Padmé: at most 12 % more */
} mls_padding_t;

/* Which shared secret a PreSharedKey proposal means (RFC 9420, Section 8.4). */
typedef struct mls_psk_id {
    bool is_resumption; /* of an epoch of a group; else external */
    mls_view_t id;      /* external: psk_id; resumption: psk_group_id */
    uint64_t psk_epoch; /* resumption */
} mls_psk_id_t;

/* A client's view of a group: group.h. */
typedef struct mls_group mls_group_t;
struct mls_proposal_info; /* proposal.h */

/* A type of proposals that the host brings; its content is one `opaque body<V>`. Members must list the type
 * in their capabilities (RFC 9420, Section 12.2). */
typedef struct mls_custom_proposal {
    uint16_t type;             /* none that libmls knows */
    bool needs_path;           /* a Commit of it has a path (RFC 9420, Section 17.4) */
    bool from_external_sender; /* an external sender may propose it */
    bool in_external_commit;   /* an external Commit may hold it, by value */
} mls_custom_proposal_t;

/* All zero is good: the default bounds, every credential taken, nothing from outside, no padding. Callbacks
 * are asked only while a function of libmls runs, and must not call one for the same group. */
typedef struct mls_group_config {
    mls_limits_t limits; /* message_len 0: MLS_LIMITS_DEFAULT, and the others do not count */
    mls_authentication_t authentication;
    /* Gives the external PSK of that id, or a resumption PSK that the group does not have: of another group,
     * or for who joins by an external Commit. The bytes are copied by libmls before anything else is called.
     * An own Commit needs its PSKs again after a restart. MLS_ERR_NOT_FOUND if there is none. NULL: there is
     * none. */
    mls_status_t (*psk)(void *arg, const mls_psk_id_t *id, mls_view_t *secret);
    void *psk_arg;
    /* Gives the client's group of that id, to join by Welcome: NULL if there is none. A Welcome to a group
     * that the client is a member of is refused (RFC 9420, Section 12.4.3.1), and so is one to a group that
     * was reinitialised or branched from another (Sections 11.2 and 11.3) which is not found; that one must
     * outlive mls_group_join(). NULL: no group is found. */
    const mls_group_t *(*find_group)(void *arg, mls_view_t group_id);
    void *find_group_arg;
    /* Custom proposals, and the host's verdict on one, which must depend on nothing but its input; any status
     * but MLS_OK refuses it. The array must live as long as the group. `judge` NULL: all are taken. */
    const mls_custom_proposal_t *custom_proposals;
    size_t num_custom_proposals;
    mls_status_t (*judge)(void *arg, const struct mls_proposal_info *proposal);
    void *judge_arg;
    mls_components_t components;
    /* Refuses members' Proposals and Commits that come as PublicMessage, but for SelfRemoves, which always
     * do. */
    bool private_handshake_only;
    /* What is taken from outside the group (RFC 9420, Sections 12.1.8 and 12.4.3.2); nothing where all are
     * false. A new member's credential is for the Authentication Service to judge. */
    bool external_commits;     /* Commits by which somebody joins */
    bool external_proposals;   /* of the senders that the extension external_senders names */
    bool new_member_proposals; /* Adds by which somebody asks to be added */
    /* Whether the keys of received handshake messages are kept until their epoch is settled, so that the
     * verdict on a Commit never depends on what was decrypted before. Then a handshake generation of
     * limits.forward_jump or more is refused for everybody (MLS_ERR_LIMIT), and replays are told apart by
     * the host. False: each key is deleted when it is used (RFC 9420, Section 9.2). */
    bool keep_handshake_keys;
    mls_padding_t padding;
    size_t padding_block;  /* MLS_PADDING_BLOCK: bytes */
    size_t padding_limit;  /* contents from this many bytes on are not padded; 0: no limit */
    /* Lifetimes longer than this make a KeyPackage's leaf invalid; seconds; 0: 91 days. */
    uint64_t max_lifetime;
} mls_group_config_t;

#endif
