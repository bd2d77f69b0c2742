#include "forge.h"
#include "public_message.h"

mls_view_t forge_copy(test_context_t *t, mls_view_t bytes)
{
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, bytes));
    return test_keep(t, &copy);
}

mls_view_t forge_splice(test_context_t *t, mls_view_t bytes, size_t at, size_t len, mls_view_t replacement)
{
    uint8_t *p = test_alloc(t, bytes.len - len + replacement.len);
    assert_true(at + len <= bytes.len);
    if (at > 0)
        memcpy(p, bytes.data, at);
    if (replacement.len > 0)
        memcpy(p + at, replacement.data, replacement.len);
    if (at + len < bytes.len)
        memcpy(p + at + replacement.len, bytes.data + at + len, bytes.len - at - len);
    return mls_view(p, bytes.len - len + replacement.len);
}

mls_view_t forge_hash(test_context_t *t)
{
    return test_random_bytes(t, t->suite->hash->len);
}

mls_view_t forge_tag(test_context_t *t, mls_view_t tag, size_t n)
{
    uint8_t *bytes = test_alloc(t, FORGE_NUM_TAGS);
    memcpy(bytes, tag.data, tag.len);
    if (n == tag.len)
        bytes[tag.len - 1] ^= 1;
    return mls_view(bytes, n);
}

mls_view_t forge_replace(test_context_t *t, mls_view_t bytes, const char *from, const char *to)
{
    const mls_view_t run = test_hex(t, from);
    size_t at = 0;
    while (at + run.len <= bytes.len && memcmp(bytes.data + at, run.data, run.len) != 0)
        at++;
    return forge_splice(t, bytes, at, run.len, test_hex(t, to));
}

bool forge_holds(const memory_store_t *memory, mls_view_t bytes)
{
    for (size_t i = 0; i < memory->count; i++) {
        const mls_view_t value = mls_bytes_view(&memory->entries[i].value);
        for (size_t at = 0; at + bytes.len <= value.len; at++)
            if (memcmp(value.data + at, bytes.data, bytes.len) == 0)
                return true;
    }
    return false;
}

/* ---- messages ------------------------------------------------------------------------------------ */

mls_authenticated_content_t forge_content(test_room_t *room, mls_content_type_t type, mls_view_t body)
{
    return (mls_authenticated_content_t){ .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
                                          .content = mls_group_framed(test_group(room, FORGER), type, body,
                                                                      mls_view(NULL, 0)) };
}

void forge_sign(test_room_t *room, mls_authenticated_content_t *content)
{
    mls_bytes_t signature = { 0 };
    content->content_encoded = (mls_view_t){ 0 };
    assert_ok(mls_group_sign(test_group(room, FORGER), content, &signature));
    content->auth.signature = test_keep(room->t, &signature);
}

mls_view_t forge_private(test_room_t *room, const mls_authenticated_content_t *content)
{
    mls_bytes_t message = { 0 };
    mls_authenticated_content_t sent = *content;
    sent.wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE;
    assert_ok(mls_group_protect(test_group(room, FORGER), &message, &sent));
    return test_keep(room->t, &message);
}

mls_view_t forge_public(test_room_t *room, const mls_authenticated_content_t *content)
{
    const mls_epoch_t *epoch = test_group(room, FORGER)->epoch;
    mls_message_t message = { .version = MLS_VERSION_MLS10,
                              .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE,
                              .public_message = { .content = *content } };
    mls_secret_t tag = { 0 };
    message.public_message.content.content_encoded = (mls_view_t){ 0 };
    message.public_message.content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    if (content->content.sender.type == MLS_SENDER_MEMBER)
        assert_ok(mls_membership_tag(room->t->crypto, room->t->suite, &tag, &message.public_message.content,
                                     &epoch->secrets.membership_key, mls_bytes_view(&epoch->context_bytes)));
    message.public_message.membership_tag = mls_secret_view(&tag);
    return forge_encode(room, &message);
}

mls_view_t forge_encode(test_room_t *room, const mls_message_t *message)
{
    mls_bytes_t encoded = { 0 };
    assert_ok(mls_encode(&encoded, mls_codec_message, message));
    return test_keep(room->t, &encoded);
}

mls_view_t forge_hello(void)
{
    static const uint8_t hello[] = { 5, 'h', 'e', 'l', 'l', 'o' };
    return mls_view(hello, sizeof hello);
}

/* ---- proposals ----------------------------------------------------------------------------------- */

mls_view_t forge_proposal_body(test_context_t *t, const mls_proposal_t *proposal)
{
    mls_bytes_t body = { 0 };
    assert_ok(mls_encode(&body, mls_codec_proposal, proposal));
    return test_keep(t, &body);
}

mls_view_t forge_proposal(test_room_t *room, const mls_proposal_t *proposal)
{
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, forge_proposal_body(room->t, proposal));
    forge_sign(room, &content);
    return forge_private(room, &content);
}

mls_proposal_t forge_remove(uint32_t leaf)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_REMOVE, .removed = leaf };
}

mls_proposal_t forge_add(test_context_t *t, test_key_package_t *kp)
{
    const mls_view_t message = test_key_package_sign(t, kp);
    return (mls_proposal_t){ .type = MLS_PROPOSAL_ADD,
                             .key_package_encoded = mls_view(message.data + 4, message.len - 4) };
}

mls_proposal_t forge_good_add(test_context_t *t, test_key_package_t *kp)
{
    test_key_package_fill(t, kp);
    return forge_add(t, kp);
}

