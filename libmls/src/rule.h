/* rule.h -- checking a rule, and telling the host's log of one that is broken.
 *
 * A check names its rule: `mls_check(crypto, MLS_RULE_L7, !key_is_used)`. What is broken is told to the
 * host's log with id and section, and every rule can be tested by its id. */
#ifndef MLS_RULE_H
#define MLS_RULE_H

#include "mls/codec.h"
#include "mls/crypto.h"
#include "rule_table.h"

/* MLS_OK if the rule holds; else tells the log and answers the rule's status. */
MLS_MUST_USE mls_status_t mls_check(mls_crypto_t *crypto, mls_rule_t rule, bool holds);

/* Tells the log that the rule is broken, and answers `status`: for where a call has found out. */
MLS_MUST_USE mls_status_t mls_refuse(mls_crypto_t *crypto, mls_rule_t rule, mls_status_t status);

/* The status of a run over bytes that somebody else has made; tells the log of the rule that has failed it.
 */
MLS_MUST_USE mls_status_t mls_codec_verdict(mls_crypto_t *crypto, const mls_codec_t *codec);

/* mls_decode() of what somebody else has made: tells the log of the rule that it breaks. `crypto` NULL: there
 * is nobody to tell. */
MLS_MUST_USE mls_status_t mls_decode_input(mls_crypto_t *crypto, void *object, size_t size,
                                           mls_codec_fn *visit, mls_view_t in, mls_arena_t *arena);

#endif
