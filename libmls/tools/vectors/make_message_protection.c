/* make_message_protection.c -- a Proposal, a Commit and application data as a member sends them. */
#include "by_hand.h"
#include "content.h"
#include "generate.h"
#include "make.h"

static mls_view_t proposal(vector_case_t *c)
{
    hand_t remove = { 0 };
    hand_number(&remove, 3, 2);
    hand_number(&remove, random_below(c, 100), 4);
    return hand_view(c, &remove);
}

/* One proposal by reference, one by value, and no path. */
static mls_view_t commit(vector_case_t *c)
{
    hand_t proposals = { 0 }, out = { 0 };
    hand_number(&proposals, 2, 1);
    hand_opaque(&proposals, random_bytes(c, c->suite->hash->len));
    hand_number(&proposals, 1, 1);
    hand_raw(&proposals, proposal(c));
    hand_opaque(&out, hand_view(c, &proposals));
    hand_number(&out, 0, 1);
    return hand_view(c, &out);
}

static void put_epoch(vector_case_t *c, cJSON *json)
{
    mls_signature_key_t key = { 0 };
    vector_ok(c, "signature key", mls_signature_key_generate(c->crypto, c->suite, &key));
    put_bytes(c, json, "group_id", random_bytes(c, 16));
    put_number(c, json, "epoch", random_below(c, UINT32_MAX));
    put_bytes(c, json, "tree_hash", random_bytes(c, c->suite->hash->len));
    put_bytes(c, json, "confirmed_transcript_hash", random_bytes(c, c->suite->hash->len));
    put_bytes(c, json, "signature_priv", mls_signature_private_view(&key));
    put_bytes(c, json, "signature_pub", mls_signature_public_view(&key));
    put_bytes(c, json, "encryption_secret", random_bytes(c, c->suite->hash->len));
    put_bytes(c, json, "sender_data_secret", random_bytes(c, c->suite->hash->len));
    put_bytes(c, json, "membership_key", random_bytes(c, c->suite->hash->len));
}

/* `public_field` NULL: as PrivateMessage only. */
static void put_content(vector_case_t *c, cJSON *json, vector_content_t *content, mls_view_t bytes,
                        const char *public_field, const char *private_field)
{
    mls_bytes_t message = { 0 };
    put_bytes(c, json, content->field, bytes);
    content->raw = vector_content_raw(c, content->field, bytes, content->content_type);
    if (content->content_type == MLS_CONTENT_COMMIT)
        content->confirmation_tag = random_secret(c);
    if (public_field != NULL && vector_good(c) &&
        vector_ok(c, public_field, vector_content_as_public(c, &message, content)))
        put_bytes(c, json, public_field, keep_bytes(c, &message));
    if (vector_good(c) && vector_content_as_private(c, &message, content))
        put_bytes(c, json, private_field, keep_bytes(c, &message));
    mls_bytes_clear(&message);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    (void)variant;
    put_epoch(c, json);
    vector_content_t content = vector_content_epoch(c);
    content.field = "proposal";
    content.content_type = MLS_CONTENT_PROPOSAL;
    put_content(c, json, &content, proposal(c), "proposal_pub", "proposal_priv");
    content.field = "commit";
    content.content_type = MLS_CONTENT_COMMIT;
    put_content(c, json, &content, commit(c), "commit_pub", "commit_priv");
    content.field = "application";
    content.content_type = MLS_CONTENT_APPLICATION;
    content.confirmation_tag = (mls_secret_t){ 0 };
    put_content(c, json, &content, random_bytes(c, 30), NULL, "application_priv");
}

const vector_generator_t generate_message_protection = { "message-protection", "messages of a member", true,
                                                         1, make };
