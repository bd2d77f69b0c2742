#include "mls/status.h"

const char *mls_status_text(mls_status_t status)
{
    switch (status) {
    case MLS_OK:
        return "no error";
    case MLS_ERR_ARGUMENT:
        return "an argument is out of its range";
    case MLS_ERR_STATE:
        return "not possible in this state";
    case MLS_ERR_NOT_FOUND:
        return "not found";
    case MLS_ERR_MALFORMED:
        return "malformed message";
    case MLS_ERR_UNSUPPORTED:
        return "unsupported version, cipher suite or type";
    case MLS_ERR_GROUP:
        return "message of another group";
    case MLS_ERR_EPOCH:
        return "message of an unknown epoch";
    case MLS_ERR_GENERATION:
        return "the key of this generation is used up";
    case MLS_ERR_SENDER:
        return "the sender may not send this";
    case MLS_ERR_DECRYPT:
        return "decryption failed";
    case MLS_ERR_SIGNATURE:
        return "a signature does not verify";
    case MLS_ERR_TAG:
        return "a membership or confirmation tag does not match";
    case MLS_ERR_INVALID:
        return "a rule of RFC 9420 is broken";
    case MLS_ERR_LIMIT:
        return "a limit is exceeded";
    case MLS_ERR_REJECTED:
        return "rejected by policy";
    case MLS_ERR_NOMEM:
        return "out of memory";
    case MLS_ERR_CRYPTO:
        return "the cryptographic library failed";
    case MLS_ERR_STORE:
        return "the store failed or is damaged";
    }
    return "unknown status";
}
