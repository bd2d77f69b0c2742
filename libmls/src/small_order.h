/* small_order.h -- points of small order, known by their encodings.
 *
 * With such a point as public key every shared secret is the same one, and a signature may hold for any
 * message. There are so few that a key is compared with them, and nothing is multiplied. Keys are public:
 * the comparison takes a time that depends on them. */
#ifndef MLS_SMALL_ORDER_H
#define MLS_SMALL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

enum { MLS_25519_LEN = 32, MLS_X448_LEN = 56, MLS_ED448_LEN = 57 }; /* bytes of a public key */

/* Every shared secret with this public key is zero (RFC 7748, Section 6). */
bool mls_x25519_is_small_order(const uint8_t key[MLS_25519_LEN]);
bool mls_x448_is_small_order(const uint8_t key[MLS_X448_LEN]);

/* A multiple of this point is the neutral element, by a factor of 8 or 4 (RFC 8032, Section 5). */
bool mls_ed25519_is_small_order(const uint8_t point[MLS_25519_LEN]);
bool mls_ed448_is_small_order(const uint8_t point[MLS_ED448_LEN]);

#endif
