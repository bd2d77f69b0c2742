#include "evidence.h"

enum { VERSION = 1, FORMAT_LEN = 4, MAX_EVIDENCE_LEN = 32 << 20 };

static mls_view_t format(void)
{
    return mls_view("MLSE", FORMAT_LEN);
}

/* ---- codec --------------------------------------------------------------------------------------- */

static void codec_format(mls_codec_t *codec, mls_evidence_data_t *data)
{
    mls_codec_fixed(codec, &data->format, FORMAT_LEN);
    if (!mls_view_equal(data->format, format()))
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    mls_codec_u16(codec, &data->version);
    if (data->version != VERSION)
        mls_codec_fail(codec, MLS_ERR_UNSUPPORTED);
}

static void codec_signer(mls_codec_t *codec, mls_evidence_data_t *data)
{
    switch (data->signed_content.content.sender.type) {
    case MLS_SENDER_MEMBER:
        mls_codec_encoded(codec, &data->context_encoded, mls_codec_group_context, &data->context);
        mls_codec_encoded(codec, &data->leaf_encoded, mls_codec_leaf_node, &data->leaf);
        break;
    case MLS_SENDER_EXTERNAL:
        mls_codec_opaque(codec, &data->signature_key);
        break;
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        mls_codec_encoded(codec, &data->context_encoded, mls_codec_group_context, &data->context);
        break;
    default:
        break;
    }
}

void mls_codec_evidence(mls_codec_t *codec, void *object)
{
    mls_evidence_data_t *data = object;
    mls_authenticated_content_t *content = &data->signed_content;
    codec_format(codec, data);
    mls_codec_wire_format(codec, &content->wire_format);
    mls_codec_encoded(codec, &content->content_encoded, mls_codec_framed_content, &content->content);
    mls_codec_opaque(codec, &content->auth.signature);
    codec_signer(codec, data);
}

mls_status_t mls_evidence_encode(mls_bytes_t *out, const mls_evidence_data_t *data)
{
    mls_evidence_data_t whole = *data;
    whole.format = format();
    whole.version = VERSION;
    return mls_encode(out, mls_codec_evidence, &whole);
}

/* ---- what it must be ----------------------------------------------------------------------------- */

/* Whether who is no member could have sent it, and whether it could have come that way (RFC 9420, Section 6).
 */
static bool is_possible(const mls_authenticated_content_t *content)
{
    const bool is_public = content->wire_format == MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    const uint8_t type = content->content.content_type;
    switch (content->content.sender.type) {
    case MLS_SENDER_MEMBER:
        return !is_public || type != MLS_CONTENT_APPLICATION;
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        return is_public && type == MLS_CONTENT_COMMIT;
    default:
        return is_public && type == MLS_CONTENT_PROPOSAL;
    }
}

static bool is_of_context(const mls_framed_content_t *content, const mls_group_context_t *context)
{
    return mls_view_equal(content->group_id, context->group_id) && content->epoch == context->epoch;
}

/* Of an external sender nothing is signed that names a suite; but the length of the key tells which signature
 * scheme it is for, and more is not asked. */
static const mls_suite_t *find_suite_of_key(mls_view_t signature_key)
{
    uint16_t ids[16];
    const size_t count = mls_crypto_suites(ids, 16);
    for (size_t i = 0; i < count && i < 16; i++)
        if (mls_suite_find(ids[i])->signature->public_len == signature_key.len)
            return mls_suite_find(ids[i]);
    return NULL;
}

/* Evidence on its way through the checks. */
typedef struct reader {
    mls_crypto_t *crypto;
    mls_arena_t arena;
    mls_evidence_data_t data;
    const mls_suite_t *suite;
    mls_evidence_t out;
} reader_t;

static void note_leaf(reader_t *r, const mls_leaf_node_t *leaf, mls_view_t encoded, uint32_t leaf_index)
{
    mls_leaf_node_info(&r->out.leaf, leaf, encoded, leaf_index);
    r->out.signature_key = leaf->signature_key;
}

static mls_status_t take_suite(reader_t *r, uint16_t cipher_suite)
{
    r->out.cipher_suite = cipher_suite;
    r->suite = mls_suite_find(cipher_suite);
    return r->suite == NULL ? MLS_ERR_UNSUPPORTED : MLS_OK;
}

static mls_status_t read_member(reader_t *r)
{
    const mls_framed_content_t *content = &r->data.signed_content.content;
    const mls_leaf_place_t place = { content->group_id, content->sender.index };
    mls_status_t status = take_suite(r, r->data.context.cipher_suite);
    if (status != MLS_OK)
        return status;
    r->out.sender = content->sender.index;
    note_leaf(r, &r->data.leaf, r->data.leaf_encoded, content->sender.index);
    return mls_leaf_node_verify(r->crypto, r->suite, &r->data.leaf, &place);
}

