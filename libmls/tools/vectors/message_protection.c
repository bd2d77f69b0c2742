/* message_protection.c -- PublicMessage and PrivateMessage, received and made (RFC 9420, Section 6). */
#include "private_message.h"
#include "public_message.h"
#include "vectors.h"
#include "welcome.h"

enum { NUM_LEAVES = 2, SENDER = 1 };

/* One of the three contents of a case, and the epoch it is sent in. */
typedef struct content_test {
    const char *field;
    uint8_t content_type;
    mls_view_t raw; /* Proposal, Commit, or application_data with its length */
    mls_view_t context;
    mls_view_t signature_pub;
    mls_signature_key_t signature_key;
    mls_secret_t membership_key, encryption_secret, sender_data_secret;
    mls_secret_t confirmation_tag; /* of the given Commit: the vectors have no confirmation_key */
} content_test_t;

/* ---- receiving ----------------------------------------------------------------------------------- */

static bool check_content(vector_case_t *c, const content_test_t *test,
                          const mls_authenticated_content_t *content)
{
    return vector_ok(
               c, test->field,
               mls_framed_content_verify(c->crypto, c->suite, content, test->signature_pub, test->context)) &&
           vector_check(c, test->field,
                        content->content.content_type == test->content_type &&
                            content->content.sender.type == MLS_SENDER_MEMBER &&
                            content->content.sender.index == SENDER,
                        "is of another content type or sender") &&
           vector_same(c, test->field, content->content.body, test->raw);
}

static bool decode_message(vector_case_t *c, mls_message_t *out, const content_test_t *test,
                           mls_view_t message, uint16_t wire_format)
{
    return vector_ok(c, test->field, mls_decode(out, sizeof *out, mls_codec_message, message, &c->arena)) &&
           vector_check(c, test->field, out->wire_format == wire_format, "is of another wire format");
}

static void unprotect_public(vector_case_t *c, content_test_t *test, mls_view_t bytes)
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

/* The key of a generation, from a tree that has given none yet. */
static bool take_key(vector_case_t *c, mls_message_key_t *key, const content_test_t *test,
                     uint32_t generation, bool is_own)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_ratchet_request_t request = { .leaf = SENDER,
                                            .kind = test->content_type == MLS_CONTENT_APPLICATION
                                                        ? MLS_RATCHET_APPLICATION
                                                        : MLS_RATCHET_HANDSHAKE,
                                            .generation = generation,
                                            .is_own = is_own };
    mls_secret_tree_t tree = { 0 };
    mls_ratchet_step_t step;
    if (vector_ok(c, "encryption_secret",
                  mls_secret_tree_init(&tree, c->suite, NUM_LEAVES, &test->encryption_secret)) &&
        vector_ok(c, test->field, mls_secret_tree_step(&tree, &step, c->crypto, &limits, &request))) {
        *key = step.key;
        mls_secret_tree_take(&tree, &step, false);
    }
    mls_secret_tree_clear(&tree);
    return vector_good(c);
}

static void unprotect_private(vector_case_t *c, const content_test_t *test, mls_view_t bytes)
{
    mls_message_t message;
    mls_sender_data_t sender;
    mls_message_key_t key;
    mls_opened_message_t opened = { 0 };

    if (vector_good(c) && decode_message(c, &message, test, bytes, MLS_WIRE_FORMAT_PRIVATE_MESSAGE) &&
        vector_ok(c, test->field,
                  mls_private_message_sender(c->crypto, c->suite, &sender, &message.private_message,
                                             &test->sender_data_secret)) &&
        take_key(c, &key, test, sender.generation, false) &&
        vector_ok(
            c, test->field,
            mls_private_message_open(c->crypto, c->suite, &opened, &message.private_message, &sender, &key)))
        check_content(c, test, &opened.content);
    mls_opened_message_clear(&opened);
}

/* ---- making -------------------------------------------------------------------------------------- */

