/* device_list.h -- the devices node of an account: which of them belong together. */
#ifndef MOD_MLS_DEVICE_LIST_H
#define MOD_MLS_DEVICE_LIST_H

#include "core.h"

enum { MOD_MLS_MAX_DEVICES = 128 }; /* of one account */

typedef struct mod_mls_listed_device {
    mod_mls_device_item_t item;
    char id[MOD_MLS_DEVICE_ID_SIZE];
    unsigned set; /* devices of one set are connected by endorsements */
    bool is_revoked;
    bool is_verified; /* by the user; set by the caller */
} mod_mls_listed_device_t;

typedef struct mod_mls_device_list {
    mod_mls_listed_device_t *items;
    size_t count;
} mod_mls_device_list_t;

/* Reads the <items/> of the node. What is malformed, wrongly signed, of another account or under another id
 * is nothing. A revocation counts if its author is listed; two devices that revoke each other are both
 * revoked. Everything lives in `arena`. MLS_ERR_NOMEM, MLS_ERR_CRYPTO. */
MLS_MUST_USE mls_status_t mod_mls_device_list_read(mod_mls_device_list_t *out, mls_arena_t *arena,
                                                   mls_crypto_t *crypto, const mod_mls_xml_node_t *items,
                                                   const char *account);

/* The set to add on first contact: the one with a device that the user verified, else the largest; among
 * equals the one listed first. Its number; UINT_MAX if all are revoked or there is none. */
unsigned mod_mls_device_list_choose(const mod_mls_device_list_t *list);

#endif
