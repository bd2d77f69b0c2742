/* message_protection.c -- PublicMessage and PrivateMessage, received and made (RFC 9420, Section 6). */
#include "content.h"
#include "private_message.h"
#include "public_message.h"
#include "vectors.h"
#include "welcome.h"

/* ---- receiving ----------------------------------------------------------------------------------- */

static bool check_content(vector_case_t *c, const vector_content_t *test,
                          const mls_authenticated_content_t *content)
{
    return vector_ok(
               c, test->field,
               mls_framed_content_verify(c->crypto, c->suite, content, test->signature_pub, test->context)) &&
           vector_check(c, test->field,
                        content->content.content_type == test->content_type &&
                            content->content.sender.type == MLS_SENDER_MEMBER &&
                            content->content.sender.index == VECTOR_SENDER,
                        "is of another content type or sender") &&
           vector_same(c, test->field, content->content.body, test->raw);
}

static bool decode_message(vector_case_t *c, mls_message_t *out, const vector_content_t *test,
                           mls_view_t message, uint16_t wire_format)
{
    return vector_ok(c, test->field, mls_decode(out, sizeof *out, mls_codec_message, message, &c->arena)) &&
           vector_check(c, test->field, out->wire_format == wire_format, "is of another wire format");
}

static void unprotect_public(vector_case_t *c, vector_content_t *test, mls_view_t bytes)
{
    mls_message_t message;
    if (!vector_good(c) || !decode_message(c, &message, test, bytes, MLS_WIRE_FORMAT_PUBLIC_MESSAGE))
        return;
    vector_ok(c, test->field,
              mls_public_message_check_tag(c->crypto, c->suite, &message.public_message,
                                           &test->membership_key, test->context));
    check_content(c, test, &message.public_message.content);
    vector_ok(c, test->field,
              mls_secret_set(&test->confirmation_tag, message.public_message.content.auth.confirmation_tag));
}

static void unprotect_private(vector_case_t *c, const vector_content_t *test, mls_view_t bytes)
{
    mls_message_t message;
    mls_sender_data_t sender;
    mls_message_key_t key;
    mls_opened_message_t opened = { 0 };

    if (vector_good(c) && decode_message(c, &message, test, bytes, MLS_WIRE_FORMAT_PRIVATE_MESSAGE) &&
        vector_ok(c, test->field,
                  mls_private_message_sender(c->crypto, c->suite, &sender, &message.private_message,
                                             &test->sender_data_secret)) &&
        vector_content_key(c, &key, test, sender.generation, false) &&
        vector_ok(
            c, test->field,
            mls_private_message_open(c->crypto, c->suite, &opened, &message.private_message, &sender, &key)))
        check_content(c, test, &opened.content);
    mls_opened_message_clear(&opened);
}

/* ---- making -------------------------------------------------------------------------------------- */

static void protect_public(vector_case_t *c, vector_content_t *test)
{
    mls_bytes_t message = { 0 };
    const mls_status_t status = vector_content_as_public(c, &message, test);
    if (test->content_type == MLS_CONTENT_APPLICATION)
        vector_check(c, test->field, status != MLS_OK, "is protected as PublicMessage");
    else if (vector_ok(c, test->field, status))
        unprotect_public(c, test, mls_bytes_view(&message));
    mls_bytes_clear(&message);
}

static void protect_private(vector_case_t *c, const vector_content_t *test)
{
    mls_bytes_t message = { 0 };
    if (vector_content_as_private(c, &message, test))
        unprotect_private(c, test, mls_bytes_view(&message));
    mls_bytes_clear(&message);
}

/* ---- the case ------------------------------------------------------------------------------------ */

static void check(vector_case_t *c, vector_content_t *test, const char *public_field,
                  const char *private_field)
{
    test->raw = vector_content_raw(c, test->field, vector_bytes(c, c->json, test->field), test->content_type);
    if (public_field != NULL) {
        test->field = public_field;
        unprotect_public(c, test, vector_bytes(c, c->json, public_field));
    }
    if (vector_good(c))
        protect_public(c, test);
    test->field = private_field;
    unprotect_private(c, test, vector_bytes(c, c->json, private_field));
    if (vector_good(c))
        protect_private(c, test);
}

static void verify(vector_case_t *c)
{
    const vector_content_t epoch = vector_content_epoch(c);
    vector_content_t proposal = epoch, commit = epoch, application = epoch;
    proposal.field = "proposal";
    proposal.content_type = MLS_CONTENT_PROPOSAL;
    check(c, &proposal, "proposal_pub", "proposal_priv");
    commit.field = "commit";
    commit.content_type = MLS_CONTENT_COMMIT;
    check(c, &commit, "commit_pub", "commit_priv");
    application.field = "application";
    application.content_type = MLS_CONTENT_APPLICATION;
    check(c, &application, NULL, "application_priv");
}

static const char *const fields[] = { "cipher_suite", "signature_priv",   "membership_key",
                                      "proposal_pub", "proposal_priv",    "commit_pub",
                                      "commit_priv",  "application_priv", NULL };
const vector_kind_t vector_message_protection = { "message protection", fields, verify };