/* The leaf of a path stands where nobody outside knows it to be: its own signature is left alone, it lies
 * within what the content's covers. */
static mls_status_t read_joiner(reader_t *r)
{
    mls_commit_t commit;
    mls_status_t status;
    if ((status = take_suite(r, r->data.context.cipher_suite)) != MLS_OK ||
        (status = mls_decode(&commit, sizeof commit, mls_codec_commit, r->data.signed_content.content.body,
                             &r->arena)) != MLS_OK)
        return status;
    note_leaf(r, &commit.path.leaf, commit.path.leaf_encoded, UINT32_MAX);
    return commit.has_path ? MLS_OK : MLS_ERR_INVALID;
}

static mls_status_t read_newcomer(reader_t *r)
{
    mls_proposal_t proposal;
    mls_status_t status = mls_proposal_decode(&proposal, r->data.signed_content.content.body);
    if (status != MLS_OK)
        return status;
    if (proposal.type != MLS_PROPOSAL_ADD)
        return MLS_ERR_INVALID;
    note_leaf(r, &proposal.key_package.leaf, proposal.key_package.leaf_encoded, UINT32_MAX);
    r->out.leaf.init_key = proposal.key_package.init_key;
    return take_suite(r, proposal.key_package.cipher_suite);
}

static mls_status_t read_external(reader_t *r)
{
    r->out.sender = r->data.signed_content.content.sender.index;
    r->out.signature_key = r->data.signature_key;
    r->suite = find_suite_of_key(r->data.signature_key);
    return r->suite == NULL ? MLS_ERR_UNSUPPORTED : MLS_OK;
}

static mls_status_t read_signer(reader_t *r)
{
    const mls_authenticated_content_t *content = &r->data.signed_content;
    if (!is_possible(content) ||
        (r->data.context_encoded.len > 0 && !is_of_context(&content->content, &r->data.context)))
        return MLS_ERR_INVALID;
    switch (content->content.sender.type) {
    case MLS_SENDER_MEMBER:
        return read_member(r);
    case MLS_SENDER_EXTERNAL:
        return read_external(r);
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        return read_joiner(r);
    default:
        return read_newcomer(r);
    }
}

static mls_status_t read_content(reader_t *r)
{
    const mls_authenticated_content_t *signed_content = &r->data.signed_content;
    const mls_framed_content_t *content = &signed_content->content;
    r->out.group_id = content->group_id;
    r->out.epoch = content->epoch;
    r->out.wire_format = (mls_wire_format_t)signed_content->wire_format;
    r->out.sender_type = (mls_sender_type_t)content->sender.type;
    r->out.authenticated_data = content->authenticated_data;
    r->out.content_type = (mls_content_type_t)content->content_type;
    r->out.content = content->body;
    r->out.group_context = r->data.context_encoded;
    return content->content_type == MLS_CONTENT_APPLICATION
               ? mls_application_data(&r->out.content, content->body)
               : MLS_OK;
}

mls_status_t mls_evidence_read(mls_evidence_t *out, mls_crypto_t *crypto, mls_view_t evidence)
{
    reader_t r = { .crypto = crypto, .out = { .sender = UINT32_MAX, .leaf.leaf_index = UINT32_MAX } };
    mls_status_t status = evidence.len > MAX_EVIDENCE_LEN ? MLS_ERR_LIMIT : MLS_OK;

    *out = (mls_evidence_t){ 0 };
    if (status == MLS_OK &&
        (status = mls_decode(&r.data, sizeof r.data, mls_codec_evidence, evidence, &r.arena)) == MLS_OK &&
        (status = read_content(&r)) == MLS_OK && (status = read_signer(&r)) == MLS_OK)
        status = mls_framed_content_verify(crypto, r.suite, &r.data.signed_content, r.out.signature_key,
                                           r.data.context_encoded);
    mls_arena_clear(&r.arena);
    if (status == MLS_OK)
        *out = r.out;
    return status;
}

mls_status_t mls_evidence_verify(mls_evidence_t *out, mls_crypto_t *crypto, mls_view_t evidence,
                                 mls_view_t signature_key)
{
    mls_status_t status = mls_evidence_read(out, crypto, evidence);
    if (status == MLS_OK && !mls_view_equal(out->signature_key, signature_key)) {
        *out = (mls_evidence_t){ 0 };
        status = MLS_ERR_SENDER;
    }
    return status;
}