/* The content, signed for a wire format; the caller clears `*signature`. */
static mls_authenticated_content_t sign(vector_case_t *c, mls_bytes_t *signature, const content_test_t *test,
                                        uint16_t wire_format)
{
    mls_authenticated_content_t content = {
        .wire_format = wire_format,
        .content = { .group_id = vector_bytes(c, c->json, "group_id"),
                     .epoch = vector_number(c, c->json, "epoch"),
                     .sender = { MLS_SENDER_MEMBER, SENDER },
                     .content_type = test->content_type,
                     .body = test->raw },
        .auth = { .confirmation_tag = mls_secret_view(&test->confirmation_tag) },
    };
    vector_ok(c, "signature_priv",
              mls_framed_content_sign(c->crypto, c->suite, signature, &content, &test->signature_key,
                                      test->context));
    content.auth.signature = mls_bytes_view(signature);
    return content;
}

static void protect_public(vector_case_t *c, content_test_t *test)
{
    mls_bytes_t signature = { 0 }, message = { 0 };
    const mls_authenticated_content_t content = sign(c, &signature, test, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    const mls_status_t status = mls_public_message_seal(c->crypto, c->suite, &message, &content,
                                                        &test->membership_key, test->context);
    if (test->content_type == MLS_CONTENT_APPLICATION)
        vector_check(c, test->field, status != MLS_OK, "is protected as PublicMessage");
    else if (vector_ok(c, test->field, status))
        unprotect_public(c, test, mls_bytes_view(&message));
    mls_bytes_clear(&message);
    mls_bytes_clear(&signature);
}

static void protect_private(vector_case_t *c, const content_test_t *test)
{
    const mls_group_config_t config = { .padding = MLS_PADDING_PADME };
    mls_message_key_t key = { 0 };
    const mls_private_message_key_t with = {
        .leaf_index = SENDER, .key = &key, .sender_data_secret = &test->sender_data_secret, .config = &config
    };
    mls_bytes_t signature = { 0 }, message = { 0 };
    const mls_authenticated_content_t content = sign(c, &signature, test, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);

    if (vector_good(c) && take_key(c, &key, test, 0, true) &&
        vector_ok(c, test->field, mls_private_message_seal(c->crypto, c->suite, &message, &content, &with)))
        unprotect_private(c, test, mls_bytes_view(&message));
    mls_bytes_clear(&message);
    mls_bytes_clear(&signature);
}

/* ---- the case ------------------------------------------------------------------------------------ */

/* Names the bytes of a content: what an application sends is framed as a vector. */
static mls_view_t raw_content(vector_case_t *c, const char *field, uint8_t content_type)
{
    const mls_view_t bytes = vector_bytes(c, c->json, field);
    if (content_type != MLS_CONTENT_APPLICATION || !vector_check(c, field, bytes.len < 64, "is too long"))
        return bytes;
    uint8_t *framed = mls_arena_alloc(&c->arena, 1 + bytes.len);
    if (!vector_check(c, field, framed != NULL, "no memory"))
        return (mls_view_t){ 0 };
    framed[0] = (uint8_t)bytes.len;
    memcpy(framed + 1, bytes.data, bytes.len);
    return mls_view(framed, 1 + bytes.len);
}

static void check(vector_case_t *c, content_test_t *test, const char *public_field, const char *private_field)
{
    test->raw = raw_content(c, test->field, test->content_type);
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
    content_test_t epoch = { .context = vector_context(c, c->json, vector_number(c, c->json, "epoch"),
                                                       vector_bytes(c, c->json, "tree_hash")),
                             .signature_pub = vector_bytes(c, c->json, "signature_pub"),
                             .membership_key = vector_secret(c, c->json, "membership_key"),
                             .encryption_secret = vector_secret(c, c->json, "encryption_secret"),
                             .sender_data_secret = vector_secret(c, c->json, "sender_data_secret") };
    vector_ok(c, "signature_priv",
              mls_signature_key_set(c->crypto, c->suite, &epoch.signature_key,
                                    vector_bytes(c, c->json, "signature_priv")));

    content_test_t proposal = epoch, commit = epoch, application = epoch;
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
