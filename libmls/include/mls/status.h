/* status.h -- what a call of libmls may answer.
 *
 * Callers branch on the value or on its family; people read mls_status_text() and, in the log hook of
 * mls_crypto_config_t, the rule that was broken with its section of RFC 9420.
 *
 * Each function's comment names what it answers and when. Beside that, whatever needs memory may answer
 * MLS_ERR_NOMEM, and whatever works with keys MLS_ERR_CRYPTO; where they are named, there is nothing else. On
 * failure nothing has changed, and outputs are empty: there is nothing to clear or to free. */
#ifndef MLS_STATUS_H
#define MLS_STATUS_H

#include <stdbool.h>

#if defined(__GNUC__)
#define MLS_API __attribute__((visibility("default")))
#define MLS_MUST_USE __attribute__((warn_unused_result))
#else
#define MLS_API
#define MLS_MUST_USE
#endif

/* Below 16: the caller's, the call cannot be made like this, or not now. From 16 on: foreign input's, the
 * message is refused. From 32 on: the policy's. From 48 on: the environment's. */
typedef enum mls_status {
    MLS_OK = 0,

    MLS_ERR_ARGUMENT = 1, /* an argument is out of its range */
    MLS_ERR_STATE,        /* not possible in this state: left, reinitialised, nothing pending, … */
    MLS_ERR_NOT_FOUND,    /* what was asked for is not there: a leaf, an extension, a key package, an epoch */

    MLS_ERR_MALFORMED = 16, /* not the bytes of the struct: truncated, trailing, not canonical */
    MLS_ERR_UNSUPPORTED,    /* well formed, but of a version, suite or type that is not implemented here */
    MLS_ERR_GROUP,          /* of another group */
    MLS_ERR_EPOCH,          /* of an epoch that is not, or no longer, known */
    MLS_ERR_GENERATION, /* the key of this generation was used already or was not kept: a replay, mostly */
    MLS_ERR_SENDER,     /* the sender is not, or not any more, who may send this */
    MLS_ERR_DECRYPT,    /* the AEAD does not open */
    MLS_ERR_SIGNATURE,  /* a signature does not verify */
    MLS_ERR_TAG,        /* a membership or confirmation tag does not match */
    MLS_ERR_INVALID,    /* a rule of RFC 9420 on the content is broken */
    MLS_ERR_LIMIT,      /* beyond a configured bound (mls_limits_t) */

    MLS_ERR_REJECTED = 32, /* a callback of the host said no */

    MLS_ERR_NOMEM = 48, /* no memory */
    MLS_ERR_CRYPTO,     /* the crypto library or the source of randomness failed */
    MLS_ERR_STORE       /* the store failed, or what it holds is damaged */
} mls_status_t;

/* Names a status in a short English sentence without a full stop. Never NULL; static storage. */
MLS_API const char *mls_status_text(mls_status_t status);

/* Tells whether the status blames foreign input: the message is at fault, not the caller or the machine. */
static inline bool mls_status_is_input(mls_status_t status)
{
    return status >= MLS_ERR_MALFORMED && status < MLS_ERR_REJECTED;
}

#endif
