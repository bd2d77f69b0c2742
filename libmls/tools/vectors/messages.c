/* messages.c -- every struct decodes, and encodes to the bytes it was decoded from (RFC 9420, Section 2.1).
 */
#include "tree_codec.h"
#include "vectors.h"
#include "welcome.h"

/* Takes the kept encodings out, so that encoding visits the fields again. */
typedef void forget_fn(void *object);

static void check_encoding(vector_case_t *c, const char *field, mls_codec_fn *visit, const void *object,
                           mls_view_t expected)
{
    mls_bytes_t encoded = { 0 };
    if (vector_ok(c, field, mls_encode(&encoded, visit, object)))
        vector_same(c, field, mls_bytes_view(&encoded), expected);
    mls_bytes_clear(&encoded);
}

static bool check_bytes(vector_case_t *c, const char *field, void *object, size_t size, mls_codec_fn *visit,
                        forget_fn *forget, mls_view_t bytes)
{
    if (!vector_good(c) || !vector_ok(c, field, mls_decode(object, size, visit, bytes, &c->arena)))
        return false;
    check_encoding(c, field, visit, object, bytes);
    if (forget != NULL) {
        forget(object);
        check_encoding(c, field, visit, object, bytes);
    }
    return vector_good(c);
}

static void forget_message(void *object)
{
    mls_message_t *message = object;
    message->group_info.tbs = message->group_info.context_encoded = (mls_view_t){ 0 };
    message->public_message.content.content_encoded = (mls_view_t){ 0 };
}

static bool check_message(vector_case_t *c, mls_message_t *out, const char *field, uint16_t wire_format)
{
    return check_bytes(c, field, out, sizeof *out, mls_codec_message, forget_message,
                       vector_bytes(c, c->json, field)) &&
           vector_check(c, field, out->wire_format == wire_format, "is of another wire format");
}

static void check_public_message(vector_case_t *c, const char *field, uint8_t content_type)
{
    mls_message_t message;
    if (check_message(c, &message, field, MLS_WIRE_FORMAT_PUBLIC_MESSAGE))
        vector_check(c, field, message.public_message.content.content.content_type == content_type,
                     "is of another content type");
}

static void check_mls_messages(vector_case_t *c)
{
    mls_message_t message;
    mls_key_package_data_t key_package;
    check_message(c, &message, "mls_welcome", MLS_WIRE_FORMAT_WELCOME);
    check_message(c, &message, "mls_group_info", MLS_WIRE_FORMAT_GROUP_INFO);
    check_message(c, &message, "private_message", MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    if (check_message(c, &message, "mls_key_package", MLS_WIRE_FORMAT_KEY_PACKAGE))
        check_bytes(c, "mls_key_package", &key_package, sizeof key_package, mls_codec_key_package_data, NULL,
                    message.key_package);
    check_public_message(c, "public_message_application", MLS_CONTENT_APPLICATION);
    check_public_message(c, "public_message_proposal", MLS_CONTENT_PROPOSAL);
    check_public_message(c, "public_message_commit", MLS_CONTENT_COMMIT);
}

static void forget_proposal(void *object)
{
    mls_proposal_t *proposal = object;
    proposal->encoded = proposal->key_package_encoded = proposal->leaf_encoded = (mls_view_t){ 0 };
    proposal->key_package.tbs = proposal->key_package.leaf_encoded = (mls_view_t){ 0 };
    proposal->key_package.leaf.tbs = proposal->leaf.tbs = (mls_view_t){ 0 };
}

/* The vectors have what a Proposal of that type selects, without the type. */
static void check_proposal(vector_case_t *c, const char *field, uint16_t type)
{
    mls_proposal_t proposal;
    const mls_view_t body = vector_bytes(c, c->json, field);
    uint8_t *whole = mls_arena_alloc(&c->arena, 2 + body.len);
    if (!vector_good(c) || !vector_check(c, field, whole != NULL, "no memory"))
        return;
    whole[1] = (uint8_t)type;
    memcpy(whole + 2, body.data, body.len);
    check_bytes(c, field, &proposal, sizeof proposal, mls_codec_proposal, forget_proposal,
                mls_view(whole, 2 + body.len));
}

static void check_proposals(vector_case_t *c)
{
    check_proposal(c, "add_proposal", MLS_PROPOSAL_ADD);
    check_proposal(c, "update_proposal", MLS_PROPOSAL_UPDATE);
    check_proposal(c, "remove_proposal", MLS_PROPOSAL_REMOVE);
    check_proposal(c, "pre_shared_key_proposal", MLS_PROPOSAL_PSK);
    check_proposal(c, "re_init_proposal", MLS_PROPOSAL_REINIT);
    check_proposal(c, "external_init_proposal", MLS_PROPOSAL_EXTERNAL_INIT);
    check_proposal(c, "group_context_extensions_proposal", MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS);
}

static void forget_commit(void *object)
{
    mls_commit_t *commit = object;
    commit->path.leaf_encoded = commit->path.leaf.tbs = (mls_view_t){ 0 };
}

/* The suite says how long the hashes are; the bytes of a tree do not depend on it, so that any will do. */
static void check_tree(vector_case_t *c)
{
    uint16_t id = 0;
    (void)mls_crypto_suites(&id, 1);
    const mls_suite_t *suite = mls_suite_find(id);
    const mls_view_t bytes = vector_bytes(c, c->json, "ratchet_tree");
    mls_ratchet_tree_t *tree = NULL;
    mls_tree_overlay_t overlay = { 0 };
    mls_bytes_t encoded = { 0 };

    if (vector_good(c) &&
        vector_ok(c, "ratchet_tree", mls_tree_decode(&tree, c->crypto, suite, bytes, 1 << 16)) &&
        vector_ok(c, "ratchet_tree", mls_tree_overlay_init(&overlay, tree)) &&
        vector_ok(c, "ratchet_tree", mls_tree_encode(&encoded, &overlay)))
        vector_same(c, "ratchet_tree", mls_bytes_view(&encoded), bytes);
    mls_bytes_clear(&encoded);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static void verify(vector_case_t *c)
{
    mls_group_secrets_t secrets;
    mls_commit_t commit;
    check_mls_messages(c);
    check_proposals(c);
    check_bytes(c, "group_secrets", &secrets, sizeof secrets, mls_codec_group_secrets, NULL,
                vector_bytes(c, c->json, "group_secrets"));
    check_bytes(c, "commit", &commit, sizeof commit, mls_codec_commit, forget_commit,
                vector_bytes(c, c->json, "commit"));
    check_tree(c);
}

static const char *const fields[] = { "mls_welcome",
                                      "mls_group_info",
                                      "mls_key_package",
                                      "ratchet_tree",
                                      "group_secrets",
                                      "add_proposal",
                                      "update_proposal",
                                      "remove_proposal",
                                      "private_message",
                                      "commit",
                                      NULL };
const vector_kind_t vector_messages = { "messages", fields, verify };
