/* negotiate.h -- which protocol version and cipher suite a new group gets (RFC 9420, Section 7.2).
 *
 * The leaf of every KeyPackage lists what its client can do, signed by the client. So the choice follows from
 * what the clients say, not from which of their KeyPackages somebody on the way has handed out: who holds
 * back the better ones stops the group from being made, and does not make it a weaker one. */
#ifndef MLS_NEGOTIATE_H
#define MLS_NEGOTIATE_H

#include "key_package.h"

/* What the creator of the group takes. What is not listed is not good enough. */
typedef struct mls_negotiation_policy {
    mls_u16_list_t versions;      /* the highest that all have is chosen; empty: mls10 */
    mls_u16_list_t cipher_suites; /* the first that all have is chosen */
} mls_negotiation_policy_t;

/* A client that is to be in the group, by the KeyPackages that were got of it and that mls_key_package_read()
 * has found to be good. */
typedef struct mls_invitee {
    const mls_key_package_info_t *key_packages;
    size_t num_key_packages;
} mls_invitee_t;

/* What was chosen. */
typedef struct mls_negotiated {
    uint16_t version;
    uint16_t cipher_suite;
} mls_negotiated_t;

/* Chooses what the creator and all invitees have in common. MLS_ERR_UNSUPPORTED: there is nothing; then
 * `*lacking` (may be NULL) is the number of the first invitee with whom nothing is left, SIZE_MAX if this
 * build has nothing of the policy. MLS_ERR_ARGUMENT: the policy has no cipher suites, or an invitee no
 * KeyPackage. */
MLS_API MLS_MUST_USE mls_status_t mls_negotiate(mls_negotiated_t *out, size_t *lacking,
                                                const mls_negotiation_policy_t *policy,
                                                const mls_invitee_t *invitees, size_t num_invitees);

/* The number of the invitee's first KeyPackage for what was chosen. MLS_ERR_NOT_FOUND: the client can do it,
 * but all KeyPackages got of it are for something else. Get another one: to take what is there would be the
 * downgrade that somebody may be after. */
MLS_API MLS_MUST_USE mls_status_t mls_negotiated_key_package(size_t *out, const mls_negotiated_t *negotiated,
                                                             const mls_invitee_t *invitee);

#endif
