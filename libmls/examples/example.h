/* example.h -- what the examples have in common. A program of your own will do most of this in its own way:
 * it answers an error instead of ending, and its messages travel through a server. */
#ifndef LIBMLS_EXAMPLES_EXAMPLE_H
#define LIBMLS_EXAMPLES_EXAMPLE_H

#include <mls/mls.h>

/* The cipher suite that every build of libmls has. */
#define EXAMPLE_SUITE MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519

/* Ends the program, and says why, if a call of libmls has failed. */
void must(mls_status_t status, const char *what);

/* Ends the program if what the example wants to show is not so. */
void expect(bool is_so, const char *what);

/* Seconds since 1970-01-01T00:00:00Z. */
uint64_t now(void);

/* A KeyPackage with a basic credential, good for the next four weeks. The caller frees it. */
mls_key_package_t *key_package_of(mls_crypto_t *crypto, const char *name);

/* The message of an own Commit, copied: it outlives the pending Commit, which a merge frees. The caller
 * clears it. */
mls_bytes_t message_of(const mls_pending_commit_t *commit);

/* Takes in a Commit, a foreign one or the own one that comes back, and enters the epoch that it begins. */
void follow(mls_group_t *group, const mls_bytes_t *commit);

/* Whether two members are in the same epoch with the same secrets and the same members: then, and only then,
 * their epoch authenticators are equal (RFC 9420, Section 8.7). */
bool agree(const mls_group_t *a, const mls_group_t *b);

#endif
