/* message_support.h -- contents to be sent, for the tests of messages. */
#ifndef TESTS_UNIT_MESSAGE_SUPPORT_H
#define TESTS_UNIT_MESSAGE_SUPPORT_H

#include "framing.h"
#include "support.h"

/* What sender and receivers of an epoch know. */
typedef struct test_epoch {
    mls_view_t context;
    mls_signature_key_t signature_key; /* of the one who sends */
    mls_secret_t membership_key, sender_data_secret;
} test_epoch_t;

test_epoch_t test_epoch_new(test_context_t *t);

/* A Remove proposal or application data from leaf 3, signed for that wire format. */
mls_authenticated_content_t test_content(test_context_t *t, const test_epoch_t *epoch, uint8_t content_type,
                                         uint16_t wire_format);

#endif
