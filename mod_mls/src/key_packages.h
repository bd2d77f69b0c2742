/* key_packages.h -- the stock of own KeyPackages: made, renewed, used up, destroyed. */
#ifndef MOD_MLS_KEY_PACKAGES_H
#define MOD_MLS_KEY_PACKAGES_H

#include "core.h"

/* Writes up to `max` suites that are offered, best first; returns their number. */
size_t mod_mls_preferred_suites(uint16_t *out, size_t max);

/* Makes an own KeyPackage; the account row is stored with it. The caller frees it. */
MLS_MUST_USE mls_status_t mod_mls_key_package_make(mod_mls_t *mls, mls_key_package_t **out,
                                                   uint16_t cipher_suite);

/* Makes what the stock lacks, marks what has to be renewed as used, destroys what is past its time. */
MLS_MUST_USE mls_status_t mod_mls_key_packages_stock(mod_mls_t *mls);

/* A Welcome was made for this package: it is retracted, and its private keys go seven days later. */
MLS_MUST_USE mls_status_t mod_mls_key_package_used(mod_mls_t *mls, mls_view_t ref);

/* Writes the signed index of what is published, and of what is about to be. The caller clears it. */
MLS_MUST_USE mls_status_t mod_mls_key_package_index_write(mod_mls_t *mls, mls_bytes_t *out);

#endif
