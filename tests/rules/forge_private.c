#include "forge_private.h"
#include "private_message.h"

void forge_private_fill(forged_private_t *f, test_room_t *room, const mls_authenticated_content_t *content,
                        uint32_t leaf, uint32_t generation)
{
    const mls_private_content_t inner = { .body = content->content.body, .auth = content->auth };
    mls_bytes_t plaintext = { 0 };
    *f = (forged_private_t){ .room = room,
                             .content_type = content->content.content_type,
                             .group_id = content->content.group_id,
                             .epoch = content->content.epoch,
                             .authenticated_data = content->content.authenticated_data,
                             .leaf_index = leaf,
                             .generation = generation,
                             .claimed_leaf = leaf,
                             .claimed_generation = generation };
    assert_ok(mls_encode(&plaintext, mls_private_content_visitor(f->content_type), &inner));
    f->plaintext = test_keep(room->t, &plaintext);
}

void forge_private_hello(forged_private_t *f, test_room_t *room, uint32_t generation)
{
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_APPLICATION, forge_hello());
    forge_sign(room, &content);
    forge_private_fill(f, room, &content, FORGER, generation);
}

/* SenderDataAAD, and PrivateContentAAD with the authenticated data. */
static void codec_sender_aad(mls_codec_t *codec, void *object)
{
    forged_private_t *f = object;
    mls_codec_opaque(codec, &f->group_id);
    mls_codec_u64(codec, &f->epoch);
    mls_codec_u8(codec, &f->content_type);
}

static void codec_content_aad(mls_codec_t *codec, void *object)
{
    forged_private_t *f = object;
    codec_sender_aad(codec, f);
    mls_codec_opaque(codec, &f->authenticated_data);
}

static mls_view_t seal(forged_private_t *f, const mls_message_key_t *key, mls_codec_fn *aad_visit,
                       mls_view_t plaintext)
{
    test_context_t *t = f->room->t;
    uint8_t *out = test_alloc(t, plaintext.len + MLS_AEAD_TAG_LEN);
    mls_bytes_t aad = { 0 };
    assert_ok(mls_encode(&aad, aad_visit, f));
    assert_ok(t->suite->aead->seal(t->crypto, t->suite->aead->variant, out, key->key, key->nonce,
                                   mls_bytes_view(&aad), plaintext));
    mls_bytes_clear(&aad);
    return mls_view(out, plaintext.len + MLS_AEAD_TAG_LEN);
}

static mls_message_key_t key_of(const forged_private_t *f)
{
    mls_group_t *group = test_group(f->room, FORGER);
    const mls_ratchet_request_t request = { .leaf = f->leaf_index,
                                            .kind = f->content_type == MLS_CONTENT_APPLICATION
                                                        ? MLS_RATCHET_APPLICATION
                                                        : MLS_RATCHET_HANDSHAKE,
                                            .generation = f->generation,
                                            .is_own = true };
    mls_ratchet_step_t step;
    assert_ok(mls_secret_tree_step(&group->epoch->secret_tree, &step, f->room->t->crypto,
                                   &group->config.limits, &request));
    const mls_message_key_t key = step.key;
    mls_ratchet_step_clear(&step);
    return key;
}

static void codec_sender_data(mls_codec_t *codec, void *object)
{
    forged_private_t *f = object;
    uint32_t no_guard = 0;
    mls_codec_u32(codec, &f->claimed_leaf);
    mls_codec_u32(codec, &f->claimed_generation);
    mls_codec_u32(codec, &no_guard);
    mls_codec_fixed(codec, &f->sender_data_tail, f->sender_data_tail.len);
}

mls_view_t forge_private_seal(forged_private_t *f)
{
    test_context_t *t = f->room->t;
    const mls_message_key_t key = key_of(f);
    const mls_view_t ciphertext = seal(f, &key, codec_content_aad, f->plaintext);
    mls_message_key_t sender_key;
    mls_bytes_t sender_data = { 0 };
    assert_ok(mls_sender_data_key(t->crypto, t->suite, &sender_key,
                                  &test_group(f->room, FORGER)->epoch->secrets.sender_data_secret,
                                  ciphertext));
    assert_ok(mls_encode(&sender_data, codec_sender_data, f));
    const mls_message_t message = { .version = MLS_VERSION_MLS10,
                                    .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
                                    .private_message = { .group_id = f->group_id,
                                                         .epoch = f->epoch,
                                                         .content_type = f->content_type,
                                                         .authenticated_data = f->authenticated_data,
                                                         .encrypted_sender_data =
                                                             seal(f, &sender_key, codec_sender_aad,
                                                                  test_keep(t, &sender_data)),
                                                         .ciphertext = ciphertext } };
    return forge_encode(f->room, &message);
}
