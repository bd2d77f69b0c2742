/* handmade.h -- what no client sends by itself: the stanzas of the host, of servers beyond the simulated one,
 * of attackers, and those that mod_mls reads but does not send yet. Their structs are real. All results live
 * as long as the play. */
#ifndef HANDMADE_H
#define HANDMADE_H

#include "play.h"

/* The announcement of the host, with the features that mod_mls asks for. */
const char *handmade_disco_client(play_t *play);

/* The elements of a room message around an MLSMessage. */
const char *handmade_inner(play_t *play, const char *origin_id, mls_view_t message, bool is_application);
/* The same, with another of our elements; `attributes` is "" or begins with a blank. */
const char *handmade_element(play_t *play, const char *element, const char *attributes, const char *origin_id,
                             mls_view_t content);

/* Endorses a sibling, and says that one is lost; each as the content of its element. */
const char *handmade_endorsement(play_t *play, const sim_client_t *endorser, const sim_client_t *endorsed);
const char *handmade_revocation(play_t *play, const sim_client_t *revoker, const sim_client_t *revoked);
/* Publishes such content to the devices node. */
const char *handmade_publish(play_t *play, const char *id, const char *item_id, const char *element,
                             const char *content);
/* The item ids. */
const char *handmade_endorsement_id(play_t *play, const sim_client_t *endorser, const sim_client_t *endorsed);
const char *handmade_revocation_id(play_t *play, const sim_client_t *revoked);

/* A KeyPackage made for a join request, with an endorsement in its leaf. The caller frees it. */
mls_key_package_t *handmade_key_package(const sim_client_t *client, const sim_client_t *endorser);
/* The encoded request of a new device to be added to the group; the caller clears it. */
mls_bytes_t handmade_join_request(const sim_client_t *client, const insider_t *member,
                                  const mls_key_package_t *key_package);
/* The Welcome of a Commit that adds this KeyPackage and is sent to nobody; the caller clears it. */
mls_bytes_t handmade_welcome(insider_t *member, const mls_key_package_t *key_package);

/* A Commit of two parts, the second a short one: a policy with very many admins. The caller clears it. */
mls_bytes_t handmade_large_commit(insider_t *admin);
/* A Commit that lets everybody change the policy; the caller clears it. */
mls_bytes_t handmade_policy_commit(insider_t *member);
/* An application message; the caller clears it. */
mls_bytes_t handmade_message(insider_t *member, const char *body);

#endif