mls_proposal_t forge_psk(test_context_t *t, const char *id)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_PSK,
                             .psk = { .type = MLS_PSK_EXTERNAL,
                                      .id = mls_view_text(id),
                                      .nonce = test_random_bytes(t, t->suite->hash->len) } };
}

mls_proposal_t forge_extensions(test_context_t *t, const mls_extensions_t *extensions)
{
    mls_bytes_t encoded = { 0 };
    assert_ok(mls_extensions_encode(&encoded, extensions));
    return (mls_proposal_t){ .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                             .extensions = test_keep(t, &encoded) };
}

/* ---- leaves -------------------------------------------------------------------------------------- */

mls_leaf_node_t forge_leaf(test_room_t *room, uint32_t leaf)
{
    test_context_t *t = room->t;
    mls_hpke_private_t private_key;
    mls_hpke_public_t *public_key = test_alloc(t, sizeof *public_key);
    mls_leaf_info_t info;
    mls_leaf_node_t fields;
    assert_ok(mls_group_leaf(test_group(room, VICTIM), &info, leaf));
    assert_ok(mls_leaf_node_decode(&fields, forge_copy(t, info.encoded)));
    assert_ok(mls_hpke_generate(t->crypto, t->suite, &private_key, public_key));
    fields.tbs = fields.signature = fields.parent_hash = (mls_view_t){ 0 };
    fields.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    fields.encryption_key = mls_hpke_public_view(public_key);
    return fields;
}

mls_view_t forge_leaf_sign(test_room_t *room, uint32_t leaf, const mls_leaf_node_t *fields)
{
    const mls_group_t *group = test_group(room, leaf);
    const mls_leaf_place_t place = { mls_group_id(group), leaf };
    mls_leaf_node_t unsigned_leaf = *fields;
    mls_bytes_t encoded = { 0 };
    unsigned_leaf.tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(room->t->crypto, room->t->suite, &encoded, &unsigned_leaf,
                                 &group->epoch->signature_key, &place));
    return test_keep(room->t, &encoded);
}

mls_proposal_t forge_update(test_room_t *room, const mls_leaf_node_t *fields)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_UPDATE,
                             .leaf_encoded = forge_leaf_sign(room, FORGER, fields) };
}

/* ---- Commits ------------------------------------------------------------------------------------- */

void forge_commit_of(forged_commit_t *f, test_room_t *room, const mls_proposal_spec_t *proposals,
                     size_t count)
{
    test_context_t *t = room->t;
    const mls_commit_options_t options = { .proposals = proposals,
                                           .num_proposals = count,
                                           .force_path = true };
    mls_pending_commit_t *pending;
    *f = (forged_commit_t){ .room = room };
    assert_ok(mls_group_commit(test_group(room, FORGER), &pending, &options));
    f->genuine = forge_copy(t, mls_pending_commit_message(pending));
    const mls_view_t bytes = forge_copy(t, mls_bytes_view(&pending->content));
    assert_ok(mls_decode(&f->content, sizeof f->content, mls_codec_authenticated_content, bytes, &t->arena));
    assert_ok(mls_decode(&f->commit, sizeof f->commit, mls_codec_commit, f->content.content.body, &t->arena));
}

void forge_commit(forged_commit_t *f, test_room_t *room)
{
    forge_commit_of(f, room, NULL, 0);
}

void forge_list(forged_commit_t *f, const mls_proposal_t *proposals, size_t count)
{
    f->commit.proposals.items = test_alloc(f->room->t, (count + 1) * sizeof *f->commit.proposals.items);
    f->commit.proposals.count = count;
    for (size_t i = 0; i < count; i++)
        f->commit.proposals.items[i] =
            (mls_proposal_or_ref_t){ .type = MLS_BY_VALUE,
                                     .proposal = forge_proposal_body(f->room->t, &proposals[i]) };
}

void forge_reference(forged_commit_t *f, mls_view_t reference)
{
    const size_t count = f->commit.proposals.count;
    mls_proposal_or_ref_t *items = test_alloc(f->room->t, (count + 1) * sizeof *items);
    if (count > 0)
        memcpy(items, f->commit.proposals.items, count * sizeof *items);
    items[count] = (mls_proposal_or_ref_t){ .type = MLS_BY_REFERENCE, .reference = reference };
    f->commit.proposals.items = items;
    f->commit.proposals.count++;
}

void forge_path_leaf_sign(forged_commit_t *f)
{
    f->commit.path.leaf_encoded = forge_leaf_sign(f->room, FORGER, &f->commit.path.leaf);
}

static void finish_commit(forged_commit_t *f, mls_wire_format_t wire_format)
{
    mls_bytes_t body = { 0 };
    assert_ok(mls_encode(&body, mls_codec_commit, &f->commit));
    f->content.content.body = test_keep(f->room->t, &body);
    f->content.wire_format = (uint16_t)wire_format;
    forge_sign(f->room, &f->content);
}

mls_view_t forge_commit_seal(forged_commit_t *f)
{
    finish_commit(f, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    return forge_private(f->room, &f->content);
}

mls_view_t forge_commit_seal_public(forged_commit_t *f)
{
    finish_commit(f, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    return forge_public(f->room, &f->content);
}

mls_view_t forge_commit_with(test_room_t *room, const mls_proposal_t *proposals, size_t count)
{
    forged_commit_t f;
    forge_commit(&f, room);
    forge_list(&f, proposals, count);
    return forge_commit_seal(&f);
}
